/* SPDX-License-Identifier: MIT */
/*
 * conditions.h: under which conditions the numbers of a run were taken, in words.
 */
#ifndef MUELLE_ANALYSIS_CONDITIONS_H
#define MUELLE_ANALYSIS_CONDITIONS_H

#include "analysis/summary.h"

enum { CONDITIONS_TEXT_SIZE = 512 }; /* places every `text` below has; all return it */

/* "echo:64, closed loop", "echo:64, open loop, 20,000/s poisson": as all trials have it, else
 * "different requests" or "different loads". On several machines with what tells them apart:
 * "echo:64, closed loop, on A: 2 cores, B: 8 cores". */
char *conditions_request(const struct summary *summary, char *text);

/* That and "native protocol; 3 blocks; 10 s measured after 3 s of warm-up; 1 thread of load". */
char *conditions_text(const struct summary *summary, char *text);

#endif
