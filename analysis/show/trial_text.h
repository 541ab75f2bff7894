/* SPDX-License-Identifier: MIT */
/*
 * trial_text.h: a trial in words and numbers, as muelle-loadgen told it when it ended.
 */
#ifndef MUELLE_ANALYSIS_SHOW_TRIAL_TEXT_H
#define MUELLE_ANALYSIS_SHOW_TRIAL_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/trial.h"
#include "common/compiler.h"

/* What was asked, and whose trial it is. */
void trial_write_load(FILE *out, const struct trial *trial, bool colour);
/* What came of it: counts, latencies, resources. 0 or -ENOMEM; errors of the stream are the
 * caller's, as everywhere here. */
int trial_write_results(FILE *out, const struct trial *trial, bool colour) MUST_CHECK;
/* The seconds of the measured window, as bars at most `width` columns wide. 0 or -ENOMEM. */
int trial_write_windows(FILE *out, const struct trial *trial, size_t width) MUST_CHECK;
/* How far to believe it. */
void trial_write_verdict(FILE *out, const struct trial *trial, bool colour);

#endif
