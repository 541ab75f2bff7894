/* SPDX-License-Identifier: MIT */
/*
 * part.h: a run that becomes part of a merged one.
 */
#ifndef MUELLE_ANALYSIS_MERGE_PART_H
#define MUELLE_ANALYSIS_MERGE_PART_H

#include "analysis/run.h"

struct part {
    struct run run;
    const char *label; /* the folder's name, its whole path where two are called the same; in run */
    unsigned machine;  /* from 1, in the order in which they come */
    unsigned block_first, block_last; /* in the merged run; 0: its trials have no blocks */
};

#endif
