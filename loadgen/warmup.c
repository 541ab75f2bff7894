/* SPDX-License-Identifier: MIT */
#include "loadgen/warmup.h"

#include <math.h>

#include "common/series.h"

/* The calm rule. */
static const double variation_max = 0.02;
static const double calm_growth_max = 0.01;

/* The level rule. A slope known to 0.6 % takes 7 windows of 3 % noise and 10 of 5 %. Throughput may
 * fall twice as fast as it may grow: what is looked for is the end of a growth. */
static const double level_growth_max = 0.006;
static const double level_fall_max = 0.012;
static const double growth_error_max = 0.006;

enum {
    LEVEL_WINDOWS_MIN = 6,
    NOISE_WINDOWS = 12, /* the noise is that of the last windows: the first may have been wild */
};

void warmup_init(struct warmup *warmup, bool arrivals_are_random)
{
    *warmup = (struct warmup){.arrivals_are_random = arrivals_are_random, .state = WARMUP_GOING_ON};
}

/* Least-squares slope over `count` windows, as a fraction of their mean a window. */
static double growth_of(const double *counts, unsigned count, double mean)
{
    double products = 0;
    double squares = 0;

    for (unsigned i = 0; i < count; i++) {
        double time = i - (count - 1) / 2.0;

        products += time * counts[i];
        squares += time * time;
    }
    return products / squares / mean;
}

/* Standard error of that slope: noise / sqrt(sum of squared times), which is n (n^2 - 1) / 12. */
static double growth_error(double noise, unsigned count)
{
    double n = count;

    return noise / sqrt(n * (n * n - 1) / 12);
}

/* Standard deviation from the differences of neighbours, which a trend hardly changes (von Neumann,
 * Annals of Mathematical Statistics 12(4), 1941); a fraction of the mean. */
static double noise_of(const double *counts, unsigned count, double mean)
{
    double squares = 0;

    for (unsigned i = 1; i < count; i++)
        squares += (counts[i] - counts[i - 1]) * (counts[i] - counts[i - 1]);
    return sqrt(squares / 2 / (count - 1)) / mean;
}

static bool is_calm(struct warmup *warmup)
{
    const double *last = warmup->counts + warmup->windows - WARMUP_WINDOWS_MIN;
    double counting = 0;

    warmup->variation = series_cov(last, WARMUP_WINDOWS_MIN);
    if (warmup->arrivals_are_random)
        counting = 1 / sqrt(warmup->level);
    warmup->variation_limit = fmax(variation_max, 2 * counting);
    if (warmup->variation > warmup->variation_limit)
        return false;

    double growth = growth_of(last, WARMUP_WINDOWS_MIN, warmup->level);
    double error =
        growth_error(noise_of(last, WARMUP_WINDOWS_MIN, warmup->level), WARMUP_WINDOWS_MIN);
    /* Counting noise beyond that of the 2 % makes a slope by itself: once for the slope found,
     * twice for the error that is added to it. */
    double excess = warmup->variation_limit / 2 - variation_max / 2;

    return fabs(growth) + 2 * error <=
           calm_growth_max + 3 * growth_error(excess, WARMUP_WINDOWS_MIN);
}

static bool is_level(struct warmup *warmup)
{
    unsigned windows = warmup->windows;
    unsigned noise_windows = windows < NOISE_WINDOWS ? windows : NOISE_WINDOWS;
    const double *last = warmup->counts + windows - noise_windows;
    /* More than the later half: of a slow ramp ever more is seen, and a start is left behind. */
    unsigned back = (unsigned)ceil(0.55 * windows);

    warmup->noise = noise_of(last, noise_windows, series_mean(last, noise_windows));
    if (back < LEVEL_WINDOWS_MIN)
        back = LEVEL_WINDOWS_MIN;
    while (back < windows && growth_error(warmup->noise, back) > growth_error_max)
        back++;
    if (back > windows)
        back = windows;
    const double *part = warmup->counts + windows - back;
    warmup->looked_back = back;
    warmup->growth = growth_of(part, back, series_mean(part, back));
    return back >= LEVEL_WINDOWS_MIN && growth_error(warmup->noise, back) <= growth_error_max &&
           warmup->growth <= level_growth_max && warmup->growth >= -level_fall_max;
}

enum warmup_state warmup_add(struct warmup *warmup, double replies_in_window)
{
    if (warmup->state != WARMUP_GOING_ON)
        return warmup->state;
    warmup->counts[warmup->windows++] = replies_in_window;
    if (warmup->windows >= WARMUP_WINDOWS_MIN) {
        warmup->level =
            series_mean(warmup->counts + warmup->windows - WARMUP_WINDOWS_MIN, WARMUP_WINDOWS_MIN);
        /* Five windows without a reply are no steady state, and no slope can be a part of them. */
        if (warmup->level > 0) {
            bool level = is_level(warmup);

            if (is_calm(warmup) || level)
                warmup->state = WARMUP_OVER;
        }
    }
    if (warmup->state == WARMUP_GOING_ON && warmup->windows == WARMUP_WINDOWS_MAX)
        warmup->state = WARMUP_NEVER;
    return warmup->state;
}

bool warmup_ended_below(const struct warmup *warmup, double median, double mad)
{
    return warmup->state == WARMUP_OVER &&
           median - warmup->level > fmax(3 * mad, variation_max * median);
}
