/* SPDX-License-Identifier: MIT */
/*
 * plot_data.c: the charts with one point a cell against the level, and what all charts share.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/assets.h"
#include "analysis/conditions.h"
#include "analysis/escape.h"
#include "analysis/model_name.h"
#include "analysis/plot.h"
#include "analysis/ratios.h"
#include "analysis/scaling.h"

static bool is_good(const struct cell *cell)
{
    return cell->trial_count > 0 && cell->trust != TRUST_NONE && !cell->is_limited;
}

size_t plot_common_level(const struct summary *summary)
{
    size_t best_count = 0;
    size_t best = 0;

    for (size_t level = 0; level < summary->level_count; level++) {
        size_t count = 0;

        for (size_t model = 0; model < summary->model_count; model++)
            count += !model_name_parse(summary->models[model]).is_again &&
                     is_good(summary_cell(summary, level, model));
        if (count >= best_count) {
            best_count = count;
            best = level;
        }
    }
    return best;
}

bool plot_has_number(const struct cell *cell, enum metric metric)
{
    return cell->trial_count > 0 && cell->metrics[metric].estimate.count > 0;
}

/* Lowest and highest of the intervals of the metrics that share the scale. */
static void extent(const struct plot *plot, double *low, double *high)
{
    const struct summary *summary = plot->summary;

    *low = INFINITY;
    *high = 0;
    for (size_t i = 0; i < summary->level_count * summary->model_count; i++) {
        for (enum metric m = plot->chart->scale_first; m <= plot->chart->scale_last; m++) {
            const struct estimate *estimate = &summary->cells[i].metrics[m].estimate;

            if (!plot_has_number(&summary->cells[i], m) ||
                (plot->has_one_level && summary->cells[i].level != plot->one_level))
                continue;
            *low = fmin(*low, estimate->low);
            *high = fmax(*high, estimate->high);
        }
    }
}

/* Rates and what is stacked start at zero, latencies and memory span orders of magnitude. */
static bool is_linear(const struct chart *chart)
{
    enum unit unit = metric_unit(chart->metric);

    return unit == UNIT_RATE || unit == UNIT_RATIO || chart->part_full != METRIC_THROUGHPUT;
}

struct axis plot_metric_axis(const struct plot *plot)
{
    enum unit unit = metric_unit(plot->chart->metric);
    double low;
    double high;

    extent(plot, &low, &high);
    return is_linear(plot->chart) ? axis_linear(unit, high)
                                  : axis_log(unit, fmax(low, 1), fmax(high, 1));
}

void plot_set_level_axis(struct plot *plot)
{
    static const char *const scales[] = {
        [LEVEL_SCALE_LINEAR] = "",
        [LEVEL_SCALE_LOG] = " (log scale)",
        [LEVEL_SCALE_LOG_ZERO] = " (log scale, 0 set apart)",
        [LEVEL_SCALE_NAMES] = "",
    };
    const struct summary *summary = plot->summary;
    char quantity[NUMBER_TEXT_SIZE];
    double places[LEVELS_MAX];
    enum level_scale scale =
        levels_place(summary->levels, summary->level_count, summary->level_kind, places);

    plot->x = axis_levels(summary->levels, places, summary->level_count);
    summary_quantity_text(summary, quantity);
    snprintf(plot->x_text, sizeof plot->x_text, "%s%s", quantity, scales[scale]);
    snprintf(plot->title, sizeof plot->title, "%s against %s", plot->chart->title, quantity);
}

void plot_mark(struct plot *plot, const struct cell *cell, enum metric metric)
{
    bool bound = cell->metrics[metric].estimate.median_at_least;

    plot->row_count++;
    plot->any_limited |= cell->is_limited;
    plot->any_untrusted |= cell->trust == TRUST_NONE;
    plot->any_bound |= bound;
    plot->has_line[cell->model] |= cell->trust != TRUST_NONE && !bound;
}

void plot_set_conditions(struct plot *plot, const char *mark)
{
    char request[CONDITIONS_TEXT_SIZE];

    snprintf(plot->conditions, sizeof plot->conditions, "%s \xC2\xB7 %s", mark,
             conditions_request(plot->summary, request));
}

void plot_set_interval_conditions(struct plot *plot)
{
    char interval[NUMBER_TEXT_SIZE];
    char mark[NUMBER_TEXT_SIZE * 2];

    snprintf(mark, sizeof mark, "median and %s", summary_interval_text(plot->summary, interval));
    plot_set_conditions(plot, mark);
}

void plot_name_all(struct plot *plot)
{
    for (size_t model = 0; model < plot->summary->model_count; model++)
        plot->has_legend[model] = true;
}

static int plot_lines(struct plot *plot, FILE *data)
{
    const struct summary *summary = plot->summary;
    enum metric metric = plot->chart->metric;
    double places[LEVELS_MAX];

    plot->body = asset_levels_gp;
    levels_place(summary->levels, summary->level_count, summary->level_kind, places);
    fputs("series\tplace\tlevel\tmedian\tlow\thigh\ttrials\ttrusted\tlimited\tbound\tmodel\n",
          data);
    for (size_t model = 0; model < summary->model_count; model++) {
        for (size_t level = 0; level < summary->level_count; level++) {
            const struct cell *cell = summary_cell(summary, level, model);
            const struct estimate *estimate = &cell->metrics[metric].estimate;

            if (!plot_has_number(cell, metric))
                continue;
            fprintf(data, "%zu\t%.10g\t", model + 1, places[level]);
            escape_tsv(data, summary->levels[level].text);
            fprintf(data, "\t%.10g\t%.10g\t%.10g\t%zu\t%d\t%d\t%d\t", estimate->median,
                    estimate->low, estimate->high, estimate->count, cell->trust != TRUST_NONE,
                    cell->is_limited, estimate->median_at_least);
            escape_tsv(data, summary->models[model]);
            fputc('\n', data);
            plot_mark(plot, cell, metric);
        }
    }
    plot_name_all(plot);
    plot_set_level_axis(plot);
    plot_set_interval_conditions(plot);
    if (plot->row_count > 0)
        plot->y = plot_metric_axis(plot);
    return 0;
}

/* Which requests are meant. */
static void name_light_class(struct plot *plot)
{
    char class[NUMBER_TEXT_SIZE / 2];
    size_t used = strlen(plot->reading);

    snprintf(class, sizeof class, "%s", plot->summary->light_class);
    snprintf(plot->reading + used, sizeof plot->reading - used, " They are: %s.", class);
}

int plot_metric(struct plot *plot, FILE *data)
{
    size_t levels[PANELS_MAX];

    if (plot->chart->metric == METRIC_LIGHT_P99)
        name_light_class(plot);

    if (!plot_wants_rows(plot->summary))
        return plot_lines(plot, data);
    return plot_rows(plot, data, levels, plot_panels(plot->summary, levels));
}

/* More bars are too thin to be told apart: then points with lines, without the two parts. */
enum { BARS_MAX = 75 };

static int plot_bars(struct plot *plot, FILE *data)
{
    const struct summary *summary = plot->summary;
    const struct chart *chart = plot->chart;

    plot->body = asset_cpu_gp;
    fputs("series\tposition\tlevel\tmedian\tlow\thigh\tfull\tfaint\ttrials\ttrusted\tlimited"
          "\tmodel\n",
          data);
    for (size_t model = 0; model < summary->model_count; model++) {
        for (size_t level = 0; level < summary->level_count; level++) {
            const struct cell *cell = summary_cell(summary, level, model);
            const struct estimate *whole = &cell->metrics[chart->metric].estimate;
            double full = cell->metrics[chart->part_full].estimate.median;
            double faint = cell->metrics[chart->part_faint].estimate.median;

            if (!plot_has_number(cell, chart->metric) || !(full + faint > 0))
                continue;
            fprintf(data, "%zu\t%zu\t", model + 1, level + 1);
            escape_tsv(data, summary->levels[level].text);
            fprintf(data, "\t%.10g\t%.10g\t%.10g\t%.10g\t%.10g\t%zu\t%d\t%d\t", whole->median,
                    whole->low, whole->high, full, faint, whole->count, cell->trust != TRUST_NONE,
                    cell->is_limited);
            escape_tsv(data, summary->models[model]);
            fputc('\n', data);
            plot_mark(plot, cell, chart->metric);
        }
    }
    plot_name_all(plot);
    plot_set_level_axis(plot);
    summary_quantity_text(summary, plot->x_text);
    plot_set_interval_conditions(plot);
    if (plot->row_count > 0)
        plot->y = plot_metric_axis(plot);
    /* Groups of bars stand at equal distances, whatever the levels are. */
    for (size_t i = 0; i < plot->x.tick_count; i++)
        plot->x.ticks[i].at = (double)(i + 1);
    return 0;
}

int plot_parts(struct plot *plot, FILE *data)
{
    const struct summary *summary = plot->summary;

    if (plot_wants_rows(summary))
        return plot_metric(plot, data);
    if (summary->model_count * summary->level_count <= BARS_MAX)
        return plot_bars(plot, data);
    plot->key = NULL;
    snprintf(plot->reading, sizeof plot->reading,
             "User and system time together; lower is better. The axis starts at zero. Both parts "
             "are in summary.tsv.");
    return plot_lines(plot, data);
}

void plot_write_marks(const struct plot *plot, FILE *out)
{
    bool bars = plot->chart->part_full != METRIC_THROUGHPUT;

    if (plot->key)
        fprintf(out, "%s ", plot->key);
    if (plot->any_limited)
        fprintf(out, "Open %s: fewer connections served than asked, the model refused the rest. ",
                bars ? "bars" : "points");
    if (plot->any_untrusted)
        fputs("Grey: not trusted. ", out);
    if (plot->any_bound)
        fputs("Triangle: at least this, requests timed out.", out);
}

void plot_release(struct plot *plot)
{
    if (plot->ratios)
        ratios_release(plot->ratios);
    free(plot->ratios);
    free(plot->scaling);
}

/* Of many cells only so many are said: the tables of the page have them all. */
enum { CELLS_SAID_MAX = 64 };

void plot_write_description(const struct plot *plot, FILE *out)
{
    const struct summary *summary = plot->summary;
    enum metric metric = plot->chart->metric;
    char text[NUMBER_TEXT_SIZE];
    size_t said = 0;

    fprintf(out, "%s. %s.", plot->title, plot->chart->y_text);
    for (size_t model = 0; model < summary->model_count; model++) {
        bool first = true;

        for (size_t level = 0; level < summary->level_count && said < CELLS_SAID_MAX; level++) {
            const struct cell *cell = summary_cell(summary, level, model);

            if (!plot_has_number(cell, metric))
                continue;
            if (first)
                fprintf(out, " %s: ", summary->models[model]);
            fprintf(out, "%s%s", first ? "" : ", ", cell_metric_text(cell, metric, text));
            fprintf(out, " at %s", summary->levels[level].name);
            first = false;
            said++;
        }
        if (!first)
            fputc('.', out);
    }
}
