/* SPDX-License-Identifier: MIT */
/*
 * progress.h: one line on stderr while a run lasts, when somebody is there to see it.
 */
#ifndef MUELLE_LOADGEN_PROGRESS_H
#define MUELLE_LOADGEN_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/clock.h"
#include "loadgen/phase.h"
#include "loadgen/plan.h"

/* The longest the watching thread sleeps. */
#define PROGRESS_INTERVAL_NS (250 * NS_PER_MS)

struct progress_counts {
    uint64_t ok, failed, connections;
};

struct progress {
    const struct plan *plan;
    bool shown; /* stderr is a terminal and nobody asked for quiet */
    uint64_t begin_ns, measure_start_ns, measure_end_ns;
    uint64_t last_ns, last_ok; /* for the rate since the line before */
    double rate_per_s;
};

void progress_init(struct progress *progress, const struct plan *plan);
/* The instants of the phases are known. */
void progress_plan(struct progress *progress, uint64_t begin_ns, uint64_t measure_start_ns,
                   uint64_t measure_end_ns);
/* Redraws the line. */
void progress_show(struct progress *progress, enum run_phase phase, struct progress_counts counts);
/* Wipes it. */
void progress_clear(struct progress *progress);

#endif
