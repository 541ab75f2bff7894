/* SPDX-License-Identifier: MIT */
/*
 * gap_sample.h: the gaps between the first requests a thread sends within the measured window, to
 * be held against the arrivals that were asked for.
 *
 * What waits for a connection is sent when one is free, not when it is meant: then there is nothing
 * to hold against anything, and the sample is spoiled.
 */
#ifndef MUELLE_LOADGEN_GAP_SAMPLE_H
#define MUELLE_LOADGEN_GAP_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

/* Anderson-Darling notices a wrong mean of a tenth with so many, and not the microseconds by which
 * every machine is late. */
enum { GAP_SAMPLE_MAX = 1000 };

struct gap_sample {
    double gaps_ns[GAP_SAMPLE_MAX];
    unsigned count;
    uint64_t last_ns; /* 0: there was none */
    bool spoiled;
};

/* A request was sent at `sent_ns`; `waited`: for a connection. */
static inline void gap_sample_add(struct gap_sample *sample, uint64_t sent_ns, bool waited)
{
    if (sample->count == GAP_SAMPLE_MAX)
        return;
    sample->spoiled |= waited;
    if (sample->last_ns > 0)
        sample->gaps_ns[sample->count++] = (double)(sent_ns - sample->last_ns);
    sample->last_ns = sent_ns;
}

/* How likely such gaps are when those of the thread are exponential with that mean: the p of
 * anderson_darling_exponential(). Negative when there is nothing to tell: spoiled, or too few. */
double gap_sample_p(const struct gap_sample *sample, double mean_ns);

#endif
