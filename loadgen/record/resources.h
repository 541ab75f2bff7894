/* SPDX-License-Identifier: MIT */
/*
 * resources.h: what a process used between two instants, read from /proc.
 *
 * Works alike for a server that is observed and for ourselves. A server may be several processes:
 * everything is summed over the process and all that descend from it; what a descendant that has
 * ended had used is known to the clock tick (10 ms) only. CPU time is the processes' CPU clocks, to
 * the nanosecond, divided into user and system by the kernel's own proportion. Context switches
 * and run-queue delay are summed over the threads that exist at both instants, and what the threads
 * that ended in between took with them is missing from them. To walk over thousands of threads
 * takes a good part of a second, so what was counted there is scaled to the span of the CPU clock.
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
    uint64_t rss_bytes;          /* at the end; pages that are shared count for each process */
    uint64_t pss_bytes;          /* at the beginning; of a shared page its share; 0: not known */
    uint64_t page_tables_bytes;  /* at the beginning */
    unsigned threads, processes; /* at the end */
    unsigned cores;              /* the process may run on */
    uint64_t voluntary_switches, involuntary_switches;
    bool has_run_queue_delay; /* the kernel counts it */
    uint64_t run_queue_delay_ns;
};

/* Totals since the process began; zero it before the first part is taken. */
struct resources_sample {
    uint64_t taken_ns;  /* when the CPU clock was read */
    uint64_t walked_ns; /* the middle of the walk over the threads */
    uint64_t cpu_ns, user_ticks, system_ticks, rss_bytes;
    uint64_t pss_bytes, page_tables_bytes; /* as of the walk */
    unsigned threads, processes, cores;
    uint64_t voluntary_switches, involuntary_switches;
    bool has_run_queue_delay;
    uint64_t run_queue_delay_ns;
};

/* The parts of a sample. The processes' is quick and is taken at the edges of the measured window;
 * the walks over the threads and over the memory take a while and belong outside of it: before the
 * first part of the first sample, after that of the second, which needs no memory. 0, or -errno:
 * -ESRCH when there is no such process. */
int resources_sample_process(pid_t pid, struct resources_sample *sample) MUST_CHECK;
int resources_sample_threads(pid_t pid, struct resources_sample *sample) MUST_CHECK;
int resources_sample_memory(pid_t pid, struct resources_sample *sample) MUST_CHECK;

struct resources resources_between(const struct resources_sample *before,
                                   const struct resources_sample *after);

/* Share of the cores it may use, 0..1, that the process kept busy; threads it does not have cannot
 * use a core. */
double resources_busy_share(const struct resources *resources);

#endif
