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

static void write_styles(const struct plot *plot, FILE *out)
{
    const struct summary *summary = plot->summary;
    size_t longest = 4;

    fprintf(out, "models = %zu\n", summary->model_count);
    fprintf(out, "array model_name[%zu]\n", summary->model_count);
    fprintf(out, "array model_colour[%zu]\n", summary->model_count);
    fprintf(out, "array point_filled[%zu]\narray point_open[%zu]\narray dash[%zu]\n",
            summary->model_count, summary->model_count, summary->model_count);
    for (size_t model = 0; model < summary->model_count; model++) {
        struct style style = palette_style(summary->models[model]);
        size_t width = escape_width(summary->models[model]);

        longest = width > longest ? width : longest;
        fprintf(out, "model_name[%zu] = ", model + 1);
        escape_gnuplot(out, summary->models[model], GNUPLOT_NAME_MAX);
        fprintf(out, "; model_colour[%zu] = 0x%06X; ", model + 1, (unsigned)style.light);
        fprintf(out, "point_filled[%zu] = %d; point_open[%zu] = %d; dash[%zu] = %d\n", model + 1,
                style.point_filled, model + 1, style.point_open, model + 1, style.dash);
    }
    fprintf(out, "name_length = %zu\n", longest < GNUPLOT_NAME_MAX ? longest : GNUPLOT_NAME_MAX);
    fputs("series_with_line = '", out);
    bool none = true;
    for (size_t model = 0; model < summary->model_count; model++) {
        if (plot->has_line[model]) {
            fprintf(out, "%s%zu", none ? "" : " ", model + 1);
            none = false;
        }
    }
    /* gnuplot has no empty list: it would draw once with nothing. */
    fputs(none ? "1'\n" : "'\n", out);
}

/* A label of ours; gnuplot formats the number into it, so a percent sign is two. */
static void write_label(FILE *out, const char *name, const char *suffix, size_t index,
                        const char *label)
{
    fprintf(out, "; %s_text%s[%zu] = '", name, suffix, index);
    for (; *label; label++)
        fputs(*label == '%' ? "%%" : (const char[]){*label, '\0'}, out);
    fputc('\'', out);
}

static void write_ticks(FILE *out, const struct axis *axis, const char *count, const char *at)
{
    fprintf(out, "%s = %zu\narray %s[%zu]\narray %s_text[%zu]\narray %s_text_narrow[%zu]\n", count,
            axis->tick_count, at, axis->tick_count, at, axis->tick_count, at, axis->tick_count);
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
    write_text(out, "y_text", chart->y_text);
    fprintf(out, "y_is_log = %d; y_low = %.10g; y_high = %.10g; x_high = %.10g\n", plot->y.is_log,
            plot->y.low, plot->y.high, plot->x_high);
    write_ticks(out, &plot->y, "ticks", "tick");
    write_ticks(out, &plot->x, "positions", "position");
    write_styles(plot, out);
    fprintf(out, "\n%s\n%s\n%s", asset_style_gp, plot->body, asset_variants_gp);
    free(footnote);
}
