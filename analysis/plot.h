/* SPDX-License-Identifier: MIT */
/*
 * plot.h: one chart while it is made: what kind it is, its data, its axes, its script.
 *
 * Internal to chart.c and the plot_*.c files.
 */
#ifndef MUELLE_ANALYSIS_PLOT_H
#define MUELLE_ANALYSIS_PLOT_H

#include "analysis/axis.h"
#include "analysis/summary.h"

struct plot;

/* A kind of chart: constant. */
struct chart {
    const char *name, *title;
    const char *x_text, *y_text; /* what the axes say */
    const char *body;            /* its gnuplot */
    const char *absent;          /* the sentence when there is nothing to draw */
    const char *reading;
    enum metric metric;
    /* The charts of these metrics share one scale, so that they can be compared by eye. */
    enum metric scale_first, scale_last;
    /* Writes the rows and sets the axes; rows may be none. 0 or -errno. */
    int (*write)(struct plot *plot, FILE *data);
};

struct plot {
    const struct chart *chart;
    const struct summary *summary;
    struct axis x, y;
    double x_high;
    const char *body, *x_text, *reading; /* the chart's, unless `write` chose others */
    char title[NUMBER_TEXT_SIZE * 2];
    char conditions[256];
    size_t row_count;
    bool has_line[MODELS_MAX]; /* by model: something to join */
    bool any_limited, any_untrusted, any_bound;
};

/* The `write` functions of the kinds. */
int plot_against_connections(struct plot *plot, FILE *data);
int plot_cpu(struct plot *plot, FILE *data);
int plot_percentiles(struct plot *plot, FILE *data);
int plot_time(struct plot *plot, FILE *data);

/* The whole script: variables, style, body, drawing. */
void plot_write_script(const struct plot *plot, FILE *out);
/* What open, grey and upward points mean, as far as there are any. */
void plot_write_marks(const struct plot *plot, FILE *out);
/* The chart in words: what each model does from the first level to the last. */
void plot_write_description(const struct plot *plot, FILE *out);

/* The level that shows all models at work: the largest at which each of them has trusted data and
 * served everybody; if there is none, the largest with the most such models. */
size_t plot_common_level(const struct summary *summary);

#endif
