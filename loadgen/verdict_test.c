/* SPDX-License-Identifier: MIT */
/* Made-up results, and what must be said of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "loadgen/verdict.h"

static struct run_result result;
static struct plan plan;
static struct verdict verdict;

/* 100 connections for 10 s, 1 ms a request: 1,000,000 requests, and Little's law holds. */
static int setup(void **state)
{
    (void)state;
    memset(&result, 0, sizeof result);
    memset(&plan, 0, sizeof plan);
    if (recorder_init(&result.total) < 0)
        return -1;
    result.complete = true;
    result.measured_ns = 10 * NS_PER_S;
    result.total.connections.asked = result.total.connections.established = 100;
    result.total.all.sent = result.total.all.ok = result.total.received_ok = 1000000;
    histogram_record_many(&result.total.service.histogram, NS_PER_MS, 1000000);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    recorder_release(&result.total);
    return 0;
}

static const struct verdict_reason *judged(const char *code)
{
    verdict_judge(&plan, &result, &verdict);
    for (unsigned i = 0; i < verdict.reasons_count; i++) {
        if (strcmp(verdict.reasons[i].code, code) == 0)
            return &verdict.reasons[i];
    }
    return NULL;
}

static void test_nothing_is_said_of_a_clean_run(void **state)
{
    (void)state;
    verdict_judge(&plan, &result, &verdict);
    /* A build without optimisation says so of itself (C12). */
    for (unsigned i = 0; i < verdict.reasons_count; i++)
        assert_string_equal(verdict.reasons[i].code, "C12");
}

static void test_wrong_answers_and_lost_requests(void **state)
{
    (void)state;
    result.total.all.ok -= 1;
    assert_non_null(judged("I10"));
    result.total.all.wrong = 1;
    assert_null(judged("I10"));
    assert_non_null(judged("I5"));
    assert_int_equal(verdict.level, VERDICT_NOT_TRUSTED);
}

static void test_failures_below_and_above_a_hundredth(void **state)
{
    (void)state;
    result.total.all.ok -= 5000;
    result.total.all.timed_out = 5000;
    assert_non_null(judged("C11"));
    assert_null(judged("I4"));
    result.total.all.ok -= 6000;
    result.total.all.errors[FAILURE_RESET] = 6000;
    assert_non_null(judged("I4"));
    assert_null(judged("C11"));
}

static void test_lost_connections(void **state)
{
    (void)state;
    result.total.connections.lost = 2;
    assert_non_null(judged("I4"));
    result.total.connections.established = 10000;
    assert_null(judged("I4"));
    assert_non_null(judged("C11"));
}

static void test_refused_connections_are_no_failure(void **state)
{
    (void)state;
    result.total.connections.asked = 1000;
    result.total.connections.refused = 900;
    assert_non_null(judged("C9"));
    assert_null(judged("I4"));
}

static void test_who_was_the_limit(void **state)
{
    (void)state;
    result.client_busiest_thread = 0.99;
    assert_non_null(judged("C10"));
    result.server_observed = true;
    result.server = (struct resources){
        .observed_ns = 10 * NS_PER_S, .cpu_system_ns = 5 * NS_PER_S, .threads = 1, .cores = 1};
    assert_non_null(judged("I1"));
    result.server.cpu_user_ns = 4900 * NS_PER_MS;
    assert_null(judged("I1"));
    assert_non_null(judged("C10"));
    result.client_busiest_thread = 0.5;
    assert_null(judged("C10"));
}

static void test_littles_law(void **state)
{
    (void)state;
    histogram_record_many(&result.total.service.histogram, NS_PER_MS, 40000);
    assert_null(judged("I3"));
    histogram_record_many(&result.total.service.histogram, NS_PER_MS, 60000);
    assert_non_null(judged("I3"));
    /* Connections run out of work one by one when a number of requests ends the run. */
    plan.requests = 1100000;
    plan.duration_ns = UINT64_MAX;
    assert_null(judged("I3"));
    plan.duration_ns = result.measured_ns; /* the time was over first */
    assert_non_null(judged("I3"));
}

static void test_stalls_and_samples(void **state)
{
    (void)state;
    /* One stall of a second on every connection: a tenth of their time. */
    histogram_record_many(&result.total.service.histogram, NS_PER_S, 100);
    assert_non_null(judged("C6"));
    histogram_clear(&result.total.service.histogram);
    histogram_record_many(&result.total.service.histogram, NS_PER_MS, 367);
    assert_non_null(judged("C4"));
    assert_int_equal(verdict_samples_needed(0.99), 368);
    assert_int_equal(verdict_samples_needed(0.999), 3688);
    assert_int_equal(verdict_samples_needed(0.9999), 36887);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing_is_said_of_a_clean_run, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_answers_and_lost_requests, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failures_below_and_above_a_hundredth, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lost_connections, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused_connections_are_no_failure, setup, teardown),
        cmocka_unit_test_setup_teardown(test_who_was_the_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_littles_law, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stalls_and_samples, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
