/* SPDX-License-Identifier: MIT */
/*
 * capacity_search.h: the largest load at which a goal still holds, found by trials that only say
 * held or missed, each of which may be wrong by chance.
 *
 * 1. The rate is doubled from the first one until the goal is missed, or halved until it holds.
 * 2. The bracket is bisected until its ends are within the resolution. A level is decided by the
 *    majority of its trials; only what the doubling passes on its way is taken on one.
 * 3. Each end is repeated until chance alone cannot explain it. Where it cannot be confirmed the
 *    interval is widened, by steps that double.
 * 4. The server is overloaded and the knee is approached again, from above: a server that stays
 *    slow at a load it carried before shows hysteresis.
 *
 * The interval: its ends are levels whose outcomes a server whose chance to hold there is one half
 * or worse (or better) would show in at most 2.5 % of the cases, by the binomial distribution: six
 * of six, or eight of nine. That takes trials which do not depend on each other, and a goal that
 * more load never makes easier.
 *
 * Pure: the caller runs the trials. Everything is bounded: the search needs some three trials a
 * halving of the bracket, and never more than `trials_max`.
 */
#ifndef MUELLE_LOADGEN_CAPACITY_SEARCH_H
#define MUELLE_LOADGEN_CAPACITY_SEARCH_H

#include <stdbool.h>

enum { CAPACITY_TRIALS_MAX = 128 };

struct capacity_options {
    double first_rate;         /* > 0, a second */
    double max_rate;           /* >= first_rate; never exceeded */
    double resolution;         /* relative, 0.005 … 1 */
    unsigned trials_per_level; /* >= 1; more than half of them must hold */
    unsigned trials_max;       /* 1 … CAPACITY_TRIALS_MAX */
};

enum capacity_approach {
    CAPACITY_FROM_BELOW, /* the server must have come to rest before the trial */
    CAPACITY_FROM_ABOVE, /* the trial follows the one before at once */
};

struct capacity_trial {
    double rate_per_s, achieved_rate;
    enum capacity_approach approach;
    bool held;
};

/* What is known of one rate, approached from one side. */
struct capacity_level {
    double rate_per_s;
    enum capacity_approach approach;
    unsigned held, missed;
};

enum capacity_phase {
    CAPACITY_BRACKET,     /* doubling or halving, then bisection */
    CAPACITY_CONFIRM_LOW, /* of the interval's ends */
    CAPACITY_CONFIRM_HIGH,
    CAPACITY_OVERLOAD, /* one trial above the knee, whose outcome does not matter */
    CAPACITY_DESCEND,
    CAPACITY_OVER,
};

/* Fields are read freely, `trials` for tables; written by capacity_search_*() alone. */
struct capacity_search {
    struct capacity_options options;
    enum capacity_phase phase;
    unsigned step; /* of the phase: how often the interval was widened, or the rate lowered */
    double next_rate;
    double knee_low, knee_high; /* where the bisection ended; 0: there is none */

    struct capacity_trial trials[CAPACITY_TRIALS_MAX];
    unsigned trials_count;
    struct capacity_level levels[CAPACITY_TRIALS_MAX];
    unsigned levels_count;
};

/* Copies `options`, which must be within their limits. */
void capacity_search_init(struct capacity_search *search, const struct capacity_options *options);

/* The next rate to try and where it is approached from; false when the search is over. Rates have
 * four significant digits. */
bool capacity_search_next(const struct capacity_search *search, double *rate_per_s,
                          enum capacity_approach *approach);

/* The trial that capacity_search_next() asked for was run: did the goal hold? */
void capacity_search_report(struct capacity_search *search, bool held, double achieved_rate);

struct capacity_answer {
    bool found;
    const char *why_not; /* one clause when not found; NULL otherwise */
    double rate_per_s;   /* the largest level at which most trials held, from below */

    /* 95 % interval. low 0: not bounded from below; high INFINITY: not bounded from above, as when
     * the trials ran out, or no rate up to the largest was too much. */
    double low, high;

    double from_below;        /* = rate_per_s */
    double from_above;        /* the first level that held on the way down; 0: none did */
    double from_above_missed; /* the last one before it, that did not; 0: the first one held */
    bool from_above_known;    /* it was approached from above, to an end */
    bool hysteresis;          /* from_above is below from_below by more than the resolution, and
                                 below the interval */
    bool above_max;           /* even max_rate held: the capacity is at least that */
    bool below_first;         /* first_rate was too much already */
    bool trials_ran_out;      /* the search was not finished */
    unsigned trials;
};

/* At any time: what is known so far. */
struct capacity_answer capacity_search_answer(const struct capacity_search *search);

#endif
