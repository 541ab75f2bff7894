/* SPDX-License-Identifier: MIT */
/*
 * histogram_log.h: histograms over time as HdrHistogram's log (.hlog, format version 1.3).
 *
 * A few comments and a legend, then one line an interval: when it began, how long it was, its
 * largest value, and the whole histogram as histogram_codec.h encodes it. A tag tells several
 * series of one file apart. Intervals merge exactly into the histogram of the whole.
 *
 * Times of intervals are written relative to the start, and the header says so twice: readers that
 * know BaseTime add it, those that guess from StartTime see times far before it and add that, and
 * those that do neither show seconds since the start, as a person would.
 *
 * Deliberately not here: reading a log, values above the histogram's highest (the encoding has no
 * place for them; the maximum still tells), thread safety.
 */
#ifndef MUELLE_COMMON_HISTOGRAM_LOG_H
#define MUELLE_COMMON_HISTOGRAM_LOG_H

#include <stdio.h>

#include "common/compiler.h"
#include "common/histogram.h"

/* The header: `comment` (NULL: none) in one line of at most 120 characters, line breaks made
 * blanks, as readers with a fixed buffer need it; `start_epoch_s` are seconds since 1970, UTC, as
 * every wall clock has long passed a year by then. Flushes. 0 or -errno of the stream. */
int histogram_log_begin(FILE *out, double start_epoch_s, const char *comment) MUST_CHECK;

/* One interval: `start_s` seconds after the log's start, `length_s` long. Write those of one tag in
 * order of time. In `tag` (NULL: none) letters, digits and any of - . : * ( ) + / = @ % stay; every
 * other byte becomes '_', because readers end a field at a comma or a blank. The maximum is divided
 * by `max_unit` (1e6: ns shown as ms); the histogram itself stays as recorded. Flushes, so that a
 * log can be followed. 0, -errno of the stream, or an error of histogram_encode(). */
int histogram_log_interval(FILE *out, const char *tag, double start_s, double length_s,
                           const struct histogram *histogram, double max_unit) MUST_CHECK;

#endif
