/* SPDX-License-Identifier: MIT */
/*
 * openmetrics.h: measurements as OpenMetrics 1.0 text, which Prometheus and its kin read.
 *
 * A text is a sequence of families: a name, a type, a unit and a line of help, then its samples.
 * The functions append in that order; openmetrics_finish() ends the text. Durations are in seconds,
 * the format's base unit, whatever unit they were recorded in.
 *
 *     openmetrics_family(&metrics, "muelle_response_seconds", OPENMETRICS_HISTOGRAM, "seconds", …);
 *     openmetrics_histogram(&metrics, labels, 1, &histogram, bounds_s, bounds_count);
 *
 * Names, types and units are the program's own words, so that a wrong one is a bug and asserted;
 * values of labels may come from anywhere and are escaped. Deliberately not here: timestamps (the
 * scraper has its own), exemplars, and memory of what was written, so that a family or a set of
 * labels that comes twice is the caller's mistake (tests/openmetrics finds it).
 */
#ifndef MUELLE_LOADGEN_OPENMETRICS_H
#define MUELLE_LOADGEN_OPENMETRICS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/compiler.h"
#include "common/histogram.h"

/* Content-Type of such a text. */
#define OPENMETRICS_CONTENT_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

enum openmetrics_type {
    OPENMETRICS_UNKNOWN,
    OPENMETRICS_GAUGE,
    OPENMETRICS_COUNTER,   /* never decreases; samples end in _total */
    OPENMETRICS_INFO,      /* labels are all it has; samples end in _info and are 1 */
    OPENMETRICS_HISTOGRAM, /* by openmetrics_histogram() */
    OPENMETRICS_SUMMARY,   /* by openmetrics_summary() */
};

/* Values are UTF-8; a byte that is not is written as '?'. */
struct openmetrics_label {
    const char *name, *value;
};

/* Owns `out` and `text`. */
struct openmetrics {
    FILE *out;
    char *text;
    size_t size;
    const char *family; /* the one that is open, as given; outlives its samples */
    enum openmetrics_type type;
};

/* 0 or -ENOMEM. End with openmetrics_finish(). */
int openmetrics_init(struct openmetrics *metrics) MUST_CHECK;

/* Begins a family. `name` is a metric's name ([a-zA-Z_:][a-zA-Z0-9_:]*) that ends in '_' and the
 * unit when there is one, and in none of the suffixes samples get; `unit` may be NULL. `name` must
 * live as long as samples of it are added. */
void openmetrics_family(struct openmetrics *metrics, const char *name, enum openmetrics_type type,
                        const char *unit, const char *help);

/* A sample of a family of type unknown, gauge, counter or info; `labels` may be NULL when
 * `labels_count` is 0. A counter must not be negative or NaN, an info must be 1. The number is
 * written so that reading it gives the same double. */
void openmetrics_sample(struct openmetrics *metrics, const struct openmetrics_label *labels,
                        size_t labels_count, double value);
/* The same with a whole number, to its last digit. */
void openmetrics_sample_integer(struct openmetrics *metrics, const struct openmetrics_label *labels,
                                size_t labels_count, uint64_t value);

/* The samples of a histogram of nanoseconds: how many are at or below each of `bounds_s`, which
 * ascend and are above 0, all of them (+Inf), their sum and count. A bound includes what shares its
 * counter: up to 0.1 % of it with three digits. */
void openmetrics_histogram(struct openmetrics *metrics, const struct openmetrics_label *labels,
                           size_t labels_count, const struct histogram *histogram,
                           const double *bounds_s, size_t bounds_count);

/* The samples of a summary of nanoseconds: each of `quantiles` (0 … 1), the sum and the count. A
 * quantile of nothing is NaN; one among the values above the histogram's highest is +Inf. */
void openmetrics_summary(struct openmetrics *metrics, const struct openmetrics_label *labels,
                         size_t labels_count, const struct histogram *histogram,
                         const double *quantiles, size_t quantiles_count);

/* Ends the text: *text, NUL-terminated, is the caller's to free, *size does not count the NUL. 0 or
 * -ENOMEM, of whichever call above it was. Nothing is left to release either way. */
int openmetrics_finish(struct openmetrics *metrics, char **text, size_t *size) MUST_CHECK;

#endif
