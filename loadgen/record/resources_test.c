/* SPDX-License-Identifier: MIT */
/* Made-up samples, and what was used between them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"
#include "loadgen/record/process_tree.h"
#include "loadgen/record/resources.h"

static void test_what_threads_count_is_scaled_to_the_observed_span(void **state)
{
    (void)state;
    /* The walk took from 1 s to 2 s, then the CPU clock was read; the load ended at 4 s. */
    struct resources_sample before = {.walked_ns = 3 * NS_PER_S / 2, .taken_ns = 2 * NS_PER_S};
    struct resources_sample after = {.taken_ns = 4 * NS_PER_S,
                                     .walked_ns = 5 * NS_PER_S,
                                     .cpu_ns = NS_PER_S,
                                     .system_ticks = 1,
                                     .voluntary_switches = 2500,
                                     .involuntary_switches = 25};
    struct resources resources = resources_between(&before, &after);

    assert_int_equal(resources.observed_ns, 2 * NS_PER_S);
    assert_int_equal(resources.voluntary_switches, 2000);
    assert_int_equal(resources.involuntary_switches, 20);
    assert_int_equal(resources.cpu_user_ns + resources.cpu_system_ns, NS_PER_S);
}

static void test_this_process_can_be_observed(void **state)
{
    (void)state;
    struct resources_sample before = {0}, after = {0};

    assert_int_equal(resources_sample_threads(getpid(), &before), 0);
    assert_int_equal(resources_sample_process(getpid(), &before), 0);
    assert_int_equal(resources_sample_process(getpid(), &after), 0);
    assert_int_equal(resources_sample_threads(getpid(), &after), 0);
    assert_true(before.walked_ns > 0 && before.walked_ns <= before.taken_ns);
    assert_true(after.taken_ns <= after.walked_ns);
    assert_int_equal(resources_between(&before, &after).threads, 1);
}

/* What a child uses counts, while it lives and when it has ended; it holds memory of its own. */
static void test_children_count_while_they_live_and_after(void **state)
{
    (void)state;
    enum { BURN_MS = 60, MEMORY = 8 << 20 };
    struct resources_sample before = {0}, during = {0}, after = {0};
    int told[2], release[2];
    char byte;

    assert_int_equal(pipe(told), 0);
    assert_int_equal(pipe(release), 0);
    assert_int_equal(resources_sample_process(getpid(), &before), 0);
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        volatile char *memory = malloc(MEMORY);
        struct timespec used;

        for (int i = 0; i < MEMORY; i += 1024)
            memory[i] = 1;
        do
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
        while (timespec_ns(used) < BURN_MS * NS_PER_MS);
        if (write(told[1], "", 1) != 1 || read(release[0], &byte, 1) != 1)
            _exit(1);
        _exit(0);
    }
    assert_int_equal(read(told[0], &byte, 1), 1);
    assert_int_equal(resources_sample_process(getpid(), &during), 0);
    assert_int_equal(resources_sample_memory(getpid(), &during), 0);
    assert_int_equal(write(release[1], "", 1), 1);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(resources_sample_process(getpid(), &after), 0);

    assert_int_equal(before.processes, 1);
    assert_int_equal(during.processes, 2);
    assert_int_equal(after.processes, 1);
    assert_true(during.cpu_ns - before.cpu_ns >= BURN_MS * NS_PER_MS);
    assert_true(during.rss_bytes >= before.rss_bytes + MEMORY);
    assert_true(during.pss_bytes >= MEMORY);
    assert_true(during.page_tables_bytes > 0);
    /* Of what has ended, a tick of user and one of system time may be lost. */
    assert_true(after.cpu_ns - before.cpu_ns >= (BURN_MS - 20) * NS_PER_MS);
    for (int i = 0; i < 2; i++) {
        close(told[i]);
        close(release[i]);
    }
}

static void test_a_tree_is_the_root_and_all_that_descend_from_it(void **state)
{
    (void)state;
    struct process_tree tree;
    int release[2];
    char byte;

    assert_int_equal(pipe(release), 0);
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        pid_t grandchild = fork();
        bool is_child = grandchild > 0;

        close(release[1]);
        if (read(release[0], &byte, 1) < 0)
            _exit(1);
        _exit(is_child ? waitpid(grandchild, NULL, 0) != grandchild : 0);
    }
    close(release[0]);
    do {
        assert_int_equal(process_tree_find(child, &tree), 0);
        if (tree.count < 2)
            process_tree_release(&tree);
    } while (tree.count < 2); /* it has not forked yet */
    assert_int_equal(tree.count, 2);
    assert_int_equal(tree.pids[0], child);
    process_tree_release(&tree);
    close(release[1]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(process_tree_find(child, &tree), -ESRCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_threads_count_is_scaled_to_the_observed_span),
        cmocka_unit_test(test_this_process_can_be_observed),
        cmocka_unit_test(test_children_count_while_they_live_and_after),
        cmocka_unit_test(test_a_tree_is_the_root_and_all_that_descend_from_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
