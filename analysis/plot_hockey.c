/* SPDX-License-Identifier: MIT */
/*
 * plot_hockey.c: latency against throughput, the points of a model joined in order of their levels:
 * flat while there is room, and then up, like a hockey stick.
 */
#include <math.h>
#include <string.h>

#include "analysis/assets.h"
#include "analysis/escape.h"
#include "analysis/plot.h"

/* Both must be numbers. */
static bool has_place(const struct plot *plot, const struct cell *cell)
{
    return plot_has_number(cell, plot->chart->metric) && plot_has_number(cell, METRIC_THROUGHPUT);
}

static void write_point(struct plot *plot, FILE *data, const struct cell *cell)
{
    const struct estimate *throughput = &cell->metrics[METRIC_THROUGHPUT].estimate;
    const struct estimate *latency = &cell->metrics[plot->chart->metric].estimate;

    fprintf(data, "%zu\t1\t", cell->model + 1);
    escape_tsv(data, plot->summary->levels[cell->level].text);
    fprintf(data, "\t%.10g\t%.10g\t%.10g\t%.10g\t%.10g\t%.10g\t%zu\t%d\t%d\t%d\t",
            throughput->median, throughput->low, throughput->high, latency->median, latency->low,
            latency->high, latency->count, cell->trust != TRUST_NONE, cell->is_limited,
            latency->median_at_least);
    escape_tsv(data, plot->summary->models[cell->model]);
    fputc('\n', data);
    plot_mark(plot, cell, plot->chart->metric);
    plot->has_legend[cell->model] = true;
    plot->x.high = fmax(plot->x.high, throughput->high);
}

/* A wide number at the end of the axis would stick out of the narrow drawing: there, the last tick
 * goes without, and every other of many has one. */
static void thin_narrow(struct axis *axis)
{
    size_t step = axis->tick_count > 5 ? 2 : 1;

    for (size_t i = 0; i < axis->tick_count; i++) {
        struct tick *tick = &axis->ticks[i];
        bool has_room = i % step == 0 && i + 1 < axis->tick_count;

        number_short_text(UNIT_RATE, tick->at, tick->text_narrow);
        if (!has_room)
            tick->text_narrow[0] = '\0';
    }
}

int plot_hockey(struct plot *plot, FILE *data)
{
    const struct summary *summary = plot->summary;
    char quantity[NUMBER_TEXT_SIZE];

    plot->body = summary->model_count > LINES_MAX ? asset_panels_gp : asset_curves_gp;
    fputs("series\tmeasured\tlevel\tx\tx_low\tx_high\ty\ty_low\ty_high\ttrials\ttrusted\tlimited"
          "\tbound\tmodel\n",
          data);
    for (size_t model = 0; model < summary->model_count; model++) {
        for (size_t level = 0; level < summary->level_count; level++) {
            const struct cell *cell = summary_cell(summary, level, model);

            if (has_place(plot, cell))
                write_point(plot, data, cell);
        }
    }
    plot_set_interval_conditions(plot);
    snprintf(plot->x_text, sizeof plot->x_text, "replies a second");
    snprintf(plot->title, sizeof plot->title, "%s against throughput", plot->chart->title);
    plot->x = axis_linear(UNIT_RATE, plot->x.high);
    axis_thin(&plot->x, 0.09, 0.22);
    thin_narrow(&plot->x);
    if (plot->row_count > 0)
        plot->y = plot_metric_axis(plot);
    size_t used = strlen(plot->reading);
    snprintf(plot->reading + used, sizeof plot->reading - used,
             " A line joins a model\xE2\x80\x99s points by %s, from %s to %s.",
             summary_quantity_text(summary, quantity), summary->levels[0].name,
             summary->levels[summary->level_count - 1].name);
    return 0;
}

void plot_describe_hockey(const struct plot *plot, FILE *out)
{
    enum { POINTS_SAID_MAX = 64 };
    const struct summary *summary = plot->summary;
    char text[NUMBER_TEXT_SIZE];
    size_t said = 0;

    fprintf(out, "%s. %s.", plot->title, plot->chart->y_text);
    for (size_t model = 0; model < summary->model_count; model++) {
        bool first = true;

        for (size_t level = 0; level < summary->level_count && said < POINTS_SAID_MAX; level++) {
            const struct cell *cell = summary_cell(summary, level, model);

            if (!has_place(plot, cell))
                continue;
            if (first)
                fprintf(out, " %s: ", summary->models[model]);
            fprintf(out, "%s%s at ", first ? "" : ", ",
                    cell_metric_text(cell, plot->chart->metric, text));
            fprintf(out, "%s a second", cell_metric_text(cell, METRIC_THROUGHPUT, text));
            first = false;
            said++;
        }
        if (!first)
            fputc('.', out);
    }
}
