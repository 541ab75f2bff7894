/* SPDX-License-Identifier: MIT */
/*
 * summary_text.h: how the lines of the summary are set: a label, then the text beside it.
 */
#ifndef MUELLE_LOADGEN_SUMMARY_TEXT_H
#define MUELLE_LOADGEN_SUMMARY_TEXT_H

#include <stdint.h>
#include <stdio.h>

/* In columns: the text stands beside its label, in lines of SUMMARY_LINE_WIDTH at most. */
enum {
    SUMMARY_LABEL_WIDTH = 12,
    SUMMARY_TEXT_COLUMN = SUMMARY_LABEL_WIDTH + 3,
    SUMMARY_LINE_WIDTH = 110,
    SUMMARY_NUMBER_SIZE = 32,
};

/* "1,234,567": `text` has SUMMARY_NUMBER_SIZE places and is returned. */
const char *summary_grouped(uint64_t number, char *text);

/* What makes a word many: "s", but "" for one. */
const char *summary_plural(uint64_t count);

/* The beginning of a line, up to SUMMARY_TEXT_COLUMN. */
void summary_label(FILE *out, const char *label);

/* A whole line. */
void summary_note(FILE *out, const char *label, const char *text);

/* `text` and the end of its last line; the first line has reached `column` already, and the others
 * begin there. Lines end at SUMMARY_LINE_WIDTH, but a word that is longer stays whole. */
void summary_wrapped(FILE *out, int column, const char *text);

#endif
