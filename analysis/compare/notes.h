/* SPDX-License-Identifier: MIT */
/*
 * notes.h: sentences on what a comparison had to leave out or cannot know.
 */
#ifndef MUELLE_ANALYSIS_COMPARE_NOTES_H
#define MUELLE_ANALYSIS_COMPARE_NOTES_H

#include <stddef.h>

#include "common/compiler.h"

/* Owns the texts. Zero-initialised is empty. */
struct notes {
    char **list;
    size_t count;
};

/* A sentence that is there already is not added again; the first 200 are kept. */
void notes_add(struct notes *notes, const char *format, ...) PRINTF_LIKE(2, 3);
void notes_release(struct notes *notes);

#endif
