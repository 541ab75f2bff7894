/* SPDX-License-Identifier: MIT */
#include "analysis/show/trial_text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/escape.h"
#include "analysis/number.h"
#include "analysis/show/sparkline.h"
#include "analysis/terminal.h"
#include "common/quantile_interval.h"

static const char *config_text(const struct trial *trial, const char *name)
{
    const char *text =
        json_string_value(json_object_get(json_object_get(trial->document, "config"), name));

    return text ? text : "";
}

static void write_label(FILE *out, const char *label)
{
    fprintf(out, "  %-12s ", label);
}

static const char *number(uint64_t value, char *text)
{
    return number_count_text(value, text);
}

void trial_write_load(FILE *out, const struct trial *trial, bool colour)
{
    char count[NUMBER_TEXT_SIZE];

    fputs(terminal_code(TERMINAL_BOLD, colour), out);
    escape_terminal(out, trial->model);
    fputs(terminal_code(TERMINAL_PLAIN, colour), out);
    if (trial->block > 0)
        fprintf(out, ", block %u", trial->block);
    if (*trial->experiment) {
        fputs(" of ", out);
        escape_terminal(out, trial->experiment);
    }
    fputs(", ", out);
    escape_terminal(out, trial->started_utc);
    fputs("\n", out);
    escape_terminal(out, config_text(trial, "target"));
    fputs("  ", out);
    escape_terminal(out, trial->protocol);
    fprintf(out, ", %s connection%s on %llu thread%s\n", number(trial->connections, count),
            trial->connections == 1 ? "" : "s", (unsigned long long)trial->threads,
            trial->threads == 1 ? "" : "s");
    fprintf(out, "%s loop, ", trial->loop == LOOP_OPEN ? "open" : "closed");
    if (trial->loop == LOOP_OPEN) {
        escape_terminal(out, trial->arrival);
        if (isfinite(trial->rate_per_s))
            fprintf(out, " %s/s", number_text(UNIT_RATE, trial->rate_per_s, count));
        fputs(", ", out);
    }
    if (*trial->think) {
        fputs("think ", out);
        escape_terminal(out, trial->think);
        fputs(", ", out);
    }
    escape_terminal(out, trial->request);
    if (trial->pipeline > 1)
        fprintf(out, ", %s in flight on each", number(trial->pipeline, count));
    fprintf(out, "; %.3g s measured after %.3g s of warm-up%s\n\n", trial->measured_s,
            trial->warmup_s, trial->complete ? "" : "; interrupted or given up early");
}

static void write_counts(FILE *out, const struct trial *trial)
{
    const struct {
        const char *what;
        uint64_t count;
    } failures[] = {
        {"wrong", trial->wrong},
        {"failed", trial->errors},
        {"timed out", trial->timed_out},
        {"never sent", trial->unsent},
        {"left in flight",
         trial->sent - trial->ok - trial->wrong - trial->errors - trial->timed_out},
    };
    char text[NUMBER_TEXT_SIZE];
    bool all_well = true;

    write_label(out, "throughput");
    fprintf(out, "%s correct replies a second\n",
            number_text(UNIT_RATE, trial->throughput_per_s, text));
    write_label(out, "requests");
    fprintf(out, "%s intended, ", number(trial->intended, text));
    fprintf(out, "%s answered correctly", number(trial->ok, text));
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        if (failures[i].count == 0)
            continue;
        fprintf(out, ", %s %s", number(failures[i].count, text), failures[i].what);
        all_well = false;
    }
    fputs(all_well ? ", none failed\n" : "\n", out);
    write_label(out, "connections");
    fprintf(out, "%s of ", number(trial->established, text));
    fprintf(out, "%s established", number(trial->connections, text));
    if (trial->refused > 0)
        fprintf(out, ", %s refused", number(trial->refused, text));
    if (trial->connections_failed > 0)
        fprintf(out, ", %s failed", number(trial->connections_failed, text));
    if (trial->lost > 0)
        fprintf(out, ", %s lost", number(trial->lost, text));
    fputc('\n', out);
}

static void write_resources(FILE *out, const char *label, const struct resources *resources)
{
    char text[NUMBER_TEXT_SIZE];

    if (!resources->measured)
        return;
    write_label(out, label);
    if (isfinite(resources->cpu_us_per_request))
        fprintf(out, "CPU %s a request, ",
                number_text(UNIT_DURATION, resources->cpu_us_per_request * 1e3, text));
    if (resources->observed_s > 0)
        fprintf(out, "%.2f cores busy, ",
                (resources->cpu_user_s + resources->cpu_system_s) / resources->observed_s);
    fprintf(out, "%s, ", number_text(UNIT_MEMORY, resources->rss_bytes, text));
    fprintf(out, "%s thread%s\n", number_text(UNIT_COUNT, resources->threads, text),
            resources->threads == 1 ? "" : "s");
}

static void add_percentile(struct terminal_table *table, const struct latency *latency,
                           enum percentile percentile)
{
    char value[NUMBER_TEXT_SIZE];
    char text[NUMBER_TEXT_SIZE];
    bool is_needy = percentile != PERCENTILE_MAX && latency_is_insufficient(latency, percentile);

    if (is_needy)
        snprintf(text, sizeof text, "needs %.60s",
                 number(quantile_needs(percentile_fraction(percentile)), value));
    else
        snprintf(text, sizeof text, "%s%.60s", latency->at_least[percentile] ? ">" : "",
                 number_text(UNIT_DURATION, latency->value_ns[percentile], value));
    terminal_table_add(table, text, is_needy ? TERMINAL_DIM : TERMINAL_PLAIN);
}

static int write_latencies(FILE *out, const struct trial *trial, bool colour)
{
    const struct {
        const char *name;
        const struct latency *latency;
    } rows[] = {
        {"  response", &trial->response}, {"  service", &trial->service},
        {"  send lag", &trial->send_lag}, {"  queue wait", &trial->queue_wait},
        {"  wire", &trial->wire},         {"  handshake", &trial->handshake},
    };
    struct terminal_table table;
    char text[NUMBER_TEXT_SIZE];

    terminal_table_init(&table, "  latency     ,>count,>p50,>p90,>p99,>p99.9,>p99.99,>max");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        /* Without an intended instant, response is service. */
        if (rows[i].latency->count == 0 ||
            (rows[i].latency == &trial->service && !trial_has_own_response(trial)))
            continue;
        terminal_table_add(&table, rows[i].name, TERMINAL_PLAIN);
        terminal_table_add(&table, number(rows[i].latency->count, text), TERMINAL_PLAIN);
        for (enum percentile p = 0; p < PERCENTILES; p++)
            add_percentile(&table, rows[i].latency, p);
    }
    int error = terminal_table_write(&table, out, colour);
    terminal_table_release(&table);
    return error;
}

int trial_write_results(FILE *out, const struct trial *trial, bool colour)
{
    write_counts(out, trial);
    write_resources(out, "server", &trial->server);
    write_resources(out, "generator", &trial->client);
    fputc('\n', out);
    return write_latencies(out, trial, colour);
}

/* A row of bars, then the numbers at their ends. */
static void write_bars(FILE *out, const char *label, enum unit unit, const double *values,
                       size_t count, size_t width)
{
    double low = INFINITY;
    double high = -INFINITY;
    char text[NUMBER_TEXT_SIZE];

    for (size_t i = 0; i < count; i++) {
        if (isfinite(values[i])) {
            low = fmin(low, values[i]);
            high = fmax(high, values[i]);
        }
    }
    if (!isfinite(low))
        return;
    write_label(out, label);
    sparkline_write(out, values, count, width);
    fprintf(out, "  %s to ", number_text(unit, low, text));
    fprintf(out, "%s\n", number_text(unit, high, text));
}

int trial_write_windows(FILE *out, const struct trial *trial, size_t width)
{
    size_t count = trial->window_count;

    if (count == 0)
        return 0;
    double *values = calloc(count, sizeof *values);
    if (!values)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        values[i] = trial->windows[i].duration_s > 0
                        ? (double)trial->windows[i].ok / trial->windows[i].duration_s
                        : NAN;
    fputs("second by second, from 0\n", out);
    write_bars(out, "replies/s", UNIT_RATE, values, count, width);
    for (size_t i = 0; i < count; i++)
        values[i] = trial->windows[i].p99_ns;
    write_bars(out, "p99", UNIT_DURATION, values, count, width);
    free(values);
    return 0;
}

void trial_write_verdict(FILE *out, const struct trial *trial, bool colour)
{
    terminal_write_line(out, trust_text(trial->trust), TERMINAL_BOLD, colour);
    for (size_t i = 0; i < trial->reason_count; i++) {
        fprintf(out, "  %-4s", trial->reasons[i].code);
        terminal_write_line(out, trial->reasons[i].text, TERMINAL_PLAIN, colour);
    }
}
