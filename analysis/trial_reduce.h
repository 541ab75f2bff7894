/* SPDX-License-Identifier: MIT */
/*
 * trial_reduce.h: what a run of thousands of trials can do without.
 *
 * A trial as JSON in memory is ten times its struct, and most of it has been read into that: the
 * counters of each worker, the windows, six latencies with all their percentiles. What charts and
 * tables borrow from the document is a dozen texts and the histograms, which stay encoded, so a
 * trial of a large run weighs little more than those.
 */
#ifndef MUELLE_ANALYSIS_TRIAL_REDUCE_H
#define MUELLE_ANALYSIS_TRIAL_REDUCE_H

#include "analysis/trial.h"

/* Takes out of the document what nothing points into; everything else in *trial stays as it is. The
 * environment is shared with that of `like`, another trial of the run, or NULL, when they are
 * equal. */
void trial_reduce(struct trial *trial, const struct trial *like);

#endif
