/* SPDX-License-Identifier: MIT */
/*
 * monitor_files.h: the files of a run that is over, each whole or absent: --hgrm and --openmetrics.
 */
#ifndef MUELLE_LOADGEN_MONITOR_FILES_H
#define MUELLE_LOADGEN_MONITOR_FILES_H

#include <stdint.h>

#include "common/compiler.h"
#include "loadgen/output/run_metrics.h"
#include "loadgen/plan.h"
#include "loadgen/record/live_counts.h"
#include "loadgen/record/recorder.h"

/* Those of `latencies`, [LATENCY_KINDS], that a run so recorded has; connects and handshakes, which
 * belong to no second, only when there are any. */
void monitor_set_latencies(struct run_metrics *run, const struct latency *latencies,
                           const struct recorder_plan *recording);

/* Writes those the plan asks for: the response time of all classes together as percentiles in
 * milliseconds, and everything as OpenMetrics. "-" is standard output. `counts` were read after the
 * threads had ended. 0, or -errno of the first that failed; each was said. */
int monitor_write_files(const struct plan *plan, const struct recorder *total,
                        const struct live_counts *counts, uint64_t measured_ns) MUST_CHECK;

#endif
