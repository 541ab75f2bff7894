/* SPDX-License-Identifier: MIT */
/*
 * trial.h: one trial file ("muelle-trial/2", described in results/README.md) as a struct.
 *
 * The format before it, "muelle-trial/1", is read too: a closed loop, of which less was measured.
 * What it does not say is NAN or 0 here, or follows from its loop.
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

#include "analysis/counted.h"
#include "analysis/latency.h"
#include "common/compiler.h"

enum trust { TRUST_FULL, TRUST_CAUTION, TRUST_NONE };

/* "TRUSTED", "CAUTION", "NOT TRUSTED". */
const char *trust_text(enum trust trust);

/* What makes a connection send its next request. */
enum loop {
    LOOP_CLOSED, /* the last one was answered */
    LOOP_THINK,  /* that, and some time more */
    LOOP_OPEN,   /* the schedule, whatever was answered */
};

/* "closed", "think", "open". */
const char *loop_text(enum loop loop);

struct resources {
    bool measured; /* false: nobody observed it, everything below is 0 or NAN */
    double cpu_user_s, cpu_system_s, cpu_us_per_request;
    double rss_bytes, threads, voluntary_switches, involuntary_switches;
    double observed_s, run_queue_delay_s;
    double pss_bytes, page_tables_bytes, processes; /* NAN in older trials */
};

struct reason {
    const char *code;
    double value;
    const char *text;
};

struct window {
    double start_s, duration_s;
    double sent; /* NAN in an older trial */
    uint64_t ok, errors;
    double p50_ns, p99_ns, max_ns; /* NAN: no reply in it */
};

/* Owns everything; the strings live in `document`. */
struct trial {
    char *file; /* name within trials/ */
    json_t *document;
    bool is_reduced; /* only what is borrowed from it is left in `document`: trial_reduce.h */

    const char *model;      /* the label, "server" without one */
    const char *experiment; /* the label, "" without one */
    unsigned block;         /* the label, 0 without one */
    unsigned machine;       /* of several in a merged run, from 1; else 0 */
    const char *varies;     /* the label: what differs from level to level, else "connections" */
    char *level;            /* the label, else the number of connections */
    const char *started_utc;
    bool complete;

    const char *protocol, *request;
    enum loop loop;
    double rate_per_s;         /* asked for in an open loop; NAN: the arrival carries its own */
    const char *arrival;       /* of an open loop, else "" */
    const char *think;         /* between an answer and the next request, "" without */
    uint64_t pipeline;         /* requests in flight on one connection, at most */
    uint64_t connections;      /* asked for */
    uint64_t idle_connections; /* asked for beside them; they stay silent */
    uint64_t requests_per_connection; /* then it is closed and opened anew; 0: never */
    uint64_t threads;
    double duration_s; /* NAN: as long as the number of requests takes */
    double warmup_s, timeout_s;
    bool warmup_auto; /* it lasted until the throughput was steady */

    uint64_t intended, unsent; /* of the measured requests, as all of these: */
    uint64_t sent, ok, wrong, timed_out;
    uint64_t errors; /* of all kinds */
    uint64_t established, refused, lost, connections_failed;
    double measured_s, throughput_per_s;
    struct latency handshake, service, response;
    /* Of an older trial, and where nothing of the kind was measured: a count of 0. */
    struct latency send_lag, queue_wait, wire;
    /* Of a mix of requests of which some are work: response time of the others, by name. Without
     * such a mix a count of 0 and ""; where no request is work, `response` and "". */
    struct latency light;
    const char *light_class;
    struct resources server, client;
    struct counted counted;

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

/* Response time was measured apart from service time: there is an intended instant. */
bool trial_has_own_response(const struct trial *trial);

#endif
