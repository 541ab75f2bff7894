/* SPDX-License-Identifier: MIT */
/* Thresholds as they are written, held against made-up runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "loadgen/judge/made_up_run.h"
#include "loadgen/judge/threshold_lookup.h"

static struct made_up_run run;

static struct recorder *const total = &run.result.total;

static const struct made_up_second second = {1000, 1000, 1000, 2 * NS_PER_MS};

static int open_loop(void **state)
{
    (void)state;
    made_up_run_init(&run, LOOP_OPEN);
    made_up_run_repeat(&run, 10, &second);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    made_up_run_release(&run);
    return 0;
}

static struct threshold_value value_of(const char *text)
{
    struct threshold_value value;
    struct threshold threshold;
    const char *problem;

    assert_int_equal(threshold_parse(text, &threshold, &problem), 0);
    threshold_value_of(&threshold, &run.plan, &run.result, &value);
    return value;
}

/* To the resolution of a histogram. */
static void assert_about(struct threshold_value value, double expected)
{
    assert_true(value.known);
    assert_true(value.value > 0.999 * expected && value.value < 1.001 * expected);
}

static struct histogram *of(enum latency_kind kind)
{
    return &total->latencies[kind].histogram;
}

static void test_each_latency_is_found(void **state)
{
    static const struct {
        const char *text;
        enum latency_kind kind;
        uint64_t ns;
    } cases[] = {
        {"connect.max>1s", LATENCY_CONNECT, 100},
        {"handshake.max>1s", LATENCY_HANDSHAKE, 200},
        {"service.max>1s", LATENCY_SERVICE, 3 * NS_PER_MS},
        {"send_lag.max>1s", LATENCY_SEND_LAG, 400},
        {"queue_wait.max>1s", LATENCY_QUEUE_WAIT, 500},
        {"wire.max>1s", LATENCY_WIRE, 600},
        {"response.max>1s", LATENCY_RESPONSE, 7 * NS_PER_MS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        histogram_record(of(cases[i].kind), cases[i].ns);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_about(value_of(cases[i].text), (double)cases[i].ns);
}

static void test_each_statistic_is_found(void **state)
{
    (void)state;
    histogram_record_many(of(LATENCY_RESPONSE), NS_PER_MS, 10000);
    assert_about(value_of("response.mean>1s"), 1.5e6);
    assert_about(value_of("response.min>1s"), 1e6);
    assert_about(value_of("response.max>1s"), 2e6);
    assert_about(value_of("response.p25>1s"), 1e6);
    assert_about(value_of("response.p75>1s"), 2e6);
    assert_true(value_of("response.count<5").value == 20000);
    assert_false(value_of("response.p99>1s").at_least);
}

static void test_what_is_not_measured_is_not_known(void **state)
{
    (void)state;
    assert_false(value_of("send_lag.p99>1s").known);
    assert_false(value_of("wire.mean>1s").known);
    assert_true(value_of("wire.count<5").known);
    assert_false(value_of("response[echo:64].p99>1s").known); /* no such class */
    run.plan.loop = LOOP_CLOSED;
    assert_false(value_of("achieved<99%").known);
    run.result.measured_ns = 0;
    assert_false(value_of("response.p99>1s").known);
    assert_false(value_of("errors>0").known);
}

static void test_a_sample_that_is_too_small(void **state)
{
    (void)state;
    assert_false(value_of("response.p99.9>1s").insufficient);
    assert_true(value_of("response.p99.99>1s").insufficient);
    assert_int_equal(value_of("response.p99.99>1s").needs, 36887);
}

static void test_what_is_only_at_least_so_long(void **state)
{
    (void)state;
    assert_false(value_of("response.max>1s").at_least);
    histogram_record_many(of(LATENCY_RESPONSE), NS_PER_S, 200);
    for (int i = 0; i < 200; i++)
        latency_note_at_least(&total->latencies[LATENCY_RESPONSE], NS_PER_S);
    assert_true(value_of("response.p99>1s").at_least);
    assert_false(value_of("response.p50>1s").at_least);
    assert_true(value_of("response.mean>1s").at_least);
    assert_true(value_of("response.max>1s").at_least);
    assert_false(value_of("response.min>1s").at_least);
    latency_note_at_least(&total->latencies[LATENCY_RESPONSE], NS_PER_MS);
    histogram_record(of(LATENCY_RESPONSE), NS_PER_MS);
    assert_true(value_of("response.min>1s").at_least);
    /* Above an hour nothing is told apart. */
    histogram_record_many(of(LATENCY_RESPONSE), 2 * HISTOGRAM_HIGHEST_NS, 1000);
    assert_true(value_of("response.p99>1s").at_least);
    assert_true(value_of("response.p99>1s").value == (double)HISTOGRAM_HIGHEST_NS);
}

static void test_classes(void **state)
{
    struct recorder_plan two = {.classes = 2, .separate_service = true};
    const char *problem;

    (void)state;
    assert_int_equal(request_mix_parse("echo:64", &run.plan.requests_mix, &problem), 0);
    assert_about(value_of("response[echo:64].p50>1s"), 2e6);
    assert_about(value_of("service[echo:64].p50>1s"), 2e6);

    made_up_run_release(&run);
    assert_int_equal(recorder_init(total, &two), 0);
    assert_int_equal(
        request_mix_parse("9*echo:64,1*work:cpu=20ms", &run.plan.requests_mix, &problem), 0);
    histogram_record(of(LATENCY_RESPONSE), NS_PER_MS);
    histogram_record(of(LATENCY_SERVICE), NS_PER_MS);
    histogram_record(of((enum latency_kind)(LATENCY_CLASS + 0)), 3 * NS_PER_MS);
    histogram_record(of((enum latency_kind)(LATENCY_CLASS + 1)), 20 * NS_PER_MS);
    assert_about(value_of("response[echo:64].max>1s"), 3e6);
    assert_about(value_of("response[work:cpu=20ms].max>1s"), 20e6);
    assert_false(value_of("service[work:cpu=20ms].max>1s").known);
    run.plan.loop = LOOP_CLOSED; /* where they are one */
    assert_about(value_of("service[work:cpu=20ms].max>1s"), 20e6);
}

static void test_counts_and_shares(void **state)
{
    struct request_counts *counts = &total->measured;

    (void)state;
    counts->wrong = 1;
    counts->timed_out = 2;
    counts->in_flight = 4;
    counts->unsent = 8;
    counts->errors[FAILURE_RESET] = 16;
    total->connections.lost = 32;
    total->connections.refused = 64;
    assert_true(value_of("errors>0").value == 31);
    assert_about(value_of("errors>1%"), 0.0031);
    assert_true(value_of("wrong>0").value == 1);
    assert_true(value_of("timeouts>0").value == 2);
    assert_true(value_of("unsent>0").value == 8);
    assert_about(value_of("unsent>1%"), 0.0008);
    assert_true(value_of("lost>0").value == 32);
    assert_true(value_of("refused>0").value == 64);
    counts->intended = 0;
    assert_false(value_of("errors>1%").known);
    assert_true(value_of("errors>1").known);
}

static void test_rates(void **state)
{
    const struct made_up_second overloaded = {2000, 1000, 1000, NS_PER_MS};

    (void)state;
    assert_about(value_of("throughput<1/s"), 1000);
    assert_true(value_of("achieved<1%").value == 1);
    made_up_run_release(&run);
    made_up_run_init(&run, LOOP_OPEN);
    made_up_run_repeat(&run, 10, &overloaded);
    assert_about(value_of("achieved<1%"), 0.5);
    assert_about(value_of("throughput<1/s"), 1000);
}

static void test_all_of_a_plan(void **state)
{
    static const char *const texts[] = {"response.p99>1ms", "errors>0", "wire.p99>1s"};
    static struct threshold_verdict verdict;
    char line[2 * THRESHOLD_SENTENCE_SIZE] = "";
    FILE *out = fmemopen(line, sizeof line, "w");
    const char *problem;

    (void)state;
    assert_non_null(out);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(
            threshold_parse(texts[i], &run.plan.thresholds[run.plan.thresholds_count++], &problem),
            0);
    thresholds_judge(&run.plan, &run.result, &verdict);
    assert_int_equal(verdict.count, 3);
    assert_int_equal(verdict.missed, 2);
    assert_int_equal(verdict.findings[0].outcome, THRESHOLD_MISSED);
    assert_int_equal(verdict.findings[1].outcome, THRESHOLD_HELD);
    assert_int_equal(verdict.findings[2].outcome, THRESHOLD_UNKNOWN);
    assert_ptr_equal(verdict.findings[2].threshold, &run.plan.thresholds[2]);
    thresholds_print(out, &verdict);
    fclose(out);
    assert_ptr_equal(strstr(line, "threshold missed: response.p99 is 2.00 ms, above"), line);
    assert_non_null(strstr(line, "\nthreshold missed: wire.p99 was not measured"));
    assert_null(strstr(line, "errors"));

    run.plan.thresholds_count = 0;
    thresholds_judge(&run.plan, &run.result, &verdict);
    assert_int_equal(verdict.count + verdict.missed, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_loop, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_each_latency_is_found),
        CASE(test_each_statistic_is_found),
        CASE(test_what_is_not_measured_is_not_known),
        CASE(test_a_sample_that_is_too_small),
        CASE(test_what_is_only_at_least_so_long),
        CASE(test_classes),
        CASE(test_counts_and_shares),
        CASE(test_rates),
        CASE(test_all_of_a_plan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
