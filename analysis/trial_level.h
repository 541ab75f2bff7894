/* SPDX-License-Identifier: MIT */
/*
 * trial_level.h: at which level of its experiment a trial was taken, as text.
 */
#ifndef MUELLE_ANALYSIS_TRIAL_LEVEL_H
#define MUELLE_ANALYSIS_TRIAL_LEVEL_H

#include "analysis/trial.h"

enum { TRIAL_LEVEL_TEXT_SIZE = 272 };

/* The label `level`, as it was stated; without one, the number of connections. `text` has
 * TRIAL_LEVEL_TEXT_SIZE places; it or the label is returned. */
const char *trial_level_text(const struct trial *trial, char *text);

/* What differs from level to level: the label `varies`, else "connections". */
const char *trial_level_varies(const struct trial *trial);

#endif
