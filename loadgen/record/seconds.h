/* SPDX-License-Identifier: MIT */
/*
 * seconds.h: the seconds of a run, one after the other, while its threads go on.
 *
 * A second is complete when every thread has closed its window of it. Then the windows are added up
 * to the second, and the second to what the run has measured so far: the histograms of all seconds,
 * those of the drain included, are together those of the run, counter by counter.
 *
 * Threads are kept waiting only for as long as one of their windows is read, and only if they close
 * the next one meanwhile. Deliberately not here: what becomes of a second.
 */
#ifndef MUELLE_LOADGEN_SECONDS_H
#define MUELLE_LOADGEN_SECONDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"
#include "loadgen/plan.h"
#include "loadgen/record/latency.h"
#include "loadgen/record/recorder.h"

/* Counts and latencies, of one second or of all until now. Owns the histograms. */
struct seconds_sum {
    uint64_t sent, ok, errors;
    struct latency latencies[LATENCY_KINDS]; /* those below recorder_kinds() */
};

struct seconds {
    struct recorder_plan plan;
    struct recorder *recorders[THREADS_MAX]; /* not owned */
    unsigned recorders_count;
    size_t count; /* of the seconds that were taken: the last of them has the number count - 1 */
    struct seconds_sum last, all;
};

/* 0 or -ENOMEM. */
int seconds_init(struct seconds *seconds, const struct recorder_plan *plan) MUST_CHECK;
void seconds_release(struct seconds *seconds);

/* Another thread's recorder, of the same plan, which outlives the last seconds_next(). At most
 * THREADS_MAX. */
void seconds_watch(struct seconds *seconds, struct recorder *recorder);
/* Nothing of what was watched is there any more. */
void seconds_forget(struct seconds *seconds);

/* Takes the next second that is complete; false: none is. When the threads have ended (`ended`)
 * every second that any of them has closed is complete. */
bool seconds_next(struct seconds *seconds, bool ended);

#endif
