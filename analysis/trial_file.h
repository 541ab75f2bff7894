/* SPDX-License-Identifier: MIT */
/*
 * trial_file.h: a trial from the file it lies in.
 */
#ifndef MUELLE_ANALYSIS_TRIAL_FILE_H
#define MUELLE_ANALYSIS_TRIAL_FILE_H

#include "analysis/trial.h"

/* A trial of an hour with full histograms is below 1 MiB. */
enum { TRIAL_FILE_SIZE_MAX = 16 << 20 };

/* Is that the name of a trial's file: *.json, or *.json.gz, packed by gzip? */
bool trial_file_is_named(const char *name);

/* As trial_parse(), which names the trial as the last part of `path`. */
int trial_file_read(const char *path, struct trial *trial, char *problem,
                    size_t problem_size) MUST_CHECK;

#endif
