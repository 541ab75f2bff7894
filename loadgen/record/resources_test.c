/* SPDX-License-Identifier: MIT */
/* Made-up samples, and what was used between them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_threads_count_is_scaled_to_the_observed_span),
        cmocka_unit_test(test_this_process_can_be_observed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
