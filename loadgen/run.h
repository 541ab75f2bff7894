/* SPDX-License-Identifier: MIT */
/*
 * run.h: one load from beginning to end.
 *
 *     connect        all connections are opened and greet; ends when each is established or given
 * up warm up        load, not measured measure        load, measured drain          nothing new is
 * sent; what is in flight may still be answered
 */
#ifndef MUELLE_LOADGEN_RUN_H
#define MUELLE_LOADGEN_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "loadgen/plan.h"
#include "loadgen/recorder.h"
#include "loadgen/resources.h"

/* What a finished run found. Owns `total`. */
struct run_result {
    struct recorder total; /* of all threads */
    bool complete; /* false: interrupted, or the server was lost before --requests were sent */
    bool interrupted;
    char started_utc[32];
    uint64_t measured_ns;
    struct resources client, server; /* over the measured window */
    bool server_observed;
    double client_busiest_thread; /* share of a core, 0..1 */
};

/* Runs the plan to its end; blocks. 0, or -errno after saying why: then there is no result. */
int run_execute(const struct plan *plan, struct run_result *result) MUST_CHECK;
void run_result_release(struct run_result *result);

#endif
