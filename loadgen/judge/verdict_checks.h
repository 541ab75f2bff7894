/* SPDX-License-Identifier: MIT */
/*
 * verdict_checks.h: the parts of verdict.c, one for each thing that is looked at. Each records the
 * checks that apply to the run, and no others.
 */
#ifndef MUELLE_LOADGEN_VERDICT_CHECKS_H
#define MUELLE_LOADGEN_VERDICT_CHECKS_H

#include "common/compiler.h"
#include "loadgen/judge/verdict.h"

/* Records a check, as passed. `name` must outlive the verdict; `value` and `limit` are finite, as
 * JSON knows nothing else. */
struct check *check_add(struct verdict *verdict, const char *name, double value, double limit);

/* ...and that it failed. */
void check_fail(struct verdict *verdict, struct check *check, enum verdict_level level,
                const char *code, const char *format, ...) PRINTF_LIKE(5, 6);

/* How requests and connections ended. For any run. */
void verdict_check_outcomes(const struct run_result *result, struct verdict *verdict);

/* The rest is for runs with a measured window that was not interrupted. */

/* Was the load that was asked for offered, and who was the limit? */
void verdict_check_load(const struct plan *plan, const struct run_result *result,
                        struct verdict *verdict);
/* Did the run stay as it was? */
void verdict_check_steadiness(const struct plan *plan, const struct run_result *result,
                              struct verdict *verdict);
/* Do the latencies agree with the counts, and are there enough of them? */
void verdict_check_latencies(const struct plan *plan, const struct run_result *result,
                             struct verdict *verdict);

#endif
