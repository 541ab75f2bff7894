/* SPDX-License-Identifier: MIT */
/*
 * recorder_windows.h: the closed windows of a recorder, for recorder.c alone: a second as the few
 * counters it used, which is a hundredth of its histograms.
 */
#ifndef MUELLE_LOADGEN_RECORDER_WINDOWS_H
#define MUELLE_LOADGEN_RECORDER_WINDOWS_H

#include "loadgen/record/recorder.h"

/* Where a kind is found: without a service time of its own it is the response's. */
static inline enum latency_kind recorder_stored_kind(const struct recorder *recorder,
                                                     enum latency_kind kind)
{
    return kind == LATENCY_SERVICE && !recorder->plan.separate_service ? LATENCY_RESPONSE : kind;
}

/* The next window, zeroed; NULL when out of memory. The mutex is held. */
struct window *recorder_append_window(struct recorder *recorder);

/* Copies the counters that are not zero. Without memory the second keeps its counts and loses its
 * percentiles. */
void window_keep(struct window_latency *kept, const struct latency *latency);
void window_release(struct window *window);

#endif
