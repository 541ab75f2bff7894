/* SPDX-License-Identifier: MIT */
/*
 * document.h: a text that is written in memory and becomes a file at once, or none.
 */
#ifndef MUELLE_ANALYSIS_DOCUMENT_H
#define MUELLE_ANALYSIS_DOCUMENT_H

#include <stddef.h>
#include <stdio.h>

#include "common/compiler.h"

/* Write to `out`. Owns the text until document_text(), document_save() or document_discard(), one
 * of which must follow document_open(). */
struct document {
    FILE *out;
    char *text;
    size_t size;
};

/* 0 or -ENOMEM, then nothing must follow. */
int document_open(struct document *document) MUST_CHECK;
/* The text, freed by the caller; NULL when memory ran out. */
char *document_text(struct document *document) MUST_CHECK;
/* Writes the file folder/name, whole or not at all. 0 or -errno, told on stderr. */
int document_save(struct document *document, const char *folder, const char *name) MUST_CHECK;
void document_discard(struct document *document);

/* "folder/name", freed by the caller; NULL without memory. */
char *path_join(const char *folder, const char *name) MUST_CHECK;

/* Makes the folder `path`, which may be there already. 0 or -errno, told on stderr. */
int folder_create(const char *path) MUST_CHECK;

#endif
