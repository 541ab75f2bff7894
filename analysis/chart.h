/* SPDX-License-Identifier: MIT */
/*
 * chart.h: the charts of a report, as files and for the page.
 *
 * A chart is its data (.tsv), a script (.gp) that holds everything else, and the drawings gnuplot
 * makes of the two (.svg, .png). The scripts are the files of plots/ behind a few lines of
 * variables written here; no gnuplot is built in C.
 */
#ifndef MUELLE_ANALYSIS_CHART_H
#define MUELLE_ANALYSIS_CHART_H

#include "analysis/summary.h"

enum { CHARTS_MAX = 24 };

/* One chart for the page. Owns its texts. */
struct figure {
    const char *name;            /* of its files, without the suffix */
    char *title;                 /* "Throughput against connections" */
    char *conditions;            /* "median and range of 3 trials · echo:64, closed loop" */
    char *reading;               /* how to read it */
    char *marks;                 /* what open and grey points mean; "" when there are none */
    char *description;           /* for who cannot see it */
    char *table;                 /* its numbers in HTML, "" where another table has them */
    char *missing;               /* why there is no drawing; NULL when there is one */
    bool has_data;               /* .tsv and .gp were written */
    char *svg_wide, *svg_narrow; /* of gnuplot's making, without heading; NULL when missing */
};

struct figures {
    struct figure list[CHARTS_MAX];
    size_t count;
};

/* Draws everything the run has data for, into `folder`; drawings of an earlier report that are not
 * made again are removed. What gnuplot cannot do is a warning and a sentence in `missing`, not an
 * error. Takes at most a minute. 0 or -errno, told on stderr; release *figures in both cases. */
int figures_draw(struct figures *figures, const struct summary *summary,
                 const char *folder) MUST_CHECK;
void figures_release(struct figures *figures);

#endif
