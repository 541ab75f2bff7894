/* SPDX-License-Identifier: MIT */
/*
 * plan.h: the experiment as data: everything that was asked, checked, before anything happens.
 */
#ifndef MUELLE_LOADGEN_PLAN_H
#define MUELLE_LOADGEN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/socket_address.h"
#include "loadgen/engine/pacer.h"
#include "loadgen/judge/threshold.h"
#include "loadgen/load/arrival.h"
#include "loadgen/load/request_mix.h"

/* Due requests that may wait for a connection, unless --queue-limit says otherwise. */
#define QUEUE_LIMIT UINT64_C(1000000)

enum {
    LABELS_MAX = 32,
    THREADS_MAX = 256,
    TARGETS_MAX = 8,
    SOURCES_MAX = 256,
    THRESHOLDS_MAX = 16,
    PIPELINE_MAX = 1024,
};

struct plan_label {
    const char *name; /* points into `text` */
    const char *value;
    char *text;
};

/* What makes a connection send its next request. */
enum loop_kind {
    LOOP_CLOSED, /* that the last one was answered */
    LOOP_THINK,  /* that, and some time more */
    LOOP_OPEN,   /* the schedule, whatever was answered */
};

/* Which connections ask the kernel when their replies arrived. */
enum timestamps { TIMESTAMPS_SAMPLE, TIMESTAMPS_ALL, TIMESTAMPS_OFF };

/* Owns the labels' text, the arrival's trace; other strings are the command line's. */
struct plan {
    const char *target;                           /* as it was written */
    struct socket_address addresses[TARGETS_MAX]; /* what it stands for, to be tried in turn */
    size_t addresses_count;
    struct socket_address sources[SOURCES_MAX]; /* to connect from, in turn; none: as it comes */
    size_t sources_count;
    const char *source_text;
    const struct protocol *protocol;
    const char *request_text;
    struct request_mix requests_mix;

    unsigned connections;
    unsigned idle_connections; /* further ones that greet and then stay silent */
    unsigned threads;
    unsigned pipeline;                /* requests in flight on one connection, at most */
    uint64_t requests_per_connection; /* after which it is closed and opened anew; 0: never */
    double connect_rate_per_s;        /* 0: as fast as it goes, so many at once */
    enum timestamps timestamps;

    enum loop_kind loop;
    struct arrival arrival; /* LOOP_OPEN */
    const char *arrival_text;
    double rate_per_s;    /* as asked; 0: the arrival carries its own */
    enum pacing pacing;   /* LOOP_OPEN, LOOP_THINK */
    uint64_t queue_limit; /* LOOP_OPEN: due requests that may wait for a connection */
    int trace_classes[REQUEST_CLASSES_MAX]; /* of the trace's names in the mix */
    uint64_t think_ns;                      /* LOOP_THINK: the time, or its mean */
    bool think_is_exponential;
    const char *think_text;

    uint64_t requests;    /* measured requests after which it is over; 0: by duration alone */
    uint64_t duration_ns; /* UINT64_MAX: no end by the clock */
    bool warmup_is_asked;
    bool warmup_auto; /* warm-up ends when it is found to be over; warmup_ns is not used */
    uint64_t warmup_ns, timeout_ns, drain_ns;
    uint64_t seed;

    pid_t observed_pid; /* 0: nobody */
    struct plan_label labels[LABELS_MAX];
    size_t labels_count;

    struct threshold thresholds[THRESHOLDS_MAX]; /* --fail-if */
    size_t thresholds_count;
    bool find_capacity;
    struct threshold capacity_goal; /* what must hold at a rate, for find_capacity */
    bool strict;                    /* CAUTION fails, too */

    /* NULL: no such file. "-" is standard output. */
    const char *output_path, *hgrm_path, *hlog_path, *stream_path, *openmetrics_path, *dump_path;
    bool serve_metrics;
    uint16_t metrics_port; /* 0: any that is free */
    bool print_json, quiet;
};

/* Parses, and exits the process for --help, --version, --environment and wrong usage. */
void plan_parse(int argc, char **argv, struct plan *plan);
void plan_release(struct plan *plan);

/* The load may end before its duration is over: a number of requests, a trace. */
bool plan_ends_by_itself(const struct plan *plan);

/* One of its outputs goes to standard output, which people's summary then must not. */
bool plan_uses_stdout(const struct plan *plan);

/* "closed", "think" or "open". */
const char *loop_kind_name(enum loop_kind loop);

#endif
