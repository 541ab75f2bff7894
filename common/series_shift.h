/* SPDX-License-Identifier: MIT */
/*
 * series_shift.h: did the level of a row of windows change at some moment, and when?
 *
 * E-divisive (Matteson and James, "A nonparametric approach for multiple change point analysis of
 * multivariate data", Journal of the American Statistical Association 109, 2014): the best cut of a
 * row in two is where the energy distance between the two parts, weighted by their sizes, is
 * largest; it counts when few random orders of the same values can be cut as well; then the parts
 * are looked at in the same way. Nothing is assumed of the distribution.
 *
 * Simpler than the paper in one respect: to find a dip as well as a step, the paper lets the right
 * part end anywhere before the end of its segment; here it ends at a quarter, at half, at three
 * quarters or at the end, which is much faster. The order under the null hypothesis is taken to be
 * exchangeable: windows that resemble their neighbours yield shifts by chance, so look at the size
 * of a shift too.
 */
#ifndef MUELLE_COMMON_SERIES_SHIFT_H
#define MUELLE_COMMON_SERIES_SHIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"

enum {
    /* A part has at least as many windows: three have a median that one of them cannot move. */
    SERIES_SHIFT_PART_MIN = 3,
    /* Above so many windows, neighbours are put together by their mean, in equal numbers. */
    SERIES_SHIFT_POINTS_MAX = 500,
    /* No more cuts are looked for; the strongest come first. */
    SERIES_SHIFT_CUTS_MAX = 5,
};

struct series_shift {
    bool found;           /* false: the rest is 0, but p */
    size_t at;            /* index of the first window of the new level */
    double before_median; /* of the windows between the cut before and this one */
    double after_median;  /* of those between this one and the cut after */
    double p;             /* of this cut; when none was found, of the best there was, or 1 */
};

/* Finds all cuts with p <= 0.05 and reports the one with the largest absolute difference between
 * the medians of its sides. The same values and `seed` give the same result. With fewer than 2 *
 * SERIES_SHIFT_PART_MIN values nothing is found. At most SERIES_SHIFT_CUTS_MAX times 199 random
 * orders of O(n log n) each: some 10 ms a cut at SERIES_SHIFT_POINTS_MAX. 0 or -ENOMEM. */
int series_shift_find(const double *values, size_t count, uint64_t seed,
                      struct series_shift *shift) MUST_CHECK;

#endif
