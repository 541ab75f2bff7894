/* SPDX-License-Identifier: MIT */
#include "loadgen/output/summary_latencies.h"

#include <string.h>

#include "common/units.h"
#include "loadgen/output/summary_text.h"
#include "loadgen/record/percentiles.h"
#include "loadgen/record/precision.h"

enum { CELL_SIZE = 48 };

/* Columns of the latencies, wide enough for what usually stands in each and two blanks before it.
 */
enum { COUNT_WIDTH = 12, MEAN_WIDTH = 10, MAX_WIDTH = 11 };
static const int percentile_widths[PERCENTILES_COUNT] = {10, 10, 11, 13, 14};

/* What stands in a row for each percentile. */
enum row { ROW_VALUE, ROW_LOW, ROW_HIGH };

static void format_percentile(const struct recorder *total, enum latency_kind kind, double quantile,
                              enum row row, char cell[CELL_SIZE])
{
    const struct latency *latency = recorder_latency(total, kind);
    uint64_t highest_ns = latency->histogram.highest;
    struct quantile_interval interval;
    char text[UNITS_TEXT_SIZE];

    precision_of(total, kind, quantile, &interval);
    uint64_t value_ns = row == ROW_VALUE ? interval.value_ns
                        : row == ROW_LOW ? interval.low_ns
                                         : interval.high_ns;
    bool is_bound = row == ROW_VALUE
                        ? latency_is_lower_bound(latency, quantile)
                        : latency->at_least_count > 0 && value_ns >= latency->at_least_min_ns;

    if (latency->histogram.total_count < quantile_needs(quantile) && row == ROW_VALUE)
        snprintf(cell, CELL_SIZE, "needs %s", summary_grouped(quantile_needs(quantile), text));
    else if (!interval.sufficient && row == ROW_VALUE)
        snprintf(cell, CELL_SIZE, "clumped");
    else if (!interval.sufficient || (row == ROW_LOW && interval.low_unbounded))
        snprintf(cell, CELL_SIZE, "-");
    else if (row == ROW_HIGH && interval.high_unbounded)
        snprintf(cell, CELL_SIZE, "unknown");
    else
        snprintf(cell, CELL_SIZE, "%s%s", is_bound ? ">" : "",
                 duration_format(value_ns < highest_ns ? value_ns : highest_ns, text));
}

static void print_percentiles(FILE *out, const struct recorder *total, enum latency_kind kind,
                              enum row row)
{
    char cell[CELL_SIZE];

    for (size_t i = 0; i < PERCENTILES_COUNT; i++) {
        format_percentile(total, kind, percentiles[i].quantile, row, cell);
        fprintf(out, "%*s", percentile_widths[i], cell);
    }
}

static void print_latency(FILE *out, const char *label, const struct recorder *total,
                          enum latency_kind kind)
{
    const struct latency *latency = recorder_latency(total, kind);
    const struct histogram *histogram = &latency->histogram;
    char number[SUMMARY_NUMBER_SIZE], text[UNITS_TEXT_SIZE], cell[CELL_SIZE];

    summary_label(out, label);
    fprintf(out, "%*s", COUNT_WIDTH, summary_grouped(histogram->total_count, number));
    if (histogram->total_count == 0) {
        fprintf(out, "\n");
        return;
    }
    snprintf(cell, sizeof cell, "%s%s", latency->at_least_count > 0 ? ">" : "",
             duration_format((uint64_t)(histogram_mean(histogram) + 0.5), text));
    fprintf(out, "%*s", MEAN_WIDTH, cell);
    print_percentiles(out, total, kind, ROW_VALUE);
    snprintf(cell, sizeof cell, "%s%s", latency_is_lower_bound(latency, 1.0) ? ">" : "",
             duration_format(histogram->max, text));
    fprintf(out, "%*s\n", MAX_WIDTH, cell);
}

/* Is there a percentile that the sample can carry? */
static bool has_interval(const struct recorder *total, enum latency_kind kind)
{
    for (size_t i = 0; i < PERCENTILES_COUNT; i++) {
        struct quantile_interval interval;

        precision_of(total, kind, percentiles[i].quantile, &interval);
        if (interval.sufficient && !(interval.low_unbounded && interval.high_unbounded))
            return true;
    }
    return false;
}

/* The 95 % interval of each percentile of the line above. */
static void print_interval(FILE *out, const struct recorder *total, enum latency_kind kind)
{
    if (recorder_latency(total, kind)->histogram.total_count == 0 || !has_interval(total, kind))
        return;
    summary_label(out, "  95% from");
    fprintf(out, "%*s", COUNT_WIDTH + MEAN_WIDTH, "");
    print_percentiles(out, total, kind, ROW_LOW);
    fprintf(out, "\n");
    summary_label(out, "  to");
    fprintf(out, "%*s", COUNT_WIDTH + MEAN_WIDTH, "");
    print_percentiles(out, total, kind, ROW_HIGH);
    fprintf(out, "\n");
}

/* Was a percentile not shown although there were enough requests? */
static bool is_clumped(const struct recorder *total, enum latency_kind kind)
{
    uint64_t count = recorder_latency(total, kind)->histogram.total_count;

    for (size_t i = 0; i < PERCENTILES_COUNT; i++) {
        struct quantile_interval interval;

        precision_of(total, kind, percentiles[i].quantile, &interval);
        if (!interval.sufficient && count >= quantile_needs(percentiles[i].quantile))
            return true;
    }
    return false;
}

static bool any_is_clumped(const struct plan *plan, const struct recorder *total)
{
    unsigned kinds = LATENCY_CLASS + (plan->requests_mix.count > 1 ? plan->requests_mix.count : 0);

    for (unsigned kind = 0; kind < kinds; kind++) {
        if (is_clumped(total, (enum latency_kind)kind))
            return true;
    }
    return false;
}

static void print_notes(FILE *out, const struct plan *plan, const struct recorder *total)
{
    if (recorder_latency(total, LATENCY_WIRE)->histogram.total_count > 0)
        summary_note(out, "wire",
                     "service less the time a reply lay unread in our socket: by the kernel's "
                     "stamps, on a sample");
    if (any_is_clumped(plan, total))
        summary_note(out, "clumped",
                     "the slow ones came in a few bursts, and one burst is one "
                     "observation: measure longer");
    switch (plan->loop) {
    case LOOP_CLOSED:
        summary_note(out, "response",
                     "= service: a closed loop sends when the last answer is there, "
                     "so nothing is due before,");
        summary_note(out, "", "and a stall delays requests that it does not count");
        break;
    case LOOP_THINK:
        summary_note(out, "response",
                     "from the end of the think time to the whole reply; "
                     "service: from the send");
        break;
    case LOOP_OPEN:
        summary_note(out, "response",
                     "from the instant a request was due to the whole reply: what "
                     "a user waits");
        summary_note(out, "service",
                     "from the actual send: what the server and the way to it took");
        break;
    }
}

/* A name that is longer than a label has a line of its own. */
static void print_classes(FILE *out, const struct request_mix *mix, const struct recorder *total)
{
    if (mix->count < 2)
        return;
    fprintf(out, "  response, by class\n");
    for (unsigned i = 0; i < mix->count; i++) {
        const char *name = mix->classes[i].name;
        bool fits = strlen(name) + 2 <= SUMMARY_LABEL_WIDTH;
        char label[CELL_SIZE] = "";

        if (fits)
            snprintf(label, sizeof label, "  %.*s", SUMMARY_LABEL_WIDTH, name);
        else
            fprintf(out, "    %s\n", name);
        print_latency(out, label, total, (enum latency_kind)(LATENCY_CLASS + i));
    }
}

void summary_latencies(FILE *out, const struct plan *plan, const struct recorder *total)
{
    summary_label(out, "latency");
    fprintf(out, "%*s%*s", COUNT_WIDTH, "count", MEAN_WIDTH, "mean");
    for (size_t i = 0; i < PERCENTILES_COUNT; i++)
        fprintf(out, "%*s", percentile_widths[i], percentiles[i].label);
    fprintf(out, "%*s\n", MAX_WIDTH, "max");
    print_latency(out, "connect", total, LATENCY_CONNECT);
    print_latency(out, "handshake", total, LATENCY_HANDSHAKE);
    if (plan->loop != LOOP_CLOSED) {
        print_latency(out, "response", total, LATENCY_RESPONSE);
        print_interval(out, total, LATENCY_RESPONSE);
    }
    print_latency(out, "service", total, LATENCY_SERVICE);
    if (plan->loop == LOOP_CLOSED) {
        print_interval(out, total, LATENCY_SERVICE);
    } else {
        print_latency(out, "send lag", total, LATENCY_SEND_LAG);
        if (recorder_latency(total, LATENCY_QUEUE_WAIT)->histogram.total_count > 0)
            print_latency(out, "queue wait", total, LATENCY_QUEUE_WAIT);
    }
    if (recorder_latency(total, LATENCY_WIRE)->histogram.total_count > 0)
        print_latency(out, "wire", total, LATENCY_WIRE);
    print_classes(out, &plan->requests_mix, total);
    fprintf(out, "\n");
    print_notes(out, plan, total);
    fprintf(out, "\n");
}
