/* SPDX-License-Identifier: MIT */
/*
 * latency.h: one of a trial's latencies as a struct: its percentiles, how far the trial itself says
 * they can be believed, and its histogram.
 *
 * The intervals a trial gives for its percentiles are not read: they say how far one trial is from
 * its own truth. A trial is the unit here, and trials differ by more than that.
 */
#ifndef MUELLE_ANALYSIS_LATENCY_H
#define MUELLE_ANALYSIS_LATENCY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "analysis/json_reader.h"
#include "common/compiler.h"
#include "common/histogram.h"

enum percentile {
    PERCENTILE_50,
    PERCENTILE_90,
    PERCENTILE_99,
    PERCENTILE_999,
    PERCENTILE_9999,
    PERCENTILE_MAX,
    PERCENTILES,
};

/* The fraction, 1 for PERCENTILE_MAX. */
double percentile_fraction(enum percentile percentile);

struct latency {
    uint64_t count;
    uint64_t at_least_count;      /* of those, how many lasted longer than what is recorded */
    uint64_t above_count;         /* of those, how many are in no counter of the histogram */
    double value_ns[PERCENTILES]; /* NAN where count is 0 */
    bool at_least[PERCENTILES];   /* the value is a bound from below */
    /* Independent requests the sample is worth for that percentile, at most `count`: requests that
     * were slow together are fewer. Of an older trial, which does not know, and of the maximum:
     * `count`. */
    double effective_count[PERCENTILES];
    const char *histogram; /* encoded; see histogram_codec.h */
};

/* Reads `object`, the member `name` of a trial's `latency`; `reader->where` is left empty. The
 * histogram must hold what the numbers say, in the suite's layout. `has_precision`: the effective
 * counts are there, else they are `count`. */
void latency_read(struct json_reader *reader, json_t *object, const char *name, bool has_precision,
                  struct latency *latency);

/* The sample does not carry the percentile, or one below it: it is worth fewer requests than
 * quantile_needs(). What comes in clumps at p99 does so beyond, where it is too rare to be seen. */
bool latency_is_insufficient(const struct latency *latency, enum percentile percentile);

/* The largest quantile of the sample that can be read off: one that the requests carry, and below
 * those that lasted longer than what is recorded. 0 without requests. */
double latency_carried(const struct latency *latency);

/* Adds what the histogram holds to `into`, of the suite's layout. 0 or -errno. */
int latency_merge(const struct latency *latency, struct histogram *into) MUST_CHECK;

#endif
