/* SPDX-License-Identifier: MIT */
/*
 * manifest.h: the manifest of a merged run, "muelle-merge/1" of results/README.md.
 */
#ifndef MUELLE_ANALYSIS_MERGE_MANIFEST_H
#define MUELLE_ANALYSIS_MERGE_MANIFEST_H

#include "analysis/merge/part.h"

/* What all parts state alike is kept, models and levels are all that any of them has; `machines`
 * says which there are. A new reference, NULL without memory. */
json_t *manifest_merge(const struct part *parts, size_t count, size_t machine_count) MUST_CHECK;

/* Adds `runs`: the parts, with the numbers of their blocks. They still have their trials. 0 or
 * -ENOMEM. */
int manifest_add_runs(json_t *manifest, const struct part *parts, size_t count) MUST_CHECK;

#endif
