/* SPDX-License-Identifier: MIT */
/*
 * plot_scaling.c: what was measured against the Universal Scalability Law fitted to it.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/assets.h"
#include "analysis/conditions.h"
#include "analysis/escape.h"
#include "analysis/plot.h"
#include "analysis/scaling.h"

enum { CURVE_STEPS = 40, PANEL_STEPS = 24 }; /* smooth at their size */

static void write_point(struct plot *plot, FILE *data, const struct cell *cell, double place)
{
    const struct estimate *estimate = &cell->metrics[METRIC_THROUGHPUT].estimate;

    fprintf(data, "%zu\t1\t", cell->model + 1);
    escape_tsv(data, plot->summary->levels[cell->level].text);
    fprintf(data, "\t%.10g\t%.10g\t%.10g\t%.10g\t%.10g\t%.10g\t%zu\t%d\t%d\t0\t", place, place,
            place, estimate->median, estimate->low, estimate->high, estimate->count,
            cell->trust != TRUST_NONE, cell->is_limited);
    escape_tsv(data, plot->summary->models[cell->model]);
    fputc('\n', data);
    plot_mark(plot, cell, METRIC_THROUGHPUT);
    plot->y.high = fmax(plot->y.high, estimate->high);
}

/* At even distances on the axis, which has logarithms of the clients when it `is_log`. */
static void write_curve(struct plot *plot, FILE *data, size_t model, bool is_log)
{
    const struct scaling_fit *fit = &plot->scaling->fits[model];
    double first = is_log ? log10(fit->first) : fit->first;
    double last = is_log ? log10(fit->last) : fit->last;

    int steps = plot->body == asset_panels_gp ? PANEL_STEPS : CURVE_STEPS;

    for (int step = 0; step <= steps; step++) {
        double place = first + (last - first) * step / steps;
        double clients = is_log ? pow(10, place) : place;
        double throughput = usl_throughput(&fit->usl.fit, clients);

        fprintf(data, "%zu\t0\t%.6g\t%.10g\t%.10g\t%.10g\t%.10g\tNaN\tNaN\t%zu\t1\t0\t0\t",
                model + 1, clients, place, place, place, throughput, fit->blocks);
        escape_tsv(data, plot->summary->models[model]);
        fputc('\n', data);
        plot->y.high = fmax(plot->y.high, throughput);
    }
}

/* Grey points do not speak for the law, and a model without any others has no panel. */
static bool has_points(const struct plot *plot, size_t model)
{
    return plot->scaling->fits[model].levels > 0 && summary_compares(plot->summary, model);
}

static void write_model(struct plot *plot, FILE *data, size_t model, const double *places,
                        bool is_log)
{
    if (!has_points(plot, model))
        return;
    for (size_t level = 0; level < plot->summary->level_count; level++) {
        const struct cell *cell = summary_cell(plot->summary, level, model);

        if (plot_has_number(cell, METRIC_THROUGHPUT))
            write_point(plot, data, cell, places[level]);
    }
    if (scaling_is_shown(&plot->scaling->fits[model]))
        write_curve(plot, data, model, is_log);
    plot->has_legend[model] = true;
}

/* No fit has an interval. */
static bool infers_nothing(const struct scaling *scaling)
{
    for (size_t model = 0; model < MODELS_MAX; model++) {
        if (scaling_is_shown(&scaling->fits[model]) && scaling->fits[model].usl.lambda.coverage > 0)
            return false;
    }
    return true;
}

static void set_texts(struct plot *plot)
{
    char mark[NUMBER_TEXT_SIZE * 3];
    char interval[NUMBER_TEXT_SIZE];

    snprintf(mark, sizeof mark,
             "points: median and %s; curves: fitted to the blocks that have all levels",
             summary_interval_text(plot->summary, interval));
    plot_set_conditions(plot, mark);
    size_t used = strlen(plot->reading);
    if (plot->scaling->shown > 0 && infers_nothing(plot->scaling))
        snprintf(plot->reading + used, sizeof plot->reading - used,
                 " Fewer than %d blocks: the numbers describe these trials and infer nothing.",
                 TRIALS_TO_INFER);
    else if (plot->scaling->shown > 0)
        snprintf(plot->reading + used, sizeof plot->reading - used,
                 " Below each number in the table stands its 95 %% interval.");
}

int plot_scaling(struct plot *plot, FILE *data)
{
    const struct summary *summary = plot->summary;
    double places[LEVELS_MAX];

    plot->scaling = malloc(sizeof *plot->scaling);
    int error = plot->scaling ? scaling_init(plot->scaling, summary) : -ENOMEM;
    if (error)
        return error;
    enum level_scale scale =
        levels_place(summary->levels, summary->level_count, summary->level_kind, places);
    plot->body = summary->model_count > LINES_MAX ? asset_panels_gp : asset_curves_gp;
    fputs("series\tmeasured\tlevel\tx\tx_low\tx_high\ty\ty_low\ty_high\ttrials\ttrusted\tlimited"
          "\tbound\tmodel\n",
          data);
    /* Without a law there is nothing here that the chart of throughput does not show. */
    for (size_t model = 0; model < summary->model_count && plot->scaling->shown > 0; model++)
        write_model(plot, data, model, places, scale == LEVEL_SCALE_LOG);
    plot_set_level_axis(plot);
    double margin = 0.05 * (plot->x.high - plot->x.low);
    plot->x.low -= margin;
    plot->x.high += margin;
    plot->y = axis_linear(UNIT_RATE, plot->y.high);
    set_texts(plot);
    return 0;
}

void plot_describe_scaling(const struct plot *plot, FILE *out)
{
    char text[NUMBER_TEXT_SIZE];

    fprintf(out, "%s.", plot->title);
    for (size_t model = 0; model < plot->summary->model_count; model++) {
        const struct scaling_fit *fit = &plot->scaling->fits[model];

        if (!has_points(plot, model))
            continue;
        fprintf(out, " %s: ", plot->summary->models[model]);
        if (!scaling_is_shown(fit)) {
            fputs("no fit.", out);
            continue;
        }
        fprintf(out, "one client gets %s a second, contention %.2g, coherency %.2g",
                number_text(UNIT_RATE, fit->usl.fit.lambda, text), fit->usl.fit.sigma,
                fit->usl.fit.kappa);
        if (fit->usl.has_peak)
            fprintf(out, ", peak at %.3g", fit->usl.fit.peak);
        fputc('.', out);
    }
}

static void write_number(FILE *out, const struct bootstrap *number, bool is_rate)
{
    char low[NUMBER_TEXT_SIZE];
    char high[NUMBER_TEXT_SIZE];

    fprintf(out, "<td class=\"n\" data-v=\"%.6g\">", number->value);
    if (is_rate)
        fputs(number_text(UNIT_RATE, number->value, low), out);
    else
        fprintf(out, "%.3g", number->value);
    if (number->coverage > 0 && is_rate)
        fprintf(out, "<small>%s\xE2\x80\x93%s</small>", number_text(UNIT_RATE, number->low, low),
                number_text(UNIT_RATE, number->high, high));
    else if (number->coverage > 0)
        fprintf(out, "<small>%.3g\xE2\x80\x93%.3g</small>", number->low, number->high);
    fputs("</td>", out);
}

static void write_peak(FILE *out, const struct usl *usl)
{
    if (usl->has_peak && !isfinite(usl->peak.high)) {
        struct bootstrap bounded = usl->peak;

        bounded.coverage = 0;
        write_number(out, &bounded, false);
    } else if (usl->has_peak) {
        write_number(out, &usl->peak, false);
    } else {
        fputs("<td class=\"n\">\xE2\x80\x94</td>", out);
    }
}

static void write_table_row(const struct plot *plot, FILE *out, size_t model)
{
    const struct usl *usl = &plot->scaling->fits[model].usl;

    fputs("<tr><th scope=\"row\"><span class=\"name\">", out);
    escape_html(out, plot->summary->models[model]);
    fputs("</span></th>", out);
    write_number(out, &usl->lambda, true);
    write_number(out, &usl->sigma, false);
    write_number(out, &usl->kappa, false);
    write_peak(out, usl);
    fprintf(out, "<td class=\"n\" data-v=\"%.4g\">%.1f %%</td></tr>\n", usl->fit.residual_max,
            100 * usl->fit.residual_max);
}

static void write_numbers(const struct plot *plot, FILE *out)
{
    static const char *const headings[] = {
        "Model",      "\xCE\xBB<br>one alone", "\xCF\x83<br>contention", "\xCE\xBA<br>coherency",
        "N*<br>peak", "Largest<br>residual",
    };

    fputs("<table class=\"sortable\">\n<thead><tr>", out);
    for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++)
        fprintf(out, "<th scope=\"col\"%s><span>%s</span></th>", i > 0 ? " class=\"n\"" : "",
                headings[i]);
    fputs("</tr></thead>\n<tbody>\n", out);
    for (size_t model = 0; model < plot->summary->model_count; model++) {
        if (summary_compares(plot->summary, model) && scaling_is_shown(&plot->scaling->fits[model]))
            write_table_row(plot, out, model);
    }
    fputs("</tbody>\n</table>\n", out);
}

/* The sentence of a model; "" for one that is no competitor. */
static const char *sentence_of(const struct plot *plot, size_t model, char text[SCALING_TEXT_SIZE])
{
    return summary_compares(plot->summary, model) ? scaling_text(&plot->scaling->fits[model], text)
                                                  : "";
}

/* A sentence is said once, of all models it holds for, by the first of them. */
static void write_sentence(const struct plot *plot, FILE *out, size_t first)
{
    const struct summary *summary = plot->summary;
    char text[SCALING_TEXT_SIZE];
    char other[SCALING_TEXT_SIZE];
    const char *sentence = sentence_of(plot, first, text);

    for (size_t model = 0; model < first; model++) {
        if (strcmp(sentence_of(plot, model, other), sentence) == 0)
            return;
    }
    if (!*sentence)
        return;
    fputs("<p class=\"note\"><b>", out);
    escape_html(out, summary->models[first]);
    for (size_t model = first + 1; model < summary->model_count; model++) {
        if (strcmp(sentence_of(plot, model, other), sentence) != 0)
            continue;
        fputs(", ", out);
        escape_html(out, summary->models[model]);
    }
    fprintf(out, "</b>: %s</p>\n", sentence);
}

void plot_table_scaling(const struct plot *plot, FILE *out)
{
    if (plot->scaling->shown > 0)
        write_numbers(plot, out);
    for (size_t model = 0; model < plot->summary->model_count; model++)
        write_sentence(plot, out, model);
}
