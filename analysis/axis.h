/* SPDX-License-Identifier: MIT */
/*
 * axis.h: the range of an axis and its ticks, at round numbers with readable labels.
 *
 * Computed here and not by gnuplot, so that a tick says "20,000" or "50 µs" and the rules can be
 * tested. Pure.
 */
#ifndef MUELLE_ANALYSIS_AXIS_H
#define MUELLE_ANALYSIS_AXIS_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/level.h"

enum { AXIS_TICKS_MAX = 64 };

struct tick {
    double at;
    char text[NUMBER_TEXT_SIZE];        /* "" where the label would touch its neighbour */
    char text_narrow[NUMBER_TEXT_SIZE]; /* the same in the narrow drawing */
};

struct axis {
    bool is_log;
    double low, high;
    struct tick ticks[AXIS_TICKS_MAX];
    size_t tick_count;
};

/* From 0 to a round number at or above `high`. */
struct axis axis_linear(enum unit unit, double high);

/* Around low...high (0 < low <= high), at least a factor of 4 wide. Ticks at 1, 2 and 5 times
 * powers of ten, at powers of ten alone on a wide axis; for memory at powers of two. */
struct axis axis_log(enum unit unit, double low, double high);

/* Around low...high and 1, logarithmic: half as much is as far from 1 as twice as much. */
struct axis axis_ratio(double low, double high);

/* A tick at each level, at `places` (levels_place()), labelled as far as there is room. */
struct axis axis_levels(const struct level *levels, const double *places, size_t count);

/* Blanks labels that would come closer to their neighbour than a share of the axis, `wide` and
 * `narrow` in the two drawings; the first and the last stay. */
void axis_thin(struct axis *axis, double wide, double narrow);

/* Percentiles at 1 / (1 - p): 0 %, 50 %, 90 %, 99 % ... up to `high`. */
struct axis axis_percentiles(double high);

#endif
