/* SPDX-License-Identifier: MIT */
/*
 * precision.h: how far a percentile of a finished run can be believed: its interval, on the sample
 * that is left when requests that came in clumps are not counted as independent.
 */
#ifndef MUELLE_LOADGEN_PRECISION_H
#define MUELLE_LOADGEN_PRECISION_H

#include "common/quantile_interval.h"
#include "loadgen/record/recorder.h"

/* How clumped a sample is shows in its seconds, and takes some of them to show: of fewer a
 * percentile has no interval, and its requests are taken to be independent. */
enum { PRECISION_SECONDS_MIN = 8 };

/* The quantile of one latency, by its seconds: quantile_dispersion() of the counts above it. Those
 * of connects and handshakes, which have no seconds, are taken to be independent. */
void precision_of(const struct recorder *recorder, enum latency_kind kind, double quantile,
                  struct quantile_interval *interval);

#endif
