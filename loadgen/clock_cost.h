/* SPDX-License-Identifier: MIT */
/*
 * clock_cost.h: what the clock itself adds to what is measured with it.
 */
#ifndef MUELLE_LOADGEN_CLOCK_COST_H
#define MUELLE_LOADGEN_CLOCK_COST_H

#include <stdint.h>

struct clock_cost {
    double read_ns;   /* CPU time of one reading */
    uint64_t tick_ns; /* the smallest step between two readings that differ */
};

/* Reads the clock some ten thousand times: half a millisecond. */
struct clock_cost clock_cost_measure(void);

#endif
