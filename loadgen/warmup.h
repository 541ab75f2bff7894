/* SPDX-License-Identifier: MIT */
/*
 * warmup.h: has the throughput stopped growing? Asked once a second, while the run warms up.
 *
 * Windows of one second are handed in as they end. Warm-up is over when one of two rules says so:
 *
 *   calm    the last five windows vary little (coefficient of variation at most 2 %) and surely
 * grow by no more than 1 % a window; level   a line through the later part of all windows grows by
 * no more than 0.6 % a window, where that part is so long that its noise lets the slope be known to
 * 0.6 %.
 *
 * The second is for machines whose windows vary by 3 to 6 % for ever; why the numbers are these is
 * in docs/decisions/0009-warm-up-is-found.md. Falling throughput is not level either.
 *
 * It cannot see a step that has not happened yet, nor a ramp that its noise hides. Do not use it on
 * a load that is meant to change (a ramp, steps): that never becomes steady.
 */
#ifndef MUELLE_LOADGEN_WARMUP_H
#define MUELLE_LOADGEN_WARMUP_H

#include <stdbool.h>

enum {
    WARMUP_WINDOWS_MIN = 5,  /* before them nothing is decided */
    WARMUP_WINDOWS_MAX = 30, /* after so many without a steady state there is none */
};

enum warmup_state { WARMUP_GOING_ON, WARMUP_OVER, WARMUP_NEVER };

/* Written by warmup_* alone; owns nothing. What follows `counts` is as of the last window, for the
 * words of a verdict; 0 while there are fewer than WARMUP_WINDOWS_MIN. */
struct warmup {
    bool arrivals_are_random;
    enum warmup_state state;
    unsigned windows; /* handed in until the decision */
    double counts[WARMUP_WINDOWS_MAX];

    double level;           /* mean of the last five windows */
    double variation;       /* their coefficient of variation, a fraction */
    double variation_limit; /* what the calm rule allows it to be */
    double noise;           /* standard deviation of a window about its trend, a fraction */
    double growth;          /* slope of the part looked at, a fraction of its mean a window */
    unsigned looked_back;   /* windows in that part */
};

/* `arrivals_are_random`: the offered load is a Poisson process, whose windows vary by the square
 * root of their count although nothing happens. The calm rule then allows twice that. */
void warmup_init(struct warmup *warmup, bool arrivals_are_random);

/* Takes the replies received in the next window of one second. WARMUP_OVER and WARMUP_NEVER are
 * final: what is handed in later changes nothing. */
enum warmup_state warmup_add(struct warmup *warmup, double replies_in_window);

/* With hindsight: whether warm-up ended too early, because its last five windows lie below `median`
 * by more than three times `mad` (series_median(), series_mad() of the measured windows) and by
 * more than 2 % of it. False when warm-up never ended. */
bool warmup_ended_below(const struct warmup *warmup, double median, double mad);

#endif
