/* SPDX-License-Identifier: MIT */
/*
 * scaling.h: the Universal Scalability Law (statistics/usl.h) of each model of a run whose levels
 * are how many clients, or workers, are at it at the same time.
 *
 * What goes in are the levels at which the model served everybody and is trusted, and of these the
 * blocks that have them all: a block is resampled as a whole.
 */
#ifndef MUELLE_ANALYSIS_SCALING_H
#define MUELLE_ANALYSIS_SCALING_H

#include "analysis/statistics/usl.h"
#include "analysis/summary.h"

enum { SCALING_LEVELS_MIN = 4 }; /* of a run: with fewer there is nothing to be bent */

struct scaling_fit {
    size_t levels, blocks; /* that went in; blocks 0: none has them all */
    size_t left_out;       /* levels with trials: not trusted, or some clients were refused */
    double first, last;    /* clients at the outermost levels */
    struct usl usl;
};

struct scaling {
    struct scaling_fit fits[MODELS_MAX]; /* by model */
    size_t shown;                        /* those whose fit may be shown */
};

/* The levels are numbers of connections or workers in a closed loop, and there are enough. */
bool scaling_applies(const struct summary *summary);

/* The clients of a level of such a run. */
double scaling_clients(const struct summary *summary, size_t level);

/* 0 or -ENOMEM; nothing to release. */
int scaling_init(struct scaling *scaling, const struct summary *summary) MUST_CHECK;

/* The fit may be shown. */
bool scaling_is_shown(const struct scaling_fit *fit);
/* Why it may not, or what it says: a sentence. `text` has SCALING_TEXT_SIZE places; returns it. */
enum { SCALING_TEXT_SIZE = 320 };
char *scaling_text(const struct scaling_fit *fit, char *text);

#endif
