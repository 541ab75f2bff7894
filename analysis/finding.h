/* SPDX-License-Identifier: MIT */
/*
 * finding.h: how findings are made: candidates with a strength, and the words they share.
 *
 * Internal to finding*.c.
 */
#ifndef MUELLE_ANALYSIS_FINDING_H
#define MUELLE_ANALYSIS_FINDING_H

#include <stdbool.h>

#include "analysis/document.h"
#include "analysis/findings.h"

/* More than are kept, for the strongest to be chosen. */
enum { CANDIDATES_MAX = 512, NAMES_SAID_MAX = 4 };

struct candidates {
    const struct summary *summary;
    struct finding list[CANDIDATES_MAX];
    size_t count;
    bool out_of_memory;
};

/* The least and the most that one quantity can be of another. */
struct ratio {
    double low, high;
};

struct ratio ratio_of(const struct estimate *one, const struct estimate *other);
/* "1.8–2.1 ×". Returns `text`, of NUMBER_TEXT_SIZE places. */
char *ratio_text(struct ratio ratio, char *text);

/* Trusted, of a model that served everybody, with a number that has an interval and is no bound. */
bool finding_is_based(const struct cell *cell, enum metric metric);

/* "1,204 (1,180–1,230)". */
void finding_write_value(FILE *out, const struct cell *cell, enum metric metric);
/* "epoll, poll and 3 others". */
void finding_write_names(FILE *out, const struct summary *summary, const struct cell *const *cells,
                         size_t count);

/* A sentence is written to `document->out` between the two; finding_add() ends it. */
bool finding_open(struct candidates *candidates, struct document *document);
void finding_add(struct candidates *candidates, struct document *document, double strength);

/* The rules: each adds what it finds. */
void find_leaders(struct candidates *candidates);
void find_extremes(struct candidates *candidates);
void find_collapses(struct candidates *candidates);
void find_crossings(struct candidates *candidates);
void find_refusals(struct candidates *candidates);
void find_carried_loads(struct candidates *candidates);

#endif
