/* SPDX-License-Identifier: MIT */
/*
 * paired.h: two things measured in the same blocks: how much do they differ, and is it chance?
 *
 * Each block gives one log ratio, in which everything the block did to both has cancelled. They are
 * taken to be independent and symmetric about the effect (a difference of two noises of the same
 * kind is symmetric whatever the noise is), but not to be normal, and one block that went wrong has
 * no more weight than its rank. Effect, interval and p belong to the same test, Wilcoxon's signed
 * ranks: without ties, p > 1 - coverage exactly where the interval contains 0.
 *
 * Nothing here is simulated: p is the share among all 2^n ways to flip the signs, counted
 * (rank_sums.h) for every n up to PAIRED_EXACT_MAX. Counting takes time in proportion to n^3, so of
 * more blocks the normal distribution stands for it, with the variance that the ranks at hand have.
 */
#ifndef MUELLE_ANALYSIS_STATISTICS_PAIRED_H
#define MUELLE_ANALYSIS_STATISTICS_PAIRED_H

#include <stddef.h>

#include "common/compiler.h"

enum {
    /* p and the interval are counted out up to so many blocks: some milliseconds. Beyond, the
     * normal distribution makes a p of 1 % larger by a fiftieth of itself, at most: the safe side.
     */
    PAIRED_EXACT_MAX = 200,
    PAIRED_MAX = 2000, /* more blocks than anyone runs; their averages take 16 MB */
};

/* All but `count`, `coverage` and `p` in the unit of the differences: logarithms of ratios. */
struct paired {
    size_t count;
    double median;    /* Hodges and Lehmann's: of the means of all pairs of differences */
    double low, high; /* the interval, or with a coverage of 0 the range of the differences */
    double coverage;  /* probability that low … high covers the effect; 0 below 6 blocks */
    double p;         /* two-sided */
    double deviation; /* standard deviation of the differences; 0 with one block */
};

/* Of `count` differences in any order. The estimate is the median of the n (n + 1) / 2 Walsh
 * averages (d_i + d_j) / 2, i <= j; the interval lies between the k-th smallest and the k-th
 * largest of them, k the largest with P(T+ <= k - 1) <= 0.025 (n = 6: 1, coverage 0.969; n = 10: 9,
 * 0.951; n = 20: 53, 0.952). Source: Hollander, Wolfe and Chicken, "Nonparametric Statistical
 * Methods", 3rd ed. (2014), sections 3.2 and 3.3.
 *
 * Above PAIRED_EXACT_MAX k is the largest with a normal P(T+ <= k - 1/2) <= 0.025, and `coverage`
 * that probability's: section 3.1 there.
 *
 * p is exact (with more than PAIRED_EXACT_MAX signs normal, with a correction for continuity) given
 * the absolute differences, with ties and zeros: they are ranked together, equal ones share their
 * mean rank, and a 0 keeps its rank but has no sign to flip. Source: Pratt, "Remarks on zeros and
 * ties in the Wilcoxon signed rank procedures", JASA 54 (1959).
 *
 * 0, -EINVAL without differences or for one that is not finite, -E2BIG past PAIRED_MAX, or -ENOMEM.
 */
int paired_compare(const double *log_ratios, size_t count, struct paired *out) MUST_CHECK;

#endif
