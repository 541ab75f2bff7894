/* SPDX-License-Identifier: MIT */
/*
 * trial.h: a finished run as the JSON document results/README.md describes.
 */
#ifndef MUELLE_LOADGEN_TRIAL_H
#define MUELLE_LOADGEN_TRIAL_H

#include "common/compiler.h"
#include "loadgen/judge/threshold_lookup.h"
#include "loadgen/judge/verdict.h"
#include "loadgen/plan.h"
#include "loadgen/run.h"

/* *text becomes the document, which the caller frees. 0 or -ENOMEM. */
int trial_text(const struct plan *plan, const struct run_result *result,
               const struct verdict *verdict, const struct threshold_verdict *thresholds,
               char **text) MUST_CHECK;

/* CPU time of `resources` for one reply, in microseconds; negative when nothing was replied. */
double trial_cpu_us_per_request(const struct resources *resources, const struct run_result *result);

#endif
