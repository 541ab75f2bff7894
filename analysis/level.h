/* SPDX-License-Identifier: MIT */
/*
 * level.h: at which level of its experiment a trial was taken, as text.
 */
#ifndef MUELLE_ANALYSIS_LEVEL_H
#define MUELLE_ANALYSIS_LEVEL_H

#include "analysis/trial.h"

enum { LEVEL_TEXT_SIZE = 272 };

/* The label `level`, as it was stated; without one, the number of connections. `text` has
 * LEVEL_TEXT_SIZE places; it or the label is returned. */
const char *level_text(const struct trial *trial, char *text);

/* What differs from level to level: the label `varies`, else "connections". */
const char *level_varies(const struct trial *trial);

#endif
