/* SPDX-License-Identifier: MIT */
/*
 * two_samples.h: two things measured in sessions of their own: how much do they differ?
 *
 * Without blocks there is nothing to pair, and whatever changed between the sessions counts as a
 * difference of the things: no test can tell them apart. What these tests do say is whether the
 * trials of the one session could as well be those of the other. Nothing is assumed of the
 * distributions but, for the shift and its interval, that they differ in their level only.
 */
#ifndef MUELLE_ANALYSIS_STATISTICS_TWO_SAMPLES_H
#define MUELLE_ANALYSIS_STATISTICS_TWO_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/compiler.h"

enum {
    /* p and the interval are counted out while both samples have at most so many values (a
     * millisecond); above, the normal distribution is as good. */
    TWO_SAMPLES_EXACT_MAX = 25,
    TWO_SAMPLES_MAX = 2000, /* the differences of all pairs take 32 MB */
};

/* Of the pairs (x, y), x from the first sample and y from the second. */
struct two_samples {
    double u; /* Mann and Whitney's: pairs with x > y, those with x = y by half */
    double p; /* two-sided: of a U as far from the middle */
    bool p_is_exact;
    double delta;                 /* Cliff's: P(x > y) - P(x < y), -1 … 1; 2 U / (m n) - 1 */
    double delta_low, delta_high; /* about 95 %; -1 … 1 when a sample has one value */
    double shift;                 /* Hodges and Lehmann's: median of x - y, in their unit */
    double shift_low, shift_high; /* or with a coverage of 0 the range of x - y */
    double shift_coverage;        /* that of the interval; exact when p is */
    double deviation;             /* pooled standard deviation within the samples */
};

/* The samples, in any order, m and n values.
 *
 * p: up to TWO_SAMPLES_EXACT_MAX the share of all ways to choose m of the m + n values whose rank
 * sum is as far from its mean, equal values sharing their mean rank (exact given the ties; without
 * ties it is the p of the tables). Above, normal with variance m n / 12 (N + 1 - sum (t^3 - t) / (N
 * (N - 1))), N = m + n, t the sizes of the groups of ties, and a continuity correction of 1/2.
 * Shift: median of the m n differences; interval from the k-th smallest to the k-th largest of
 * them, k the largest with P(U <= k - 1) <= 0.025 for samples without ties. Source: Hollander,
 * Wolfe and Chicken, "Nonparametric Statistical Methods", 3rd ed. (2014), sections 4.1 to 4.3.
 *
 * Delta: variance (n^2 sum (d_i. - d)^2 + m^2 sum (d_.j - d)^2 - sum (d_ij - d)^2) / (m n (m - 1)
 * (n
 * - 1)), at least (1 - d^2) / (m n - 1): Cliff, "Dominance statistics", Psychological Bulletin 114
 * (1993). Interval (d - d^3 -+ t s sqrt((1 - d^2)^2 + t^2 s^2)) / (1 - d^2 + t^2 s^2) with
 * Student's t of m + n - 2 degrees of freedom: Feng and Cliff, "Monte Carlo evaluation of ordinal d
 * with improved confidence interval", Journal of Modern Applied Statistical Methods 3 (2004). When
 * d is 1 or -1, s is 0 and that says nothing: the interval then ends at the bound for 0 failures in
 * b = min(m, n), (b - t^2) / (b + t^2).
 *
 * 0, -EINVAL for an empty sample or a value that is not finite, -E2BIG past TWO_SAMPLES_MAX, or
 * -ENOMEM. */
int two_samples_compare(const double *first, size_t first_count, const double *second,
                        size_t second_count, struct two_samples *out) MUST_CHECK;

#endif
