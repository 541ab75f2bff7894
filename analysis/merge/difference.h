/* SPDX-License-Identifier: MIT */
/*
 * difference.h: under which conditions the parts of a merged run differ, for the report to tell.
 *
 * None of it forbids to merge (workload.h does): a longer trial, another preset or revision.
 */
#ifndef MUELLE_ANALYSIS_MERGE_DIFFERENCE_H
#define MUELLE_ANALYSIS_MERGE_DIFFERENCE_H

#include "analysis/merge/part.h"

/* A sentence for each condition that differs, and for models and levels that not every part of a
 * machine has, into the notes of `merged`. The parts still have their trials. */
void differences_note(const struct part *parts, size_t count, struct run *merged);

#endif
