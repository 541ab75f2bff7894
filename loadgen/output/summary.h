/* SPDX-License-Identifier: MIT */
/*
 * summary.h: a finished run for people, on a terminal or in a log.
 */
#ifndef MUELLE_LOADGEN_SUMMARY_H
#define MUELLE_LOADGEN_SUMMARY_H

#include <stdio.h>

#include "loadgen/judge/verdict.h"
#include "loadgen/plan.h"
#include "loadgen/run.h"

void summary_print(FILE *out, const struct plan *plan, const struct run_result *result,
                   const struct verdict *verdict);

#endif
