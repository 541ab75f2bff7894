/* SPDX-License-Identifier: MIT */
/*
 * arrival.h: how the requests of an open loop arrive, as the command line says it: at which rate,
 * and in which pattern.
 *
 * Data only. What is sent when follows from it and a seed alone: schedule.h. docs/arrivals.md
 * describes every kind for users. There is no default here, and no clock.
 */
#ifndef MUELLE_LOADGEN_ARRIVAL_H
#define MUELLE_LOADGEN_ARRIVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"
#include "loadgen/load/arrival_trace.h"

enum arrival_kind {
    ARRIVAL_UNIFORM, /* the same gap each time */
    ARRIVAL_POISSON, /* independent, exponential gaps */
    ARRIVAL_BURST,   /* uniform while on, silent while off */
    ARRIVAL_RAMP,    /* from one rate to another, linearly */
    ARRIVAL_STEP,    /* one rate after the other */
    ARRIVAL_TRACE,   /* as a file says */
};

/* More levels than this are better told as a trace. */
enum { ARRIVAL_STEPS_MAX = 64 };

/* A stretch in which the rate is constant or changes linearly: it starts at `start_ns` with
 * `rate_per_s`, after `before` arrivals. It lasts until the next one starts, the last for ever. */
struct arrival_segment {
    uint64_t start_ns;
    double before;
    double rate_per_s;
    double slope_per_s2;
};

/* Owns `trace`. Written by arrival_parse() alone; read by any thread afterwards. */
struct arrival {
    enum arrival_kind kind;

    /* Uniform, Poisson and burst: the rate, of a burst while it is on; and its inverse,
     * period_ns + period_fraction / 2^64. */
    double rate_per_s;
    uint64_t period_ns, period_fraction;
    uint64_t on_ns, off_ns; /* burst */

    /* Ramp and step. */
    struct arrival_segment segments[ARRIVAL_STEPS_MAX];
    size_t segments_count;

    struct arrival_trace trace;
};

/* "uniform", "poisson", "burst:on=100ms,off=900ms", "ramp:from=1k/s,to=50k/s",
 * "step:1k/s,2k/s,4k/s@5s", "trace:FILE". `rate_per_s` is what was asked for elsewhere, of (0,
 * 10^9] as rate_parse() gives it, or 0: uniform, poisson and burst need it, the others carry their
 * own and refuse it. `duration_ns` is what a ramp takes, at most 24 h; the others ignore it. 0;
 * -EINVAL, and then *problem is one sentence about it that lives as long as `arrival`; or -errno of
 * the trace file, -ENOMEM among them, and then *problem is NULL. Nothing needs a release after a
 * failure. Blocks while a trace is read. */
int arrival_parse(const char *text, double rate_per_s, uint64_t duration_ns,
                  struct arrival *arrival, const char **problem) MUST_CHECK;
void arrival_release(struct arrival *arrival);

/* How many arrivals are expected in [0, end_ns): the integral of the rate; of a trace, the exact
 * number. That of a later stretch is the difference of two. */
double arrival_expected(const struct arrival *arrival, uint64_t end_ns);
/* That number by the second: the load offered in [0, duration_ns); 0 when it is empty. */
double arrival_mean_rate(const struct arrival *arrival, uint64_t duration_ns);

/* The expected rate is the same at any time: what tests of a steady state may assume. */
bool arrival_is_steady(const struct arrival *arrival);
/* There is a last arrival. */
bool arrival_is_finite(const struct arrival *arrival);

#endif
