/* SPDX-License-Identifier: MIT */
/* Counters: nothing is lost when workers come, count and go at the same time. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/counters.h"

static void test_present_and_past_workers_are_summed(void **state)
{
    (void)state;
    struct counters_set set;
    struct counters *first, *second, *third;
    uint64_t totals[COUNTERS_COUNT];

    assert_int_equal(counters_set_init(&set), 0);
    first = counters_join(&set, NULL);
    second = counters_join(&set, NULL);
    third = counters_join(&set, NULL);
    counters_add(first, COUNTER_REQUESTS, 1);
    counters_add(second, COUNTER_REQUESTS, 10);
    counters_add(third, COUNTER_REQUESTS, 100);
    counters_add(third, COUNTER_EMPTY_WAKEUPS, UINT64_C(1) << 40);
    /* From the middle, the end and the front of the list. */
    counters_leave(&set, second);
    counters_sum(&set, totals);
    assert_int_equal(totals[COUNTER_REQUESTS], 111);
    counters_leave(&set, first);
    second = counters_join(&set, NULL); /* starts from nothing */
    counters_add(second, COUNTER_REQUESTS, 1000);
    counters_leave(&set, third);
    counters_sum(&set, totals);
    assert_int_equal(totals[COUNTER_REQUESTS], 1111);
    assert_int_equal(totals[COUNTER_EMPTY_WAKEUPS], UINT64_C(1) << 40);
    assert_int_equal(totals[COUNTER_ACCEPTS], 0);
    counters_leave(&set, second);
    counters_sum(&set, totals);
    assert_int_equal(totals[COUNTER_REQUESTS], 1111);
    counters_set_release(&set);
}

enum { WORKERS = 4, LIVES = 200, COUNTS = 500 };

static void *count_and_leave(void *argument)
{
    for (int life = 0; life < LIVES; life++) {
        struct counters *counters = counters_join(argument, NULL);

        for (int i = 0; i < COUNTS; i++)
            counters_add(counters, COUNTER_REQUESTS, 1);
        counters_leave(argument, counters);
    }
    return NULL;
}

static void test_sums_never_go_back_while_workers_come_and_go(void **state)
{
    (void)state;
    struct counters_set set;
    pthread_t workers[WORKERS];
    uint64_t totals[COUNTERS_COUNT], seen = 0;

    assert_int_equal(counters_set_init(&set), 0);
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_create(&workers[i], NULL, count_and_leave, &set), 0);
    for (int i = 0; i < 1000; i++) {
        counters_sum(&set, totals);
        assert_true(totals[COUNTER_REQUESTS] >= seen);
        seen = totals[COUNTER_REQUESTS];
    }
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_join(workers[i], NULL), 0);
    counters_sum(&set, totals);
    assert_int_equal(totals[COUNTER_REQUESTS], WORKERS * LIVES * COUNTS);
    counters_set_release(&set);
}

static void test_all_are_written_by_name(void **state)
{
    (void)state;
    char path[] = "/tmp/counters_test.XXXXXX", text[2048];
    int fd = mkstemp(path);
    struct counters_set set;
    struct counters *counters;

    assert_true(fd >= 0);
    assert_int_equal(counters_set_init(&set), 0);
    counters = counters_join(&set, "worker");
    for (int i = 0; i < COUNTERS_COUNT; i++)
        counters_add(counters, (enum counter)i, UINT64_C(3000000000) + (uint64_t)i);
    assert_int_equal(counters_write(&set, path), 0);
    /* Written anew under the same name: not through the descriptor from before. */
    close(fd);
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    for (int i = 0; i < COUNTERS_COUNT; i++) {
        char expected[64];

        snprintf(expected, sizeof expected, "\"%s\": %d%09d", counter_names[i], 3, i);
        assert_non_null(strstr(text, expected));
    }
    unlink(path);
    assert_true(counters_write(&set, "/nowhere/counters.json") < 0);
    counters_leave(&set, counters);
    counters_set_release(&set);
}

static void test_a_role_keeps_its_row_and_a_maximum_is_no_sum(void **state)
{
    (void)state;
    char path[] = "/tmp/counters_test.XXXXXX", text[4096];
    struct counters_set set;
    struct counters *worker, *guest;
    uint64_t totals[COUNTERS_COUNT];
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(counters_set_init(&set), 0);
    worker = counters_join(&set, "worker");
    guest = counters_join(&set, NULL);
    counters_raise(worker, COUNTER_QUEUE_MAX, 7);
    counters_raise(worker, COUNTER_QUEUE_MAX, 5);
    counters_raise(guest, COUNTER_QUEUE_MAX, 4);
    counters_add(worker, COUNTER_ACCEPTS, 10);
    counters_add(worker, COUNTER_CLOSES, 4);
    counters_add(guest, COUNTER_CLOSES, 1);
    counters_leave(&set, guest);
    counters_leave(&set, worker);
    counters_sum(&set, totals);
    assert_int_equal(totals[COUNTER_QUEUE_MAX], 7);
    assert_int_equal(counters_write(&set, path), 0);
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    unlink(path);
    assert_non_null(strstr(text, "\"live\": 5"));
    const char *row = strstr(text, "\"role\": \"worker\"");

    assert_non_null(row);
    assert_non_null(strstr(row, "\"closes\": 4,"));
    assert_null(strstr(row + 1, "\"role\""));
    counters_set_release(&set);
}

/* What a child counts is seen by its parent, also when it was killed. */
static void test_a_process_counts_like_a_thread(void **state)
{
    (void)state;
    struct counters_set set;
    uint64_t totals[COUNTERS_COUNT];

    assert_int_equal(counters_set_init(&set), 0);
    struct counters *counters = counters_join(&set, "process");
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        counters_add(counters, COUNTER_REQUESTS, 42);
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    counters_sum(&set, totals);
    assert_int_equal(totals[COUNTER_REQUESTS], 42);
    counters_set_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_present_and_past_workers_are_summed),
        cmocka_unit_test(test_sums_never_go_back_while_workers_come_and_go),
        cmocka_unit_test(test_all_are_written_by_name),
        cmocka_unit_test(test_a_role_keeps_its_row_and_a_maximum_is_no_sum),
        cmocka_unit_test(test_a_process_counts_like_a_thread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
