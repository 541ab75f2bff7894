/* SPDX-License-Identifier: MIT */
/*
 * rank_sums.h: how rank sums are distributed when there is no difference, by counting.
 *
 * A rank test asks how many of the equally likely outcomes are as extreme as the one observed:
 * every way to give n differences a sign (Wilcoxon's signed ranks), every way to choose which of N
 * values belong to the first sample (Mann and Whitney). There are 2^n or N over m of them, but only
 * some n^2 different sums, so counting the ways to reach each sum is exact and quick where
 * enumerating the outcomes is neither. Tied values share their mean rank; ranks are kept doubled,
 * so that they are whole numbers.
 *
 * Source: Hollander, Wolfe and Chicken, "Nonparametric Statistical Methods", 3rd ed. (2014),
 * sections 3.1 and 4.1; the recursion is that of a generating function, sum by sum.
 */
#ifndef MUELLE_ANALYSIS_STATISTICS_RANK_SUMS_H
#define MUELLE_ANALYSIS_STATISTICS_RANK_SUMS_H

#include <stddef.h>

/* What a two-sided interval of 95 % leaves on each side. */
#define RANK_SUMS_TAIL 0.025

/* ranks[i] = twice the mid-rank of values[i], 2 … 2 count. `order` is working space of `count`. */
void rank_sums_ranks(const double *values, size_t count, size_t *order, size_t *ranks);

/* probability[s] of the sum s when each of the `count` scores is in the sum or not like a coin
 * falls; `probability` has one place more than the sum of all scores. O(count * sum). */
void rank_sums_of_any(const size_t *scores, size_t count, double *probability);

/* probability[s] of the sum s of `chosen` of the scores, every choice equally likely; chosen <=
 * count. `probability` has (chosen + 1) rows of one place more than the sum of all scores: what is
 * asked for is in the first row, the others are working space. O(count * chosen * sum). */
void rank_sums_of_chosen(const size_t *scores, size_t count, size_t chosen, double *probability);

/* probability[u], u = 0 … m n, that of m + n different values in random order, u pairs have the one
 * of the first m behind that of the other n: Mann and Whitney's U without ties. m + n <= 50, so
 * that all counts are whole. The counts are the coefficients of the Gaussian binomial (m + n over
 * m), which is the product of (1 - q^(n + i)) / (1 - q^i) for i = 1 … m: Mann and Whitney, Annals
 * of Mathematical Statistics 18 (1947), as a generating function. O(m^2 n). */
void rank_sums_of_pairs(size_t m, size_t n, double *probability);

/* Largest k with P(sum <= k - 1) <= RANK_SUMS_TAIL, or 0 when even the smallest sum is likelier.
 * *coverage = 1 - 2 P(sum <= k - 1): that of the interval from the k-th smallest to the k-th
 * largest average or difference that belongs to the test; 0 when k is 0. */
size_t rank_sums_interval(const double *probability, size_t size, double *coverage);

#endif
