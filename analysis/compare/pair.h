/* SPDX-License-Identifier: MIT */
/*
 * pair.h: which observations of the two sides belong together, and what their numbers allow to be
 * said.
 *
 * A pair is a model of the one side and a model of the other at one level. Where both come from one
 * campaign, its blocks pair them trial by trial; else they are two separate sessions, which is
 * weaker, and said. What is not trusted or not complete is left out, and counted.
 */
#ifndef MUELLE_ANALYSIS_COMPARE_PAIR_H
#define MUELLE_ANALYSIS_COMPARE_PAIR_H

#include "analysis/compare/side.h"

/* A campaign's second measurement of its first configuration: "epoll'" is epoll again, and the
 * difference is the machine's noise. */
#define PAIR_AGAIN_MARK "'"

enum { BASELINE, CANDIDATE };

/* The largest R within which two things are called equivalent, unless a larger one was asked for. A
 * difference must still be beyond all of R. */
#define PAIR_EQUIVALENCE_MAX 0.05

struct pair_metric {
    const char *missing; /* why there is nothing to compare; constant. NULL: all below holds */
    uint64_t needs;      /* requests that a trial would have had to have, when that is why */
    double median[2];    /* of each side's values */
    /* Some values of the candidate, or of the baseline, are bounds from below (requests timed out):
     * so the ratio is one, from below or from above. Never both: then it could be anything. */
    bool ratio_at_least, ratio_at_most;
    /* The machine differs from itself by more than anybody would call the same: no equivalence. */
    bool is_noisy;
    struct comparison comparison;
};

/* Borrows its texts from the sides. */
struct pair {
    const char *models[2];
    const char *level;
    size_t used[2], left_out[2]; /* observations; not trusted or not complete */
    size_t unpaired;             /* used, but the other side has none of that block */
    struct pair_metric metrics[COMPARED_METRICS];
};

struct pairs {
    const struct side *sides[2]; /* the same when two models of a run are compared */
    struct pair *list;
    size_t count;
    bool is_interleaved; /* all that have trials are paired by block */
    const char *varies;
    struct notes *notes;
};

/* `models` (NULL: chosen by what is there) are those asked for, `equivalence` the least R. Matches,
 * compares, adjusts for how many comparisons there are, and notes what it could not match. 0,
 * -ENOMEM, or -EINVAL when a model that was asked for is not there, told on stderr. Release in both
 * cases; borrows the sides. */
int pairs_init(struct pairs *pairs, const struct side *baseline, const struct side *candidate,
               char *const *models, size_t model_count, double equivalence,
               struct notes *notes) MUST_CHECK;
void pairs_release(struct pairs *pairs);

/* What must be said of a pair for people to know which it is. */
enum pair_names {
    PAIR_NAMES_BOTH,   /* its two models */
    PAIR_NAMES_SHARED, /* its model: each is compared with itself */
    PAIR_NAMES_NONE,   /* all pairs are of the same two */
};
enum pair_names pairs_names(const struct pairs *pairs);

/* Comparisons that hold numbers. */
size_t pairs_comparison_count(const struct pairs *pairs);

#endif
