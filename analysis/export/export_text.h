/* SPDX-License-Identifier: MIT */
/*
 * export_text.h: the texts of HdrHistogram's tools, made of trials.
 *
 * Both carry one latency of a trial as a whole. What they have no place for is said: requests that
 * lasted longer than what is recorded of them stand at what is recorded.
 */
#ifndef MUELLE_ANALYSIS_EXPORT_EXPORT_TEXT_H
#define MUELLE_ANALYSIS_EXPORT_EXPORT_TEXT_H

#include <stdio.h>

#include "analysis/latency_choice.h"
#include "analysis/run.h"
#include "common/compiler.h"

/* The table of percentiles (.hgrm), in milliseconds. 0, -ENODATA when nothing of the kind was
 * measured, or -errno. */
int export_percentiles(FILE *out, const struct trial *trial, enum latency_choice choice) MUST_CHECK;

/* The log (.hlog): an interval a trial, from its start and as long as its measured window, tagged
 * with its model and level; in order of time. -ENODATA when no trial has that latency. */
int export_log(FILE *out, const struct run *run, enum latency_choice choice) MUST_CHECK;

#endif
