/* SPDX-License-Identifier: MIT */
/*
 * forest.h: a comparison as a picture: a row a metric of every pair, the ratio B / A with its
 * interval, and behind it the region in which they count as equivalent.
 */
#ifndef MUELLE_ANALYSIS_COMPARE_FOREST_H
#define MUELLE_ANALYSIS_COMPARE_FOREST_H

#include "analysis/compare/pair.h"

/* Writes forest.tsv and forest.gp into `folder`, and draws forest.svg and forest.png there. What
 * gnuplot cannot do is a warning. 0 or -errno, told on stderr. Blocks at most half a minute. */
int forest_draw(const struct pairs *pairs, const char *folder) MUST_CHECK;

#endif
