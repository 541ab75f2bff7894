/* SPDX-License-Identifier: MIT */
/* What is drawn with characters, character by character. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/show/sparkline.h"
#include "analysis/show/spectrum.h"
#include "analysis/terminal.h"
#include "common/histogram_codec.h"

static void assert_close(double value, double expected, double tolerance)
{
    assert_true(fabs(value - expected) <= tolerance);
}

static char *text;
static size_t size;

static FILE *page(void)
{
    free(text);
    text = NULL;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    return out;
}

static const char *sparkline(const double *values, size_t count, size_t width)
{
    FILE *out = page();

    sparkline_write(out, values, count, width);
    fclose(out);
    return text;
}

static void bars_begin_at_zero(void **state)
{
    (void)state;
    assert_string_equal(sparkline((const double[]){0, 50, 100}, 3, 10), "▁▅█");
    assert_string_equal(sparkline((const double[]){90, NAN, 100}, 3, 10), "█ █");
    assert_string_equal(sparkline((const double[]){0, 0}, 2, 10), "▁▁");
    assert_string_equal(sparkline((const double[]){NAN}, 1, 10), " ");
    assert_string_equal(sparkline(NULL, 0, 10), "");
}

static void a_peak_is_not_averaged_away(void **state)
{
    (void)state;
    double values[100];

    for (size_t i = 0; i < 100; i++)
        values[i] = i == 57 ? 100 : 1;
    assert_string_equal(sparkline(values, 100, 10), "▁▁▁▁▁█▁▁▁▁");
}

/* `count` values of which the last in a hundred are slow. */
static struct latency latency_of(uint64_t count, struct histogram *histogram, char **encoded)
{
    assert_int_equal(histogram_init_latency(histogram), 0);
    histogram_record_many(histogram, 100000, count - count / 100);
    histogram_record_many(histogram, 10000000, count / 100);
    assert_int_equal(histogram_encode(histogram, encoded), 0);
    struct latency latency = {.count = count, .histogram = *encoded};
    for (enum percentile p = 0; p < PERCENTILES; p++)
        latency.effective_count[p] = (double)count;
    return latency;
}

static const char *spectrum(const struct latency *latency, size_t columns, size_t rows)
{
    FILE *out = page();

    assert_int_equal(spectrum_write(out, latency, columns, rows), 0);
    fclose(out);
    return text;
}

static size_t lines(void)
{
    size_t count = 0;

    for (const char *at = text; (at = strchr(at, '\n')); at++)
        count++;
    return count;
}

static void the_curve_jumps_where_the_values_do(void **state)
{
    (void)state;
    struct histogram histogram;
    char *encoded;
    struct latency latency = latency_of(10000, &histogram, &encoded);

    spectrum(&latency, 40, 8);
    assert_int_equal(lines(), 8 + 2);
    assert_non_null(strstr(text, "10 ms ┤"));
    assert_non_null(strstr(text, "100 µs ┤"));
    assert_non_null(strstr(text, "99 %"));
    assert_non_null(strstr(text, "99.9 %"));
    /* Flat below p99, then up, then flat: the row of 10 ms begins with blanks. */
    assert_non_null(strstr(text, "10 ms ┤               "));
    free(encoded);
    histogram_release(&histogram);
}

static void the_curve_ends_where_the_sample_does(void **state)
{
    (void)state;
    struct histogram histogram;
    char *encoded;
    struct latency latency = latency_of(400, &histogram, &encoded);

    assert_close(latency_carried(&latency), pow(0.025, 1 / 400.0), 1e-9);
    spectrum(&latency, 40, 8);
    assert_null(strstr(text, "99.9 %"));

    latency.at_least_count = 100; /* they lasted longer, nobody knows how long */
    assert_close(latency_carried(&latency), 0.75, 1e-9);
    latency.at_least_count = 0;
    latency.effective_count[PERCENTILE_99] = 100; /* slow ones came together */
    assert_close(latency_carried(&latency), pow(0.025, 1 / 100.0), 1e-9);
    free(encoded);
    histogram_release(&histogram);
}

static void too_few_requests_are_a_sentence(void **state)
{
    (void)state;
    struct latency latency = {.count = 3};

    for (enum percentile p = 0; p < PERCENTILES; p++)
        latency.effective_count[p] = 3;
    assert_string_equal(spectrum(&latency, 40, 8), "  not enough requests for a curve\n");
    latency.count = 0;
    assert_string_equal(spectrum(&latency, 40, 8), "  not enough requests for a curve\n");
}

static void columns_stand_straight(void **state)
{
    (void)state;
    struct terminal_table table;
    FILE *out = page();

    terminal_table_init(&table, "name,>count,note");
    terminal_table_add(&table, "µ", TERMINAL_PLAIN);
    terminal_table_add(&table, "12,345", TERMINAL_BAD);
    terminal_table_add(&table, "", TERMINAL_PLAIN);
    terminal_table_add(&table, "evil\033[2J", TERMINAL_PLAIN);
    terminal_table_add(&table, "1", TERMINAL_PLAIN);
    terminal_table_add(&table, "x", TERMINAL_PLAIN);
    assert_int_equal(terminal_table_write(&table, out, false), 0);
    fclose(out);
    assert_string_equal(text, "name       count  note\n"
                              "µ         12,345\n"
                              "evil\xEF\xBF\xBD[2J       1  x\n");
    out = page();
    assert_int_equal(terminal_table_write(&table, out, true), 0);
    fclose(out);
    assert_non_null(strstr(text, "\033[31m12,345\033[0m"));
    terminal_table_release(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bars_begin_at_zero),
        cmocka_unit_test(a_peak_is_not_averaged_away),
        cmocka_unit_test(the_curve_jumps_where_the_values_do),
        cmocka_unit_test(the_curve_ends_where_the_sample_does),
        cmocka_unit_test(too_few_requests_are_a_sentence),
        cmocka_unit_test(columns_stand_straight),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    free(text);
    return failed;
}
