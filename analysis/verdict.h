/* SPDX-License-Identifier: MIT */
/*
 * verdict.h: how far a run can be believed, and why, in words.
 *
 * The level is that of its worst trial; the reasons of all trials are counted by code. The report
 * adds what only the whole run shows: C8, fewer blocks than any inference needs.
 */
#ifndef MUELLE_ANALYSIS_VERDICT_H
#define MUELLE_ANALYSIS_VERDICT_H

#include <stdio.h>

#include "analysis/summary.h"

struct verdict_reason {
    const char *code;
    enum trust trust;
    size_t trial_count; /* that gave it; 0: it is the run's own */
    char *where;        /* "epoll at every level; select at 10,000", "" for the run's own */
    char *text;         /* one sentence; of the first trial that gave it */
    bool texts_differ;  /* other trials say it with other numbers */
};

struct verdict {
    enum trust trust;
    char *sentence; /* "CAUTION — 3 blocks describe only; 6 are needed to infer." */
    struct verdict_reason *reasons; /* worst level first, most trials first */
    size_t reason_count;
};

/* 0 or -ENOMEM; release with verdict_release(). Strings of trials are borrowed from the run. */
int verdict_init(struct verdict *verdict, const struct summary *summary) MUST_CHECK;
void verdict_release(struct verdict *verdict);

#endif
