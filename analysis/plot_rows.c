/* SPDX-License-Identifier: MIT */
/*
 * plot_rows.c: charts that give each model a row: any number of models stays readable.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/assets.h"
#include "analysis/escape.h"
#include "analysis/plot.h"

/* More parts of a bar could not be told apart. */
enum { WORKERS_DRAWN_MAX = 64 };

bool plot_wants_rows(const struct summary *summary)
{
    return summary->model_count > LINES_MAX || summary->level_count == 1;
}

size_t plot_panels(const struct summary *summary, size_t levels[PANELS_MAX])
{
    size_t count = summary->level_count < PANELS_MAX ? summary->level_count : PANELS_MAX;

    for (size_t i = 0; i < count; i++)
        levels[i] = count > 1 ? i * (summary->level_count - 1) / (count - 1) : 0;
    return count;
}

/* What is sorted by, for qsort(3). */
struct sorted_cell {
    const struct cell *cell;
    double key; /* lowest first */
};

static int compare_keys(const void *left, const void *right)
{
    const struct sorted_cell *a = left;
    const struct sorted_cell *b = right;

    if ((a->cell->trust == TRUST_NONE) != (b->cell->trust == TRUST_NONE))
        return b->cell->trust == TRUST_NONE ? -1 : 1;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->cell->model < b->cell->model ? -1 : a->cell->model > b->cell->model;
}

static size_t sort_cells(const struct plot *plot, size_t level, enum metric metric,
                         bool more_is_better, const struct cell *cells[MODELS_MAX])
{
    struct sorted_cell sorted[MODELS_MAX];
    size_t count = 0;

    for (size_t model = 0; model < plot->summary->model_count; model++) {
        const struct cell *cell = summary_cell(plot->summary, level, model);
        double median = cell->metrics[metric].estimate.median;

        if (plot_has_number(cell, metric))
            sorted[count++] = (struct sorted_cell){cell, more_is_better ? -median : median};
    }
    qsort(sorted, count, sizeof sorted[0], compare_keys);
    for (size_t i = 0; i < count; i++)
        cells[i] = sorted[i].cell;
    return count;
}

size_t plot_sorted(const struct plot *plot, size_t level, const struct cell *cells[MODELS_MAX])
{
    return sort_cells(plot, level, plot->chart->metric, plot->chart->more_is_better, cells);
}

void plot_choose_lines(struct plot *plot, size_t level, enum metric metric)
{
    static const char few[] = " In colour are eight models from the best to the worst, in grey the "
                              "others.";
    const struct cell *cells[MODELS_MAX];
    const struct cell *drawn[MODELS_MAX];
    size_t count = sort_cells(plot, level, metric, metric == METRIC_THROUGHPUT, cells);
    size_t drawn_count = 0;

    if (plot->summary->model_count <= LINES_MAX) {
        for (size_t model = 0; model < plot->summary->model_count; model++)
            plot->has_legend[model] = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (plot->has_line[cells[i]->model] && cells[i]->trust != TRUST_NONE)
            drawn[drawn_count++] = cells[i];
        plot->has_line[cells[i]->model] = false;
    }
    for (size_t i = 0; i < LINES_MAX && drawn_count > 0; i++) {
        size_t model = drawn[i * (drawn_count - 1) / (LINES_MAX - 1)]->model;

        plot->has_line[model] = plot->has_legend[model] = true;
    }
    snprintf(plot->reading + strlen(plot->reading), sizeof plot->reading - strlen(plot->reading),
             "%s", few);
}

void plot_add_row(struct plot *plot, const char *name, bool is_heading, const char *note)
{
    struct plot_row *row = &plot->rows[plot->rows_count++];

    /* A heading has some air above. */
    plot->rows_height += is_heading && plot->rows_count > 1 ? 1.6 : 1;
    *row = (struct plot_row){.y = -plot->rows_height, .name = name, .is_heading = is_heading};
    snprintf(row->note, sizeof row->note, "%s", note);
}

void plot_add_heading(struct plot *plot, size_t level)
{
    char text[NUMBER_TEXT_SIZE];

    plot_add_row(plot, "", true, summary_level_text(plot->summary, level, text));
}

static void title_rows(struct plot *plot, const size_t *levels, size_t count)
{
    char text[NUMBER_TEXT_SIZE];

    if (count == 1)
        snprintf(plot->title, sizeof plot->title, "%s at %s", plot->chart->title,
                 summary_level_text(plot->summary, levels[0], text));
    else
        snprintf(plot->title, sizeof plot->title, "%s, by %s", plot->chart->title,
                 summary_quantity_text(plot->summary, text));
    if (count < plot->summary->level_count && count > 1) {
        size_t used = strlen(plot->reading);

        snprintf(plot->reading + used, sizeof plot->reading - used,
                 " Drawn are the first, the middle and the last level; the others are in the "
                 "table.");
    }
}

static void write_row(struct plot *plot, FILE *data, const struct cell *cell)
{
    const struct chart *chart = plot->chart;
    const struct estimate *estimate = &cell->metrics[chart->metric].estimate;
    double full = cell->metrics[chart->part_full].estimate.median;
    double faint = cell->metrics[chart->part_faint].estimate.median;
    char note[NUMBER_TEXT_SIZE];

    plot_add_row(plot, plot->summary->models[cell->model], false,
                 cell_metric_text(cell, chart->metric, note));
    fprintf(data, "%zu\t%.10g\t", cell->model + 1, -plot->rows_height);
    escape_tsv(data, plot->summary->levels[cell->level].text);
    fprintf(data, "\t%.10g\t%.10g\t%.10g\t%.6g\t%zu\t%d\t%d\t%d\t", estimate->median, estimate->low,
            estimate->high, full + faint > 0 ? faint / (full + faint) : 0, estimate->count,
            cell->trust != TRUST_NONE, cell->is_limited, estimate->median_at_least);
    escape_tsv(data, plot->summary->models[cell->model]);
    fputc('\n', data);
    plot_mark(plot, cell, chart->metric);
}

void plot_set_value_axis(struct plot *plot, struct axis axis)
{
    plot->x = axis;
    axis_thin(&plot->x, 0.16, 0.3);
    snprintf(plot->x_text, sizeof plot->x_text, "%s", plot->y_text);
    plot->y_text[0] = '\0';
}

int plot_rows(struct plot *plot, FILE *data, const size_t *levels, size_t count)
{
    const struct cell *cells[MODELS_MAX];

    plot->body = plot->chart->part_full == METRIC_THROUGHPUT ? asset_dots_gp : asset_bars_gp;
    fputs("series\trow\tlevel\tmedian\tlow\thigh\tfaint_share\ttrials\ttrusted\tlimited\tbound"
          "\tmodel\n",
          data);
    for (size_t i = 0; i < count; i++) {
        size_t cell_count = plot_sorted(plot, levels[i], cells);

        if (count > 1 && cell_count > 0)
            plot_add_heading(plot, levels[i]);
        for (size_t j = 0; j < cell_count; j++)
            write_row(plot, data, cells[j]);
    }
    title_rows(plot, levels, count);
    plot_set_interval_conditions(plot);
    if (plot->row_count > 0)
        plot_set_value_axis(plot, plot_metric_axis(plot));
    return 0;
}

/* The level with the most connections: there the program itself counts least. */
int plot_last_level(struct plot *plot, FILE *data)
{
    const struct summary *summary = plot->summary;
    size_t best = 0;
    uint64_t most = 0;

    for (size_t i = 0; i < summary->level_count * summary->model_count; i++) {
        const struct cell *cell = &summary->cells[i];
        const struct trial *trial = cell->trial_count > 0 ? cell->trials[0] : NULL;

        if (trial && trial->connections + trial->idle_connections > most) {
            most = trial->connections + trial->idle_connections;
            best = cell->level;
        }
    }
    plot->has_one_level = true;
    plot->one_level = best;
    return plot_rows(plot, data, &best, 1);
}

/* Of the worker at each place, busiest first, the share of all requests, on average of the trials.
 * Returns how many workers the trial with the most had. */
static size_t collect_shares(const struct cell *cell, double shares[WORKERS_DRAWN_MAX])
{
    size_t most = 0;

    for (size_t i = 0; i < WORKERS_DRAWN_MAX; i++)
        shares[i] = 0;
    for (size_t i = 0; i < cell->trial_count; i++) {
        const struct counted *counted = &cell->trials[i]->counted;
        double sum = 0;

        for (size_t j = 0; j < counted->worker_count; j++)
            sum += counted->worker_requests[j];
        for (size_t j = 0; j < counted->worker_count && j < WORKERS_DRAWN_MAX && sum > 0; j++)
            shares[j] += counted->worker_requests[j] / sum / (double)cell->trial_count;
        most = counted->worker_count > most ? counted->worker_count : most;
    }
    return most;
}

static void write_shares(struct plot *plot, FILE *data, const struct cell *cell)
{
    const char *model = plot->summary->models[cell->model];
    double shares[WORKERS_DRAWN_MAX];
    char note[NUMBER_TEXT_SIZE];
    char index[NUMBER_TEXT_SIZE];
    double from = 0;

    size_t workers = collect_shares(cell, shares);
    size_t drawn = workers < WORKERS_DRAWN_MAX ? workers : WORKERS_DRAWN_MAX;
    snprintf(note, sizeof note, "%.40s of %zu", cell_metric_text(cell, METRIC_BALANCE, index),
             workers);
    plot_add_row(plot, model, false, note);
    for (size_t i = 0; i <= drawn; i++) {
        double to = i < drawn ? from + shares[i] : 1;

        if (to - from < 1e-6)
            continue;
        fprintf(data, "%zu\t%.10g\t", cell->model + 1, -plot->rows_height);
        escape_tsv(data, plot->summary->levels[cell->level].text);
        fprintf(data, "\t%zu\t%.6g\t%.6g\t%d\t", i < drawn ? i + 1 : 0, from, fmin(1, to),
                cell->trust != TRUST_NONE);
        escape_tsv(data, model);
        fputc('\n', data);
        from = to;
    }
    plot_mark(plot, cell, METRIC_BALANCE);
}

int plot_balance(struct plot *plot, FILE *data)
{
    const struct cell *cells[MODELS_MAX];
    size_t levels[PANELS_MAX];
    size_t count = plot_panels(plot->summary, levels);

    plot->body = asset_segments_gp;
    fputs("series\trow\tlevel\tworker\tfrom\tto\ttrusted\tmodel\n", data);
    for (size_t i = 0; i < count; i++) {
        size_t cell_count = plot_sorted(plot, levels[i], cells);

        if (count > 1 && cell_count > 0)
            plot_add_heading(plot, levels[i]);
        for (size_t j = 0; j < cell_count; j++)
            write_shares(plot, data, cells[j]);
    }
    title_rows(plot, levels, count);
    plot_set_conditions(plot, "on average of a model's trials");
    plot_set_value_axis(plot, axis_linear(UNIT_SHARE, 1));
    plot->any_limited = false;
    return 0;
}

/* viridis, at its ninths. */
static uint32_t heat_colour(double share)
{
    static const uint8_t stops[][3] = {{0x44, 0x01, 0x54}, {0x47, 0x2D, 0x7B}, {0x3B, 0x52, 0x8B},
                                       {0x2C, 0x72, 0x8E}, {0x21, 0x91, 0x8C}, {0x28, 0xAE, 0x80},
                                       {0x5E, 0xC9, 0x62}, {0xAD, 0xDC, 0x30}, {0xFD, 0xE7, 0x25}};
    double place = fmin(fmax(share, 0), 1) * 8;
    size_t stop = place < 8 ? (size_t)place : 7;
    uint32_t rgb = 0;

    for (size_t i = 0; i < 3; i++) {
        double part =
            stops[stop][i] + (place - (double)stop) * (stops[stop + 1][i] - stops[stop][i]);

        rgb = rgb << 8 | (uint32_t)lround(part);
    }
    return rgb;
}

static void write_heat(struct plot *plot, FILE *data, const struct cell *cell, double low,
                       double high)
{
    static const uint32_t untrusted = 0x9AA1A9;
    enum metric metric = plot->chart->metric;
    double median = cell->metrics[metric].estimate.median;
    double share = high > low ? log(fmax(median, 1) / low) / log(high / low) : 0.5;
    bool trusted = cell->trust != TRUST_NONE;
    char text[NUMBER_TEXT_SIZE];

    fprintf(data, "%zu\t%.10g\t", cell->model + 1, -plot->rows_height);
    escape_tsv(data, plot->summary->levels[cell->level].text);
    fprintf(data, "\t%zu\t%.10g\t%u\t%d\t%s\t", cell->level + 1, median,
            (unsigned)(trusted ? heat_colour(share) : untrusted), !trusted || share > 0.6,
            plot->summary->level_count > LINES_MAX ? "" : cell_metric_text(cell, metric, text));
    escape_tsv(data, plot->summary->models[cell->model]);
    fputc('\n', data);
    plot_mark(plot, cell, metric);
}

/* Of what is trusted, lowest and highest. */
static void heat_extent(const struct plot *plot, double *low, double *high)
{
    const struct summary *summary = plot->summary;

    *low = INFINITY;
    *high = 1;
    for (size_t i = 0; i < summary->level_count * summary->model_count; i++) {
        const struct cell *cell = &summary->cells[i];
        double median = cell->metrics[plot->chart->metric].estimate.median;

        if (!plot_has_number(cell, plot->chart->metric) || cell->trust == TRUST_NONE)
            continue;
        *low = fmin(*low, fmax(median, 1));
        *high = fmax(*high, median);
    }
    *low = fmin(*low, *high);
}

/* Models best first at the last level, then those that have a number only before it. Returns how
 * many. */
static size_t order_models(const struct plot *plot, size_t models[MODELS_MAX])
{
    const struct cell *cells[MODELS_MAX];
    bool placed[MODELS_MAX] = {false};
    size_t count = 0;

    for (size_t level = plot->summary->level_count; level-- > 0;) {
        size_t cell_count = plot_sorted(plot, level, cells);

        for (size_t i = 0; i < cell_count; i++) {
            if (!placed[cells[i]->model])
                models[count++] = cells[i]->model;
            placed[cells[i]->model] = true;
        }
    }
    return count;
}

int plot_heat(struct plot *plot, FILE *data)
{
    const struct summary *summary = plot->summary;
    size_t models[MODELS_MAX];
    double low;
    double high;

    plot->body = asset_heat_gp;
    fputs("series\trow\tlevel\tcolumn\tvalue\trgb\tdark_text\ttext\tmodel\n", data);
    heat_extent(plot, &low, &high);
    size_t count = order_models(plot, models);
    for (size_t i = 0; i < count; i++) {
        plot_add_row(plot, summary->models[models[i]], false, "");
        for (size_t level = 0; level < summary->level_count; level++) {
            const struct cell *cell = summary_cell(summary, level, models[i]);

            if (plot_has_number(cell, plot->chart->metric))
                write_heat(plot, data, cell, low, high);
        }
    }
    plot_set_conditions(plot, "median of the trials");
    for (size_t level = 0; level < summary->level_count; level++) {
        struct tick *tick = &plot->x.ticks[plot->x.tick_count++];

        tick->at = (double)level + 1;
        memcpy(tick->text, summary->levels[level].name, sizeof tick->text);
        memcpy(tick->text_narrow, tick->text, sizeof tick->text_narrow);
    }
    plot->x.low = 0.5;
    plot->x.high = (double)summary->level_count + 0.5;
    summary_quantity_text(summary, plot->x_text);
    plot->y_text[0] = '\0';
    plot->any_limited = plot->any_bound = plot->any_untrusted = false;
    return 0;
}
