/* SPDX-License-Identifier: MIT */
#include "common/series.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

double series_mean(const double *values, size_t count)
{
    return gsl_stats_mean(values, 1, count);
}

double series_variance(const double *values, size_t count)
{
    return count < 2 ? 0 : gsl_stats_variance(values, 1, count);
}

double series_cov(const double *values, size_t count)
{
    double mean = series_mean(values, count);

    return mean == 0 ? 0 : sqrt(series_variance(values, count)) / mean;
}

int series_median(const double *values, size_t count, double *median)
{
    if (count == 0) {
        *median = 0;
        return 0;
    }
    /* The routine puts the values into another order. */
    double *work = malloc(count * sizeof *work);
    if (!work)
        return -ENOMEM;
    memcpy(work, values, count * sizeof *work);
    *median = gsl_stats_median(work, 1, count);
    free(work);
    return 0;
}

int series_mad(const double *values, size_t count, double *mad)
{
    if (count == 0) {
        *mad = 0;
        return 0;
    }
    double *work = malloc(count * sizeof *work);
    if (!work)
        return -ENOMEM;
    *mad = gsl_stats_mad(values, 1, count, work);
    free(work);
    return 0;
}

/* Two-sided p of `rho` among `count` pairs without association. */
static double spearman_p(double rho, size_t count)
{
    double freedom = (double)count - 2;
    double unexplained = 1 - rho * rho;
    double p = 0;

    if (unexplained > 0)
        p = 2 * gsl_cdf_tdist_Q(fabs(rho) * sqrt(freedom / unexplained), freedom);
    /* Only two of the n! orders are as extreme as a perfect one; the approximation says 0 there. */
    return fmin(fmax(p, 2 / tgamma((double)count + 1)), 1);
}

int series_spearman(const double *values, size_t count, struct series_trend *trend)
{
    *trend = (struct series_trend){.rho = 0, .p = 1};
    if (count < SERIES_TREND_MIN)
        return 0;
    double *work = malloc(3 * count * sizeof *work);
    if (!work)
        return -ENOMEM;
    double *times = work + 2 * count;
    for (size_t i = 0; i < count; i++)
        times[i] = (double)i;

    double rho = gsl_stats_spearman(times, 1, values, 1, count, work);
    free(work);
    if (!isfinite(rho))
        return 0; /* all values are equal: no ranks, no trend */
    trend->rho = fmax(fmin(rho, 1), -1);
    trend->p = spearman_p(trend->rho, count);
    return 0;
}

/* Sum over t of the products of deviations `lag` windows apart. */
static double lagged_products(const double *values, size_t count, double mean, size_t lag)
{
    double sum = 0;

    for (size_t t = lag; t < count; t++)
        sum += (values[t] - mean) * (values[t - lag] - mean);
    return sum;
}

double series_kpss(const double *values, size_t count)
{
    double n = (double)count;
    double mean = series_mean(values, count);
    double running = 0;
    double squares = 0;

    if (count < 2)
        return 0;
    for (size_t t = 0; t < count; t++) {
        running += values[t] - mean;
        squares += running * running;
    }

    size_t lags = (size_t)(4 * pow(n / 100, 0.25));
    double long_run = lagged_products(values, count, mean, 0);
    for (size_t lag = 1; lag <= lags && lag < count; lag++) {
        double weight = 1 - (double)lag / ((double)lags + 1);

        long_run += 2 * weight * lagged_products(values, count, mean, lag);
    }
    /* With Bartlett's weights it is 0 when all values are equal, and positive otherwise. */
    return long_run > 0 ? squares / (n * long_run) : 0;
}
