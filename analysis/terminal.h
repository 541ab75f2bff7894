/* SPDX-License-Identifier: MIT */
/*
 * terminal.h: what a terminal can show, and tables whose columns stand straight on it.
 */
#ifndef MUELLE_ANALYSIS_TERMINAL_H
#define MUELLE_ANALYSIS_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/compiler.h"

/* `out` is a terminal and nobody asked for NO_COLOR. */
bool terminal_has_colour(FILE *out);

/* Columns of the terminal behind `out`; 80 where it is none or does not tell. */
size_t terminal_width(FILE *out);

enum terminal_style {
    TERMINAL_PLAIN,
    TERMINAL_BOLD,
    TERMINAL_DIM,
    TERMINAL_GOOD, /* green */
    TERMINAL_BAD,  /* red */
    TERMINAL_STYLES,
};

/* What turns `style` on, or with TERMINAL_PLAIN everything off; "" without `colour`. */
const char *terminal_code(enum terminal_style style, bool colour);

/* A line of its own, escaped. */
void terminal_write_line(FILE *out, const char *text, enum terminal_style style, bool colour);

/* Flushes standard output at the end of a command: a full disk or a reader who left costs the
 * status. 0, or -1 told on stderr. */
int standard_output_close(void) MUST_CHECK;

enum { TERMINAL_COLUMNS_MAX = 12 };

/* A table that is filled cell by cell, row by row. Owns copies of its texts. */
struct terminal_table {
    size_t column_count;
    bool is_left[TERMINAL_COLUMNS_MAX]; /* names stand left, numbers right */
    struct terminal_cell *cells;
    size_t cell_count;
    bool has_failed; /* memory ran out: nothing more is taken */
};

/* `columns`: "left,>right,…", the headings, with '>' before those of numbers; a constant of the
 * caller's with at most TERMINAL_COLUMNS_MAX of them. Release with terminal_table_release(). */
void terminal_table_init(struct terminal_table *table, const char *columns);
/* The next cell. */
void terminal_table_add(struct terminal_table *table, const char *text, enum terminal_style style);
/* Headings and rows; empty cells at the end of a line are not padded. 0 or -ENOMEM, when some cell
 * did not fit into memory. Errors of the stream are the caller's. */
int terminal_table_write(const struct terminal_table *table, FILE *out, bool colour) MUST_CHECK;
void terminal_table_release(struct terminal_table *table);

#endif
