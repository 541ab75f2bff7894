/* SPDX-License-Identifier: MIT */
#include "analysis/table.h"

#include <string.h>

#include "analysis/conditions.h"
#include "analysis/escape.h"
#include "analysis/run.h"

static const char *const DIM = "\033[2m";
static const char *const BOLD = "\033[1m";
static const char *const PLAIN = "\033[0m";

enum column_kind { COLUMN_LEVEL, COLUMN_MODEL, COLUMN_RANK, COLUMN_MEDIAN, COLUMN_RANGE };

static const struct column {
    const char *title; /* NULL: what varies */
    enum column_kind kind;
    enum metric metric;
} columns[] = {
    {NULL, COLUMN_LEVEL, METRICS},
    {"model", COLUMN_MODEL, METRICS},
    {"rank", COLUMN_RANK, METRICS},
    {"replies/s", COLUMN_MEDIAN, METRIC_THROUGHPUT},
    {"interval", COLUMN_RANGE, METRIC_THROUGHPUT},
    {"p50", COLUMN_MEDIAN, METRIC_RESPONSE_P50},
    {"p99", COLUMN_MEDIAN, METRIC_RESPONSE_P99},
    {"p99.9", COLUMN_MEDIAN, METRIC_RESPONSE_P999},
    {"light p99", COLUMN_MEDIAN, METRIC_LIGHT_P99},
    {"service p50", COLUMN_MEDIAN, METRIC_SERVICE_P50},
    {"service p99", COLUMN_MEDIAN, METRIC_SERVICE_P99},
    {"CPU/request", COLUMN_MEDIAN, METRIC_CPU},
    {"memory", COLUMN_MEDIAN, METRIC_MEMORY},
};

enum { COLUMNS = sizeof columns / sizeof columns[0], NAME_WIDTH_MAX = 32 };

/* What stands in a column; in `text` or borrowed. */
static const char *column_text(const struct summary *summary, const struct cell *cell,
                               const struct column *column, char text[NUMBER_TEXT_SIZE])
{
    switch (column->kind) {
    case COLUMN_LEVEL:
        return cell_level_text(summary, cell, text);
    case COLUMN_MODEL:
        return summary->models[cell->model];
    case COLUMN_RANK:
        return cell_rank_text(summary, cell, text);
    case COLUMN_MEDIAN:
        return cell_metric_text(cell, column->metric, text);
    case COLUMN_RANGE:
        break;
    }
    return cell_range_text(cell, column->metric, text);
}

/* In `text` or borrowed. */
static const char *column_title(const struct summary *summary, const struct column *column,
                                char text[NUMBER_TEXT_SIZE])
{
    return column->title ? column->title : summary_quantity_text(summary, text);
}

static bool is_shown(const struct summary *summary, const struct column *column)
{
    return column->metric == METRICS || summary_shows_metric(summary, column->metric);
}

static size_t column_width(const struct summary *summary, const struct column *column)
{
    char title[NUMBER_TEXT_SIZE];
    size_t width = escape_width(column_title(summary, column, title));

    for (size_t i = 0; i < summary->level_count * summary->model_count; i++) {
        char text[NUMBER_TEXT_SIZE];

        if (summary->cells[i].trial_count == 0)
            continue;
        size_t used = escape_width(column_text(summary, &summary->cells[i], column, text));
        width = used > width ? used : width;
    }
    return width < NAME_WIDTH_MAX ? width : NAME_WIDTH_MAX + 1;
}

static void write_spaces(FILE *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fputc(' ', out);
}

/* Names stand left, numbers right. */
static void write_padded(FILE *out, const struct column *column, size_t width, const char *text)
{
    size_t used = escape_width(text);
    size_t pad = used < width ? width - used : 0;

    write_spaces(out, column->kind == COLUMN_MODEL ? 0 : pad);
    escape_terminal_cut(out, text, NAME_WIDTH_MAX);
    write_spaces(out, column->kind == COLUMN_MODEL ? pad : 0);
}

static void write_cell(FILE *out, const struct summary *summary, const struct cell *cell,
                       const size_t widths[COLUMNS])
{
    for (size_t c = 0; c < COLUMNS; c++) {
        char text[NUMBER_TEXT_SIZE];

        if (!is_shown(summary, &columns[c]))
            continue;
        fputs(c ? "  " : "", out);
        write_padded(out, &columns[c], widths[c], column_text(summary, cell, &columns[c], text));
    }
}

static void write_cells(FILE *out, const struct summary *summary, const size_t widths[COLUMNS],
                        bool colour)
{
    const struct cell *cells[MODELS_MAX];

    for (size_t level = 0; level < summary->level_count; level++) {
        size_t count = summary_level_cells(summary, level, cells);

        for (size_t i = 0; i < count; i++) {
            bool untrusted = cells[i]->trust == TRUST_NONE;

            fputs(colour && untrusted ? DIM : "", out);
            write_cell(out, summary, cells[i], widths);
            fputs(untrusted ? "  not trusted" : "", out);
            fputs(colour && untrusted ? PLAIN : "", out);
            fputc('\n', out);
        }
        fputs(count > 0 ? "\n" : "", out);
    }
}

static void write_strong(FILE *out, const char *text, bool colour)
{
    fputs(colour ? BOLD : "", out);
    escape_terminal(out, text);
    fputs(colour ? PLAIN : "", out);
    fputc('\n', out);
}

void table_write(FILE *out, const struct summary *summary, bool colour)
{
    char interval[NUMBER_TEXT_SIZE];
    char request[CONDITIONS_TEXT_SIZE];
    char title[NUMBER_TEXT_SIZE];
    size_t widths[COLUMNS];

    write_strong(out, run_title(summary->run), colour);
    escape_terminal(out, conditions_request(summary, request));
    fprintf(out, "; medians, with the %s; percentiles of response time\n\n",
            summary_interval_text(summary, interval));
    for (size_t c = 0; c < COLUMNS; c++) {
        if (!is_shown(summary, &columns[c]))
            continue;
        widths[c] = column_width(summary, &columns[c]);
        fputs(c ? "  " : "", out);
        write_padded(out, &columns[c], widths[c], column_title(summary, &columns[c], title));
    }
    fputc('\n', out);
    write_cells(out, summary, widths, colour);
}

void table_write_verdict(FILE *out, const struct verdict *verdict, bool colour)
{
    write_strong(out, verdict->sentence, colour);
    for (size_t i = 0; i < verdict->reason_count; i++) {
        const struct verdict_reason *reason = &verdict->reasons[i];

        fprintf(out, "  %-4s", reason->code);
        escape_terminal(out, reason->text);
        if (reason->trial_count > 0) {
            fprintf(out, " (%s%zu trial%s: ", reason->texts_differ ? "the first of " : "",
                    reason->trial_count, reason->trial_count == 1 ? "" : "s");
            escape_terminal(out, reason->where);
            fputc(')', out);
        }
        fputc('\n', out);
    }
}
