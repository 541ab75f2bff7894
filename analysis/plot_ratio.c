/* SPDX-License-Identifier: MIT */
/*
 * plot_ratio.c: the forest plot: every model over the baseline, block by block, with the interval,
 * and behind it the band in which the two count as equal.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/assets.h"
#include "analysis/compare/compare_text.h"
#include "analysis/escape.h"
#include "analysis/number.h"
#include "analysis/plot.h"
#include "analysis/ratios.h"

/* As many rows are read at a glance: then all levels are drawn. */
enum { ROWS_GLANCED_MAX = 45 };

/* A cell and its ratio, for qsort(3). */
struct row {
    const struct cell *cell;
    const struct pair_metric *metric;
    bool is_trusted; /* those that are come first */
    double key;      /* lowest first */
};

static enum compared compared_of(const struct plot *plot)
{
    return plot->chart->metric == METRIC_CPU ? COMPARED_CPU : COMPARED_THROUGHPUT;
}

static int compare_rows(const void *left, const void *right)
{
    const struct row *a = left;
    const struct row *b = right;

    if (a->is_trusted != b->is_trusted)
        return a->is_trusted ? -1 : 1;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->cell->model < b->cell->model ? -1 : a->cell->model > b->cell->model;
}

/* The ratios of a level, best first, those without trust last. */
static size_t rows_of(const struct plot *plot, size_t level, struct row rows[MODELS_MAX])
{
    size_t count = 0;

    for (size_t model = 0; model < plot->summary->model_count; model++) {
        const struct cell *cell = summary_cell(plot->summary, level, model);
        const struct pair_metric *metric =
            cell->trial_count > 0 ? ratios_of(plot->ratios, cell, compared_of(plot)) : NULL;

        if (!metric)
            continue;
        double ratio = metric->comparison.ratio;
        rows[count++] = (struct row){
            .cell = cell,
            .metric = metric,
            .is_trusted = ratios_are_trusted(plot->ratios, cell),
            .key = plot->chart->more_is_better ? -ratio : ratio,
        };
    }
    qsort(rows, count, sizeof rows[0], compare_rows);
    return count;
}

static void write_row(struct plot *plot, FILE *data, const struct row *row, double *low,
                      double *high)
{
    const struct comparison *comparison = &row->metric->comparison;
    const char *model = plot->summary->models[row->cell->model];
    double region = 1 + comparison->equivalence;
    char note[NUMBER_TEXT_SIZE];

    snprintf(note, sizeof note, comparison->ratio < 0.1 ? "%.3f" : "%.2f", comparison->ratio);
    plot_add_row(plot, model, false, note);
    fprintf(data, "%zu\t%.10g\t", row->cell->model + 1, -plot->rows_height);
    escape_tsv(data, plot->summary->levels[row->cell->level].text);
    fprintf(data, "\t%.8g\t%.8g\t%.8g\t%.8g\t%.8g\t%zu\t%.4f\t%d\t%d\t%s\t", comparison->ratio,
            comparison->low, comparison->high, 1 / region, region, comparison->count,
            comparison->coverage, row->is_trusted, row->cell->is_limited,
            comparison_verdict_text(comparison->verdict));
    escape_tsv(data, model);
    fputc('\n', data);
    plot_mark(plot, row->cell, plot->chart->metric);
    plot->any_untrusted |= !row->is_trusted;
    *low = fmin(*low, fmin(comparison->low, 1 / region));
    *high = fmax(*high, fmax(comparison->high, region));
}

/* What the bars are, by the comparisons themselves: a merged run has fewer blocks on one machine
 * than on another. */
static void interval_text(const struct plot *plot, char text[NUMBER_TEXT_SIZE])
{
    const struct pairs *pairs = &plot->ratios->pairs;
    size_t least = SIZE_MAX;
    size_t most = 0;

    for (size_t i = 0; i < pairs->count; i++) {
        const struct pair_metric *metric = &pairs->list[i].metrics[compared_of(plot)];

        if (metric->missing)
            continue;
        least = metric->comparison.count < least ? metric->comparison.count : least;
        most = metric->comparison.count > most ? metric->comparison.count : most;
    }
    if (most < TRIALS_TO_INFER)
        snprintf(text, NUMBER_TEXT_SIZE, "range of %zu, which describes and infers nothing", most);
    else if (least < TRIALS_TO_INFER)
        snprintf(text, NUMBER_TEXT_SIZE, "95 %% interval, of fewer than %d a range",
                 TRIALS_TO_INFER);
    else
        snprintf(text, NUMBER_TEXT_SIZE, "95 %% interval");
}

static void set_texts(struct plot *plot, const size_t *levels, size_t count)
{
    const struct summary *summary = plot->summary;
    char baseline[NUMBER_TEXT_SIZE / 2];
    char mark[NUMBER_TEXT_SIZE * 2];
    char where[NUMBER_TEXT_SIZE];

    snprintf(baseline, sizeof baseline, "%s", summary->models[plot->ratios->baseline]);
    if (summary->level_count == 1)
        snprintf(plot->title, sizeof plot->title, "%s as a multiple of %s\xE2\x80\x99s at %s",
                 plot->chart->title, baseline, summary_level_text(summary, levels[0], where));
    else
        snprintf(plot->title, sizeof plot->title, "%s as a multiple of %s\xE2\x80\x99s, by %s",
                 plot->chart->title, baseline, summary_quantity_text(summary, where));
    if (count < summary->level_count)
        strncat(plot->reading,
                " Drawn are the first, the middle and the last level; the table has them all.",
                sizeof plot->reading - strlen(plot->reading) - 1);
    if (summary->run->machine_count > 1)
        strncat(plot->reading, " Machines are not held against each other: drawn is A.",
                sizeof plot->reading - strlen(plot->reading) - 1);
    snprintf(plot->x_text, sizeof plot->x_text, "ratio to %s (log scale)", baseline);
    plot->y_text[0] = '\0';
    interval_text(plot, where);
    snprintf(mark, sizeof mark, "%s, and %s",
             plot->ratios->pairs.is_interleaved ? "ratios block by block"
                                                : "ratios, not paired by block: weaker",
             where);
    plot_set_conditions(plot, mark);
}

static int make_ratios(struct plot *plot)
{
    plot->ratios = malloc(sizeof *plot->ratios);
    return plot->ratios ? ratios_init(plot->ratios, plot->summary) : -ENOMEM;
}

int plot_ratios(struct plot *plot, FILE *data)
{
    const struct summary *summary = plot->summary;
    size_t levels[LEVELS_MAX];
    struct row rows[MODELS_MAX];
    double low = 1;
    double high = 1;
    int error = make_ratios(plot);

    if (error)
        return error;
    size_t count = summary->level_count;
    for (size_t level = 0; level < count; level++)
        levels[level] = level;
    if (count * summary->model_count > ROWS_GLANCED_MAX)
        count = plot_panels(summary, levels);
    plot->body = asset_ratios_gp;
    fputs("series\trow\tlevel\tratio\tlow\thigh\tregion_low\tregion_high\tblocks\tcoverage"
          "\ttrusted\tlimited\tverdict\tmodel\n",
          data);
    for (size_t i = 0; i < count; i++) {
        size_t row_count = rows_of(plot, levels[i], rows);

        if (count > 1 && row_count > 0)
            plot_add_heading(plot, levels[i]);
        for (size_t j = 0; j < row_count; j++)
            write_row(plot, data, &rows[j], &low, &high);
    }
    set_texts(plot, levels, count);
    plot->x = axis_ratio(low, high);
    axis_thin(&plot->x, 0.06, 0.14);
    return 0;
}

static void write_interval(FILE *out, const struct comparison *comparison)
{
    fprintf(out, comparison->coverage > 0 ? "%.3f\xE2\x80\x93%.3f" : "(%.3f\xE2\x80\x93%.3f)",
            comparison->low, comparison->high);
}

void plot_describe_ratios(const struct plot *plot, FILE *out)
{
    struct row rows[MODELS_MAX];
    char text[NUMBER_TEXT_SIZE];

    fprintf(out, "%s.", plot->title);
    for (size_t level = 0; level < plot->summary->level_count; level++) {
        size_t count = rows_of(plot, level, rows);

        if (count == 0 || (level > 0 && level + 1 < plot->summary->level_count &&
                           plot->summary->model_count > LINES_MAX))
            continue;
        fprintf(out, " At %s: ", summary_level_text(plot->summary, level, text));
        for (size_t i = 0; i < count; i++) {
            fprintf(out, "%s%s %.3f, ", i > 0 ? "; " : "",
                    plot->summary->models[rows[i].cell->model], rows[i].metric->comparison.ratio);
            write_interval(out, &rows[i].metric->comparison);
        }
        fputc('.', out);
    }
}

static void write_table_row(const struct plot *plot, FILE *out, const struct row *row, bool first)
{
    const struct comparison *comparison = &row->metric->comparison;
    char verdict[COMPARE_VERDICT_SIZE], region[NUMBER_TEXT_SIZE];

    fprintf(out, "<tr class=\"%s%s\"%s><td class=\"n\" data-v=\"%zu\">", first ? "level " : "",
            row->is_trusted ? "" : "untrusted", first ? " data-first=\"1\"" : "", row->cell->level);
    escape_html(out, plot->summary->levels[row->cell->level].name);
    fputs("</td><th scope=\"row\"><span class=\"name\">", out);
    escape_html(out, plot->summary->models[row->cell->model]);
    fprintf(out, "</span></th><td class=\"n\" data-v=\"%.8g\">%.3f<small>", comparison->ratio,
            comparison->ratio);
    write_interval(out, comparison);
    fprintf(out, "</small></td><td class=\"n\" data-v=\"%.6g\">%s</td><td>",
            comparison->equivalence, number_text(UNIT_SHARE, comparison->equivalence, region));
    escape_html(out, compare_verdict_text(compared_of(plot), row->metric, verdict));
    fputs(row->is_trusted ? "</td></tr>\n" : ", not trusted</td></tr>\n", out);
}

void plot_table_ratios(const struct plot *plot, FILE *out)
{
    struct row rows[MODELS_MAX];
    char quantity[NUMBER_TEXT_SIZE];

    if (plot->row_count == 0)
        return;
    fputs("<table class=\"sortable\">\n<thead><tr><th scope=\"col\" class=\"n wrap\"><span>", out);
    escape_html(out, summary_quantity_text(plot->summary, quantity));
    fputs("</span></th><th scope=\"col\"><span>Model</span></th><th scope=\"col\" class=\"n\">"
          "<span>Ratio</span></th><th scope=\"col\" class=\"n\"><span>Equal<br>within</span></th>"
          "<th scope=\"col\"><span>Comes to</span></th></tr></thead>\n<tbody>\n",
          out);
    for (size_t level = 0; level < plot->summary->level_count; level++) {
        size_t count = rows_of(plot, level, rows);

        for (size_t i = 0; i < count; i++)
            write_table_row(plot, out, &rows[i], i == 0);
    }
    fputs("</tbody>\n</table>", out);
}
