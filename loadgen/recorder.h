/* SPDX-License-Identifier: MIT */
/*
 * recorder.h: what one thread measures. Written by that thread alone, merged when it has ended.
 *
 * Two ways of looking at the measured window are kept apart: latencies describe the requests that
 * were *sent* within it (however late their replies came), throughput and the per-second windows
 * the replies that were *received* within it.
 */
#ifndef MUELLE_LOADGEN_RECORDER_H
#define MUELLE_LOADGEN_RECORDER_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/compiler.h"
#include "common/histogram.h"
#include "loadgen/outcome.h"

/* A histogram and how much of it is only known to be "at least this long". */
struct latency {
    struct histogram histogram;
    uint64_t at_least_count;
    uint64_t at_least_min_ns; /* the shortest of them; UINT64_MAX when there is none */
};

int latency_init(struct latency *latency) MUST_CHECK;
void latency_release(struct latency *latency);
static inline void latency_record(struct latency *latency, uint64_t duration_ns)
{
    histogram_record(&latency->histogram, duration_ns);
}
void latency_record_at_least(struct latency *latency, uint64_t duration_ns);
void latency_merge(struct latency *into, const struct latency *from);

/* The non-empty counters of a histogram: what a second is kept as. */
struct window_counter {
    uint32_t index, count;
};

/* One second of the measured window, by the time replies arrived. Owns `counters`. */
struct window {
    uint64_t ok, errors, max_ns;
    struct window_counter *counters;
    size_t counters_count;
};
#define WINDOW_NS NS_PER_S

struct recorder {
    uint64_t measure_start_ns, measure_end_ns; /* set before the load begins */

    struct request_counts all, measured;
    struct connection_counts connections;
    struct latency connect, handshake, service;
    uint64_t received_ok; /* replies received within the measured window */

    struct window *windows;
    size_t windows_count, windows_capacity;
    struct histogram current; /* of the window that is open */
    uint64_t current_ok, current_errors;
    uint64_t current_end_ns;

    /* For the progress line: the only thing others read while the thread runs. */
    _Atomic uint64_t live_ok, live_errors, live_connections;
};

int recorder_init(struct recorder *recorder) MUST_CHECK;
void recorder_release(struct recorder *recorder);

/* The load begins; nothing was recorded but connects and handshakes. */
void recorder_begin(struct recorder *recorder, uint64_t measure_start_ns, uint64_t measure_end_ns);

enum request_end {
    REQUEST_OK,
    REQUEST_WRONG,
    REQUEST_FAILED,
    REQUEST_TIMED_OUT,
    REQUEST_IN_FLIGHT
};

void recorder_sent(struct recorder *recorder, uint64_t sent_ns);
/* The request that was sent at `sent_ns` has come to its end at `now_ns`. `failure` counts only
 * with REQUEST_FAILED. A timed-out one is recorded at now - sent, which is its timeout; one in
 * flight at its age. */
void recorder_ended(struct recorder *recorder, uint64_t sent_ns, uint64_t now_ns,
                    enum request_end end, enum failure failure);

/* The measured window ended at `end_ns`, if not as planned before: closes what is open. */
void recorder_finish(struct recorder *recorder, uint64_t end_ns);

/* Adds `from`, which has finished, to `into`, which only collects. 0 or -ENOMEM. */
int recorder_merge(struct recorder *into, const struct recorder *from) MUST_CHECK;

/* Percentiles of window `index` of a finished recorder: fills `scratch`, a cleared latency
 * histogram. */
void recorder_window_histogram(const struct recorder *recorder, size_t index,
                               struct histogram *scratch);

#endif
