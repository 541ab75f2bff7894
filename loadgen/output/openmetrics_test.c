/* SPDX-License-Identifier: MIT */
/*
 * openmetrics_test.c: the text, byte by byte. That parsers take it is checked in tests/openmetrics.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "loadgen/output/openmetrics.h"

static struct openmetrics metrics;
static struct histogram histogram;

static int setup(void **state)
{
    (void)state;
    if (openmetrics_init(&metrics) < 0)
        return -1;
    return histogram_init_latency(&histogram);
}

static int teardown(void **state)
{
    (void)state;
    histogram_release(&histogram);
    return 0;
}

static void assert_text(const char *expected)
{
    char *text;
    size_t size;

    assert_int_equal(openmetrics_finish(&metrics, &text, &size), 0);
    assert_string_equal(text, expected);
    assert_int_equal(size, strlen(expected));
    free(text);
}

static void test_nothing_is_a_text_too(void **state)
{
    (void)state;
    assert_text("# EOF\n");
}

static void test_samples_follow_their_family(void **state)
{
    const struct openmetrics_label labels[] = {{"class", "echo:64"}, {"outcome", "ok"}};

    (void)state;
    openmetrics_family(&metrics, "muelle_requests", OPENMETRICS_COUNTER, NULL, "Sent.");
    openmetrics_sample_integer(&metrics, labels, 2, UINT64_MAX);
    openmetrics_sample(&metrics, labels, 1, 0);
    openmetrics_family(&metrics, "muelle_elapsed_seconds", OPENMETRICS_GAUGE, "seconds", "Time.");
    openmetrics_sample(&metrics, NULL, 0, 2.5);
    openmetrics_family(&metrics, "muelle_build", OPENMETRICS_INFO, NULL, "Build.");
    openmetrics_sample_integer(&metrics, labels, 1, 1);
    openmetrics_family(&metrics, "muelle:other", OPENMETRICS_UNKNOWN, NULL, "");
    openmetrics_sample_integer(&metrics, NULL, 0, 0);
    assert_text("# TYPE muelle_requests counter\n"
                "# HELP muelle_requests Sent.\n"
                "muelle_requests_total{class=\"echo:64\",outcome=\"ok\"} 18446744073709551615\n"
                "muelle_requests_total{class=\"echo:64\"} 0.0\n"
                "# TYPE muelle_elapsed_seconds gauge\n"
                "# UNIT muelle_elapsed_seconds seconds\n"
                "# HELP muelle_elapsed_seconds Time.\n"
                "muelle_elapsed_seconds 2.5\n"
                "# TYPE muelle_build info\n"
                "# HELP muelle_build Build.\n"
                "muelle_build_info{class=\"echo:64\"} 1\n"
                "# TYPE muelle:other unknown\n"
                "# HELP muelle:other \n"
                "muelle:other 0\n"
                "# EOF\n");
}

static void test_numbers_read_back_the_same(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0.0"},
        {1, "1.0"},
        {-17, "-17.0"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1e21, "1e+21"},
        {5e-324, "5e-324"},
        {1e-9, "1e-09"},
        {10, "10.0"},
        {999999, "999999.0"},
        {1e6, "1e+06"},
        {123456789, "123456789.0"},
        {NAN, "NaN"},
        {INFINITY, "+Inf"},
        {-INFINITY, "-Inf"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char expected[256];

        if (i > 0)
            assert_int_equal(openmetrics_init(&metrics), 0);
        openmetrics_family(&metrics, "a", OPENMETRICS_GAUGE, NULL, "h");
        openmetrics_sample(&metrics, NULL, 0, cases[i].value);
        snprintf(expected, sizeof expected, "# TYPE a gauge\n# HELP a h\na %s\n# EOF\n",
                 cases[i].text);
        assert_text(expected);
    }
}

static void test_labels_and_help_are_escaped(void **state)
{
    const struct openmetrics_label labels[] = {
        {"class", "a\"b\\c\nd{},="},
        {"utf8", "a\xc3\xb1o \xe2\x82\xac \xf0\x9f\x9a\xa2"},
        {"broken", "\xff|\xc3|\xe2\x82|\xc0\xaf|\xed\xa0\x80|\xf4\x90\x80\x80|\xf0\x80\x80\x80|"
                   "\xe0\x80\x80|\xf8"},
        {"cut", "\xe2\x82"},
    };

    (void)state;
    openmetrics_family(&metrics, "a", OPENMETRICS_GAUGE, NULL, "with \"quotes\",\n\\ and lines");
    openmetrics_sample(&metrics, labels, 4, 1);
    assert_text("# TYPE a gauge\n"
                "# HELP a with \\\"quotes\\\",\\n\\\\ and lines\n"
                "a{class=\"a\\\"b\\\\c\\nd{},=\",utf8=\"a\xc3\xb1o \xe2\x82\xac \xf0\x9f\x9a\xa2\","
                "broken=\"?|?|??|??|???|????|????|???|?\",cut=\"??\"} 1.0\n"
                "# EOF\n");
}

static void test_buckets_are_cumulative_and_in_seconds(void **state)
{
    static const double bounds_s[] = {0.0005, 0.001, 1, 10};
    const struct openmetrics_label label = {"class", "work"};

    (void)state;
    histogram_record_many(&histogram, 250000, 2);
    histogram_record(&histogram, 1000000); /* at a bound: below or equal */
    histogram_record(&histogram, 1500000000);
    histogram_record(&histogram, HISTOGRAM_HIGHEST_NS + 1);
    openmetrics_family(&metrics, "r_seconds", OPENMETRICS_HISTOGRAM, "seconds", "h");
    openmetrics_histogram(&metrics, &label, 1, &histogram, bounds_s, 4);
    histogram_clear(&histogram);
    openmetrics_histogram(&metrics, NULL, 0, &histogram, bounds_s, 1);
    assert_text("# TYPE r_seconds histogram\n"
                "# UNIT r_seconds seconds\n"
                "# HELP r_seconds h\n"
                "r_seconds_bucket{class=\"work\",le=\"0.0005\"} 2\n"
                "r_seconds_bucket{class=\"work\",le=\"0.001\"} 3\n"
                "r_seconds_bucket{class=\"work\",le=\"1.0\"} 3\n"
                "r_seconds_bucket{class=\"work\",le=\"10.0\"} 4\n"
                "r_seconds_bucket{class=\"work\",le=\"+Inf\"} 5\n"
                "r_seconds_sum{class=\"work\"} 3601.501500001\n"
                "r_seconds_count{class=\"work\"} 5\n"
                "r_seconds_bucket{le=\"0.0005\"} 0\n"
                "r_seconds_bucket{le=\"+Inf\"} 0\n"
                "r_seconds_sum 0.0\n"
                "r_seconds_count 0\n"
                "# EOF\n");
}

/* 1.5e-08 * 10^9 is a little less than 15 in binary. */
static void test_a_bound_is_what_it_says_in_decimal(void **state)
{
    static const double bound_s = 1.5e-08;

    (void)state;
    histogram_record(&histogram, 15);
    histogram_record(&histogram, 16);
    openmetrics_family(&metrics, "r_seconds", OPENMETRICS_HISTOGRAM, "seconds", "h");
    openmetrics_histogram(&metrics, NULL, 0, &histogram, &bound_s, 1);
    assert_text("# TYPE r_seconds histogram\n"
                "# UNIT r_seconds seconds\n"
                "# HELP r_seconds h\n"
                "r_seconds_bucket{le=\"1.5e-08\"} 1\n"
                "r_seconds_bucket{le=\"+Inf\"} 2\n"
                "r_seconds_sum 3.1e-08\n"
                "r_seconds_count 2\n"
                "# EOF\n");
}

static void test_quantiles_say_what_they_are_not(void **state)
{
    static const double quantiles[] = {0.5, 0.99, 1};
    const struct openmetrics_label label = {"class", "work"};

    (void)state;
    openmetrics_family(&metrics, "r_seconds", OPENMETRICS_SUMMARY, "seconds", "h");
    openmetrics_summary(&metrics, NULL, 0, &histogram, quantiles, 1);
    histogram_record_many(&histogram, 1000, 99);
    histogram_record(&histogram, HISTOGRAM_HIGHEST_NS + 1);
    openmetrics_summary(&metrics, &label, 1, &histogram, quantiles, 3);
    assert_text("# TYPE r_seconds summary\n"
                "# UNIT r_seconds seconds\n"
                "# HELP r_seconds h\n"
                "r_seconds{quantile=\"0.5\"} NaN\n"
                "r_seconds_sum 0.0\n"
                "r_seconds_count 0\n"
                "r_seconds{class=\"work\",quantile=\"0.5\"} 1e-06\n"
                "r_seconds{class=\"work\",quantile=\"0.99\"} 1e-06\n"
                "r_seconds{class=\"work\",quantile=\"1.0\"} +Inf\n"
                "r_seconds_sum{class=\"work\"} 3600.000099001\n"
                "r_seconds_count{class=\"work\"} 100\n"
                "# EOF\n");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_is_a_text_too),
        TEST(test_samples_follow_their_family),
        TEST(test_numbers_read_back_the_same),
        TEST(test_labels_and_help_are_escaped),
        TEST(test_buckets_are_cumulative_and_in_seconds),
        TEST(test_a_bound_is_what_it_says_in_decimal),
        TEST(test_quantiles_say_what_they_are_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
