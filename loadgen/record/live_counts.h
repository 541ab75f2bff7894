/* SPDX-License-Identifier: MIT */
/*
 * live_counts.h: what the threads of a run have counted by now, of the whole run, and how fast they
 * count.
 *
 * Each counter is read on its own while its thread goes on, so one may be ahead of another by what
 * happened in between: good enough to be looked at, while what is reported is counted elsewhere.
 */
#ifndef MUELLE_LOADGEN_LIVE_COUNTS_H
#define MUELLE_LOADGEN_LIVE_COUNTS_H

#include <stdint.h>

#include "common/clock.h"
#include "loadgen/record/outcome.h"
#include "loadgen/record/recorder.h"

struct live_counts {
    uint64_t taken_ns, cpu_ns; /* when, and how much CPU time this process had used... */
    uint64_t spun_ns;          /* ...of which its threads spent so much in waiting busily */
    uint64_t intended, sent, ok, errors, connections;
    uint64_t wrong, timed_out, failures[FAILURES_COUNT]; /* of `errors` */
    uint64_t connection_failures[FAILURES_COUNT];        /* with no request in flight */
};

/* Of those recorders, now. */
void live_counts_read(struct live_counts *counts, struct recorder *const *recorders,
                      unsigned recorders_count);

/* Rates over the last second, as far as it was looked at: a ring of counts. */
enum { LIVE_RATES_SAMPLES = 16 };
#define LIVE_RATES_SPAN_NS NS_PER_S

struct live_rates {
    struct {
        uint64_t taken_ns, busy_ns, intended, ok;
    } samples[LIVE_RATES_SAMPLES];
    unsigned first, count;
    double offered_per_s, achieved_per_s;
    double cores; /* how many this process kept busy, not counting what was spun */
};

/* Zero-initialised knows nothing yet. Counts of an earlier instant than those before begin anew. */
void live_rates_add(struct live_rates *rates, const struct live_counts *counts);

#endif
