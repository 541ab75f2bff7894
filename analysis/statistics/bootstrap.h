/* SPDX-License-Identifier: MIT */
/*
 * bootstrap.h: how far can any number that was computed from trials be believed?
 *
 * Where no distribution of the number is known, the trials stand in for it: as many are drawn from
 * them at random, with replacement, the number is computed again, some thousand times, and its
 * spread is taken for that of the truth. The BCa interval corrects the two ways in which that is
 * known to be wrong: the number's bias, and a spread that depends on its size (acceleration, from
 * leaving out one trial after another).
 *
 * It is an approximation that gets better with more trials: of 10 the interval covers rather 90 %
 * than 95 %. A median, or a ratio by blocks, has an exact interval (estimate.h, paired.h).
 */
#ifndef MUELLE_ANALYSIS_STATISTICS_BOOTSTRAP_H
#define MUELLE_ANALYSIS_STATISTICS_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"

enum {
    BOOTSTRAP_RESAMPLES = 2000
}; /* the ends of a 95 % interval then lie at the ranks 50, 1951 */

struct bootstrap_plan {
    size_t resamples;  /* at least 100 */
    double confidence; /* 0 < c < 1: 0.95 */
    uint64_t seed;     /* the same seed and trials give the same interval */
};

struct bootstrap {
    double value;        /* of the trials themselves */
    double low, high;    /* both `value` when the coverage is 0 */
    double coverage;     /* what was asked for, or 0: no interval */
    double bias;         /* z0, in standard deviations */
    double acceleration; /* a */
    size_t undefined;    /* resamples in which the number did not exist */
};

/* The number of the trials whose indices are trials[0 … count), with repetition; NaN when they have
 * none. An infinite number is one, larger or smaller than all others. */
typedef double bootstrap_statistic(const size_t *trials, size_t count, void *context);

/* Interval of `statistic` over `count` trials, of which the function knows only how many there are.
 * With the resampled numbers in order, the ends lie at the shares Phi(z0 + (z0 + z) / (1 - a (z0 +
 * z))), z = -+1.96 for 95 %, of them; z0 = Phi^-1 (share below the value, equal ones by half), a =
 * sum (m - t_i)^3 / (6 (sum (m - t_i)^2)^1.5) over the numbers t_i without trial i, m their mean.
 * Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), section 14.3.
 *
 * Degenerate cases: fewer than two trials, a value that is NaN, or more than one resample in twenty
 * without a number: no interval. Every resample gives the same number: the interval is that number.
 * No t_i differs, or one is not finite: a = 0. A share below or above the value of 0 counts as half
 * a resample. 1 - a (z0 + z) <= 0: the end is the outermost number.
 *
 * 0, -EINVAL for a plan outside its ranges, or -ENOMEM. */
int bootstrap_interval(bootstrap_statistic *statistic, void *context, size_t count,
                       const struct bootstrap_plan *plan, struct bootstrap *out) MUST_CHECK;

#endif
