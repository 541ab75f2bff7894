/* SPDX-License-Identifier: MIT */
/*
 * run.h: one load from beginning to end.
 *
 *     connect   all connections are opened and greet; ends when each is established or given up
 *     warm up   load, not measured; lasts as planned, or until it is found to be over
 *     measure   load, measured
 *     drain     no new arrivals; what was due or is in flight may still be sent and answered
 */
#ifndef MUELLE_LOADGEN_RUN_H
#define MUELLE_LOADGEN_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "loadgen/engine/thread_time.h"
#include "loadgen/output/dump.h"
#include "loadgen/plan.h"
#include "loadgen/record/recorder.h"
#include "loadgen/record/resources.h"

/* What a finished run found. Owns `total`. */
struct run_result {
    struct recorder total; /* of all threads */
    bool complete; /* false: interrupted, or the server was lost before --requests were sent */
    bool interrupted;
    char started_utc[32];
    uint64_t warmup_ns;        /* how long it lasted */
    bool steady;               /* --warmup auto found an end to it; true when it was not asked */
    double warmup_spread;      /* of the last windows of --warmup auto: coefficient of variation */
    uint64_t measured_from_ns; /* clock_now_ns() when the window began; 0: there was none */
    uint64_t measured_ns;
    struct resources client, server; /* over the measured window */
    bool server_observed;
    double steal;              /* steal_share() of the measured window; negative: not known */
    struct thread_use busiest; /* of the generator's threads, that with the least time to spare */
    double in_flight_mean;     /* requests, over the measured window, sampled */
    double gaps_p; /* of Poisson arrivals, the least likely thread's: gap_sample_p(); negative: not
                      known */
    uint64_t queue_longest;                 /* due requests that waited for a connection, at most */
    uint64_t queue_left;                    /* ...when the window ended */
    char address[SOCKET_ADDRESS_TEXT_SIZE]; /* of those the target stands for, the one that is used
                                             */
    struct dump_result dump;
    int output_failed; /* 0, or -errno of an output besides the trial, which was said */
};

/* Runs the plan to its end; blocks. 0, or -errno after saying why: then there is no result. */
int run_execute(const struct plan *plan, struct run_result *result) MUST_CHECK;
void run_result_release(struct run_result *result);

#endif
