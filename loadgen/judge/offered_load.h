/* SPDX-License-Identifier: MIT */
/*
 * offered_load.h: how much of the load of an open loop was carried in time.
 *
 * That a request is sent in the end says little: behind a server that is too slow it waits as long
 * as the run lets it. So the backlog is looked at, which is what has become due and has not ended,
 * second by second. A server that falls behind and catches up has a backlog that comes and goes;
 * one that is saturated has a backlog that never goes below what it was before. The lowest backlogs
 * of the beginning and of the end of the measured window are held against each other.
 *
 * Why not the share that was sent: docs/decisions/0010-offered-load-by-its-backlog.md.
 */
#ifndef MUELLE_LOADGEN_OFFERED_LOAD_H
#define MUELLE_LOADGEN_OFFERED_LOAD_H

#include <stdint.h>

#include "loadgen/plan.h"
#include "loadgen/run.h"

struct offered_load {
    double achieved;      /* share of the offered load that was carried in time, 0..1 */
    uint64_t behind;      /* due within the measured window, less those that ended in it */
    double carried_per_s; /* correct replies a second, late in the window: when it is saturated,
                             its capacity */
};

/* Of a finished run with an open loop, whose measured window is not empty. Pure. */
void offered_load_of(const struct plan *plan, const struct run_result *result,
                     struct offered_load *load);

#endif
