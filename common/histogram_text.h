/* SPDX-License-Identifier: MIT */
/*
 * histogram_text.h: a histogram as the table of percentiles that HdrHistogram's plotters read
 * (.hgrm).
 *
 * One row a percentile: value, percentile as a fraction, how many values are at or below it, and
 * 1 / (1 - percentile), which is the axis such tables are plotted on. The steps halve with each
 * half of the distance to 100 %, so that the tail has as many rows as the rest.
 *
 * Deliberately not here: reading such a table. It is for eyes and plots; what is to be computed
 * with is kept whole by histogram_codec.h.
 */
#ifndef MUELLE_COMMON_HISTOGRAM_TEXT_H
#define MUELLE_COMMON_HISTOGRAM_TEXT_H

#include <stdio.h>

#include "common/compiler.h"
#include "common/histogram.h"

/* What HdrHistogram's own tools write. */
enum { HISTOGRAM_TICKS_PER_HALF = 5 };

/* Writes the table and flushes `out`. Values are divided by `unit` (1e6: recorded in nanoseconds,
 * read in milliseconds) and have as many decimals as the histogram has digits; a value is the
 * highest that shares the counter of the one recorded. Values above the histogram's highest are all
 * shown as the largest of them, which none of them exceeds. The mean is the exact one, the standard
 * deviation that of histogram_standard_deviation(). An empty histogram has no rows.
 * `ticks_per_half` >= 1: the rows for each half of the distance that is left to 100 %. 0 or -errno
 * of the stream. */
int histogram_write_percentiles(FILE *out, const struct histogram *histogram, double unit,
                                unsigned ticks_per_half) MUST_CHECK;

#endif
