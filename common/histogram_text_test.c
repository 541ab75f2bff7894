/* SPDX-License-Identifier: MIT */
/*
 * histogram_text_test.c: tables worked out by hand, and streams that fail. That they are the tables
 * of other implementations is checked by scripts/development/check-hdr-histogram.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/histogram_text.h"

#define HEADER "       Value     Percentile TotalCount 1/(1-Percentile)\n\n"

static struct histogram histogram;

static int setup(void **state)
{
    (void)state;
    return histogram_init_latency(&histogram);
}

static int teardown(void **state)
{
    (void)state;
    histogram_release(&histogram);
    return 0;
}

/* The table as text, which the caller frees. */
static char *table_of(double unit, unsigned ticks_per_half)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    assert_int_equal(histogram_write_percentiles(out, &histogram, unit, ticks_per_half), 0);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void assert_table(double unit, unsigned ticks_per_half, const char *expected)
{
    char *text = table_of(unit, ticks_per_half);

    assert_string_equal(text, expected);
    free(text);
}

/* A row for every level that a counter reaches; the steps halve at 50 % and at 75 %. */
static void test_rows_stand_at_the_levels(void **state)
{
    (void)state;
    for (uint64_t value = 1; value <= 4; value++)
        histogram_record(&histogram, value);
    assert_table(1, HISTOGRAM_TICKS_PER_HALF,
                 HEADER "       1.000 0.000000000000          1           1.00\n"
                        "       1.000 0.100000000000          1           1.11\n"
                        "       1.000 0.200000000000          1           1.25\n"
                        "       2.000 0.300000000000          2           1.43\n"
                        "       2.000 0.400000000000          2           1.67\n"
                        "       2.000 0.500000000000          2           2.00\n"
                        "       3.000 0.550000000000          3           2.22\n"
                        "       3.000 0.600000000000          3           2.50\n"
                        "       3.000 0.650000000000          3           2.86\n"
                        "       3.000 0.700000000000          3           3.33\n"
                        "       3.000 0.750000000000          3           4.00\n"
                        "       4.000 0.775000000000          4           4.44\n"
                        "       4.000 1.000000000000          4\n"
                        "#[Mean    =        2.500, StdDeviation   =        1.118]\n"
                        "#[Max     =        4.000, Total count    =            4]\n"
                        "#[Buckets =           32, SubBuckets     =         2048]\n");
}

static void test_ticks_are_counted_per_half(void **state)
{
    (void)state;
    for (uint64_t value = 1; value <= 4; value++)
        histogram_record(&histogram, value);
    char *text = table_of(1, 1);
    assert_non_null(strstr(text, HEADER "       1.000 0.000000000000          1           1.00\n"
                                        "       2.000 0.500000000000          2           2.00\n"
                                        "       3.000 0.750000000000          3           4.00\n"
                                        "       4.000 0.875000000000          4           8.00\n"
                                        "       4.000 1.000000000000          4\n#"));
    free(text);
}

/* 20,000,000 shares its counter with all up to 20,004,863 … so the table says 20.005 for it. */
static void test_values_are_the_highest_of_their_counter_in_the_unit(void **state)
{
    (void)state;
    histogram_record(&histogram, 20000000);
    uint64_t highest = histogram_index_highest(&histogram, histogram_index(&histogram, 20000000));
    char expected[256];

    assert_true(highest > 20000000);
    snprintf(expected, sizeof expected,
             HEADER "%12.3f 0.000000000000          1           1.00\n"
                    "%12.3f 1.000000000000          1\n"
                    "#[Mean    =       20.000,",
             (double)highest / 1e6, (double)highest / 1e6);
    char *text = table_of(1e6, HISTOGRAM_TICKS_PER_HALF);
    assert_memory_equal(text, expected, strlen(expected));
    snprintf(expected, sizeof expected, "#[Max     = %12.3f, Total count    =            1]\n",
             (double)highest / 1e6);
    assert_non_null(strstr(text, expected));
    free(text);
}

static void test_decimals_and_buckets_are_those_of_the_layout(void **state)
{
    (void)state;
    histogram_release(&histogram);
    assert_int_equal(histogram_init(&histogram, 1, 1000, 1), 0);
    histogram_record(&histogram, 7);
    assert_table(2, HISTOGRAM_TICKS_PER_HALF,
                 HEADER "         3.5 0.000000000000          1           1.00\n"
                        "         3.5 1.000000000000          1\n"
                        "#[Mean    =          3.5, StdDeviation   =          0.0]\n"
                        "#[Max     =          3.5, Total count    =            1]\n"
                        "#[Buckets =            6, SubBuckets     =           32]\n");
}

static void test_an_empty_histogram_has_no_rows(void **state)
{
    (void)state;
    assert_table(1e6, HISTOGRAM_TICKS_PER_HALF,
                 HEADER "#[Mean    =        0.000, StdDeviation   =        0.000]\n"
                        "#[Max     =        0.000, Total count    =            0]\n"
                        "#[Buckets =           32, SubBuckets     =         2048]\n");
}

/* Half of the values lie beyond what is told apart: their rows show the largest, and none is
 * missing from the counts. */
static void test_values_above_the_highest_are_in_the_table(void **state)
{
    (void)state;
    histogram_record(&histogram, 5);
    histogram_record(&histogram, HISTOGRAM_HIGHEST_NS + 7);
    char *text = table_of(1, 1);
    assert_non_null(strstr(text,
                           HEADER "       5.000 0.000000000000          1           1.00\n"
                                  "       5.000 0.500000000000          1           2.00\n"
                                  "3600000000007.000 0.750000000000          2           4.00\n"
                                  "3600000000007.000 1.000000000000          2\n"));
    assert_non_null(
        strstr(text, "#[Max     = 3600000000007.000, Total count    =            2]\n"));
    free(text);
}

/* So many values that their fraction rounds to 1 before the last one: the table still ends. */
static void test_any_number_of_values_has_an_end(void **state)
{
    (void)state;
    histogram_record_many(&histogram, 1, UINT64_C(1) << 60);
    histogram_record(&histogram, 2);
    char *text = table_of(1, HISTOGRAM_TICKS_PER_HALF);
    assert_non_null(strstr(text, "       2.000 1.000000000000 1152921504606846977\n#"));
    assert_true(strlen(text) < 40000);
    free(text);
}

static void test_a_full_disk_is_an_error(void **state)
{
    (void)state;
    FILE *full = fopen("/dev/full", "w");

    assert_non_null(full);
    assert_int_equal(histogram_write_percentiles(full, &histogram, 1, 5), -ENOSPC);
    /* Unbuffered, it is the first line that fails, and not the last flush. */
    setvbuf(full, NULL, _IONBF, 0);
    histogram_record(&histogram, 1);
    assert_int_equal(histogram_write_percentiles(full, &histogram, 1, 5), -ENOSPC);
    fclose(full);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_rows_stand_at_the_levels),
        TEST(test_ticks_are_counted_per_half),
        TEST(test_values_are_the_highest_of_their_counter_in_the_unit),
        TEST(test_decimals_and_buckets_are_those_of_the_layout),
        TEST(test_an_empty_histogram_has_no_rows),
        TEST(test_values_above_the_highest_are_in_the_table),
        TEST(test_any_number_of_values_has_an_end),
        TEST(test_a_full_disk_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
