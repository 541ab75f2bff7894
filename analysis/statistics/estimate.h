/* SPDX-License-Identifier: MIT */
/*
 * estimate.h: from the values of a few trials to one number and how far it can be believed.
 *
 * A trial is the unit: its percentile or throughput is ONE observation. Observations are summed up
 * by their median and an interval. Nothing here assumes a normal distribution, and nothing averages
 * percentiles. Pure: no I/O, no state.
 */
#ifndef MUELLE_ANALYSIS_STATISTICS_ESTIMATE_H
#define MUELLE_ANALYSIS_STATISTICS_ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>

/* Fewer trials than this have no 95 % interval of their median: the widest there is, min...max,
 * covers it with 1 - 2 / 2^n, which reaches 0.95 at n = 6 (0.969; n = 5 gives 0.9375). */
enum { TRIALS_TO_INFER = 6 };

/* Value of one trial. `at_least`: the truth is this or more (requests that timed out). */
struct observation {
    double value;
    bool at_least;
};

/* Median and interval of some observations. */
struct estimate {
    size_t count; /* observations; 0: everything below is meaningless */
    double median, low, high;
    bool low_at_least, median_at_least, high_at_least; /* bounds from below: write them ">5.00 s" */
    double coverage; /* probability that low...high covers the median; 0: low...high is the range */
};

/* Orders `observations` by value and sums them up. With TRIALS_TO_INFER or more, the
 * order-statistic interval of median_ranks(); below, the range. A value known only as a bound makes
 * those results bounds whose rank it could change. */
struct estimate estimate_of(struct observation *observations, size_t count);

/* Ranks (1-based) of the shortest symmetric pair of order statistics that covers the median with at
 * least 95 %: low is the largest l with P(Binomial(n, 1/2) <= l - 1) <= 0.025, high = n + 1 - low.
 * Returns the exact coverage 1 - 2 P(Binomial(n, 1/2) <= low - 1), or 0 and the ranks 1 and n when
 * no pair reaches it. Source: Hahn, Meeker and Escobar, "Statistical Intervals", 2nd ed. (2017),
 * section 5.2: distribution-free intervals for a quantile. */
double median_ranks(size_t count, size_t *low, size_t *high);

/* The largest quantile that `count` independent requests carry: the inverse of quantile_needs()
 * (common/quantile_interval.h). */
double quantile_carried(double count);

#endif
