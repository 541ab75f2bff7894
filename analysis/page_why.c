/* SPDX-License-Identifier: MIT */
/*
 * page_why.c: the findings of the page, and the table of what a request costs each model.
 *
 * Numbers carry a bar behind them, as long as they are of the largest of their level, so that many
 * rows can be compared at a glance; the bars are plain CSS and print.
 */
#include <math.h>
#include <string.h>

#include "analysis/escape.h"
#include "analysis/limit.h"
#include "analysis/page.h"
#include "analysis/plot.h"

static const struct {
    enum metric metric;
    const char *heading, *second;
} columns[] = {
    {METRIC_SWITCHES, "Switches", "per request"},
    {METRIC_IO_CALLS, "I/O calls", "per request"},
    {METRIC_WAKEUPS, "Wakeups", "per request"},
    {METRIC_EMPTY_WAKEUPS, "of them", "empty"},
    {METRIC_HANDOFFS, "Hand-offs", "per request"},
    {METRIC_RUN_QUEUE, "Waited", "for a core"},
    {METRIC_THREADS, "Threads", ""},
    {METRIC_PROCESSES, "Processes", ""},
    {METRIC_QUEUE_MAX, "Longest", "queue"},
    {METRIC_BALANCE, "Jain's", "index"},
};

enum { COLUMNS = sizeof columns / sizeof columns[0] };

void page_write_findings(FILE *out, const struct page *page)
{
    const struct findings *findings = page->findings;

    if (findings->count > 0)
        fputs("<ol class=\"findings\">\n", out);
    for (size_t i = 0; i < findings->count; i++) {
        fputs("<li>", out);
        escape_html(out, findings->list[i].text);
        fputs("</li>\n", out);
    }
    if (findings->count > 0)
        fputs("</ol>\n", out);
    fputs("<p class=\"note\">", out);
    escape_html(out, findings->basis);
    fputs("</p>", out);
}

static double median_of(const struct cell *cell, enum metric metric)
{
    const struct estimate *estimate = &cell->metrics[metric].estimate;

    return estimate->count > 0 ? estimate->median : NAN;
}

static double largest(const struct cell *const *cells, size_t count, enum metric metric)
{
    double most = 0;

    for (size_t i = 0; i < count; i++)
        most = fmax(most, median_of(cells[i], metric));
    return most;
}

static double percent_of(double value, double whole)
{
    return whole > 0 && value > 0 ? 100 * value / whole : 0;
}

/* System time first and faint, then user time, as in the chart. */
static void write_cpu(FILE *out, const struct cell *cell, double most)
{
    double whole = median_of(cell, METRIC_CPU);
    double user = median_of(cell, METRIC_CPU_USER);
    double system = median_of(cell, METRIC_CPU_SYSTEM);
    char text[NUMBER_TEXT_SIZE];

    if (isnan(whole)) {
        fputs("<td class=\"n\" data-v=\"\">\xE2\x80\x94</td><td class=\"n\" data-v=\"\">"
              "\xE2\x80\x94</td>",
              out);
        return;
    }
    double length = percent_of(whole, most);
    double cut = user + system > 0 ? length * system / (user + system) : 0;
    fprintf(out, "<td class=\"n bar cpu\" style=\"--a:%.1f%%;--b:%.1f%%\" data-v=\"%.10g\">", cut,
            length, whole);
    fprintf(out, "%s</td>", number_text(UNIT_DURATION, whole, text));
    double share = user + system > 0 ? user / (user + system) : NAN;
    fprintf(out, "<td class=\"n\" data-v=\"%.4g\">%s</td>", isnan(share) ? 0 : share,
            number_text(UNIT_SHARE, share, text));
}

static void write_value(FILE *out, const struct cell *cell, enum metric metric, double most)
{
    double value = median_of(cell, metric);
    char text[NUMBER_TEXT_SIZE];

    if (isnan(value))
        fputs("<td class=\"n\" data-v=\"\">\xE2\x80\x94</td>", out);
    else
        fprintf(out, "<td class=\"n bar\" style=\"--a:%.1f%%\" data-v=\"%.6g\">%s</td>",
                percent_of(value, most), value, number_text(metric_unit(metric), value, text));
}

static void write_row(FILE *out, const struct page *page, const struct cell *cell,
                      const struct cell *const *cells, size_t count, bool first)
{
    const struct summary *summary = page->summary;
    bool untrusted = cell->trust == TRUST_NONE;

    fprintf(out, "<tr class=\"%s%s\"%s><td class=\"n\" data-v=\"%zu\"><span class=\"name\">",
            first ? "level " : "", untrusted ? "untrusted" : "", first ? " data-first=\"1\"" : "",
            cell->level);
    escape_html(out, summary->levels[cell->level].name);
    fputs("</span></td><th scope=\"row\"><i class=\"dot\" style=\"background:var(--", out);
    if (untrusted)
        fputs("untrusted", out);
    else
        fprintf(out, "m%zu", cell->model + 1);
    fputs(")\"></i><span class=\"name\">", out);
    escape_html(out, summary->models[cell->model]);
    fputs("</span></th>", out);
    write_cpu(out, cell, largest(cells, count, METRIC_CPU));
    for (size_t i = 0; i < COLUMNS; i++) {
        if (summary_shows_metric(summary, columns[i].metric))
            write_value(out, cell, columns[i].metric, largest(cells, count, columns[i].metric));
    }
    fprintf(out, "<td>%s</td></tr>\n", limit_text(cell_limit(summary, cell)));
}

static void write_heading(FILE *out, const char *class, const char *line, const char *second)
{
    fprintf(out, "<th scope=\"col\" class=\"%s\"><span>%s%s%s</span></th>", class, line,
            *second ? "<br>" : "", second);
}

void page_write_why(FILE *out, const struct page *page)
{
    const struct summary *summary = page->summary;
    const struct cell *cells[MODELS_MAX];
    size_t levels[PANELS_MAX];
    size_t panels = plot_panels(summary, levels);
    bool all = summary->model_count <= LINES_MAX;

    fputs("<table class=\"sortable\">\n<thead><tr>", out);
    write_heading(out, "n", "Level", "");
    write_heading(out, "", "Model", "");
    write_heading(out, "n", "CPU per", "request");
    write_heading(out, "n", "of it", "user");
    for (size_t i = 0; i < COLUMNS; i++) {
        if (summary_shows_metric(summary, columns[i].metric))
            write_heading(out, "n", columns[i].heading, columns[i].second);
    }
    write_heading(out, "", "The limit was", "");
    fputs("</tr></thead>\n<tbody>\n", out);
    for (size_t i = 0; i < (all ? summary->level_count : panels); i++) {
        size_t count = summary_level_cells(summary, all ? i : levels[i], cells);

        for (size_t j = 0; j < count; j++)
            write_row(out, page, cells[j], cells, count, j == 0);
    }
    fputs("</tbody>\n</table>", out);
    if (!all && panels < summary->level_count)
        fputs("<p class=\"note\">The first, the middle and the last level; all are in "
              "<a href=\"summary.tsv\">summary.tsv</a>.</p>",
              out);
}
