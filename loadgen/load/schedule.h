/* SPDX-License-Identifier: MIT */
/*
 * schedule.h: the instants at which the requests of an open loop are meant to be sent.
 *
 * Pure: a function of the arrival, the seed and the thread's share, without a clock. The same ones
 * give the same instants, so a run can be repeated, and what was intended does not depend on how
 * fast anything was answered: that is what makes the loop open. An instant is computed from the
 * number of its arrival, not from the instant before, so that rounding does not add up: after an
 * hour the schedule is as exact as in its first second.
 */
#ifndef MUELLE_LOADGEN_SCHEDULE_H
#define MUELLE_LOADGEN_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/random.h"
#include "loadgen/load/arrival.h"

/* An arrival of the schedule. */
struct due {
    uint64_t at_ns;  /* since the start of the schedule; UINT64_MAX: never, in any run */
    uint64_t number; /* of the arrival, over all threads, 0 = the first */
    int class_index; /* into arrival.trace.names, or -1 */
};

/* How far a thread has walked through its share. A copy by assignment walks on by itself. */
struct schedule {
    const struct arrival *arrival; /* not owned; must outlive the schedule and stay as it is */
    uint64_t number;               /* of the next arrival */
    unsigned count;                /* of threads */
    size_t segment;                /* ramp and step: the one the next arrival is not before */

    /* Poisson: the time of the last arrival is elapsed_ns + fraction_ns. */
    struct random random;
    double gap_mean_ns;
    uint64_t elapsed_ns;
    double fraction_ns;
};

/* The share of thread `index` of `count`; index < count. The shares of all make up the whole:
 * arrival number k belongs to thread k mod count. A Poisson share is a process of its own with
 * rate / count, whose stream of random numbers follows from `seed` and `index`: the superposition
 * of independent Poisson processes is one of the sum of their rates (Kingman, "Poisson Processes",
 * 1993, section 2.2). There, numbers are unique over all threads, but not in order of time. */
void schedule_init(struct schedule *schedule, const struct arrival *arrival, uint64_t seed,
                   unsigned index, unsigned count);

/* The next arrival of the share, never before the one that was given last; false when there is none
 * any more, which only a trace knows. Neither blocks nor allocates. */
bool schedule_next(struct schedule *schedule, struct due *due);

#endif
