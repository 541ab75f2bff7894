/* SPDX-License-Identifier: MIT */
/*
 * resources.h: what a process used between two instants, read from /proc.
 *
 * Works alike for a server that is observed and for ourselves. CPU time is the process's CPU clock,
 * to the nanosecond, divided into user and system by the kernel's own proportion. Context switches
 * and run-queue delay are summed over the threads that exist at both instants, and what the threads
 * that ended in between took with them is missing from them.
 */
#ifndef MUELLE_LOADGEN_RESOURCES_H
#define MUELLE_LOADGEN_RESOURCES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/compiler.h"

/* Between two samples. */
struct resources {
    uint64_t observed_ns;
    uint64_t cpu_user_ns, cpu_system_ns;
    uint64_t rss_bytes; /* at the end */
    unsigned threads;   /* at the end */
    unsigned cores;     /* the process may run on */
    uint64_t voluntary_switches, involuntary_switches;
    bool has_run_queue_delay; /* the kernel counts it */
    uint64_t run_queue_delay_ns;
};

/* Totals since the process began. */
struct resources_sample {
    uint64_t taken_ns, cpu_ns, user_ticks, system_ticks, rss_bytes;
    unsigned threads, cores;
    uint64_t voluntary_switches, involuntary_switches;
    bool has_run_queue_delay;
    uint64_t run_queue_delay_ns;
};

/* Which of a sample's parts are taken first: the CPU clock is read next to the measured window, the
 * walk over the threads, which may take a while, away from it. */
enum resources_edge { RESOURCES_BEFORE, RESOURCES_AFTER };

/* 0, or -errno: -ESRCH when there is no such process. */
int resources_sample(pid_t pid, enum resources_edge edge,
                     struct resources_sample *sample) MUST_CHECK;

struct resources resources_between(const struct resources_sample *before,
                                   const struct resources_sample *after);

/* Share of the cores it may use, 0..1, that the process kept busy; threads it does not have cannot
 * use a core. */
double resources_busy_share(const struct resources *resources);

#endif
