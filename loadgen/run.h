/* SPDX-License-Identifier: MIT */
/*
 * run.h: one load from beginning to end, as its threads and the one that watches them see it.
 *
 *     connect        all connections are opened and greet; ends when each is established or given
 * up warm up        load, not measured measure        load, measured drain          nothing new is
 * sent; what is in flight may still be answered
 *
 * The watching thread decides when the load begins and tells the instants of all phases at once;
 * from then on every worker looks at its own clock. What they share is in this struct, and all of
 * it is atomic or fixed before the workers start.
 */
#ifndef MUELLE_LOADGEN_RUN_H
#define MUELLE_LOADGEN_RUN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "loadgen/outcome.h"
#include "loadgen/phase.h"
#include "loadgen/plan.h"
#include "loadgen/recorder.h"
#include "loadgen/resources.h"

struct run {
    const struct plan *plan;
    int wake_fd; /* eventfd: a worker got somewhere, or a signal came */

    atomic_uint workers_connected; /* all of their connections are established or given up */
    atomic_uint workers_finished;
    atomic_int fatal_error;  /* -errno of a server that cannot be reached at all; 0: none */
    atomic_bool stop;        /* send nothing more */
    atomic_bool end_at_once; /* do not even drain */

    /* The instants of the phases; begin_ns is published last (release) and 0 until then. */
    _Atomic uint64_t begin_ns;
    uint64_t measure_start_ns, measure_end_ns;
};

/* Lets the watching thread look. From any thread, also from a signal handler. */
void run_wake(const struct run *run);

/* What a finished run found. Owns `total`. */
struct run_result {
    struct recorder total; /* of all threads */
    bool complete;         /* false: interrupted, or the server was lost before the load began */
    bool interrupted;
    char started_utc[32];
    uint64_t measured_ns;
    unsigned connections_alive;      /* established when the measured window ended */
    struct resources client, server; /* over the measured window */
    bool server_observed;
    double client_busiest_thread; /* share of a core, 0..1 */
};

/* Runs the plan to its end; blocks. 0, or -errno after saying why: then there is no result. */
int run_execute(const struct plan *plan, struct run_result *result) MUST_CHECK;
void run_result_release(struct run_result *result);

#endif
