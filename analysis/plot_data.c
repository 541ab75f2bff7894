/* SPDX-License-Identifier: MIT */
/*
 * plot_data.c: the charts with one point a cell: rows, axes, marks.
 */
#include <math.h>
#include <string.h>

#include "analysis/assets.h"
#include "analysis/conditions.h"
#include "analysis/escape.h"
#include "analysis/plot.h"

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
            count += is_good(summary_cell(summary, level, model));
        if (count >= best_count) {
            best_count = count;
            best = level;
        }
    }
    return best;
}

static bool has_number(const struct cell *cell, enum metric metric)
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

            if (!has_number(&summary->cells[i], m))
                continue;
            *low = fmin(*low, estimate->low);
            *high = fmax(*high, estimate->high);
        }
    }
}

static void set_axes(struct plot *plot)
{
    enum unit unit = metric_unit(plot->chart->metric);
    double low;
    double high;

    if (plot->row_count == 0)
        return;
    extent(plot, &low, &high);
    if (plot->chart->metric == METRIC_THROUGHPUT || plot->chart->metric == METRIC_CPU)
        plot->y = axis_linear(unit, high);
    else
        plot->y = axis_log(unit, fmax(low, 1), fmax(high, 1));
    plot->x = axis_levels(plot->summary->levels, plot->summary->level_count);
}

static void mark(struct plot *plot, const struct cell *cell, enum metric metric)
{
    bool bound = cell->metrics[metric].estimate.median_at_least;

    plot->row_count++;
    plot->any_limited |= cell->is_limited;
    plot->any_untrusted |= cell->trust == TRUST_NONE;
    plot->any_bound |= bound;
    plot->has_line[cell->model] |= cell->trust != TRUST_NONE && !bound;
}

static void set_conditions(struct plot *plot)
{
    char interval[NUMBER_TEXT_SIZE];
    char request[CONDITIONS_TEXT_SIZE];

    snprintf(plot->conditions, sizeof plot->conditions, "median and %s \xC2\xB7 %s",
             summary_interval_text(plot->summary, interval),
             conditions_request(plot->summary, request));
}

int plot_against_connections(struct plot *plot, FILE *data)
{
    const struct summary *summary = plot->summary;
    enum metric metric = plot->chart->metric;

    fputs("series\tconnections\tmedian\tlow\thigh\ttrials\ttrusted\tlimited\tbound\tmodel\n", data);
    for (size_t model = 0; model < summary->model_count; model++) {
        for (size_t level = 0; level < summary->level_count; level++) {
            const struct cell *cell = summary_cell(summary, level, model);
            const struct estimate *estimate = &cell->metrics[metric].estimate;

            if (!has_number(cell, metric))
                continue;
            fprintf(data, "%zu\t%llu\t%.10g\t%.10g\t%.10g\t%zu\t%d\t%d\t%d\t", model + 1,
                    (unsigned long long)summary->levels[level], estimate->median, estimate->low,
                    estimate->high, estimate->count, cell->trust != TRUST_NONE, cell->is_limited,
                    estimate->median_at_least);
            escape_tsv(data, summary->models[model]);
            fputc('\n', data);
            mark(plot, cell, metric);
        }
    }
    set_axes(plot);
    set_conditions(plot);
    return 0;
}

/* More bars are too thin to be told apart: then points with lines, without the two parts. */
enum { BARS_MAX = 75, BARS_PER_GROUP_MAX = 8 };

int plot_cpu(struct plot *plot, FILE *data)
{
    const struct summary *summary = plot->summary;

    if (summary->model_count > BARS_PER_GROUP_MAX ||
        summary->model_count * summary->level_count > BARS_MAX) {
        plot->body = asset_connections_gp;
        plot->x_text = "connections (log scale)";
        plot->reading = "User and system time together; lower is better. The axis starts at zero. "
                        "Both parts are in summary.tsv.";
        return plot_against_connections(plot, data);
    }
    fputs("series\tposition\tconnections\tmedian\tlow\thigh\tuser\tsystem\ttrials\ttrusted\tlimited"
          "\tmodel\n",
          data);
    for (size_t model = 0; model < summary->model_count; model++) {
        for (size_t level = 0; level < summary->level_count; level++) {
            const struct cell *cell = summary_cell(summary, level, model);
            const struct estimate *whole = &cell->metrics[METRIC_CPU].estimate;
            double user = cell->metrics[METRIC_CPU_USER].estimate.median;
            double system = cell->metrics[METRIC_CPU_SYSTEM].estimate.median;

            if (!has_number(cell, METRIC_CPU) || !(user + system > 0))
                continue;
            fprintf(data, "%zu\t%zu\t%llu\t%.10g\t%.10g\t%.10g\t%.10g\t%.10g\t%zu\t%d\t%d\t",
                    model + 1, level + 1, (unsigned long long)summary->levels[level], whole->median,
                    whole->low, whole->high, user, system, whole->count, cell->trust != TRUST_NONE,
                    cell->is_limited);
            escape_tsv(data, summary->models[model]);
            fputc('\n', data);
            mark(plot, cell, METRIC_CPU);
        }
    }
    set_axes(plot);
    set_conditions(plot);
    /* Groups of bars stand at equal distances, whatever the numbers of connections are. */
    plot->x.is_log = false;
    for (size_t i = 0; i < plot->x.tick_count; i++)
        plot->x.ticks[i].at = (double)(i + 1);
    return 0;
}

void plot_write_marks(const struct plot *plot, FILE *out)
{
    bool bars = plot->body == asset_cpu_gp;

    if (plot->any_limited)
        fprintf(out, "Open %s: fewer connections served than asked, the model refused the rest. ",
                bars ? "bars" : "points");
    if (plot->any_untrusted)
        fputs("Grey: not trusted. ", out);
    if (plot->any_bound)
        fputs("Triangle: at least this, requests timed out.", out);
}

void plot_write_description(const struct plot *plot, FILE *out)
{
    const struct summary *summary = plot->summary;
    enum metric metric = plot->chart->metric;
    char text[NUMBER_TEXT_SIZE];

    fprintf(out, "%s. %s.", plot->title, plot->chart->y_text);
    for (size_t model = 0; model < summary->model_count; model++) {
        bool first = true;

        for (size_t level = 0; level < summary->level_count; level++) {
            const struct cell *cell = summary_cell(summary, level, model);

            if (!has_number(cell, metric))
                continue;
            if (first)
                fprintf(out, " %s: ", summary->models[model]);
            fprintf(out, "%s%s", first ? "" : ", ", cell_metric_text(cell, metric, text));
            fprintf(out, " at %s", number_count_text(summary->levels[level], text));
            first = false;
        }
        if (!first)
            fputc('.', out);
    }
}
