/* SPDX-License-Identifier: MIT */
/*
 * plot_script.c: a chart's script: its variables, then the files of plots/ as they are.
 */
#include <stdlib.h>

#include "analysis/assets.h"
#include "analysis/document.h"
#include "analysis/escape.h"
#include "analysis/palette.h"
#include "analysis/plot.h"

static void write_text(FILE *out, const char *name, const char *text)
{
    fprintf(out, "%s = ", name);
    escape_gnuplot(out, text, GNUPLOT_TEXT_MAX);
    fputc('\n', out);
}

/* Columns of a name beside its row; with more the narrow drawing would have no room. */
enum { ROW_NAME_MAX = 24 };

static void write_series(const struct plot *plot, FILE *out, const char *name,
                         const bool has[MODELS_MAX])
{
    bool none = true;

    fprintf(out, "%s = '", name);
    for (size_t model = 0; model < plot->summary->model_count; model++) {
        if (has[model]) {
            fprintf(out, "%s%zu", none ? "" : " ", model + 1);
            none = false;
        }
    }
    /* gnuplot has no empty list: it would draw once with nothing. */
    fputs(none ? "1'\n" : "'\n", out);
}

static void write_styles(const struct plot *plot, FILE *out)
{
    const struct summary *summary = plot->summary;
    struct style styles[MODELS_MAX];
    size_t longest = 4;

    palette_styles(summary->models, summary->model_count, styles);

    fprintf(out, "models = %zu\n", summary->model_count);
    fprintf(out, "array model_name[%zu]\n", summary->model_count);
    fprintf(out, "array model_colour[%zu]\n", summary->model_count);
    fprintf(out, "array point_filled[%zu]\narray point_open[%zu]\narray dash[%zu]\n",
            summary->model_count, summary->model_count, summary->model_count);
    for (size_t model = 0; model < summary->model_count; model++) {
        struct style style = styles[model];
        size_t width = escape_width(summary->models[model]);

        longest = width > longest ? width : longest;
        fprintf(out, "model_name[%zu] = ", model + 1);
        escape_gnuplot(out, summary->models[model], GNUPLOT_NAME_MAX);
        fprintf(out, "; model_colour[%zu] = 0x%06X; ", model + 1, (unsigned)style.light);
        fprintf(out, "point_filled[%zu] = %d; point_open[%zu] = %d; dash[%zu] = %d\n", model + 1,
                style.point_filled, model + 1, style.point_open, model + 1, style.dash);
    }
    fprintf(out, "name_length = %zu\n", longest < GNUPLOT_NAME_MAX ? longest : GNUPLOT_NAME_MAX);
    write_series(plot, out, "series_with_line", plot->has_line);
    write_series(plot, out, "named", plot->has_legend);
}

/* Of a chart that has no rows all of this is there, too, and not used. */
static void write_rows(const struct plot *plot, FILE *out)
{
    size_t size = plot->rows_count > 0 ? plot->rows_count : 1;

    fprintf(out, "lines = %g; rows_named = %zu\n", plot->rows_height, plot->rows_count);
    fprintf(out, "array row_y[%zu]\narray row_name[%zu]\narray row_heading[%zu]\n", size, size,
            size);
    fprintf(out, "array row_note[%zu]\n", size);
    for (size_t i = 0; i < plot->rows_count; i++) {
        const struct plot_row *row = &plot->rows[i];

        fprintf(out, "row_y[%zu] = %g; row_heading[%zu] = %d; row_name[%zu] = ", i + 1, row->y,
                i + 1, row->is_heading, i + 1);
        escape_gnuplot(out, row->is_heading ? row->note : row->name,
                       row->is_heading ? GNUPLOT_NAME_MAX : ROW_NAME_MAX);
        fprintf(out, "; row_note[%zu] = ", i + 1);
        escape_gnuplot(out, row->is_heading ? "" : row->note, GNUPLOT_NAME_MAX);
        fputc('\n', out);
    }
}

/* gnuplot formats the number into a label, so a percent sign is two. A level may be anybody's. */
static void write_label(FILE *out, const char *name, const char *suffix, size_t index,
                        const char *label)
{
    char doubled[2 * NUMBER_TEXT_SIZE];
    size_t used = 0;

    for (; *label; label++) {
        if (*label == '%')
            doubled[used++] = '%';
        doubled[used++] = *label;
    }
    doubled[used] = '\0';
    fprintf(out, "; %s_text%s[%zu] = ", name, suffix, index);
    escape_gnuplot(out, doubled, GNUPLOT_NAME_MAX);
}

static void write_ticks(FILE *out, const struct axis *axis, const char *count, const char *at)
{
    size_t size = axis->tick_count > 0 ? axis->tick_count : 1; /* no array is empty */

    fprintf(out, "%s = %zu\narray %s[%zu]\narray %s_text[%zu]\narray %s_text_narrow[%zu]\n", count,
            axis->tick_count, at, size, at, size, at, size);
    for (size_t i = 0; i < axis->tick_count; i++) {
        fprintf(out, "%s[%zu] = %.10g", at, i + 1, axis->ticks[i].at);
        write_label(out, at, "", i + 1, axis->ticks[i].text);
        write_label(out, at, "_narrow", i + 1, axis->ticks[i].text_narrow);
        fputc('\n', out);
    }
}

void plot_write_script(const struct plot *plot, FILE *out)
{
    const struct chart *chart = plot->chart;
    char id[64] = "";
    struct document marks;
    char *footnote = NULL;

    for (size_t i = 0; chart->name[i] && i + 1 < sizeof id; i++)
        id[i] = chart->name[i] == '-' ? '_' : chart->name[i];
    if (document_open(&marks) == 0) {
        plot_write_marks(plot, marks.out);
        footnote = document_text(&marks);
    }
    fprintf(out,
            "# SPDX-License-Identifier: MIT\n"
            "# Made by muelle-report. `gnuplot %s.gp` draws %s.svg and %s.png again.\n\nreset\n",
            chart->name, chart->name, chart->name);
    fprintf(out, "chart = '%s'; id = '%s'; data = '%s.tsv'\n", chart->name, id, chart->name);
    write_text(out, "heading", plot->title);
    write_text(out, "subheading", plot->conditions);
    write_text(out, "footnote", footnote ? footnote : "");
    write_text(out, "x_text", plot->x_text);
    write_text(out, "y_text", plot->y_text);
    /* Of a chart with rows y is nothing but their order. */
    fprintf(out, "y_is_log = %d; y_low = %.10g; y_high = %.10g\n", plot->y.is_log, plot->y.low,
            plot->y.high > plot->y.low ? plot->y.high : plot->y.low + 1);
    fprintf(out, "x_is_log = %d; x_low = %.10g; x_high = %.10g\n", plot->x.is_log, plot->x.low,
            plot->x_high > 0 ? plot->x_high : plot->x.high);
    write_ticks(out, &plot->y, "ticks", "tick");
    write_ticks(out, &plot->x, "positions", "position");
    write_styles(plot, out);
    write_rows(plot, out);
    fprintf(out, "\n%s\n%s%s%s\n%s", asset_style_gp, plot->rows_count > 0 ? asset_rows_gp : "",
            plot->rows_count > 0 ? "\n" : "", plot->body, asset_variants_gp);
    free(footnote);
}
