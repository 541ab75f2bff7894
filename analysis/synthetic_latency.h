/* SPDX-License-Identifier: MIT */
/*
 * synthetic_latency.h: the latencies of a made-up trial, as its file has them.
 *
 * Internal to synthetic*.c.
 */
#ifndef MUELLE_ANALYSIS_SYNTHETIC_LATENCY_H
#define MUELLE_ANALYSIS_SYNTHETIC_LATENCY_H

#include "analysis/synthetic.h"

/* What is drawn for a trial. */
struct synthetic_sample {
    uint64_t answered;  /* requests that are drawn a latency */
    uint64_t timed_out; /* and that were not answered in time; those that draw more are added */
    uint64_t unsent;    /* never sent, of an open loop: given up after the timeout */
};

/* The member `latency`, drawn from `seed`; NULL without memory. */
json_t *synthetic_latencies(const struct synthetic_trial *trial, unsigned long seed,
                            struct synthetic_sample *sample);

#endif
