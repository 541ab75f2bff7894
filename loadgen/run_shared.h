/* SPDX-License-Identifier: MIT */
/*
 * run_shared.h: what the threads of one run and the one that watches them share.
 *
 * The watching thread decides when the load begins and where the measured window lies, which may be
 * later; every worker looks at its own clock. Everything here is atomic, or fixed before the
 * workers read it.
 */
#ifndef MUELLE_LOADGEN_RUN_SHARED_H
#define MUELLE_LOADGEN_RUN_SHARED_H

#include <stdatomic.h>
#include <stdint.h>

#include "loadgen/plan.h"
#include "loadgen/record/recorder.h"

struct run {
    const struct plan *plan;
    const struct socket_address *target;
    struct recorder_plan recording;
    int wake_fd; /* eventfd: a worker got somewhere, or a signal came */

    atomic_uint workers_connected; /* all of their connections are established or given up */
    atomic_uint workers_finished;
    atomic_int fatal_error;  /* -errno of a server that cannot be reached at all; 0: none */
    atomic_bool stop;        /* send nothing more */
    atomic_bool end_at_once; /* do not even drain */

    /* The instants of the phases, each published (release) after what belongs to it: begin_ns is 0
     * until the load may begin, measure_start_ns UINT64_MAX until the window's place is known. */
    _Atomic uint64_t begin_ns;
    uint64_t requests_of[THREADS_MAX]; /* measured requests each thread may send */
    _Atomic uint64_t measure_start_ns;
    uint64_t measure_end_ns;
};

/* Lets the watching thread look. From any thread, also from a signal handler. */
void run_wake(const struct run *run);

/* SIGINT and SIGTERM stop that run. Without a run: the load is over and its report is about to be
 * written, so one more signal, such as a second one that found nothing in flight any more, must not
 * cost it. The next one ends us. Should another run follow, as in a search, the first one stops
 * that. SIGPIPE is ignored. */
void run_catch_signals(struct run *run);

#endif
