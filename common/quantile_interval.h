/* SPDX-License-Identifier: MIT */
/*
 * quantile_interval.h: a percentile of a histogram, and how far it can be believed.
 *
 * The interval lies between two order statistics of the sample, so nothing is assumed of the
 * distribution of latency. It would be too short where slow requests come in clumps: a thousand
 * requests behind one stall are one observation, not a thousand. How clumped they are shows in the
 * counts of every second, and the sample is taken for as much smaller.
 *
 * Deliberately not here: intervals over several trials (analysis/statistics/), interpolation.
 */
#ifndef MUELLE_COMMON_QUANTILE_INTERVAL_H
#define MUELLE_COMMON_QUANTILE_INTERVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/histogram.h"

struct quantile_interval {
    uint64_t value_ns; /* as histogram_quantile(): UINT64_MAX when it is above the range */
    /* A 95 % interval. UINT64_MAX: unknown above. */
    uint64_t low_ns, high_ns;
    double effective_count;             /* independent requests the sample is worth */
    bool sufficient;                    /* effective_count >= quantile_needs(quantile) */
    bool low_unbounded, high_unbounded; /* the sample is too small to say how low, how high */
};

/* Independent requests a sample must have before its `quantile` is a number: the smallest n with
 * q^n <= 0.025. With fewer, all of the sample lies below the true quantile more than once in forty.
 * p99: 368, p99.9: 3,688, p99.99: 36,887. 1 for a quantile of 0 or less, UINT64_MAX for 1 or more:
 * no sample holds the largest latency there can be. Source: Hahn, Meeker and Escobar, "Statistical
 * Intervals", 2nd ed. (2017), section 5.2. */
uint64_t quantile_needs(double quantile);

/* How clumped the requests above a quantile are: of second i, `totals[i]` requests were measured
 * and `above[i]` of them took longer. Pearson's dispersion, sum (k_i - n_i p)^2 / (n_i p (1 - p)) /
 * (m - 1) with p = sum k_i / sum n_i over the m seconds that have requests, but at least 1; 1 where
 * nothing can be told: m < 2, or p is 0 or 1. It is itself an estimate: of 10 seconds that are not
 * clumped at all, it exceeds 1.9 once in twenty. Source: McCullagh and Nelder, "Generalized Linear
 * Models", 2nd ed. (1989), section 4.5. */
double quantile_dispersion(const uint64_t *above, const uint64_t *totals, size_t seconds);

/* The `quantile` (0 < q < 1) of `histogram` and its interval: with n = total / max(1, dispersion),
 * the values at the ranks floor(n q - 1.96 sqrt(n q (1 - q))) and ceil(n q + 1.96 sqrt(n q (1 -
 * q)))
 * + 1 of n, which are scaled to ranks of the histogram. Where the lower rank does not exist, low_ns
 * is the smallest value and low_unbounded is set; where the upper does not, high_ns is UINT64_MAX
 * and high_unbounded is set. High in the tail that is so somewhat beyond quantile_needs(): at p99
 * up to 562 requests. Source as quantile_needs(). */
void quantile_interval(const struct histogram *histogram, double quantile, double dispersion,
                       struct quantile_interval *out);

#endif
