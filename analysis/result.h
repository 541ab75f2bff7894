/* SPDX-License-Identifier: MIT */
/*
 * result.h: everything a report knows as one JSON document, so that the page is also the data.
 *
 * Left out are the histograms (they are in the trial files) and what does not fit: first the
 * windows, then the trials, which trials.csv and windows.csv have as well.
 */
#ifndef MUELLE_ANALYSIS_RESULT_H
#define MUELLE_ANALYSIS_RESULT_H

#include <stddef.h>

#include "analysis/findings.h"
#include "analysis/verdict.h"

struct result {
    char *text;           /* "muelle-report/1", compact JSON; its `left_out` names what it lacks */
    const char *left_out; /* the same in words: "without …", "" when it is all there */
};

/* At most about `size_max` bytes of text, and never less than the cells. 0 or -ENOMEM, then there
 * is no text; release it in both cases. */
int result_init(struct result *result, const struct summary *summary, const struct verdict *verdict,
                const struct findings *findings, size_t size_max) MUST_CHECK;
void result_release(struct result *result);

#endif
