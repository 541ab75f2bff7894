/* SPDX-License-Identifier: MIT */
/*
 * trial.h: one trial file ("muelle-trial/1", described in results/README.md) as a struct.
 *
 * A trial is either whole or not there: whatever does not have the format, contradicts itself or
 * carries a histogram that cannot be read is refused with one sentence. What a refused file says is
 * never used, not even the parts that look well.
 */
#ifndef MUELLE_ANALYSIS_TRIAL_H
#define MUELLE_ANALYSIS_TRIAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"
#include "common/histogram.h"

enum trust { TRUST_FULL, TRUST_CAUTION, TRUST_NONE };

/* "TRUSTED", "CAUTION", "NOT TRUSTED". */
const char *trust_text(enum trust trust);

enum percentile {
    PERCENTILE_50,
    PERCENTILE_90,
    PERCENTILE_99,
    PERCENTILE_999,
    PERCENTILE_9999,
    PERCENTILE_MAX,
    PERCENTILES,
};

/* The fraction, 1 for PERCENTILE_MAX. */
double percentile_fraction(enum percentile percentile);

struct latency {
    uint64_t count;
    uint64_t at_least_count;      /* of those, how many lasted longer than what is recorded */
    uint64_t above_count;         /* of those, how many are in no counter of the histogram */
    double value_ns[PERCENTILES]; /* NAN where count is 0 */
    bool at_least[PERCENTILES];   /* the value is a bound from below */
    const char *histogram;        /* encoded; see histogram_codec.h */
};

struct resources {
    bool measured; /* false: nobody observed it, everything below is 0 or NAN */
    double cpu_user_s, cpu_system_s, cpu_us_per_request;
    double rss_bytes, threads, voluntary_switches, involuntary_switches;
    double observed_s, run_queue_delay_s;
};

struct reason {
    const char *code;
    double value;
    const char *text;
};

struct window {
    double start_s, duration_s;
    uint64_t ok, errors;
    double p50_ns, p99_ns, max_ns; /* NAN: no reply in it */
};

/* Owns everything; the strings live in `document`. */
struct trial {
    char *file; /* name within trials/ */
    json_t *document;

    const char *model;      /* the label, "server" without one */
    const char *experiment; /* the label, "" without one */
    unsigned block;         /* the label, 0 without one */
    const char *started_utc;
    bool complete;

    const char *protocol, *loop, *request;
    uint64_t connections; /* asked for: the level */
    uint64_t threads;
    double duration_s; /* NAN: as long as the number of requests takes */
    double warmup_s, timeout_s;

    uint64_t sent, ok, wrong, timed_out; /* of the measured requests */
    uint64_t errors;                     /* of all kinds */
    uint64_t established, refused, lost, connections_failed;
    double measured_s, throughput_per_s;
    struct latency handshake, service;
    struct resources server, client;

    enum trust trust;
    struct reason *reasons;
    size_t reason_count;
    struct window *windows;
    size_t window_count;
};

/* Reads `size` bytes at `text` as the trial file named `file`. 0 and *trial to be released with
 * trial_release(); or -1, nothing to be released, and one sentence in problem[problem_size]. */
int trial_parse(const char *text, size_t size, const char *file, struct trial *trial, char *problem,
                size_t problem_size) MUST_CHECK;
void trial_release(struct trial *trial);

/* Adds the trial's service times to `into`, of the suite's layout. 0 or -errno. */
int trial_merge_service(const struct trial *trial, struct histogram *into) MUST_CHECK;

#endif
