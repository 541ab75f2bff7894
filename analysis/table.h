/* SPDX-License-Identifier: MIT */
/*
 * table.h: a report on a terminal: the summary table and the verdict.
 */
#ifndef MUELLE_ANALYSIS_TABLE_H
#define MUELLE_ANALYSIS_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/verdict.h"

/* A line for each model at each level, best first; what is not trusted is dimmed and marked. */
void table_write(FILE *out, const struct summary *summary, bool colour);

/* The sentence, then each reason with its code and where it holds. */
void table_write_verdict(FILE *out, const struct verdict *verdict, bool colour);

#endif
