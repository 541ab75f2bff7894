/* SPDX-License-Identifier: MIT */
/*
 * openmetrics_example.c: prints a text with every type of family, and with values and labels that
 * are hard to get right.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "loadgen/output/openmetrics.h"

static const double bounds_s[] = {1e-9, 0.0001, 0.0025, 0.1, 1, 10, 5000};
static const double quantiles[] = {0, 0.5, 0.99, 0.999, 1};

static const struct openmetrics_label hard[] = {
    {"class", "echo:uniform(1,9) \"{}\\ =,\n"},
    {"utf8", "mu\xc3\xb1oz\xe2\x82\xac\xf0\x9f\x9a\xa2"},
    {"broken", "\xff\xc3 \xed\xa0\x80"},
    {"empty", ""},
};
enum { HARD_COUNT = sizeof hard / sizeof hard[0] };

static void add_numbers(struct openmetrics *metrics)
{
    openmetrics_family(metrics, "muelle_requests", OPENMETRICS_COUNTER, NULL,
                       "Requests that were sent, \"all\"\nof them \\o/.");
    openmetrics_sample_integer(metrics, hard, 1, UINT64_MAX);
    openmetrics_sample_integer(metrics, hard, HARD_COUNT, 0);
    openmetrics_family(metrics, "muelle_busy_seconds", OPENMETRICS_COUNTER, "seconds", "CPU time.");
    openmetrics_sample(metrics, NULL, 0, 1e-9);
    openmetrics_family(metrics, "muelle_load_ratio", OPENMETRICS_GAUGE, "ratio", "Any number.");
    openmetrics_sample(metrics, NULL, 0, -1.5e300);
    openmetrics_sample(metrics, hard, 1, NAN);
    openmetrics_sample(metrics, hard, 2, -INFINITY);
    openmetrics_family(metrics, "muelle_build", OPENMETRICS_INFO, NULL, "What was built.");
    openmetrics_sample_integer(metrics, hard, HARD_COUNT, 1);
    openmetrics_family(metrics, "muelle:unknown", OPENMETRICS_UNKNOWN, NULL, "");
    openmetrics_sample(metrics, NULL, 0, 3);
    openmetrics_family(metrics, "muelle_nothing", OPENMETRICS_GAUGE, NULL, "Has no samples.");
}

static void add_histograms(struct openmetrics *metrics, const struct histogram *empty,
                           const struct histogram *full)
{
    openmetrics_family(metrics, "muelle_response_seconds", OPENMETRICS_HISTOGRAM, "seconds", "h");
    openmetrics_histogram(metrics, hard, 0, full, bounds_s, sizeof bounds_s / sizeof bounds_s[0]);
    openmetrics_histogram(metrics, hard, 1, empty, bounds_s, 2);
    openmetrics_histogram(metrics, hard, 2, full, NULL, 0);
    openmetrics_family(metrics, "muelle_service_seconds", OPENMETRICS_SUMMARY, "seconds", "s");
    openmetrics_summary(metrics, hard, 0, full, quantiles, sizeof quantiles / sizeof quantiles[0]);
    openmetrics_summary(metrics, hard, HARD_COUNT, empty, quantiles, 2);
}

int main(void)
{
    struct histogram empty;
    struct histogram full;
    struct openmetrics metrics;
    char *text;
    size_t size;

    log_program("openmetrics-example");
    if (histogram_init_latency(&empty) < 0 || histogram_init_latency(&full) < 0 ||
        openmetrics_init(&metrics) < 0) {
        log_error("out of memory");
        return EXIT_FAILED;
    }
    for (uint64_t value = 1; value < UINT64_C(1) << 43; value += 1 + value / 3)
        histogram_record(&full, value);
    add_numbers(&metrics);
    add_histograms(&metrics, &empty, &full);
    histogram_release(&empty);
    histogram_release(&full);
    if (openmetrics_finish(&metrics, &text, &size) < 0) {
        log_error("out of memory");
        return EXIT_FAILED;
    }
    size_t written = fwrite(text, 1, size, stdout);
    free(text);
    return written == size && fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}
