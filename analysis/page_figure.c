/* SPDX-License-Identifier: MIT */
/*
 * page_figure.c: the charts of the page: drawing, how to read it, where its data are.
 */
#include <string.h>

#include "analysis/escape.h"
#include "analysis/page.h"
#include "analysis/palette.h"
#include "analysis/svg.h"

/* The neutral colours of plots/style.gp. */
enum { INK = 0x333a42, UNTRUSTED = 0x9aa1a9 };

static const struct svg_colour neutral[] = {
    {INK, "currentColor"},           {0x67707a, "var(--muted)"}, {0xdfe3e8, "var(--grid)"},
    {UNTRUSTED, "var(--untrusted)"}, {0xffffff, "var(--panel)"}, {0x000000, "currentColor"},
};

enum { NEUTRALS = sizeof neutral / sizeof neutral[0], COLOURS_MAX = NEUTRALS + 3 * MODELS_MAX };

/* Whatever colour a mark has, it names its model ("--m1"), by which page.js finds it: as a fallback
 * that is never used where the mark is grey or black. */
static size_t page_colours(const struct page *page, struct svg_colour colours[])
{
    struct style styles[MODELS_MAX];
    size_t count = 0;

    for (; count < NEUTRALS; count++)
        colours[count] = neutral[count];
    palette_styles(page->summary->models, page->summary->model_count, styles);
    for (unsigned i = 1; i <= page->summary->model_count; i++) {
        struct svg_colour *colour = &colours[count];

        colour[0].rgb = styles[i - 1].light;
        snprintf(colour[0].css, sizeof colour->css, "var(--m%u)", i);
        colour[1].rgb = palette_mark(UNTRUSTED, i);
        snprintf(colour[1].css, sizeof colour->css, "var(--untrusted,var(--m%u))", i);
        colour[2].rgb = palette_mark(INK, i);
        snprintf(colour[2].css, sizeof colour->css, "var(--ink,var(--m%u))", i);
        count += 3;
    }
    return count;
}

/* Bytes of drawings and their tables beyond which the page does without the narrow drawings, to
 * stay below 3 MB with all that is not drawn. It takes some hundreds of cells to get there. */
enum { FIGURES_SIZE_MAX = 7 << 18 };

static bool has_room_for_narrow(const struct figures *figures)
{
    size_t size = 0;

    for (size_t i = 0; i < figures->count; i++) {
        const struct figure *figure = &figures->list[i];

        size += strlen(figure->table);
        if (!figure->missing)
            size += strlen(figure->svg_wide) + strlen(figure->svg_narrow);
    }
    return size <= FIGURES_SIZE_MAX;
}

static void write_drawing(FILE *out, const struct page *page, const struct figure *figure)
{
    bool narrow = has_room_for_narrow(page->figures);
    struct svg_colour colours[COLOURS_MAX];
    size_t count = page_colours(page, colours);
    char title_id[64];
    char id[64];

    snprintf(title_id, sizeof title_id, "%s-title %s-text", figure->name, figure->name);
    snprintf(id, sizeof id, "%s-wide", figure->name);
    svg_inline(out, figure->svg_wide,
               &(struct svg_place){id, narrow ? "wide" : "wide only", title_id, colours, count});
    if (!narrow)
        return;
    snprintf(id, sizeof id, "%s-narrow", figure->name);
    svg_inline(out, figure->svg_narrow,
               &(struct svg_place){id, "narrow", title_id, colours, count});
}

static void write_links(FILE *out, const struct figure *figure)
{
    static const char *const kinds[] = {"tsv", "gp", "svg", "png"};
    static const char *const words[] = {"data", "gnuplot script", "SVG", "PNG"};

    fputs("<span class=\"links\">", out);
    for (size_t i = 0; i < (figure->missing ? 2 : 4); i++)
        fprintf(out, "%s<a href=\"%s.%s\">%s</a>", i ? " · " : "", figure->name, kinds[i],
                words[i]);
    fputs("</span>", out);
}

/* A short table is open, and one that stands for a drawing. */
enum { TABLE_ROWS_OPEN_MAX = 12 };

static void write_table(FILE *out, const struct figure *figure)
{
    size_t rows = 0;

    if (!*figure->table)
        return;
    for (const char *row = figure->table; (row = strstr(row, "<tr")) != NULL; row++)
        rows++;
    fprintf(out,
            "<details%s>\n<summary>As a table</summary>\n<div class=\"scroll\" tabindex=\"0\" "
            "role=\"region\" aria-labelledby=\"%s-title\">\n%s\n</div>\n</details>\n",
            figure->missing || rows <= TABLE_ROWS_OPEN_MAX ? " open" : "", figure->name,
            figure->table);
}

static void write_figure(FILE *out, const struct page *page, const struct figure *figure)
{
    fprintf(out, "<figure id=\"%s\">\n<h3 id=\"%s-title\">", figure->name, figure->name);
    escape_html(out, figure->title);
    fputs("</h3>\n<p class=\"conditions\">", out);
    escape_html(out, figure->conditions);
    fputs("</p>\n", out);
    if (figure->missing) {
        fputs("<p class=\"missing\">Not drawn. ", out);
        escape_html(out, figure->missing);
        fputs("</p>\n", out);
    } else {
        fprintf(out, "<p class=\"hidden\" id=\"%s-text\">", figure->name);
        escape_html(out, figure->description);
        fputs("</p>\n", out);
        fputs("<div class=\"drawing\">", out);
        write_drawing(out, page, figure);
        fputs("</div>\n", out);
    }
    write_table(out, figure);
    fputs("<figcaption>", out);
    escape_html(out, figure->reading);
    fputc(' ', out);
    escape_html(out, figure->marks);
    if (figure->has_data)
        write_links(out, figure);
    fputs("</figcaption>\n</figure>\n", out);
}

/* The models by their colour; page.js makes buttons of them. */
void page_write_series(FILE *out, const struct page *page)
{
    fputs("<ul class=\"series\">\n", out);
    for (size_t i = 0; i < page->summary->model_count; i++) {
        fprintf(out,
                "<li data-series=\"%zu\"><i class=\"dot\" style=\"background:var(--m%zu)\"></i>",
                i + 1, i + 1);
        escape_html(out, page->summary->models[i]);
        fputs("</li>\n", out);
    }
    fputs("</ul>", out);
}

void page_write_figures(FILE *out, const struct page *page)
{
    for (size_t i = 0; i < page->figures->count; i++)
        write_figure(out, page, &page->figures->list[i]);
}
