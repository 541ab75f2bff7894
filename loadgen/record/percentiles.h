/* SPDX-License-Identifier: MIT */
/*
 * percentiles.h: which percentiles are reported.
 */
#ifndef MUELLE_LOADGEN_PERCENTILES_H
#define MUELLE_LOADGEN_PERCENTILES_H

struct percentile {
    double quantile;
    const char *field; /* in the trial's JSON */
    const char *label; /* in tables */
};

enum { PERCENTILES_COUNT = 5 };
extern const struct percentile percentiles[PERCENTILES_COUNT];

#endif
