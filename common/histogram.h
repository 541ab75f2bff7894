/* SPDX-License-Identifier: MIT */
/*
 * histogram.h: counts of durations, exact in number and to three significant digits in value.
 *
 * The log-linear layout of HdrHistogram (Gil Tene): buckets whose width doubles, each cut into the
 * same number of equal sub-buckets, so that the width of a counter never exceeds value / 10^digits.
 * A value is recorded into exactly one counter, without a search, a division or an allocation;
 * histograms of one layout merge exactly by adding counters. Values below the lowest are counted in
 * the first counter, where their error is below `lowest`; values above the highest are not put
 * anywhere near a wrong place: they are counted in `above_count`, and every quantile that falls
 * among them says so.
 *
 * Deliberately not here: interpolation between counters, averages of percentiles, thread safety (a
 * histogram has one writer; merge when it is done).
 */
#ifndef MUELLE_COMMON_HISTOGRAM_H
#define MUELLE_COMMON_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"

/* The layout of every latency histogram of the suite: 1 ns to 1 hour, 3 digits. */
#define HISTOGRAM_LOWEST_NS  UINT64_C(1)
#define HISTOGRAM_HIGHEST_NS UINT64_C(3600000000000)
enum { HISTOGRAM_DIGITS = 3 };

/* Owns `counts`. Fields are read freely, written by histogram_* alone. */
struct histogram {
    uint64_t lowest, highest; /* the range that is told apart; lowest >= 1 */
    unsigned digits;          /* significant decimal digits, 1..5 */
    unsigned unit_magnitude;  /* floor(log2 lowest): bits below the resolution */
    unsigned sub_magnitude;   /* m = ceil(log2(2 * 10^digits)): bits of a sub-bucket's number */
    uint64_t sub_mask;        /* (2^m - 1) << unit_magnitude */
    uint64_t *counts;         /* counts[counts_length] */
    size_t counts_length;

    uint64_t total_count; /* everything recorded, the values above the highest included */
    uint64_t above_count; /* of those, how many exceeded `highest` */
    uint64_t min, max;    /* exact; of all recorded, above included; min = UINT64_MAX when empty */
    double sum;           /* of all recorded values, for the exact mean */
};

/* 0, -EINVAL for an impossible layout (lowest 0, highest < 2 * lowest, highest > 2^53 - 1, digits
 * outside 1..5, lowest * 2 * 10^digits beyond 62 bits) or -ENOMEM. Release with
 * histogram_release(). */
int histogram_init(struct histogram *histogram, uint64_t lowest, uint64_t highest,
                   unsigned digits) MUST_CHECK;
/* histogram_init() with the suite's own layout. */
int histogram_init_latency(struct histogram *histogram) MUST_CHECK;
void histogram_release(struct histogram *histogram);
/* Forgets what was recorded, keeps the memory. */
void histogram_clear(struct histogram *histogram);

/* The counter a value of at most `highest` belongs to. */
static inline size_t histogram_index(const struct histogram *histogram, uint64_t value)
{
    unsigned bucket = 64u - (unsigned)__builtin_clzll(value | histogram->sub_mask) -
                      histogram->unit_magnitude - histogram->sub_magnitude;
    uint64_t sub = value >> (bucket + histogram->unit_magnitude);

    return ((size_t)bucket << (histogram->sub_magnitude - 1)) + (size_t)sub;
}

/* Records `value` once. The hot path: a few instructions and one counter. */
static inline void histogram_record(struct histogram *histogram, uint64_t value)
{
    if (value <= histogram->highest)
        histogram->counts[histogram_index(histogram, value)]++;
    else
        histogram->above_count++;
    histogram->total_count++;
    histogram->sum += (double)value;
    if (value > histogram->max)
        histogram->max = value;
    if (value < histogram->min)
        histogram->min = value;
}

/* Records `value` `count` times. */
void histogram_record_many(struct histogram *histogram, uint64_t value, uint64_t count);

/* Adds everything `from` holds to `into`: exact when the layouts are the same; -EINVAL, and nothing
 * changed, when they are not. */
int histogram_merge(struct histogram *into, const struct histogram *from) MUST_CHECK;

/* The counters that can be in use, first to last; false: none is. */
bool histogram_span(const struct histogram *histogram, size_t *first, size_t *last);

bool histogram_same_layout(const struct histogram *a, const struct histogram *b);

/* The smallest and largest value that share the counter `index`, and the one that stands for them
 * in sums (rounded up, as HdrHistogram does). */
uint64_t histogram_index_lowest(const struct histogram *histogram, size_t index);
uint64_t histogram_index_middle(const struct histogram *histogram, size_t index);
uint64_t histogram_index_highest(const struct histogram *histogram, size_t index);

/* The value at rank `rank`, 1 = the smallest … total_count: the highest value equivalent to the one
 * recorded, but never more than `max`. UINT64_MAX when the rank falls among the values above
 * `highest` (say ">highest", never a number), 0 when the histogram is empty. */
uint64_t histogram_value_at_rank(const struct histogram *histogram, uint64_t rank);

/* The value below or at which the fraction `quantile` (0..1) of the recorded values lies: the value
 * at rank ceil(quantile * total_count), at least 1, where 0.07 of 100 is rank 7 whatever binary
 * makes of 0.07. Results as histogram_value_at_rank(). */
uint64_t histogram_quantile(const struct histogram *histogram, double quantile);

/* Exact mean of what was recorded, and the standard deviation by the counters' middle values, those
 * above `highest` left out; 0 when empty. */
double histogram_mean(const struct histogram *histogram);
double histogram_standard_deviation(const struct histogram *histogram);

/* How many recorded values are at most `value`, to the resolution of a counter. */
uint64_t histogram_count_at_or_below(const struct histogram *histogram, uint64_t value);

#endif
