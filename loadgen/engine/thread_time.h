/* SPDX-License-Identifier: MIT */
/*
 * thread_time.h: what the calling thread did with its time: it ran, it was ready to run but had no
 * core, or it had nothing to do.
 */
#ifndef MUELLE_LOADGEN_THREAD_TIME_H
#define MUELLE_LOADGEN_THREAD_TIME_H

#include <stdbool.h>
#include <stdint.h>

/* Totals since the thread began. */
struct thread_time {
    uint64_t taken_ns, cpu_ns;
    uint64_t spun_ns; /* of cpu_ns, spent in waiting; told by whoever spins */
    bool has_delay;   /* the kernel counts it */
    uint64_t delay_ns;
};

/* Shares of the time between two instants, 0..1. */
struct thread_use {
    double busy;    /* running, and not only spinning */
    double starved; /* ready to run, without a core */
    double spun;
};

struct thread_time thread_time_now(uint64_t spun_ns);
struct thread_use thread_use_between(const struct thread_time *before,
                                     const struct thread_time *after);

#endif
