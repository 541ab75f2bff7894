/* SPDX-License-Identifier: MIT */
/*
 * monitor.h: what is told of a run while it lasts, and what is written besides its trial.
 *
 * The watching thread calls it a few times a second. It reads what the generator's threads publish,
 * never keeps them waiting, and gives it to whoever was asked for: the screen, the stream of
 * seconds, the log, the metrics' port; and at the end the files that are written as a whole. Who
 * does not take what is written, or cannot, costs his output and the exit status, not the run.
 *
 * One monitor serves one run, over all addresses that its target stands for. All functions are the
 * watching thread's.
 */
#ifndef MUELLE_LOADGEN_MONITOR_H
#define MUELLE_LOADGEN_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/compiler.h"
#include "loadgen/output/live_view.h"
#include "loadgen/output/metrics_server.h"
#include "loadgen/output/sink.h"
#include "loadgen/phase.h"
#include "loadgen/plan.h"
#include "loadgen/record/live_counts.h"
#include "loadgen/record/recorder.h"
#include "loadgen/record/seconds.h"

/* The longest the watching thread sleeps: four frames a second. */
#define MONITOR_INTERVAL_NS (250 * NS_PER_MS)

/* Seconds of p99 that are kept: no screen shows more. */
enum { MONITOR_HISTORY_MAX = LIVE_VIEW_COLUMNS_MAX, MONITOR_LOAD_TEXT_SIZE = 320 };

/* Owns everything but the plan. */
struct monitor {
    const struct plan *plan;
    enum run_phase phase;
    uint64_t phase_since_ns, measure_start_ns, measure_end_ns; /* UINT64_MAX: not known */
    uint64_t next_show_ns, next_metrics_ns;

    struct seconds seconds;
    struct live_counts counts;
    struct live_rates rates;
    struct sink stream, log;
    bool log_has_header;
    struct metrics_server *metrics; /* NULL: no --metrics-port */

    bool view_is_shown;
    struct live_view view;
    char load_text[MONITOR_LOAD_TEXT_SIZE];
    struct live_percentiles last_percentiles, all_percentiles;
    uint64_t p99_history_ns[MONITOR_HISTORY_MAX];
    size_t p99_history_count;
};

/* Opens the outputs and starts to serve the metrics. 0, or -errno after saying what is wrong. */
int monitor_init(struct monitor *monitor, const struct plan *plan,
                 const struct recorder_plan *recording) MUST_CHECK;

/* An attempt at a run begins, with threads that are watched one by one and outlive its end. */
void monitor_begin(struct monitor *monitor);
void monitor_watch(struct monitor *monitor, struct recorder *recorder);
/* It came to nothing: the recorders go. */
void monitor_abandon(struct monitor *monitor);

/* What the threads that are watched have counted by now. */
struct live_counts monitor_count(const struct monitor *monitor);

/* The measured window is known, or ends otherwise than it was told; UINT64_MAX: no end by the
 * clock. */
void monitor_window(struct monitor *monitor, uint64_t start_ns, uint64_t end_ns);

/* Looks, at most every MONITOR_INTERVAL_NS or when the phase has changed, and tells. */
void monitor_show(struct monitor *monitor, enum run_phase phase);

/* The run is over, its threads have ended, its recorders are still there: tells the last seconds
 * and writes the files. `at_once`: waits for nobody. 0, or -errno of an output that failed, at any
 * time; each was said. */
int monitor_finish(struct monitor *monitor, const struct recorder *total, uint64_t measured_ns,
                   bool at_once) MUST_CHECK;

/* Closes what is open; also when there was no run. */
void monitor_release(struct monitor *monitor);

#endif
