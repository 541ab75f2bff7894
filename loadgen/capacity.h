/* SPDX-License-Identifier: MIT */
/*
 * capacity.h: how much load a server carries before a goal is missed: the trials that
 * capacity_search.h asks for, run one after the other.
 *
 * A trial holds when the goal does and the load was really carried: offered, sent and answered. A
 * trial that missed because the generator could not send as it should says nothing about the
 * server, and the answer then is only a bound from below.
 */
#ifndef MUELLE_LOADGEN_CAPACITY_H
#define MUELLE_LOADGEN_CAPACITY_H

#include <stdbool.h>
#include <stdio.h>

#include "common/compiler.h"
#include "loadgen/capacity_search.h"
#include "loadgen/plan.h"

enum { CAPACITY_WHY_SIZE = 160 };

/* What was found; `why` says of each trial that missed what it missed. */
struct capacity {
    struct capacity_search search;
    struct capacity_answer answer;
    char why[CAPACITY_TRIALS_MAX][CAPACITY_WHY_SIZE];
    bool generator_limited[CAPACITY_TRIALS_MAX];
    bool is_bound; /* the generator was the limit at the upper end */
    bool too_few;  /* some trial had too few requests to tell whether the goal held */
    bool interrupted;
};

/* Runs the search; blocks, and shows its progress on stderr unless the plan is quiet. 0, or -errno
 * after saying why: then nothing was found out. */
int capacity_find(const struct plan *plan, struct capacity *capacity) MUST_CHECK;

/* The trials as a table, and the answer in words. */
void capacity_print(FILE *out, const struct plan *plan, const struct capacity *capacity);

/* *text becomes the document results/README.md describes, which the caller frees. 0 or -ENOMEM. */
int capacity_text(const struct plan *plan, const struct capacity *capacity, char **text) MUST_CHECK;

#endif
