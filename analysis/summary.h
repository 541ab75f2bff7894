/* SPDX-License-Identifier: MIT */
/*
 * summary.h: the trials of a run as a matrix of cells, one a model and level. Levels are of the
 * number of connections, or of whatever else the campaign varied (level.h).
 *
 * A cell sums up its complete trials metric by metric (statistics/estimate.h). Within a level the
 * models are ranked by throughput; those whose intervals overlap share a rank, because the
 * difference was not shown. Out of the ranks stay cells with a trial that is not trusted, cells of
 * models that refused connections (they did less work), the `null` model (it measures the harness),
 * a model run again
 * (`epoll'`: the same as `epoll`, to see the machine's noise) and open loops: their throughput is
 * what was offered, whoever serves it. In a merged run of several machines each has ranks of its
 * own.
 */
#ifndef MUELLE_ANALYSIS_SUMMARY_H
#define MUELLE_ANALYSIS_SUMMARY_H

#include "analysis/level.h"
#include "analysis/metric.h"
#include "analysis/run.h"
#include "analysis/statistics/estimate.h"

/* More are more than a chart can tell apart, and than a page has room for. */
enum { MODELS_MAX = 64, LEVELS_MAX = 64 };

/* One metric of a cell. Without a number (`estimate.count` 0) `needs` may say why. A percentile has
 * a number only when every trial of the cell carries it: leaving out the trials with few requests
 * would leave out the slow ones. */
struct cell_metric {
    struct estimate estimate;
    uint64_t needs;
};

/* Borrows everything. */
struct cell {
    size_t model, level;         /* indices into the summary's lists */
    const struct trial **trials; /* the complete ones, in order of their files */
    size_t trial_count;          /* 0: nothing was measured here, the rest is meaningless */
    struct cell_metric metrics[METRICS];
    enum trust trust; /* of its worst trial */
    bool is_limited;  /* the model refused connections in some trial */
    bool is_open;     /* some trial was an open loop */
    unsigned rank;    /* 1 = best; 0: not ranked */
};

struct summary {
    const struct run *run;
    const char *models[MODELS_MAX];
    unsigned machines[MODELS_MAX]; /* that of each model, as in its trials */
    size_t model_count;
    const char *light_class; /* the requests beside some that are work; "" without such a mix */
    const char *varies;      /* "connections"; the first trial's where they differ */
    enum level_kind level_kind;
    struct level levels[LEVELS_MAX]; /* in their order */
    size_t level_count;
    struct cell *cells;           /* cells[level * model_count + model] */
    const struct trial **members; /* what the cells' `trials` point into */
    size_t used_count;            /* trials in cells */
    size_t block_count;           /* blocks that were seen; without labels, most trials of a cell.
                                     Of a merged run, those of the model that has the fewest */
};

/* 0, -E2BIG past MODELS_MAX or LEVELS_MAX, or -ENOMEM; release with summary_release(), before the
 * run. */
int summary_init(struct summary *summary, const struct run *run) MUST_CHECK;
void summary_release(struct summary *summary);

struct cell *summary_cell(const struct summary *summary, size_t level, size_t model);

/* The model is held against others: it is neither `null` nor another one run again. */
bool summary_compares(const struct summary *summary, size_t model);

/* Some trial measured response time apart from service time. */
bool summary_has_own_response(const struct summary *summary);
/* A table of this run has a column for it: not service time where response time is the same, nor
 * wire time where no trial has it. */
bool summary_shows_metric(const struct summary *summary, enum metric metric);

/* Cells of one level that have trials, in the order of reading: machine by machine, by rank, then
 * the unranked ones by throughput. Returns how many. */
size_t summary_level_cells(const struct summary *summary, size_t level,
                           const struct cell *cells[MODELS_MAX]);

/* "46.1 µs", ">5.00 s", "needs 3,688" or "—". `text` as in number.h. */
char *cell_metric_text(const struct cell *cell, enum metric metric, char *text);
/* "45.1–47.3 µs", "" without a number or with a single trial. */
char *cell_range_text(const struct cell *cell, enum metric metric, char *text);
/* "" or, when not all connections that were asked for were served, "200 of 10,000". */
char *cell_served_text(const struct cell *cell, char *text);

/* The level's name; with what was served where that is less: "200 of 10,000", "5 % (60 of 64)". */
char *cell_level_text(const struct summary *summary, const struct cell *cell, char *text);

/* "connections", "share of blocking requests". */
char *summary_quantity_text(const struct summary *summary, char *text);
/* "10,000 connections", "5 % blocking". */
char *summary_level_text(const struct summary *summary, size_t level, char *text);

/* "1", "1=" when shared, "–" when not ranked. */
char *cell_rank_text(const struct summary *summary, const struct cell *cell, char *text);

/* What the intervals of this run are: "range of 3 trials", "95 % interval of 10 trials". */
char *summary_interval_text(const struct summary *summary, char *text);

#endif
