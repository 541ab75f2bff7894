/* SPDX-License-Identifier: MIT */
/* Made-up results, and what must be said of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "common/quantile_interval.h"
#include "loadgen/judge/made_up_run.h"

static struct made_up_run run;

static struct run_result *const result = &run.result;
static struct recorder *const total = &run.result.total;

/* 100 connections for 10 s, 1 ms a request: 1,000,000 requests, and Little's law holds. */
static int closed(void **state)
{
    const struct made_up_second second = {100000, 100000, 100000, NS_PER_MS};

    (void)state;
    made_up_run_init(&run, LOOP_CLOSED);
    made_up_run_repeat(&run, 10, &second);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    made_up_run_release(&run);
    return 0;
}

static struct histogram *response(void)
{
    return &total->latencies[LATENCY_RESPONSE].histogram;
}

static void test_nothing_is_said_of_a_clean_run(void **state)
{
    static const char *const expected[] = {
        "conservation",
        "wrong_answers",
        "failed_requests",
        "lost_connections",
        "refused_connections",
        "failed_connections",
        "local_ports",
        "interrupted",
        "generator_busy",
        "trend",
        "stationarity",
        "level_shift",
        "littles_law",
        "samples_for_p99",
        "stalls",
        "optimised_build",
    };

    (void)state;
    made_up_run_failed(&run, "");
    assert_int_equal(run.verdict.checks_count, sizeof expected / sizeof *expected);
    for (unsigned i = 0; i < run.verdict.checks_count; i++) {
        const struct check *check = &run.verdict.checks[i];

        assert_string_equal(check->name, expected[i]);
        /* A build without optimisation says so of itself. */
        if (!check->passed)
            assert_string_equal(check->code, "C12");
    }
    assert_true(run.verdict.level <= VERDICT_CAUTION);
}

static void test_wrong_answers_and_lost_requests(void **state)
{
    (void)state;
    total->all.ok -= 1;
    assert_non_null(made_up_run_failed(&run, "I10"));
    assert_int_equal(run.verdict.level, VERDICT_NOT_TRUSTED);
    total->all.wrong = 1;
    assert_null(made_up_run_failed(&run, "I10"));
    assert_non_null(made_up_run_failed(&run, "I5"));
    assert_int_equal(run.verdict.level, VERDICT_NOT_TRUSTED);
    /* Those of the measured window must add up by themselves. */
    total->measured.intended += 1;
    assert_non_null(made_up_run_failed(&run, "I10"));
    total->measured.unsent += 1;
    assert_null(made_up_run_failed(&run, "I10"));
}

static void test_failures_below_and_above_a_hundredth(void **state)
{
    (void)state;
    total->all.ok -= 5000;
    total->all.timed_out = 2000;
    total->all.in_flight = 3000;
    assert_non_null(made_up_run_failed(&run, "C11"));
    assert_true(made_up_run_failed(&run, "C11")->value == 0.005);
    assert_null(made_up_run_failed(&run, "I4"));
    total->all.ok -= 6000;
    total->all.errors[FAILURE_RESET] = 6000;
    assert_non_null(made_up_run_failed(&run, "I4"));
    assert_true(made_up_run_failed(&run, "I4")->value == 0.011);
    assert_null(made_up_run_failed(&run, "C11"));
}

static void test_lost_connections(void **state)
{
    (void)state;
    total->connections.lost = 2;
    assert_non_null(made_up_run_failed(&run, "I4"));
    total->connections.established = 10000;
    assert_null(made_up_run_failed(&run, "I4"));
    assert_non_null(made_up_run_failed(&run, "C11"));
    /* With churn each connection that was opened anew counts; those closed as planned do not. */
    total->connections.established = 100;
    total->connections.reconnected = total->connections.recycled = 9900;
    assert_null(made_up_run_failed(&run, "I4"));
    assert_non_null(made_up_run_failed(&run, "C11"));
    total->connections.lost = 0;
    assert_null(made_up_run_failed(&run, "C11"));
}

/* Those that stay silent have nothing in flight; how many of the missing are such nobody knows. */
static void test_silent_connections_are_not_in_littles_law(void **state)
{
    (void)state;
    run.plan.idle_connections = 5000;
    total->connections.established += 5000;
    assert_null(made_up_run_failed(&run, "I3"));
    assert_non_null(made_up_run_check(&run, "littles_law"));
    total->connections.established -= 4000;
    assert_null(made_up_run_failed(&run, "I3"));
    assert_null(made_up_run_check(&run, "littles_law"));
}

static void test_connections_that_were_never_there(void **state)
{
    (void)state;
    total->connections.asked = 1000;
    total->connections.refused = 900;
    assert_non_null(made_up_run_failed(&run, "C9"));
    assert_null(made_up_run_failed(&run, "I4"));
    total->connections.failed = 10;
    assert_true(made_up_run_failed(&run, "I4")->value == 0.01);
    assert_null(made_up_run_failed(&run, "I6"));
    total->connections.errors[FAILURE_NO_PORT] = 3;
    assert_non_null(strstr(made_up_run_failed(&run, "I6")->text, "--source"));
}

static void test_a_run_that_was_interrupted_is_not_judged_further(void **state)
{
    (void)state;
    result->interrupted = true;
    run.plan.observed_pid = 7;
    result->busiest.busy = 1;
    assert_non_null(made_up_run_failed(&run, "I7"));
    assert_null(made_up_run_check(&run, "generator_busy"));
    assert_null(made_up_run_check(&run, "littles_law"));
    assert_null(made_up_run_check(&run, "server_observed"));
    result->interrupted = false;
    assert_null(made_up_run_failed(&run, "I7"));
    assert_non_null(made_up_run_failed(&run, "C13"));
    result->server_observed = true;
    assert_null(made_up_run_failed(&run, "C13"));
    assert_true(made_up_run_check(&run, "server_observed")->passed);
    /* Nothing was measured at all. */
    result->measured_ns = 0;
    made_up_run_failed(&run, "");
    assert_null(made_up_run_check(&run, "samples_for_p99"));
}

static void test_a_dump_that_lacks_requests(void **state)
{
    (void)state;
    result->dump.lost = 5;
    assert_null(made_up_run_failed(&run, "C15"));
    run.plan.dump_path = "requests.csv";
    assert_non_null(made_up_run_failed(&run, "C15"));
    result->dump = (struct dump_result){.failed = -ENOSPC};
    assert_non_null(strstr(made_up_run_failed(&run, "C15")->text, strerror(ENOSPC)));
    result->dump.failed = 0;
    assert_null(made_up_run_failed(&run, "C15"));
    assert_true(made_up_run_check(&run, "dump")->passed);
}

/* --- Little's law ----------------------------------------------------------------------------- */

static void test_littles_law(void **state)
{
    (void)state;
    histogram_record_many(response(), NS_PER_MS, 40000);
    assert_null(made_up_run_failed(&run, "I3"));
    histogram_record_many(response(), NS_PER_MS, 60000);
    assert_non_null(made_up_run_failed(&run, "I3"));
    /* Connections run out of work one by one when a number of requests ends the run. */
    run.plan.requests = 1100000;
    run.plan.duration_ns = UINT64_MAX;
    assert_null(made_up_run_failed(&run, "I3"));
    run.plan.duration_ns = result->measured_ns; /* the time was over first */
    assert_non_null(made_up_run_failed(&run, "I3"));
    total->connections.recycled = 1;
    assert_null(made_up_run_failed(&run, "I3"));
}

static void test_littles_law_counts_what_is_in_the_pipeline(void **state)
{
    (void)state;
    run.plan.pipeline = 4;
    assert_non_null(made_up_run_failed(&run, "I3"));
    total->connections.established = 25;
    assert_null(made_up_run_failed(&run, "I3"));
    assert_non_null(made_up_run_check(&run, "littles_law"));
}

/* 100 connections think 9 ms and wait 1 ms: 10,000/s. */
static void test_littles_law_with_think_time(void **state)
{
    const struct made_up_second second = {10000, 10000, 10000, NS_PER_MS};

    (void)state;
    made_up_run_release(&run);
    made_up_run_init(&run, LOOP_THINK);
    made_up_run_repeat(&run, 10, &second);
    run.plan.think_ns = 9 * NS_PER_MS;
    assert_null(made_up_run_failed(&run, "I3"));
    assert_non_null(made_up_run_check(&run, "littles_law"));
    run.plan.think_ns = 8 * NS_PER_MS;
    assert_non_null(made_up_run_failed(&run, "I3"));
    run.plan.think_is_exponential = true;
    assert_non_null(made_up_run_failed(&run, "I3"));
    run.plan.think_ns = 9 * NS_PER_MS;
    assert_null(made_up_run_failed(&run, "I3"));
}

/* The mean of few random times is not the mean that was asked for. */
static void test_littles_law_allows_for_chance(void **state)
{
    const struct made_up_second second = {70, 70, 70, NS_PER_MS};

    (void)state;
    made_up_run_release(&run);
    made_up_run_init(&run, LOOP_THINK);
    made_up_run_repeat(&run, 10, &second);
    run.plan.think_ns = NS_PER_S;
    assert_non_null(made_up_run_failed(&run, "I3"));
    run.plan.think_is_exponential = true;
    assert_null(made_up_run_failed(&run, "I3"));
}

/* --- samples ---------------------------------------------------------------------------------- */

static void test_stalls(void **state)
{
    (void)state;
    assert_null(made_up_run_failed(&run, "C6"));
    /* One stall of a second on every connection: a tenth of their time. */
    histogram_record_many(response(), NS_PER_S, 100);
    assert_non_null(made_up_run_failed(&run, "C6"));
    /* With more requests in flight on a connection, less of the time of all of them. */
    run.plan.pipeline = 20;
    assert_null(made_up_run_failed(&run, "C6"));
}

static void test_slow_requests_of_a_class_of_their_own_are_no_stalls(void **state)
{
    struct recorder_plan two = {.classes = 2};

    (void)state;
    made_up_run_release(&run);
    memset(result, 0, sizeof *result);
    assert_int_equal(recorder_init(total, &two), 0);
    result->measured_ns = 10 * NS_PER_S;
    total->connections.established = 100;
    for (int class_index = 0; class_index < 2; class_index++) {
        uint64_t took_ns = class_index == 0 ? NS_PER_MS : 100 * NS_PER_MS;

        histogram_record_many(&total->latencies[LATENCY_CLASS + class_index].histogram, took_ns,
                              5000);
        histogram_record_many(response(), took_ns, 5000);
    }
    assert_null(made_up_run_failed(&run, "C6"));
    assert_non_null(made_up_run_check(&run, "stalls"));
    histogram_record_many(&total->latencies[LATENCY_CLASS].histogram, 100 * NS_PER_MS, 500);
    assert_non_null(made_up_run_failed(&run, "C6"));
}

static void test_too_few_samples(void **state)
{
    const struct made_up_second few = {367, 367, 367, NS_PER_MS}, one = {1, 1, 1, NS_PER_MS};

    (void)state;
    made_up_run_release(&run);
    made_up_run_init(&run, LOOP_CLOSED);
    made_up_run_add(&run, &few);
    assert_non_null(made_up_run_failed(&run, "C4"));
    made_up_run_add(&run, &one);
    assert_null(made_up_run_failed(&run, "C4"));
}

/* 1,000 requests, of which the 20 slow ones came in one second: they are worth one stall. */
static void test_samples_that_came_in_a_clump(void **state)
{
    const struct made_up_second second = {100, 100, 100, NS_PER_MS};
    struct window_counter *counters;
    const struct check *check;

    (void)state;
    made_up_run_release(&run);
    made_up_run_init(&run, LOOP_CLOSED);
    made_up_run_repeat(&run, 10, &second);
    assert_null(made_up_run_failed(&run, "C4"));
    counters = total->windows[4].latencies[LATENCY_RESPONSE].counters;
    counters[0] =
        (struct window_counter){(uint32_t)histogram_index(response(), 100 * NS_PER_MS), 100};
    histogram_clear(response());
    histogram_record_many(response(), NS_PER_MS, 990);
    histogram_record_many(response(), 100 * NS_PER_MS, 10);
    check = made_up_run_failed(&run, "C4");
    assert_non_null(check);
    assert_non_null(strstr(check->text, "clumps"));
    assert_true(check->value < 368 && check->limit == 368);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, closed, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_nothing_is_said_of_a_clean_run),
        CASE(test_wrong_answers_and_lost_requests),
        CASE(test_failures_below_and_above_a_hundredth),
        CASE(test_lost_connections),
        CASE(test_silent_connections_are_not_in_littles_law),
        CASE(test_connections_that_were_never_there),
        CASE(test_a_run_that_was_interrupted_is_not_judged_further),
        CASE(test_a_dump_that_lacks_requests),
        CASE(test_littles_law),
        CASE(test_littles_law_counts_what_is_in_the_pipeline),
        CASE(test_littles_law_with_think_time),
        CASE(test_littles_law_allows_for_chance),
        CASE(test_stalls),
        CASE(test_slow_requests_of_a_class_of_their_own_are_no_stalls),
        CASE(test_too_few_samples),
        CASE(test_samples_that_came_in_a_clump),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
