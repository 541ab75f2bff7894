/* SPDX-License-Identifier: MIT */
/*
 * number.h: numbers as they stand in the report: with a unit that suits their size, thousands
 * separated by commas, never more digits than were measured.
 */
#ifndef MUELLE_ANALYSIS_NUMBER_H
#define MUELLE_ANALYSIS_NUMBER_H

#include <stdint.h>

#include "analysis/statistics/estimate.h"

enum unit {
    UNIT_RATE,     /* a second: "21,438" */
    UNIT_DURATION, /* nanoseconds: "46.1 µs" */
    UNIT_MEMORY,   /* bytes: "12.3 MiB" */
    UNIT_COUNT,    /* "10,000" */
    UNIT_RATIO,    /* of two counts: "1.02" */
    UNIT_SHARE,    /* of a whole, 0 to 1: "42 %" */
};

enum { NUMBER_TEXT_SIZE = 96 }; /* places every `text` below has */

/* All return `text`. Values that are not finite are written "—". */
char *number_text(enum unit unit, double value, char *text);
/* With no more digits than the number has, for ticks and levels: "50 µs", "64 MiB", "20,000". */
char *number_short_text(enum unit unit, double value, char *text);
/* "45.1–47.3 µs": the unit once where both have the same. */
char *number_range_text(enum unit unit, const struct estimate *estimate, char *text);
/* The median, ">5.00 s" when it is a bound from below. */
char *number_median_text(enum unit unit, const struct estimate *estimate, char *text);
/* 3 → "3", 10000 → "10,000". */
char *number_count_text(uint64_t count, char *text);

#endif
