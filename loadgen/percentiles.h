/* SPDX-License-Identifier: MIT */
/*
 * percentiles.h: which percentiles are reported, and whether they can be.
 */
#ifndef MUELLE_LOADGEN_PERCENTILES_H
#define MUELLE_LOADGEN_PERCENTILES_H

#include <stdbool.h>

#include "loadgen/recorder.h"

struct percentile {
    double quantile;
    const char *field; /* in the trial's JSON */
    const char *label; /* in tables */
};

enum { PERCENTILES_COUNT = 5 };
extern const struct percentile percentiles[PERCENTILES_COUNT];

/* Is the value at `quantile` only known to be "at least this long"? */
bool latency_is_lower_bound(const struct latency *latency, double quantile);

#endif
