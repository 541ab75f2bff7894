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

/* "muelle-report/1": at most about `size_max` bytes of compact JSON; freed by the caller; NULL
 * without memory. */
char *result_json(const struct summary *summary, const struct verdict *verdict,
                  const struct findings *findings, size_t size_max) MUST_CHECK;

#endif
