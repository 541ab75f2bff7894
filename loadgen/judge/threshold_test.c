/* SPDX-License-Identifier: MIT */
/* What people write as a threshold, and what is said about a run that it is held against. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "loadgen/judge/threshold.h"

static struct threshold parsed(const char *text)
{
    struct threshold threshold;
    const char *problem = NULL;

    if (threshold_parse(text, &threshold, &problem) < 0)
        fail_msg("%s: %s", text, problem);
    assert_null(problem);
    return threshold;
}

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-12 * expected))
        fail_msg("%.17g is not %.17g", value, expected);
}

static void test_latencies(void **state)
{
    static const struct {
        const char *text, *name;
        enum threshold_latency latency;
        const char *class_name;
        enum threshold_statistic statistic;
        double quantile;
        enum threshold_relation relation;
        enum threshold_unit unit;
        double limit;
    } cases[] = {
        {"response.p99>10ms", "response.p99", THRESHOLD_RESPONSE, "", THRESHOLD_QUANTILE, 0.99,
         RELATION_ABOVE, UNIT_DURATION_NS, 10e6},
        {"service.p99.9>=1s", "service.p99.9", THRESHOLD_SERVICE, "", THRESHOLD_QUANTILE, 0.999,
         RELATION_AT_LEAST, UNIT_DURATION_NS, 1e9},
        {"send_lag.max>1ms", "send_lag.max", THRESHOLD_SEND_LAG, "", THRESHOLD_MAX, 0,
         RELATION_ABOVE, UNIT_DURATION_NS, 1e6},
        {"response[work:cpu=20ms].p99>50ms", "response[work:cpu=20ms].p99", THRESHOLD_RESPONSE,
         "work:cpu=20ms", THRESHOLD_QUANTILE, 0.99, RELATION_ABOVE, UNIT_DURATION_NS, 50e6},
        {"wire[a>b<c.p1].p0.5 <= 1.5us", "wire[a>b<c.p1].p0.5", THRESHOLD_WIRE, "a>b<c.p1",
         THRESHOLD_QUANTILE, 0.005, RELATION_AT_MOST, UNIT_DURATION_NS, 1500},
        {"connect.mean<2m", "connect.mean", THRESHOLD_CONNECT, "", THRESHOLD_MEAN, 0,
         RELATION_BELOW, UNIT_DURATION_NS, 120e9},
        {"handshake.min>0", "handshake.min", THRESHOLD_HANDSHAKE, "", THRESHOLD_MIN, 0,
         RELATION_ABOVE, UNIT_DURATION_NS, 0},
        {"queue_wait.count<10k", "queue_wait.count", THRESHOLD_QUEUE_WAIT, "", THRESHOLD_COUNT, 0,
         RELATION_BELOW, UNIT_COUNT, 10000},
        {" \tresponse [ echo:uniform(16,4096) ] . p50  >\t 10 ms ",
         "response[echo:uniform(16,4096)].p50", THRESHOLD_RESPONSE, "echo:uniform(16,4096)",
         THRESHOLD_QUANTILE, 0.5, RELATION_ABOVE, UNIT_DURATION_NS, 10e6},
        {"response.p99.95>10ms", "response.p99.95", THRESHOLD_RESPONSE, "", THRESHOLD_QUANTILE,
         0.9995, RELATION_ABOVE, UNIT_DURATION_NS, 10e6},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct threshold threshold = parsed(cases[i].text);

        assert_int_equal(threshold.metric, THRESHOLD_LATENCY);
        assert_ptr_equal(threshold.text, cases[i].text);
        assert_string_equal(threshold.name, cases[i].name);
        assert_string_equal(threshold.class_name, cases[i].class_name);
        assert_int_equal(threshold.latency, cases[i].latency);
        assert_int_equal(threshold.statistic, cases[i].statistic);
        assert_int_equal(threshold.relation, cases[i].relation);
        assert_int_equal(threshold.unit, cases[i].unit);
        assert_near(threshold.quantile, cases[i].quantile);
        assert_near(threshold.limit, cases[i].limit);
    }
    /* The same double as the literal: percentiles are looked up by it. */
    assert_true(parsed("response.p99.9>1s").quantile == 0.999);
    assert_true(parsed("response.p99.99>1s").quantile == 0.9999);
}

static void test_plain_metrics(void **state)
{
    static const struct {
        const char *text;
        enum threshold_metric metric;
        enum threshold_unit unit;
        double limit;
    } cases[] = {
        {"errors>10", THRESHOLD_ERRORS, UNIT_COUNT, 10},
        {"errors>0.1%", THRESHOLD_ERRORS, UNIT_SHARE, 0.001},
        {"errors > 2.5 %", THRESHOLD_ERRORS, UNIT_SHARE, 0.025},
        {"wrong>0", THRESHOLD_WRONG, UNIT_COUNT, 0},
        {"timeouts>1k", THRESHOLD_TIMEOUTS, UNIT_COUNT, 1000},
        {"timeouts>100%", THRESHOLD_TIMEOUTS, UNIT_SHARE, 1},
        {"unsent>=1%", THRESHOLD_UNSENT, UNIT_SHARE, 0.01},
        {"lost>0", THRESHOLD_LOST, UNIT_COUNT, 0},
        {"refused>5", THRESHOLD_REFUSED, UNIT_COUNT, 5},
        {"throughput<5k/s", THRESHOLD_THROUGHPUT, UNIT_RATE_PER_S, 5000},
        {"throughput<12.5/s", THRESHOLD_THROUGHPUT, UNIT_RATE_PER_S, 12.5},
        {"throughput < 1.5 M/s", THRESHOLD_THROUGHPUT, UNIT_RATE_PER_S, 1.5e6},
        {"achieved<98%", THRESHOLD_ACHIEVED, UNIT_SHARE, 0.98},
        {"achieved>100.1%", THRESHOLD_ACHIEVED, UNIT_SHARE, 1.001},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct threshold threshold = parsed(cases[i].text);

        assert_int_equal(threshold.metric, cases[i].metric);
        assert_int_equal(threshold.unit, cases[i].unit);
        assert_near(threshold.limit, cases[i].limit);
        assert_string_equal(threshold.class_name, "");
    }
}

static void assert_refused(const char *text, const char *says)
{
    struct threshold threshold;
    const char *problem = NULL;

    if (threshold_parse(text, &threshold, &problem) != -EINVAL)
        fail_msg("'%s' was taken", text);
    assert_non_null(problem);
    if (!strstr(problem, says))
        fail_msg("'%s': \"%s\" does not say \"%s\"", text, problem, says);
}

struct refusal {
    const char *text, *says;
};

static void assert_all_refused(const struct refusal *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_refused(cases[i].text, cases[i].says);
}

static void test_what_is_no_metric_is_refused(void **state)
{
    static const struct refusal cases[] = {
        /* No condition at all. */
        {"", "expected a metric"},
        {" ", "expected a metric"},
        {">", "expected a metric"},
        {">10ms", "expected a metric"},
        {"response.p99", "one of > >= < <="},
        {"response.p99=10ms", "one of > >= < <="},
        {"response.p99>", "expected a metric"},
        {"response.p99> ", "expected a metric"},
        /* Metrics. */
        {"latency.p99>10ms", "no such metric"},
        {"respons.p99>10ms", "wire"},
        {"errors.p99>10ms", "no such metric"},
        {"errors x>10", "no such metric"},
        {"Response.p99>10ms", "no such metric"},
        {".p99>10ms", "no such metric"},
        /* Statistics. */
        {"response>10ms", "needs a statistic"},
        {"response.>10ms", "needs a statistic"},
        {"response.p>10ms", "needs a statistic"},
        {"response.p0>10ms", "above 0 and below 100"},
        {"response.p0.0>10ms", "above 0 and below 100"},
        {"response.p100>10ms", "above 0 and below 100"},
        {"response.p101>10ms", "above 0 and below 100"},
        {"response.p99.>10ms", "needs a statistic"},
        {"response.p.9>10ms", "needs a statistic"},
        {"response.p99.9.9>10ms", "needs a statistic"},
        {"response.p-1>10ms", "needs a statistic"},
        {"response.p99.99999999999999999>10ms", "needs a statistic"},
        {"response.median>10ms", "needs a statistic"},
        {"response.p99x>10ms", "needs a statistic"},
        {"response p99>10ms", "needs a statistic"},
        /* Classes. */
        {"response[].p99>10ms", "in brackets"},
        {"response[ ].p99>10ms", "in brackets"},
        {"response[echo:64.p99>10ms", "in brackets"},
        {"connect[echo:64].p99>10ms", "in brackets"},
        {"handshake[echo:64].p99>10ms", "in brackets"},
        {"errors[echo:64]>0", "in brackets"},
        {"response[echo:64]>10ms", "needs a statistic"},
        {"response[echo:64]p99>10ms", "needs a statistic"},
    };

    (void)state;
    assert_all_refused(cases, sizeof cases / sizeof cases[0]);
}

static void test_what_is_no_limit_is_refused(void **state)
{
    static const struct refusal cases[] = {
        {"response.p99>10", "a time with its unit"},
        {"response.p99>10%", "a time with its unit"},
        {"response.p99>10k/s", "a time with its unit"},
        {"response.p99>-1ms", "a time with its unit"},
        {"response.p99>1 0ms", "a time with its unit"},
        {"response.p99>1 .5ms", "a time with its unit"},
        {"response.p99>10ms,", "a time with its unit"},
        {"response.p99>>10ms", "a time with its unit"},
        {"response.p99=>10ms", "needs a statistic"},
        {"response.count>10ms", "a whole number"},
        {"errors>10ms", "a whole number or a share"},
        {"errors>1.5", "a whole number or a share"},
        {"errors>%", "a whole number or a share"},
        {"errors>1%%", "a whole number or a share"},
        {"errors>101%", "a whole number or a share"},
        {"errors>nan%", "a whole number or a share"},
        {"lost>1%", "a whole number"},
        {"throughput<5k", "a number a second"},
        {"throughput</s", "a number a second"},
        {"throughput<5ms", "a number a second"},
        {"throughput<1e3/s", "a number a second"},
        {"throughput<inf/s", "a number a second"},
        {"achieved<0.98", "in percent"},
        {"errors>0000000000000000000000000000000000000000000000000000000001", "expected"},
    };

    (void)state;
    assert_all_refused(cases, sizeof cases / sizeof cases[0]);
}

static void test_a_class_of_any_length_is_taken_whole_or_refused(void **state)
{
    char class_name[2 * THRESHOLD_CLASS_SIZE], text[3 * THRESHOLD_CLASS_SIZE];

    (void)state;
    for (size_t size = 1; size < THRESHOLD_CLASS_SIZE + 8; size++) {
        memset(class_name, 'x', size);
        class_name[size] = '\0';
        snprintf(text, sizeof text, "response[%s].p99.999999>1s", class_name);
        if (size < THRESHOLD_CLASS_SIZE) {
            struct threshold threshold = parsed(text);

            assert_int_equal(strlen(threshold.class_name), size);
            assert_int_equal(strlen(threshold.name), 9 + size + strlen("].p99.999999"));
        } else {
            assert_refused(text, "in brackets");
        }
    }
}

static void assert_goal_refused(const char *text, const char *says)
{
    struct threshold threshold;
    const char *problem = NULL;

    assert_int_equal(threshold_parse_goal(text, &threshold, &problem), -EINVAL);
    assert_non_null(strstr(problem, says));
}

static void test_a_goal_is_kept_as_its_contrary(void **state)
{
    static const struct {
        const char *text;
        enum threshold_relation relation;
    } cases[] = {
        {"response.p99<10ms", RELATION_AT_LEAST}, {"response.p99<=10ms", RELATION_ABOVE},
        {"errors<=0.1%", RELATION_ABOVE},         {"achieved>=99%", RELATION_BELOW},
        {"achieved>99%", RELATION_AT_MOST},
    };
    struct threshold threshold;
    const char *problem;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(threshold_parse_goal(cases[i].text, &threshold, &problem), 0);
        assert_null(problem);
        assert_int_equal(threshold.relation, cases[i].relation);
        assert_string_equal(threshold.option, "--find-capacity");
    }
    assert_goal_refused("response.p99>10ms", "largest load");
    assert_goal_refused("throughput>5k/s", "largest load");
    assert_goal_refused("throughput<5k/s", "largest load");
    assert_goal_refused("achieved<=99%", "largest load");
    assert_goal_refused("response.count<10", "largest load");
    assert_goal_refused("response.p99<10", "a time with its unit");
}

/* --- judging ---------------------------------------------------------------------------------- */

static void assert_judged(const char *text, struct threshold_value value,
                          enum threshold_outcome outcome, const char *expected)
{
    struct threshold threshold = parsed(text);
    char sentence[THRESHOLD_SENTENCE_SIZE];

    if (threshold_judge(&threshold, &value, sentence, sizeof sentence) != outcome)
        fail_msg("not %d: %s", (int)outcome, sentence);
    assert_string_equal(sentence, expected);
}

static struct threshold_value exactly(double value)
{
    return (struct threshold_value){.value = value, .known = true};
}

static void test_each_relation_at_its_limit(void **state)
{
    (void)state;
    assert_judged(
        "response.p99>10ms", exactly(12.3e6), THRESHOLD_MISSED,
        "response.p99 is 12.3 ms, above the limit of 10 ms (--fail-if response.p99>10ms)");
    assert_judged("response.p99>10ms", exactly(10e6), THRESHOLD_HELD,
                  "response.p99 is 10 ms, not above the limit of 10 ms "
                  "(--fail-if response.p99>10ms)");
    assert_judged("response.p99>=10ms", exactly(10e6), THRESHOLD_MISSED,
                  "response.p99 is 10 ms, at or above the limit of 10 ms "
                  "(--fail-if response.p99>=10ms)");
    assert_judged("response.p99>=10ms", exactly(8e6), THRESHOLD_HELD,
                  "response.p99 is 8.00 ms, below the limit of 10 ms "
                  "(--fail-if response.p99>=10ms)");
    assert_judged("throughput<5k/s", exactly(4210), THRESHOLD_MISSED,
                  "throughput is 4.21 k/s, below the limit of 5 k/s (--fail-if throughput<5k/s)");
    assert_judged("throughput<5k/s", exactly(5000), THRESHOLD_HELD,
                  "throughput is 5 k/s, not below the limit of 5 k/s (--fail-if throughput<5k/s)");
    assert_judged("throughput<=5k/s", exactly(5000), THRESHOLD_MISSED,
                  "throughput is 5 k/s, at or below the limit of 5 k/s "
                  "(--fail-if throughput<=5k/s)");
    assert_judged("throughput<=500/s", exactly(812), THRESHOLD_HELD,
                  "throughput is 812/s, above the limit of 500/s (--fail-if throughput<=500/s)");
    assert_judged("errors>0.1%", exactly(0.0025), THRESHOLD_MISSED,
                  "errors is 0.25 %, above the limit of 0.1 % (--fail-if errors>0.1%)");
    assert_judged("timeouts>0", exactly(12), THRESHOLD_MISSED,
                  "timeouts is 12, above the limit of 0 (--fail-if timeouts>0)");
    assert_judged("timeouts>0", exactly(0), THRESHOLD_HELD,
                  "timeouts is 0, not above the limit of 0 (--fail-if timeouts>0)");
}

static void test_no_rounding_hides_the_side(void **state)
{
    (void)state;
    assert_judged("response.p99>10ms", exactly(10000001), THRESHOLD_MISSED,
                  "response.p99 is 10.000001 ms, above the limit of 10 ms "
                  "(--fail-if response.p99>10ms)");
    assert_judged("errors>0.1%", exactly(0.00100001), THRESHOLD_MISSED,
                  "errors is 0.100001 %, above the limit of 0.1 % (--fail-if errors>0.1%)");
    assert_judged("response.max>1h", exactly(1e30), THRESHOLD_MISSED,
                  "response.max is 5124096 h, above the limit of 3600 s "
                  "(--fail-if response.max>1h)");
}

static void test_a_bound_from_below(void **state)
{
    struct threshold_value five_s = {.value = 5e9, .known = true, .at_least = true};

    (void)state;
    assert_judged("response.p99>1s", five_s, THRESHOLD_MISSED,
                  "response.p99 is at least 5.00 s, above the limit of 1 s "
                  "(--fail-if response.p99>1s)");
    assert_judged(
        "response.p99>10s", five_s, THRESHOLD_UNKNOWN,
        "response.p99 is at least 5.00 s, which may or may not be above the limit of 10 s, "
        "so it cannot be shown to hold and counts as missed (--fail-if response.p99>10s)");
    /* At the limit: ">" needs more, ">=" does not. */
    assert_judged(
        "response.p99>5s", five_s, THRESHOLD_UNKNOWN,
        "response.p99 is at least 5 s, which may or may not be above the limit of 5 s, so "
        "it cannot be shown to hold and counts as missed (--fail-if response.p99>5s)");
    assert_judged("response.p99>=5s", five_s, THRESHOLD_MISSED,
                  "response.p99 is at least 5 s, at or above the limit of 5 s "
                  "(--fail-if response.p99>=5s)");
    assert_judged("response.p99<5s", five_s, THRESHOLD_HELD,
                  "response.p99 is at least 5 s, not below the limit of 5 s "
                  "(--fail-if response.p99<5s)");
    assert_judged("response.p99<=5s", five_s, THRESHOLD_UNKNOWN,
                  "response.p99 is at least 5 s, which may or may not be at or below the limit of "
                  "5 s, so it cannot be shown to hold and counts as missed "
                  "(--fail-if response.p99<=5s)");
}

static void test_what_is_not_known_counts_as_missed(void **state)
{
    static const char expected[] = "response.p99 was not measured, so it cannot be shown to hold "
                                   "and counts as missed (--fail-if response.p99>10ms)";

    (void)state;
    assert_judged("response.p99>10ms", (struct threshold_value){.value = 1}, THRESHOLD_UNKNOWN,
                  expected);
    assert_judged("response.p99>10ms", exactly(NAN), THRESHOLD_UNKNOWN, expected);
    assert_judged("response.p99>10ms", exactly(INFINITY), THRESHOLD_UNKNOWN, expected);
    assert_judged("response.p99>10ms", exactly(-1), THRESHOLD_UNKNOWN, expected);
    assert_judged(
        "response.p99>10ms",
        (struct threshold_value){.value = 1, .known = true, .insufficient = true, .needs = 368},
        THRESHOLD_UNKNOWN,
        "response.p99 needs 368 samples and there are fewer, so it cannot be shown to hold and "
        "counts as missed (--fail-if response.p99>10ms)");
}

static void test_a_sentence_about_a_goal(void **state)
{
    struct threshold threshold;
    struct threshold_value value = exactly(12.3e6);
    const char *problem;
    char sentence[THRESHOLD_SENTENCE_SIZE], small[8];

    (void)state;
    assert_int_equal(threshold_parse_goal("response.p99<10ms", &threshold, &problem), 0);
    assert_int_equal(threshold_judge(&threshold, &value, sentence, sizeof sentence),
                     THRESHOLD_MISSED);
    assert_string_equal(sentence, "response.p99 is 12.3 ms, at or above the limit of 10 ms "
                                  "(--find-capacity response.p99<10ms)");
    assert_int_equal(threshold_judge(&threshold, &value, small, sizeof small), THRESHOLD_MISSED);
    assert_string_equal(small, "respons");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_latencies),
        cmocka_unit_test(test_plain_metrics),
        cmocka_unit_test(test_what_is_no_metric_is_refused),
        cmocka_unit_test(test_what_is_no_limit_is_refused),
        cmocka_unit_test(test_a_class_of_any_length_is_taken_whole_or_refused),
        cmocka_unit_test(test_a_goal_is_kept_as_its_contrary),
        cmocka_unit_test(test_each_relation_at_its_limit),
        cmocka_unit_test(test_no_rounding_hides_the_side),
        cmocka_unit_test(test_a_bound_from_below),
        cmocka_unit_test(test_what_is_not_known_counts_as_missed),
        cmocka_unit_test(test_a_sentence_about_a_goal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
