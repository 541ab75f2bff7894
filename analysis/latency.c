/* SPDX-License-Identifier: MIT */
#include "analysis/latency.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/statistics/estimate.h"
#include "common/histogram_codec.h"
#include "common/quantile_interval.h"

static const struct {
    const char *member;
    double fraction;
} percentiles[PERCENTILES] = {
    [PERCENTILE_50] = {"p50_ns", 0.5},        [PERCENTILE_90] = {"p90_ns", 0.9},
    [PERCENTILE_99] = {"p99_ns", 0.99},       [PERCENTILE_999] = {"p999_ns", 0.999},
    [PERCENTILE_9999] = {"p9999_ns", 0.9999}, [PERCENTILE_MAX] = {"max_ns", 1},
};

double percentile_fraction(enum percentile percentile)
{
    return percentiles[percentile].fraction;
}

static void read_values(struct json_reader *reader, json_t *object, struct latency *latency)
{
    double previous = 0;
    json_t *bound;
    size_t i;

    for (enum percentile p = 0; p < PERCENTILES; p++) {
        const char *name = percentiles[p].member;

        latency->value_ns[p] = json_reader_number_or_null(reader, object, name);
        if (isnan(latency->value_ns[p]) != (latency->count == 0))
            json_reader_fail(reader, "%s is %s although count is %llu", name,
                             latency->count ? "null" : "a number",
                             (unsigned long long)latency->count);
        if (latency->value_ns[p] < previous && p != PERCENTILE_MAX)
            json_reader_fail(reader, "%s is below the percentile before it", name);
        previous = latency->value_ns[p];
    }
    json_t *bounds = json_reader_array(reader, object, "lower_bounds");
    json_array_foreach(bounds, i, bound)
    {
        for (enum percentile p = 0; p < PERCENTILES; p++) {
            if (json_is_string(bound) &&
                strcmp(json_string_value(bound), percentiles[p].member) == 0)
                latency->at_least[p] = true;
        }
    }
}

/* Files carry nine digits of it. */
static const double ROUNDING = 1e-8;

/* One that is larger than the count would make a sample carry more than it holds. */
static void read_precision(struct json_reader *reader, json_t *object, struct latency *latency)
{
    json_t *counts = json_reader_object(reader, object, "effective_counts");

    for (enum percentile p = 0; p < PERCENTILE_MAX; p++) {
        latency->effective_count[p] = json_reader_number(reader, counts, percentiles[p].member);
        if (latency->effective_count[p] > (double)latency->count * (1 + ROUNDING))
            json_reader_fail(reader, "the effective count of %s is above count",
                             percentiles[p].member);
    }
}

static bool is_suite_layout(const struct histogram *histogram)
{
    return histogram->lowest == HISTOGRAM_LOWEST_NS && histogram->highest == HISTOGRAM_HIGHEST_NS &&
           histogram->digits == HISTOGRAM_DIGITS;
}

/* The counters must hold what the numbers say (a histogram of another trial would go unnoticed), in
 * the one layout that merges exactly. */
static void check_histogram(struct json_reader *reader, const struct latency *latency)
{
    struct histogram histogram;

    if (json_reader_failed(reader))
        return;
    if (histogram_decode(latency->histogram, &histogram) < 0) {
        json_reader_fail(reader, "the histogram cannot be read");
        return;
    }
    uint64_t held = histogram.total_count + latency->above_count;
    if (held != latency->count)
        json_reader_fail(reader, "the histogram holds %llu values, count says %llu",
                         (unsigned long long)held, (unsigned long long)latency->count);
    if (!is_suite_layout(&histogram))
        json_reader_fail(reader, "the histogram has another layout than 1 ns to 1 h, 3 digits");
    histogram_release(&histogram);
}

void latency_read(struct json_reader *reader, json_t *object, const char *name, bool has_precision,
                  struct latency *latency)
{
    char where[48];

    snprintf(where, sizeof where, "latency.%s", name);
    reader->where = where;
    json_t *member = json_object_get(object, name);
    latency->count = json_reader_count(reader, member, "count");
    latency->at_least_count = json_reader_count(reader, member, "at_least_count");
    latency->above_count = json_reader_count(reader, member, "above_count");
    latency->histogram = json_reader_string(reader, member, "histogram");
    for (enum percentile p = 0; p < PERCENTILES; p++)
        latency->effective_count[p] = (double)latency->count;
    read_values(reader, member, latency);
    check_histogram(reader, latency);
    if (has_precision)
        read_precision(reader, member, latency);
    reader->where = "";
}

bool latency_is_insufficient(const struct latency *latency, enum percentile percentile)
{
    for (enum percentile p = 0; p <= percentile; p++) {
        if (latency->effective_count[p] < (double)quantile_needs(percentile_fraction(p)))
            return true;
    }
    return false;
}

double latency_carried(const struct latency *latency)
{
    double carried = 0;

    if (latency->count == 0)
        return 0;
    carried = quantile_carried((double)latency->count);
    for (enum percentile p = 0; p < PERCENTILE_MAX; p++) {
        if (latency->effective_count[p] < (double)quantile_needs(percentile_fraction(p)))
            carried = fmin(carried, quantile_carried(latency->effective_count[p]));
    }
    uint64_t unknown = latency->at_least_count + latency->above_count;
    return unknown > 0 ? fmin(carried, 1 - (double)unknown / (double)latency->count) : carried;
}

int latency_merge(const struct latency *latency, struct histogram *into)
{
    struct histogram histogram;
    int error = histogram_decode(latency->histogram, &histogram);

    if (error)
        return error;
    error = histogram_merge(into, &histogram);
    histogram_release(&histogram);
    return error;
}
