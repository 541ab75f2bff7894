/* SPDX-License-Identifier: MIT */
/*
 * workload.h: did two runs ask the same work of the models? Only then their numbers may be one.
 *
 * The same work is: one experiment, the same thing that varies, and where both have a level, the
 * same protocol, request, loop, arrivals, connections and requests in flight; and servers started
 * with the same options, as far as the manifests say. A rate that is a share of what was found to
 * be a model's capacity may differ.
 */
#ifndef MUELLE_ANALYSIS_MERGE_WORKLOAD_H
#define MUELLE_ANALYSIS_MERGE_WORKLOAD_H

#include "analysis/run.h"

/* *difference is NULL where there is none, else a sentence that names both runs, freed by the
 * caller. 0 or -ENOMEM. */
int workload_compare(const struct run *one, const struct run *other, char **difference) MUST_CHECK;

/* A trial of each was taken at the same level. */
bool workload_shares_level(const struct run *one, const struct run *other);

#endif
