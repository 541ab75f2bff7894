/* SPDX-License-Identifier: MIT */
/*
 * threshold_lookup.h: the values thresholds are held against, out of a finished run.
 *
 * Requests and latencies are those of the measured window. What a run cannot tell (a class with a
 * latency that is not kept by class, a send lag in a closed loop, anything of a run without a
 * measured window) is not known, and a threshold on it is missed.
 */
#ifndef MUELLE_LOADGEN_THRESHOLD_LOOKUP_H
#define MUELLE_LOADGEN_THRESHOLD_LOOKUP_H

#include <stdio.h>

#include "loadgen/judge/threshold.h"
#include "loadgen/plan.h"
#include "loadgen/run.h"

/* What was found of one threshold. */
struct threshold_finding {
    const struct threshold *threshold; /* of the plan */
    enum threshold_outcome outcome;
    struct threshold_value value;
    char sentence[THRESHOLD_SENTENCE_SIZE];
};

/* All of --fail-if. Large: not for the stack of a thread. */
struct threshold_verdict {
    struct threshold_finding findings[THRESHOLDS_MAX];
    unsigned count, missed; /* missed: what cannot be shown to hold included */
};

/* The value of `threshold` in that run, in its unit. Pure. */
void threshold_value_of(const struct threshold *threshold, const struct plan *plan,
                        const struct run_result *result, struct threshold_value *value);

/* Judges each of the plan's thresholds, in their order. Pure. */
void thresholds_judge(const struct plan *plan, const struct run_result *result,
                      struct threshold_verdict *verdict);

/* A line for each that was missed. */
void thresholds_print(FILE *out, const struct threshold_verdict *verdict);

#endif
