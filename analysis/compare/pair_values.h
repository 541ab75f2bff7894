/* SPDX-License-Identifier: MIT */
/*
 * pair_values.h: the numbers of one pair. Internal to pair*.c.
 */
#ifndef MUELLE_ANALYSIS_COMPARE_PAIR_VALUES_H
#define MUELLE_ANALYSIS_COMPARE_PAIR_VALUES_H

#include "analysis/compare/pair.h"

/* The observations of a model at a level that count, by block where they are paired. Owns the
 * list. */
struct members {
    const struct observed **list[2];
    size_t count[2];
    bool is_interleaved;
};

/* Fills `members` and what *pair counts. 0 or -ENOMEM; release in both cases. */
int members_collect(struct members *members, const struct side *const sides[2],
                    struct pair *pair) MUST_CHECK;
void members_release(struct members *members);

/* Compares one metric; what cannot be compared says why. 0 or -ENOMEM. */
int members_compare(const struct members *members, enum compared compared, double equivalence,
                    struct pair_metric *out) MUST_CHECK;

/* R of this metric, by the two measurements of the first configuration: at least `equivalence`.
 * *differs is set when they differ from each other. 0 or -ENOMEM. */
int members_noise(const struct members *members, enum compared compared, double *equivalence,
                  bool *differs) MUST_CHECK;

#endif
