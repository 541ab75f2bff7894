/* SPDX-License-Identifier: MIT */
/*
 * findings.h: what a run shows, in sentences, each with the interval that backs it.
 *
 * A sentence is made only of cells that are trusted and have an interval, and claims a difference
 * only where intervals do not overlap. A ratio of two quantities is given as the range from the
 * least to the most that their intervals allow: the lower end of one over the upper end of the
 * other, and the reverse. With fewer trials than infer anything the intervals are ranges, and the
 * sentences describe these trials alone; `basis` says so.
 */
#ifndef MUELLE_ANALYSIS_FINDINGS_H
#define MUELLE_ANALYSIS_FINDINGS_H

#include "analysis/summary.h"

enum { FINDINGS_MAX = 12 };

struct finding {
    double strength; /* logarithm of the least ratio it claims */
    char *text;      /* one sentence; not escaped */
};

/* Owns its texts. */
struct findings {
    struct finding list[FINDINGS_MAX]; /* strongest first */
    size_t count;
    char *basis; /* what they rest on, or why there are none */
};

/* 0 or -ENOMEM; release with findings_release() in both cases. */
int findings_init(struct findings *findings, const struct summary *summary) MUST_CHECK;
void findings_release(struct findings *findings);

#endif
