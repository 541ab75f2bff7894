/* SPDX-License-Identifier: MIT */
/*
 * files.h: the numbers of a report for other programs, and the short report for people.
 */
#ifndef MUELLE_ANALYSIS_FILES_H
#define MUELLE_ANALYSIS_FILES_H

#include "analysis/chart.h"
#include "analysis/findings.h"
#include "analysis/verdict.h"

/* Writes into `folder`: summary.tsv (a row a cell), trials.csv (a row a trial), windows.csv (a row
 * a second of a trial) and report.md. 0 or -errno, told on stderr. */
int files_write(const struct summary *summary, const struct verdict *verdict,
                const struct findings *findings, const struct figures *figures,
                const char *folder) MUST_CHECK;

/* trials.csv: the columns, then a row a trial. Errors of the stream are the caller's. */
void files_write_trials(FILE *out, const struct run *run);

#endif
