/* SPDX-License-Identifier: MIT */
/*
 * escape.h: text from others (labels, reasons, file names) made harmless where it is written.
 *
 * A label may be anything: markup, quotes, a backquoted command, a line break, a terminal's escape
 * sequence. Each writer knows what its place could misread. All of them write control characters
 * and those that reverse the reading direction as U+FFFD, and take any bytes: what is not UTF-8 is
 * shown as U+FFFD too. Errors of the stream are the caller's, at fclose(3).
 */
#ifndef MUELLE_ANALYSIS_ESCAPE_H
#define MUELLE_ANALYSIS_ESCAPE_H

#include <stddef.h>
#include <stdio.h>

/* Between tags and in quoted attributes of HTML. */
void escape_html(FILE *out, const char *text);

/* Inside <script type="application/json">: `json` is JSON text; its '<' are written \u003c, so that
 * neither "</script" nor "<!--" can occur. */
void escape_script(FILE *out, const char *json);

/* A whole string constant of gnuplot, single quotes included: nothing in it is substituted. Cut
 * after `characters_max` with an ellipsis. Characters that the charts' font lacks become '?': cairo
 * would draw boxes of any size for them. */
enum { GNUPLOT_NAME_MAX = 40, GNUPLOT_TEXT_MAX = 200 }; /* in a legend; in a heading */
void escape_gnuplot(FILE *out, const char *text, size_t characters_max);

/* A field of a file of tab-separated values. Double quotes become single ones: gnuplot reads a
 * quoted field as one even across tabs. */
void escape_tsv(FILE *out, const char *text);

/* A field of a CSV file (RFC 4180), quoted when it must be. */
void escape_csv(FILE *out, const char *text);

/* Running text or a table cell of Markdown. */
void escape_markdown(FILE *out, const char *text);

/* A line of a terminal. */
void escape_terminal(FILE *out, const char *text);
/* The same, cut after `characters_max` with an ellipsis. */
void escape_terminal_cut(FILE *out, const char *text, size_t characters_max);

/* In place, for a line of a log: everything but printable ASCII becomes '?'. */
void escape_plain(char *text);

/* Columns the text takes on a terminal, one a character. */
size_t escape_width(const char *text);

#endif
