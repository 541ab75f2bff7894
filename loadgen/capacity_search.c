/* SPDX-License-Identifier: MIT */
#include "loadgen/capacity_search.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* The first rate / 1024: less is no capacity to speak of. */
enum { HALVINGS_MAX = 10 };
/* The interval is widened to (1 + resolution)^63 at most: 20 times at 5 %. */
enum { WIDENINGS_MAX = 6 };
/* How far above the knee the server is driven before it is approached from there. */
#define OVERLOAD_FACTOR 1.5
/* Each end of a two-sided 95 % interval. */
#define CHANCE_MAX 0.025
/* The smallest number of equal outcomes that chance does not explain: 0.5^6 = 0.016. */
enum { CONFIRMING_TRIALS = 6 };

/* --- levels ----------------------------------------------------------------------------------- */

enum level_state { LEVEL_OPEN, LEVEL_HOLDS, LEVEL_FAILS };

static enum level_state level_decided(const struct capacity_level *level, unsigned trials_per_level)
{
    unsigned majority = trials_per_level / 2 + 1;

    if (level->held >= majority)
        return LEVEL_HOLDS;
    if (level->missed + majority > trials_per_level)
        return LEVEL_FAILS;
    return LEVEL_OPEN;
}

/* The chance of `successes` or more of `trials` when each has the chance one half. */
static double chance_of(unsigned successes, unsigned trials)
{
    double ways = 1, sum = 0; /* ways: trials over i */

    for (unsigned i = 0; i <= trials; i++) {
        if (i >= successes)
            sum += ways;
        ways = ways * (trials - i) / (i + 1);
    }
    return ldexp(sum, -(int)trials);
}

static bool level_surely_holds(const struct capacity_level *level)
{
    return chance_of(level->held, level->held + level->missed) <= CHANCE_MAX;
}

static bool level_surely_fails(const struct capacity_level *level)
{
    return chance_of(level->missed, level->held + level->missed) <= CHANCE_MAX;
}

static double rate_rounded(double rate)
{
    double unit = pow(10, floor(log10(rate)) - 3);

    return round(rate / unit) * unit;
}

/* The level at `rate`, or NULL. Rates are made by rounding, which makes them equal or far apart. */
static struct capacity_level *level_find(struct capacity_search *search, double rate,
                                         enum capacity_approach approach)
{
    for (unsigned i = 0; i < search->levels_count; i++) {
        struct capacity_level *level = &search->levels[i];

        if (level->approach == approach && fabs(level->rate_per_s - rate) <= 1e-6 * rate)
            return level;
    }
    return NULL;
}

static enum capacity_approach approach_of_phase(enum capacity_phase phase)
{
    return phase == CAPACITY_OVERLOAD || phase == CAPACITY_DESCEND ? CAPACITY_FROM_ABOVE
                                                                   : CAPACITY_FROM_BELOW;
}

/* `rate` moved by (1 + resolution)^(2^step - 1), up or down. */
static double rate_stepped(const struct capacity_search *search, double rate, bool up)
{
    double factor =
        pow(1 + search->options.resolution, (double)((UINT64_C(1) << search->step) - 1));

    return rate_rounded(up ? rate * factor : rate / factor);
}

/* --- what comes next -------------------------------------------------------------------------- */

/* The bracket: the lowest level that fails, and the highest below it that is not known to fail. */
static void bracket_find(const struct capacity_search *search, const struct capacity_level **low,
                         const struct capacity_level **high)
{
    *low = *high = NULL;
    for (unsigned i = 0; i < search->levels_count; i++) {
        const struct capacity_level *level = &search->levels[i];

        if (level_decided(level, search->options.trials_per_level) == LEVEL_FAILS &&
            (!*high || level->rate_per_s < (*high)->rate_per_s))
            *high = level;
    }
    for (unsigned i = 0; i < search->levels_count; i++) {
        const struct capacity_level *level = &search->levels[i];

        if ((!*high || level->rate_per_s < (*high)->rate_per_s) &&
            (!*low || level->rate_per_s > (*low)->rate_per_s))
            *low = level;
    }
}

/* Less is not tried. The last of the halvings is rounded, and must not fall below. */
static double rate_min(const struct capacity_search *search)
{
    return 0.99 * ldexp(search->options.first_rate, -HALVINGS_MAX);
}

/* Sets next_rate while there is a bracket to make smaller. */
static bool bracket_next(struct capacity_search *search)
{
    const struct capacity_options *options = &search->options;
    const struct capacity_level *low, *high;

    bracket_find(search, &low, &high);
    bool low_open = low && level_decided(low, options->trials_per_level) == LEVEL_OPEN;
    double middle;

    if (!low && !high) {
        search->next_rate = options->first_rate;
    } else if (!low) {
        if (search->step == HALVINGS_MAX)
            return false;
        search->step++;
        search->next_rate = rate_rounded(high->rate_per_s / 2);
    } else if (low_open && (low->missed > 0 || high || low->rate_per_s >= options->max_rate)) {
        /* One trial is enough to go on doubling, and for nothing else. */
        search->next_rate = low->rate_per_s;
    } else if (!high) {
        if (low->rate_per_s >= options->max_rate)
            return false;
        search->next_rate = fmin(rate_rounded(2 * low->rate_per_s), options->max_rate);
    } else {
        middle = rate_rounded(sqrt(low->rate_per_s * high->rate_per_s));
        if (high->rate_per_s <= low->rate_per_s * (1 + options->resolution) ||
            middle <= low->rate_per_s || middle >= high->rate_per_s)
            return false;
        search->next_rate = middle;
    }
    return true;
}

/* Sets next_rate while the end of the interval at `knee` needs trials: six equal ones, or wider. */
static bool confirm_next(struct capacity_search *search, double knee, bool up)
{
    if (knee <= 0)
        return false;
    for (; search->step <= WIDENINGS_MAX; search->step++) {
        double rate = search->step == 0 ? knee : rate_stepped(search, knee, up);
        struct capacity_level *level = level_find(search, rate, CAPACITY_FROM_BELOW);

        if (up ? rate > search->options.max_rate : rate < rate_min(search))
            return false;
        if (level && (up ? level_surely_fails(level) : level_surely_holds(level)))
            return false;
        if (!level || ((up ? level->held : level->missed) == 0 &&
                       level->held + level->missed < CONFIRMING_TRIALS)) {
            search->next_rate = rate;
            return true;
        }
    }
    return false;
}

/* The largest level up to the knee at which most trials held; NULL when there is none. */
static const struct capacity_level *level_best(const struct capacity_search *search)
{
    const struct capacity_level *best = NULL;

    for (unsigned i = 0; i < search->levels_count; i++) {
        const struct capacity_level *level = &search->levels[i];

        if (level->approach == CAPACITY_FROM_BELOW && level->held > level->missed &&
            (search->knee_high <= 0 || level->rate_per_s < search->knee_high) &&
            (!best || level->rate_per_s > best->rate_per_s))
            best = level;
    }
    return best;
}

/* Sets next_rate while no level on the way down has held. */
static bool descend_next(struct capacity_search *search)
{
    const struct capacity_level *best = level_best(search);

    for (; best && search->step <= WIDENINGS_MAX; search->step++) {
        double rate =
            search->step == 0 ? best->rate_per_s : rate_stepped(search, best->rate_per_s, false);
        struct capacity_level *level = level_find(search, rate, CAPACITY_FROM_ABOVE);
        enum level_state state =
            level ? level_decided(level, search->options.trials_per_level) : LEVEL_OPEN;

        if (state == LEVEL_HOLDS || rate < rate_min(search))
            return false;
        if (state == LEVEL_OPEN) {
            search->next_rate = rate;
            return true;
        }
    }
    return false;
}

/* Sets next_rate, or finds that the phase is over. */
static bool phase_next(struct capacity_search *search)
{
    switch (search->phase) {
    case CAPACITY_BRACKET:
        return bracket_next(search);
    case CAPACITY_CONFIRM_LOW:
        return confirm_next(search, search->knee_low, false);
    case CAPACITY_CONFIRM_HIGH:
        return confirm_next(search, search->knee_high, true);
    case CAPACITY_OVERLOAD:
        if (search->step > 0 || search->knee_high <= 0 || !level_best(search))
            return false;
        search->step = 1;
        search->next_rate =
            fmin(rate_rounded(OVERLOAD_FACTOR * search->knee_high), search->options.max_rate);
        return true;
    case CAPACITY_DESCEND:
        return search->knee_high > 0 && descend_next(search);
    default:
        return false;
    }
}

static void bracket_end(struct capacity_search *search)
{
    const struct capacity_level *low, *high;

    bracket_find(search, &low, &high);
    search->knee_low = low ? low->rate_per_s : 0;
    search->knee_high = high ? high->rate_per_s : 0;
}

static void search_advance(struct capacity_search *search)
{
    while (search->phase != CAPACITY_OVER && !phase_next(search)) {
        if (search->phase == CAPACITY_BRACKET)
            bracket_end(search);
        search->phase++;
        search->step = 0;
    }
}

/* --- the caller's side ------------------------------------------------------------------------ */

static bool options_are_possible(const struct capacity_options *options)
{
    return options->first_rate > 0 && options->max_rate >= options->first_rate &&
           options->resolution >= 0.005 && options->resolution <= 1 &&
           options->trials_per_level >= 1 && options->trials_max >= 1 &&
           options->trials_max <= CAPACITY_TRIALS_MAX;
}

void capacity_search_init(struct capacity_search *search, const struct capacity_options *options)
{
    assert(options_are_possible(options));
    *search = (struct capacity_search){.options = *options};
    search_advance(search);
}

bool capacity_search_next(const struct capacity_search *search, double *rate_per_s,
                          enum capacity_approach *approach)
{
    if (search->phase == CAPACITY_OVER || search->trials_count == search->options.trials_max)
        return false;
    *rate_per_s = search->next_rate;
    *approach = approach_of_phase(search->phase);
    return true;
}

void capacity_search_report(struct capacity_search *search, bool held, double achieved_rate)
{
    struct capacity_trial trial = {.achieved_rate = achieved_rate, .held = held};
    bool asked = capacity_search_next(search, &trial.rate_per_s, &trial.approach);

    assert(asked);
    search->trials[search->trials_count++] = trial;
    /* A trial that only overloads decides nothing. */
    if (search->phase != CAPACITY_OVERLOAD) {
        struct capacity_level *level = level_find(search, trial.rate_per_s, trial.approach);

        if (!level) {
            level = &search->levels[search->levels_count++];
            *level =
                (struct capacity_level){.rate_per_s = trial.rate_per_s, .approach = trial.approach};
        }
        if (held)
            level->held++;
        else
            level->missed++;
    }
    search_advance(search);
}

static void answer_interval(const struct capacity_search *search, struct capacity_answer *answer)
{
    answer->low = 0;
    answer->high = INFINITY;
    for (unsigned i = 0; i < search->levels_count; i++) {
        const struct capacity_level *level = &search->levels[i];

        if (level->approach != CAPACITY_FROM_BELOW)
            continue;
        if (level_surely_holds(level))
            answer->low = fmax(answer->low, level->rate_per_s);
        if (level_surely_fails(level))
            answer->high = fmin(answer->high, level->rate_per_s);
    }
}

static void answer_from_above(const struct capacity_search *search, struct capacity_answer *answer)
{
    for (unsigned i = 0; i < search->levels_count; i++) {
        const struct capacity_level *level = &search->levels[i];

        if (level->approach != CAPACITY_FROM_ABOVE)
            continue;
        /* Levels are in the order of their first trial: downwards. */
        if (level_decided(level, search->options.trials_per_level) == LEVEL_HOLDS)
            answer->from_above = level->rate_per_s;
        else
            answer->from_above_missed = level->rate_per_s;
    }
    answer->from_above_known =
        answer->found && search->phase == CAPACITY_OVER && search->knee_high > 0;
    /* One step down is the resolution itself, and rounded. */
    answer->hysteresis =
        answer->from_above_known && answer->from_above < answer->low &&
        answer->from_above * (1 + search->options.resolution) < answer->from_below * 0.999;
}

struct capacity_answer capacity_search_answer(const struct capacity_search *search)
{
    const struct capacity_level *best = level_best(search);
    struct capacity_answer answer = {
        .found = best != NULL,
        .trials = search->trials_count,
        .trials_ran_out =
            search->phase != CAPACITY_OVER && search->trials_count == search->options.trials_max,
    };

    answer_interval(search, &answer);
    if (best)
        answer.rate_per_s = answer.from_below = best->rate_per_s;
    else
        answer.why_not = search->phase == CAPACITY_OVER
                             ? "it is missed at every rate, down to a thousandth of the first"
                             : "no rate was found that holds before the trials ended";
    answer_from_above(search, &answer);
    answer.above_max = best && best->rate_per_s >= search->options.max_rate;
    answer.below_first =
        search->levels_count > 0 &&
        level_decided(&search->levels[0], search->options.trials_per_level) == LEVEL_FAILS;
    return answer;
}
