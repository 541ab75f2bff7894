/* SPDX-License-Identifier: MIT */
/*
 * summary_latencies.h: the table of latencies in the summary, and what its rows mean.
 */
#ifndef MUELLE_LOADGEN_SUMMARY_LATENCIES_H
#define MUELLE_LOADGEN_SUMMARY_LATENCIES_H

#include <stdio.h>

#include "loadgen/plan.h"
#include "loadgen/record/recorder.h"

void summary_latencies(FILE *out, const struct plan *plan, const struct recorder *total);

#endif
