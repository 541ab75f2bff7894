/* SPDX-License-Identifier: MIT */
/*
 * machine.h: is that the same machine, and what tells several apart? By what a trial's
 * `environment` records.
 *
 * No name of a host is recorded, so two machines that are alike in all of that count as one.
 */
#ifndef MUELLE_ANALYSIS_MERGE_MACHINE_H
#define MUELLE_ANALYSIS_MERGE_MACHINE_H

#include <jansson.h>
#include <stdbool.h>

enum { MACHINES_TEXT_SIZE = 256 }; /* of more machines the last are left out */

/* Same processor, number of cores, architecture, kernel, and about as much memory. */
bool machine_is_same(const json_t *one, const json_t *other);

/* Of an array of environments, as many facts as tell them apart: "A: 2 cores, B: 8 cores".
 * `text` has MACHINES_TEXT_SIZE places and is returned. */
char *machines_text(const json_t *environments, char *text);

#endif
