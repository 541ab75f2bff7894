/* SPDX-License-Identifier: MIT */
/*
 * foreign_parse.h: a parser a format. Internal to foreign*.c.
 *
 * All get *out with every reading missing, and return as foreign_read().
 */
#ifndef MUELLE_ANALYSIS_COMPARE_FOREIGN_PARSE_H
#define MUELLE_ANALYSIS_COMPARE_FOREIGN_PARSE_H

#include <jansson.h>

#include "analysis/compare/foreign.h"

int foreign_wrk(const char *text, struct foreign *out, char *problem, size_t problem_size);
int foreign_hgrm(const char *text, struct foreign *out, char *problem, size_t problem_size);
/* fortio, oha or k6. */
int foreign_json(json_t *root, struct foreign *out);

/* A percentile that was read; values that are not above 0 stay missing. */
void foreign_percentile(struct foreign *out, double quantile, double value_ns);

#endif
