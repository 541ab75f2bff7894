/* SPDX-License-Identifier: MIT */
/*
 * compare_text.h: a comparison as a table for people, and as files for programs.
 */
#ifndef MUELLE_ANALYSIS_COMPARE_COMPARE_TEXT_H
#define MUELLE_ANALYSIS_COMPARE_COMPARE_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/compare/condition.h"

/* The sides, a line a metric of every pair, how many came out how, the notes. 0 or -ENOMEM; errors
 * of the stream are the caller's, as everywhere here. */
int compare_write_table(FILE *out, const struct pairs *pairs, bool colour) MUST_CHECK;

/* "faster", "equivalent within 1.3 %", "undecided: 14 blocks more", "too few requests"; `text` has
 * COMPARE_VERDICT_SIZE places and is returned. */
enum { COMPARE_VERDICT_SIZE = 96 };
char *compare_verdict_text(enum compared compared, const struct pair_metric *metric, char *text);

/* compare.tsv: a row a metric of every pair. */
void compare_write_tsv(FILE *out, const struct pairs *pairs);

/* "muelle-compare/1"; freed by the caller; NULL without memory. */
char *compare_json(const struct pairs *pairs, const struct condition *conditions,
                   size_t condition_count) MUST_CHECK;

#endif
