/* SPDX-License-Identifier: MIT */
/*
 * recorder.h: what one thread measures. Written by that thread alone; the windows that are closed
 * may be read by another one meanwhile, the rest when the thread has ended.
 *
 * Three ways of looking at the measured window are kept apart. Latencies describe the requests that
 * were *intended* within it, however late they were sent and answered. Throughput and the counts of
 * the per-second windows describe the replies that were *received* within it. And `all` counts
 * every request of the run.
 *
 * A request is recorded once, in the second in which it ended; when a second is over its histograms
 * are added to those of the run. So the seconds, the drain's included, merged are the run, exactly.
 */
#ifndef MUELLE_LOADGEN_RECORDER_H
#define MUELLE_LOADGEN_RECORDER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/compiler.h"
#include "loadgen/record/latency.h"
#include "loadgen/record/outcome.h"

/* The non-empty counters of a histogram: what a second is kept as. */
struct window_counter {
    uint32_t index, count;
};

/* One histogram of a window; `counters` is owned. */
struct window_latency {
    struct window_counter *counters;
    size_t counters_count;
    uint64_t max_ns, above_count;
    uint64_t at_least_count, at_least_min_ns; /* as in struct latency */
};

/* One second since the window opened, by the time requests ended. The last ones may lie behind the
 * measured window, in the drain: they hold no counts, only latencies. */
struct window {
    uint64_t intended, sent, ok, errors;
    struct window_latency latencies[LATENCY_KINDS];
};
#define WINDOW_NS NS_PER_S

/* How a run is recorded: the same for all its threads. */
struct recorder_plan {
    unsigned classes;      /* of requests; with one, LATENCY_RESPONSE is its own */
    bool separate_service; /* false: response and service are one, as in a plain closed loop */
};

/* How many kinds of latency there are: all below this. */
unsigned recorder_kinds(const struct recorder_plan *plan);

struct recorder {
    struct recorder_plan plan;
    uint64_t measure_start_ns, measure_end_ns; /* UINT64_MAX until they are known */

    struct request_counts all, measured;
    struct connection_counts connections;
    struct latency latencies[LATENCY_KINDS];
    uint64_t received_ok; /* correct replies received within the measured window */

    struct window *windows;
    size_t windows_count, windows_capacity;
    pthread_mutex_t windows_mutex; /* held by the thread to append, by another one to read */
    struct latency current[LATENCY_KINDS]; /* of the window that is open */
    uint64_t current_intended, current_sent, current_ok, current_errors;
    uint64_t current_end_ns; /* UINT64_MAX: none is open yet */

    /* For whoever watches: some recent value. */
    _Atomic uint64_t live_ok, live_errors, live_connections, live_sent, live_intended;
    _Atomic uint64_t live_wrong, live_timed_out, live_failures[FAILURES_COUNT]; /* of live_errors */
    _Atomic uint64_t live_spun_ns; /* what the thread spent in waiting busily; told by it */
    _Atomic uint64_t live_connection_failures[FAILURES_COUNT]; /* with no request in flight */
};

/* 0 or -ENOMEM. */
int recorder_init(struct recorder *recorder, const struct recorder_plan *plan) MUST_CHECK;
void recorder_release(struct recorder *recorder);

/* The measured window is [start, end); may be told late, but not after it has begun. */
void recorder_measure(struct recorder *recorder, uint64_t start_ns, uint64_t end_ns);
/* The window ends earlier than it was told. */
void recorder_cut(struct recorder *recorder, uint64_t end_ns);

static inline bool recorder_is_measured(const struct recorder *recorder, uint64_t time_ns)
{
    return time_ns >= recorder->measure_start_ns && time_ns < recorder->measure_end_ns;
}

/* A duration that belongs to no window: connects and handshakes. */
void recorder_record(struct recorder *recorder, enum latency_kind kind, uint64_t duration_ns);
void recorder_record_at_least(struct recorder *recorder, enum latency_kind kind,
                              uint64_t duration_ns);

/* A request is due at that instant, whatever becomes of it. */
void recorder_intended(struct recorder *recorder, uint64_t intended_ns);

struct request_times {
    uint64_t intended_ns, sent_ns;
    uint64_t free_ns; /* since when its connection was free to send it */
};

/* A request was sent. */
void recorder_sent(struct recorder *recorder, const struct request_times *times);

/* An arrival found no connection until `now_ns`, and will not be sent any more. */
void recorder_unsent(struct recorder *recorder, uint64_t intended_ns, unsigned class_index,
                     uint64_t now_ns);

struct request_result {
    uint64_t intended_ns, sent_ns, ended_ns;
    uint64_t arrived_ns; /* the kernel's receive stamp; 0: there is none */
    unsigned class_index;
    enum request_end end;
    enum failure failure; /* with REQUEST_FAILED */
};

/* A request that was sent came to its end. One that timed out, or is in flight at the end, is
 * recorded as "at least" its age. */
void recorder_ended(struct recorder *recorder, const struct request_result *result);

/* A connection failed, or an attempt at one, with no request in flight. For whoever watches. */
void recorder_connection_failed(struct recorder *recorder, enum failure failure);

/* Closes the windows that are over at `now_ns`. */
void recorder_roll(struct recorder *recorder, uint64_t now_ns);
/* The thread has ended: closes what is open. */
void recorder_finish(struct recorder *recorder);

/* Adds `from`, which has finished, to `into`, which only collects. 0 or -ENOMEM. */
int recorder_merge(struct recorder *into, struct recorder *from) MUST_CHECK;

/* Adds the windows that `from` has closed from `first` on to those of `into`; another thread may
 * be at work on `from`. */
int recorder_merge_windows(struct recorder *into, struct recorder *from, size_t first) MUST_CHECK;

/* The latency of a kind, of a recorder that has finished. */
const struct latency *recorder_latency(const struct recorder *recorder, enum latency_kind kind);

/* Adds one latency of a closed window of this recorder to `histogram`, which has its layout. */
void recorder_add_window(const struct recorder *recorder, size_t index, enum latency_kind kind,
                         struct histogram *histogram);
/* The same, with what of it is only a bound. */
void recorder_add_window_latency(const struct recorder *recorder, size_t index,
                                 enum latency_kind kind, struct latency *latency);

/* Of one latency of a closed window: how many there are, and how many took longer than `value_ns`,
 * to the resolution of a counter. */
struct window_split {
    uint64_t total, above;
};
struct window_split recorder_split_window(const struct recorder *recorder, size_t index,
                                          enum latency_kind kind, uint64_t value_ns);

#endif
