/* SPDX-License-Identifier: MIT */
/*
 * plot.h: one chart while it is made: what kind it is, its data, its axes, its script.
 *
 * Internal to chart.c, chart_list.c and the plot_*.c files.
 *
 * A metric is drawn against the level as a line for each model, as long as lines can be told apart:
 * up to LINES_MAX of them, over two levels or more. Beyond that every model gets a row of its own,
 * a panel of rows for each level, sorted. A curve that says something by its shape gets a small
 * panel of its own instead.
 */
#ifndef MUELLE_ANALYSIS_PLOT_H
#define MUELLE_ANALYSIS_PLOT_H

#include "analysis/axis.h"
#include "analysis/summary.h"

enum {
    LINES_MAX = 8,
    PANELS_MAX = 3, /* of more levels the first, the middle and the last are shown */
    ROWS_MAX = PANELS_MAX * (MODELS_MAX + 1),
};

struct plot;

/* A kind of chart: constant. */
struct chart {
    const char *name, *title;
    const char *y_text;  /* the quantity, as its axis says */
    const char *absent;  /* the sentence when there is nothing to draw */
    const char *reading; /* how to read it */
    const char *key;     /* what its parts mean, a sentence; NULL: it has none */
    enum metric metric;
    /* The charts of these metrics share one scale, so that they can be compared by eye. */
    enum metric scale_first, scale_last;
    /* Of stacked bars the faint part and the full one; METRIC_THROUGHPUT: it has none. */
    enum metric part_faint, part_full;
    bool more_is_better;
    /* Whether a report of this run has it at all; NULL: it has, if only to say what is missing. */
    bool (*applies)(const struct summary *summary);
    /* Writes the rows and sets the axes; rows may be none. 0 or -errno. */
    int (*write)(struct plot *plot, FILE *data);
    /* In words, for who cannot see it; NULL: the metric of every cell. */
    void (*describe)(const struct plot *plot, FILE *out);
    /* Its numbers as a table of HTML, where they stand in no other; NULL: they do. */
    void (*write_table)(const struct plot *plot, FILE *out);
};

/* A row of a chart that has a model in each, or the heading of a panel. */
struct plot_row {
    double y;
    const char *name;            /* the model's; borrowed */
    char note[NUMBER_TEXT_SIZE]; /* behind the row; of a heading, what it says */
    bool is_heading;
};

struct plot {
    const struct chart *chart;
    const struct summary *summary;
    struct axis x, y;
    double x_high;
    const char *body; /* its gnuplot */
    const char *key;  /* the chart's; NULL where the drawing has no such parts */
    char x_text[NUMBER_TEXT_SIZE * 2];
    char y_text[NUMBER_TEXT_SIZE];
    char reading[768];
    char title[NUMBER_TEXT_SIZE * 3];
    char conditions[256];
    size_t row_count;            /* of data */
    bool has_line[MODELS_MAX];   /* by model: something to join */
    bool has_legend[MODELS_MAX]; /* by model: named beside the drawing */
    bool any_limited, any_untrusted, any_bound;

    struct plot_row rows[ROWS_MAX]; /* of a chart with rows, else none */
    size_t rows_count;
    double rows_height; /* in rows */
    bool has_one_level; /* its axis needs room for this one alone */
    size_t one_level;

    struct scaling *scaling; /* of the law's chart, else NULL */
    struct ratios *ratios;   /* of a chart of ratios, else NULL */
};

/* What `write` made beside the text. */
void plot_release(struct plot *plot);

/* The `write` functions of the kinds. */
int plot_metric(struct plot *plot, FILE *data);
int plot_parts(struct plot *plot, FILE *data);
int plot_last_level(struct plot *plot, FILE *data);
int plot_percentiles(struct plot *plot, FILE *data);
int plot_time(struct plot *plot, FILE *data);
int plot_heat(struct plot *plot, FILE *data);
int plot_balance(struct plot *plot, FILE *data);
int plot_scaling(struct plot *plot, FILE *data);
int plot_ratios(struct plot *plot, FILE *data);
int plot_hockey(struct plot *plot, FILE *data);

/* Their words and tables. */
void plot_describe_scaling(const struct plot *plot, FILE *out);
void plot_describe_ratios(const struct plot *plot, FILE *out);
void plot_describe_hockey(const struct plot *plot, FILE *out);
void plot_table_scaling(const struct plot *plot, FILE *out);
void plot_table_ratios(const struct plot *plot, FILE *out);

/* Charts with rows: plot_rows.c. `levels` are the panels'. */
bool plot_wants_rows(const struct summary *summary);
size_t plot_panels(const struct summary *summary, size_t levels[PANELS_MAX]);
int plot_rows(struct plot *plot, FILE *data, const size_t *levels, size_t count);
void plot_add_heading(struct plot *plot, size_t level);
void plot_set_value_axis(struct plot *plot, struct axis axis);
void plot_add_row(struct plot *plot, const char *name, bool is_heading, const char *note);
/* The cells of a level with a number of the chart's metric, best first, those without trust last.
 */
size_t plot_sorted(const struct plot *plot, size_t level, const struct cell *cells[MODELS_MAX]);

/* Parts of the work that all kinds share. */
bool plot_has_number(const struct cell *cell, enum metric metric);
void plot_mark(struct plot *plot, const struct cell *cell, enum metric metric);
/* Under the title stands what a mark is, and the request. */
void plot_set_conditions(struct plot *plot, const char *mark);
/* The same where a mark is a median with its interval. */
void plot_set_interval_conditions(struct plot *plot);
/* The x axis of levels and its name, and the title: what is drawn, against the level. */
void plot_set_level_axis(struct plot *plot);
void plot_name_all(struct plot *plot);
/* The axis for the chart's metric, from 0 or around what there is. */
struct axis plot_metric_axis(const struct plot *plot);

/* The whole script: variables, style, body, drawing. */
void plot_write_script(const struct plot *plot, FILE *out);
/* What parts, and open, grey and upward points mean, as far as there are any. */
void plot_write_marks(const struct plot *plot, FILE *out);
/* The chart in words: what each model does from the first level to the last. */
void plot_write_description(const struct plot *plot, FILE *out);

/* The level that shows all models at work: the largest at which each of them has trusted data and
 * served everybody; if there is none, the largest with the most such models. One run again is none
 * of them: it has one level. */
size_t plot_common_level(const struct summary *summary);
/* Of many models, those whose lines are drawn in colour: LINES_MAX of them that have trust, from
 * the best to the worst at `level` by `metric`; the others are grey. */
void plot_choose_lines(struct plot *plot, size_t level, enum metric metric);

/* The charts there are, in the order of the page. */
extern const struct chart plot_charts[];
extern const size_t plot_charts_count;

#endif
