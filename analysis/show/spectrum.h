/* SPDX-License-Identifier: MIT */
/*
 * spectrum.h: the distribution of a latency as a curve of characters.
 *
 * To the right go the percentiles, each nine as wide as the last (log of 1 / (1 - p)), upwards the
 * latency (log too). The curve ends where the sample does not carry a further percentile, or where
 * requests begin that lasted longer than what is recorded. A character is two dots wide and four
 * high (Braille patterns).
 */
#ifndef MUELLE_ANALYSIS_SHOW_SPECTRUM_H
#define MUELLE_ANALYSIS_SHOW_SPECTRUM_H

#include <stdio.h>

#include "analysis/latency.h"
#include "common/compiler.h"

enum { SPECTRUM_COLUMNS_MAX = 120, SPECTRUM_ROWS_MAX = 40 };

/* Draws `latency` on `columns` x `rows` characters, the axes not counted. An empty one, or one that
 * does not even carry its median, is a sentence instead. 0 or -errno of the histogram; errors of
 * the stream are the caller's. */
int spectrum_write(FILE *out, const struct latency *latency, size_t columns,
                   size_t rows) MUST_CHECK;

#endif
