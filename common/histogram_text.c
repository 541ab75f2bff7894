/* SPDX-License-Identifier: MIT */
#include "common/histogram_text.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>

/* Percentiles are levels of 0 … 100 here, and computed in HdrHistogram's own order of operations,
 * so that a row falls where its tools would put it. */
struct table {
    FILE *out;
    const struct histogram *histogram;
    double unit;
    unsigned ticks_per_half;
    double level;       /* of the next row */
    uint64_t cumulated; /* values in the counters so far */
};

/* Where a double can no longer tell the levels apart; only more than 10^12 values come near it. */
static const double level_max = 100 * (1 - 0x1p-40);

static double level_after(double level, unsigned ticks_per_half)
{
    double halves = floor(log2(100 / (100 - level))) + 1;

    return level + 100 / (ticks_per_half * exp2(halves));
}

static double in_units(const struct table *table, uint64_t value)
{
    return (double)value / table->unit;
}

static int table_row(const struct table *table, uint64_t value)
{
    double fraction = table->level / 100;
    int written =
        fprintf(table->out, "%12.*f %2.12f %10" PRIu64 " %14.2f\n", (int)table->histogram->digits,
                in_units(table, value), fraction, table->cumulated, 1 / (1 - fraction));

    return written < 0 ? -errno : 0;
}

/* 1 / (1 - 1) is left out. */
static int table_last_row(const struct table *table, uint64_t value)
{
    int written =
        fprintf(table->out, "%12.*f %2.12f %10" PRIu64 "\n", (int)table->histogram->digits,
                in_units(table, value), 1.0, table->cumulated);

    return written < 0 ? -errno : 0;
}

/* The rows whose level the next `count` values reach; `value` is the largest any of them may be. */
static int table_add(struct table *table, uint64_t value, uint64_t count)
{
    uint64_t total = table->histogram->total_count;

    if (count == 0)
        return 0;
    table->cumulated += count;
    if (table->cumulated == total) {
        int error = table_row(table, value);
        return error ? error : table_last_row(table, value);
    }
    while (table->level < level_max &&
           100 * (double)table->cumulated / (double)total >= table->level) {
        int error = table_row(table, value);
        if (error)
            return error;
        table->level = level_after(table->level, table->ticks_per_half);
    }
    return 0;
}

static int table_rows(struct table *table)
{
    const struct histogram *histogram = table->histogram;

    for (size_t i = 0; i < histogram->counts_length; i++) {
        int error = table_add(table, histogram_index_highest(histogram, i), histogram->counts[i]);
        if (error)
            return error;
    }
    return table_add(table, histogram->max, histogram->above_count);
}

/* The maximum agrees with the last row. */
static uint64_t shown_max(const struct histogram *histogram)
{
    if (histogram->total_count == 0 || histogram->max > histogram->highest)
        return histogram->max;
    return histogram_index_highest(histogram, histogram_index(histogram, histogram->max));
}

static int table_footer(const struct table *table)
{
    const struct histogram *histogram = table->histogram;
    int decimals = (int)histogram->digits;
    size_t sub_buckets = (size_t)1 << histogram->sub_magnitude;
    int written = fprintf(table->out,
                          "#[Mean    = %12.*f, StdDeviation   = %12.*f]\n"
                          "#[Max     = %12.*f, Total count    = %12" PRIu64 "]\n"
                          "#[Buckets = %12zu, SubBuckets     = %12zu]\n",
                          decimals, histogram_mean(histogram) / table->unit, decimals,
                          histogram_standard_deviation(histogram) / table->unit, decimals,
                          in_units(table, shown_max(histogram)), histogram->total_count,
                          histogram->counts_length / (sub_buckets / 2) - 1, sub_buckets);

    return written < 0 ? -errno : 0;
}

int histogram_write_percentiles(FILE *out, const struct histogram *histogram, double unit,
                                unsigned ticks_per_half)
{
    struct table table = {
        .out = out, .histogram = histogram, .unit = unit, .ticks_per_half = ticks_per_half};

    assert(unit > 0 && ticks_per_half > 0);
    if (fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
                "1/(1-Percentile)") < 0)
        return -errno;
    int error = table_rows(&table);
    if (!error)
        error = table_footer(&table);
    if (!error && fflush(out) != 0)
        error = -errno;
    return error;
}
