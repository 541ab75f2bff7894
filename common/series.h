/* SPDX-License-Identifier: MIT */
/*
 * series.h: what a row of one-second windows says: its level, its spread, and whether it stayed.
 *
 * Two tests ask whether a trial was in a steady state. Spearman's rank correlation with time finds
 * a trend of any monotone shape; KPSS finds a level that wanders. A level that changed at one
 * moment is the subject of series_shift.h.
 *
 * Values are in the order of time and may have any unit. Pure: nothing is kept, and the caller's
 * values are never reordered. What needs working space allocates it and says -ENOMEM. Both tests
 * take the windows for independent when nothing happens; neighbours that resemble each other make
 * them flag more often than they promise.
 */
#ifndef MUELLE_COMMON_SERIES_H
#define MUELLE_COMMON_SERIES_H

#include <stddef.h>

#include "common/compiler.h"

/* With fewer windows than this a trend cannot be told from chance: of 4 values in a row, 2 of the
 * 24 orders are monotone, and 2 / 24 is above 5 %. */
enum { SERIES_TREND_MIN = 5 };

/* KPSS of a stationary level exceeds this once in a hundred trials (Kwiatkowski and others, 1992,
 * table 1). */
#define SERIES_KPSS_LIMIT 0.739

/* Monotone association of the values with time. */
struct series_trend {
    double rho; /* Spearman's, -1 … 1; 0 when all values are equal */
    double p;   /* two-sided; 1 with fewer than SERIES_TREND_MIN values */
};

/* 0 when there are no values. */
double series_mean(const double *values, size_t count);
/* Of the sample, divided by count - 1; 0 with fewer than two values. */
double series_variance(const double *values, size_t count);
/* Coefficient of variation: standard deviation / mean, a fraction; 0 when the mean is 0. */
double series_cov(const double *values, size_t count);

/* Of an even number, the mean of the two in the middle; 0 when there are no values. Returns 0 or
 * -ENOMEM, and then leaves *median alone. */
int series_median(const double *values, size_t count, double *median) MUST_CHECK;
/* Median absolute deviation from the median times 1.4826, so that it estimates the standard
 * deviation of normal values. Returns as series_median(). */
int series_mad(const double *values, size_t count, double *mad) MUST_CHECK;

/* Spearman's rho of value against time, equal values sharing their mean rank, and its p from
 * t = rho sqrt((n - 2) / (1 - rho^2)) with n - 2 degrees of freedom, but never below 2 / n!, the
 * smallest that n ranks allow. Source: Kendall, "Rank Correlation Methods", 4th ed. (1970), section
 * 4.10. O(n log n). 0 or -ENOMEM. */
int series_spearman(const double *values, size_t count, struct series_trend *trend) MUST_CHECK;

/* The KPSS statistic of a stationary level: eta = n^-2 sum S_t^2 / s^2(l), where S_t are the
 * running sums of the deviations from the mean and s^2(l) the Newey-West estimate of the long-run
 * variance with Bartlett weights and the lag l = floor(4 (n / 100)^(1/4)), the rule "l4" of the
 * authors. Above SERIES_KPSS_LIMIT the level was not stationary (1 %). 0 with fewer than two values
 * or when all are equal. Source: Kwiatkowski, Phillips, Schmidt and Shin, Journal of Econometrics
 * 54 (1992), equations 10 and 13. O(n l). */
double series_kpss(const double *values, size_t count);

#endif
