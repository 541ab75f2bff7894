/* SPDX-License-Identifier: MIT */
/*
 * histogram.c: everything but the recording, which is inline.
 *
 * With m = sub_magnitude, bucket 0 has 2^m counters of width 2^unit, every later one half as many,
 * each twice as wide, since the lower half of its range belongs to the bucket before:
 *
 *     bucket 0   [0 … 2^m)            width 1    counters 0 … 2^m - 1
 *     bucket 1   [2^m … 2^(m+1))      width 2    counters 2^m … 3 * 2^(m-1) - 1
 *     bucket b   [2^(m+b-1) … )       width 2^b  2^(m-1) counters        (all * 2^unit)
 */
#include "common/histogram.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Up to here a double holds every integer, and JavaScript readers have nothing else. */
static const uint64_t highest_max = (UINT64_C(1) << 53) - 1;

enum {
    DIGITS_MAX = 5,
    /* Bits of the first bucket's values; HdrHistogram's own limit, which keeps them in int64_t. */
    FIRST_BUCKET_BITS_MAX = 62,
};

static unsigned sub_magnitude_of(unsigned digits)
{
    uint64_t told_apart = 2;
    unsigned magnitude = 0;

    while (digits-- > 0)
        told_apart *= 10;
    while (UINT64_C(1) << magnitude < told_apart)
        magnitude++;
    return magnitude;
}

int histogram_init(struct histogram *histogram, uint64_t lowest, uint64_t highest, unsigned digits)
{
    *histogram = (struct histogram){.lowest = lowest, .highest = highest, .digits = digits};
    if (lowest == 0 || highest > highest_max || highest / 2 < lowest || digits < 1 ||
        digits > DIGITS_MAX)
        return -EINVAL;
    histogram->unit_magnitude = 63U - (unsigned)__builtin_clzll(lowest);
    histogram->sub_magnitude = sub_magnitude_of(digits);
    if (histogram->unit_magnitude + histogram->sub_magnitude > FIRST_BUCKET_BITS_MAX)
        return -EINVAL;
    histogram->sub_mask = ((UINT64_C(1) << histogram->sub_magnitude) - 1)
                          << histogram->unit_magnitude;

    size_t bucket_count = 1;
    for (uint64_t end = histogram->sub_mask + 1; end <= highest; end *= 2)
        bucket_count++;
    histogram->counts_length = (bucket_count + 1) << (histogram->sub_magnitude - 1);
    histogram->counts = calloc(histogram->counts_length, sizeof *histogram->counts);
    if (!histogram->counts)
        return -ENOMEM;
    histogram->min = UINT64_MAX;
    return 0;
}

int histogram_init_latency(struct histogram *histogram)
{
    return histogram_init(histogram, HISTOGRAM_LOWEST_NS, HISTOGRAM_HIGHEST_NS, HISTOGRAM_DIGITS);
}

void histogram_release(struct histogram *histogram)
{
    free(histogram->counts);
    *histogram = (struct histogram){0};
}

bool histogram_span(const struct histogram *histogram, size_t *first, size_t *last)
{
    uint64_t max = histogram->max < histogram->highest ? histogram->max : histogram->highest;

    if (histogram->total_count == histogram->above_count)
        return false;
    *first = histogram_index(histogram, histogram->min);
    *last = histogram_index(histogram, max);
    return true;
}

void histogram_clear(struct histogram *histogram)
{
    size_t first, last;

    if (histogram_span(histogram, &first, &last))
        memset(histogram->counts + first, 0, (last - first + 1) * sizeof *histogram->counts);
    histogram->total_count = 0;
    histogram->above_count = 0;
    histogram->min = UINT64_MAX;
    histogram->max = 0;
    histogram->sum = 0;
}

void histogram_record_many(struct histogram *histogram, uint64_t value, uint64_t count)
{
    if (count == 0)
        return;
    if (value <= histogram->highest)
        histogram->counts[histogram_index(histogram, value)] += count;
    else
        histogram->above_count += count;
    histogram->total_count += count;
    histogram->sum += (double)value * (double)count;
    if (value > histogram->max)
        histogram->max = value;
    if (value < histogram->min)
        histogram->min = value;
}

bool histogram_same_layout(const struct histogram *a, const struct histogram *b)
{
    return a->lowest == b->lowest && a->highest == b->highest && a->digits == b->digits;
}

int histogram_merge(struct histogram *into, const struct histogram *from)
{
    size_t first, last;

    if (!histogram_same_layout(into, from))
        return -EINVAL;
    if (histogram_span(from, &first, &last)) {
        for (size_t i = first; i <= last; i++)
            into->counts[i] += from->counts[i];
    }
    into->total_count += from->total_count;
    into->above_count += from->above_count;
    into->sum += from->sum;
    if (from->max > into->max)
        into->max = from->max;
    if (from->min < into->min)
        into->min = from->min;
    return 0;
}

static unsigned index_bucket(const struct histogram *histogram, size_t index)
{
    size_t half_bucket = index >> (histogram->sub_magnitude - 1);

    return half_bucket == 0 ? 0 : (unsigned)half_bucket - 1;
}

uint64_t histogram_index_lowest(const struct histogram *histogram, size_t index)
{
    unsigned bucket = index_bucket(histogram, index);
    uint64_t sub = index - ((size_t)bucket << (histogram->sub_magnitude - 1));

    return sub << (bucket + histogram->unit_magnitude);
}

static uint64_t index_width(const struct histogram *histogram, size_t index)
{
    return UINT64_C(1) << (index_bucket(histogram, index) + histogram->unit_magnitude);
}

uint64_t histogram_index_middle(const struct histogram *histogram, size_t index)
{
    return histogram_index_lowest(histogram, index) + index_width(histogram, index) / 2;
}

uint64_t histogram_index_highest(const struct histogram *histogram, size_t index)
{
    return histogram_index_lowest(histogram, index) + index_width(histogram, index) - 1;
}

uint64_t histogram_value_at_rank(const struct histogram *histogram, uint64_t rank)
{
    if (histogram->total_count == 0)
        return 0;
    if (rank < 1)
        rank = 1;
    if (rank > histogram->total_count)
        rank = histogram->total_count;
    if (rank > histogram->total_count - histogram->above_count)
        return UINT64_MAX;

    size_t index = 0;
    uint64_t seen = histogram->counts[0];
    while (seen < rank && index + 1 < histogram->counts_length)
        seen += histogram->counts[++index];
    uint64_t value = histogram_index_highest(histogram, index);
    return value < histogram->max ? value : histogram->max;
}

uint64_t histogram_quantile(const struct histogram *histogram, double quantile)
{
    if (quantile >= 1)
        return histogram_value_at_rank(histogram, histogram->total_count);
    /* 0.07 * 100 is a little more than 7 in binary, and ceil() would make it rank 8: take off what
     * rounding may have added. It is less than a rank for any count below 10^15. */
    double rank = ceil(quantile * (1 - 4 * DBL_EPSILON) * (double)histogram->total_count);
    return histogram_value_at_rank(histogram, rank >= 1 ? (uint64_t)rank : 1);
}

double histogram_mean(const struct histogram *histogram)
{
    return histogram->total_count == 0 ? 0 : histogram->sum / (double)histogram->total_count;
}

double histogram_standard_deviation(const struct histogram *histogram)
{
    uint64_t counted = histogram->total_count - histogram->above_count;
    double sum = 0;
    double squares = 0;

    if (counted == 0)
        return 0;
    for (size_t i = 0; i < histogram->counts_length; i++)
        sum += (double)histogram->counts[i] * (double)histogram_index_middle(histogram, i);
    /* A second pass: the difference of two large sums would lose the digits that matter. */
    double mean = sum / (double)counted;
    for (size_t i = 0; i < histogram->counts_length; i++) {
        double deviation = (double)histogram_index_middle(histogram, i) - mean;

        squares += (double)histogram->counts[i] * deviation * deviation;
    }
    return sqrt(squares / (double)counted);
}

uint64_t histogram_count_at_or_below(const struct histogram *histogram, uint64_t value)
{
    uint64_t count = 0;

    if (value >= histogram->max)
        return histogram->total_count;
    if (value > histogram->highest)
        return histogram->total_count - histogram->above_count;
    size_t last = histogram_index(histogram, value);
    for (size_t i = 0; i <= last; i++)
        count += histogram->counts[i];
    return count;
}
