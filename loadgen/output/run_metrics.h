/* SPDX-License-Identifier: MIT */
/*
 * run_metrics.h: a run, while it lasts or at its end, as OpenMetrics text.
 *
 * Counters count everything since the begin, the warm-up included, as counters do; histograms hold
 * what the trial's do: requests that were intended in the measured window.
 */
#ifndef MUELLE_LOADGEN_RUN_METRICS_H
#define MUELLE_LOADGEN_RUN_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/compiler.h"
#include "loadgen/plan.h"
#include "loadgen/record/latency.h"
#include "loadgen/record/live_counts.h"

/* Pointers are the caller's and only read during the call. */
struct run_metrics {
    const struct plan *plan;
    const struct live_counts *counts;
    bool ended; /* what is in flight or was not sent by now never will be */
    double offered_per_s, achieved_per_s;
    double measured_s;                              /* of the window, by now */
    const struct latency *latencies[LATENCY_KINDS]; /* NULL: not measured */
};

/* *text is the caller's to free. 0 or -ENOMEM. */
int run_metrics_text(const struct run_metrics *run, char **text, size_t *size) MUST_CHECK;

#endif
