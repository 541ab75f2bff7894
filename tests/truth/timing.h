/* SPDX-License-Identifier: MIT */
/*
 * timing.h: when a reply leaves, as a function of when its request was read.
 *
 * Pure: no clock, no socket; every instant is an argument, in nanoseconds of CLOCK_MONOTONIC. What
 * the generator is held against follows from here, so nothing is approximated: a freeze ends at an
 * instant, a delay is a constant, a capacity is a queue with one server and a fixed service time.
 */
#ifndef MUELLE_TESTS_TRUTH_TIMING_H
#define MUELLE_TESTS_TRUTH_TIMING_H

#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"
#include "common/random.h"

enum { TIMING_DELAYS_MAX = 8 };

/* One of the delays a reply may be given, and how often in proportion to the others. */
struct timing_delay {
    uint64_t delay_ns;
    uint64_t weight;
    uint64_t chosen; /* requests that were given it */
};

/* Zero-initialised: every reply leaves at once. Set by the timing_parse_*() below; `start_ns` is
 * when the first period of the freezes begins, `random` is what chooses among delays. */
struct timing {
    uint64_t start_ns;
    uint64_t freeze_ns, period_ns; /* frozen for the last freeze_ns of every period_ns; 0: never */
    struct timing_delay delays[TIMING_DELAYS_MAX];
    size_t delays_count;
    uint64_t weight_total;
    uint64_t service_ns; /* of one request, one after another; 0: no limit */
    uint64_t idle_ns;    /* when the last request so far has been served */
    struct random random;
};

/* "1s@5s": frozen for 1 s in every 5 s. 0 or -EINVAL. */
int timing_parse_freeze(struct timing *timing, const char *text) MUST_CHECK;

/* "2ms", or "1ms:99,20ms:1": 99 replies in 100 after 1 ms, one after 20 ms, in random order. At
 * most an hour each. 0 or -EINVAL, and then the delays must not be used. */
int timing_parse_delays(struct timing *timing, const char *text) MUST_CHECK;

/* "5k/s": so many requests in a second, 1 to a million; the service time is rounded to a whole
 * nanosecond. 0 or -EINVAL. */
int timing_parse_capacity(struct timing *timing, const char *text) MUST_CHECK;

/* The end of the freeze that `now_ns` falls in; `now_ns` itself outside of one. */
uint64_t timing_thaw_ns(const struct timing *timing, uint64_t now_ns);

/* When the reply to a request leaves that was read at `read_ns`: after those before it were served
 * (with a capacity), then after its delay, then not within a freeze. Called once a request, in the
 * order of reading. */
uint64_t timing_due_ns(struct timing *timing, uint64_t read_ns);

#endif
