/* SPDX-License-Identifier: MIT */
#include "loadgen/summary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/units.h"
#include "loadgen/percentiles.h"
#include "loadgen/precision.h"
#include "loadgen/trial.h"

enum { LABEL_WIDTH = 12, CELL_WIDTH = 12, CELL_SIZE = 48, NUMBER_SIZE = 32 };

/* "1,234,567": `text` has NUMBER_SIZE places and is returned. */
static const char *grouped(uint64_t number, char *text)
{
    char plain[NUMBER_SIZE];
    int size = snprintf(plain, sizeof plain, "%" PRIu64, number), used = 0;

    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = plain[i];
    }
    text[used] = '\0';
    return text;
}

static void print_label(FILE *out, const char *label)
{
    fprintf(out, "  %-*s ", LABEL_WIDTH, label);
}

/* --- what was asked, and what came of it ------------------------------------------------------ */

static void print_load(FILE *out, const struct plan *plan)
{
    char rate[UNITS_TEXT_SIZE];

    switch (plan->loop) {
    case LOOP_CLOSED:
        fprintf(out, "closed loop");
        break;
    case LOOP_THINK:
        fprintf(out, "closed loop, think time %s", plan->think_text);
        break;
    case LOOP_OPEN:
        fprintf(out, "open loop, %s", plan->arrival_text);
        if (plan->rate_per_s > 0)
            fprintf(out, " %s/s", count_format(plan->rate_per_s, rate));
        break;
    }
    if (plan->pipeline > 1)
        fprintf(out, ", pipeline %u", plan->pipeline);
}

static void print_title(FILE *out, const struct plan *plan, const struct run_result *result)
{
    char duration[UNITS_TEXT_SIZE], warmup[UNITS_TEXT_SIZE], number[NUMBER_SIZE];

    fprintf(out, "%s  %s, ", plan->target, plan->protocol->name);
    print_load(out, plan);
    fprintf(out, ", %s connection%s on %u thread%s, %s\n", grouped(plan->connections, number),
            plan->connections == 1 ? "" : "s", plan->threads, plan->threads == 1 ? "" : "s",
            plan->request_text);
    fprintf(out, "measured %s after %s of warm-up%s\n\n",
            duration_format(result->measured_ns, duration),
            duration_format(result->warmup_ns, warmup),
            result->interrupted ? "; PARTIAL, interrupted"
            : result->complete  ? ""
                                : "; PARTIAL, the server was lost");
}

static const char *rate_of(uint64_t count, const struct run_result *result, char *text)
{
    double seconds = (double)result->measured_ns / (double)NS_PER_S;

    return grouped(seconds > 0 ? (uint64_t)((double)count / seconds + 0.5) : 0, text);
}

static void print_throughput(FILE *out, const struct plan *plan, const struct run_result *result)
{
    const struct recorder *total = &result->total;
    char rate[NUMBER_SIZE], number[NUMBER_SIZE];

    if (plan->loop == LOOP_OPEN) {
        print_label(out, "offered");
        fprintf(out, "%s requests/s  (%s were due within the measured window)\n",
                rate_of(total->measured.intended, result, rate),
                grouped(total->measured.intended, number));
    }
    print_label(out, "throughput");
    fprintf(out, "%s replies/s  (%s correct replies within the measured window)\n\n",
            rate_of(total->received_ok, result, rate), grouped(total->received_ok, number));
}

/* --- latency ---------------------------------------------------------------------------------- */

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
        snprintf(cell, CELL_SIZE, "needs %s", grouped(quantile_needs(quantile), text));
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
        fprintf(out, " %*s", CELL_WIDTH, cell);
    }
}

static void print_latency(FILE *out, const char *label, const struct recorder *total,
                          enum latency_kind kind)
{
    const struct latency *latency = recorder_latency(total, kind);
    const struct histogram *histogram = &latency->histogram;
    char number[NUMBER_SIZE], text[UNITS_TEXT_SIZE], cell[CELL_SIZE];

    print_label(out, label);
    fprintf(out, "%*s", CELL_WIDTH, grouped(histogram->total_count, number));
    if (histogram->total_count == 0) {
        fprintf(out, "\n");
        return;
    }
    fprintf(out, " %*s", CELL_WIDTH,
            duration_format((uint64_t)(histogram_mean(histogram) + 0.5), text));
    print_percentiles(out, total, kind, ROW_VALUE);
    snprintf(cell, sizeof cell, "%s%s", latency_is_lower_bound(latency, 1.0) ? ">" : "",
             duration_format(histogram->max, text));
    fprintf(out, " %*s\n", CELL_WIDTH, cell);
}

/* The 95 % interval of each percentile of the line above. */
static void print_interval(FILE *out, const struct recorder *total, enum latency_kind kind)
{
    if (recorder_latency(total, kind)->histogram.total_count == 0)
        return;
    print_label(out, "  95% from");
    fprintf(out, "%*s %*s", CELL_WIDTH, "", CELL_WIDTH, "");
    print_percentiles(out, total, kind, ROW_LOW);
    fprintf(out, "\n");
    print_label(out, "  to");
    fprintf(out, "%*s %*s", CELL_WIDTH, "", CELL_WIDTH, "");
    print_percentiles(out, total, kind, ROW_HIGH);
    fprintf(out, "\n");
}

static void print_note(FILE *out, const char *label, const char *text)
{
    print_label(out, label);
    fprintf(out, "%s\n", text);
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

static void print_notes(FILE *out, const struct plan *plan, const struct recorder *total)
{
    if (recorder_latency(total, LATENCY_WIRE)->histogram.total_count > 0)
        print_note(out, "wire",
                   "service less the time a reply lay unread in our socket: by the kernel's "
                   "stamps, on a sample");
    if (is_clumped(total, LATENCY_RESPONSE) || is_clumped(total, LATENCY_SERVICE))
        print_note(out, "clumped",
                   "the slow ones came in a few bursts, and one burst is one "
                   "observation: measure longer");
    switch (plan->loop) {
    case LOOP_CLOSED:
        print_note(out, "response",
                   "= service: a closed loop sends when the last answer is there, "
                   "so nothing is due before,");
        print_note(out, "", "and a stall delays requests that it does not count");
        break;
    case LOOP_THINK:
        print_note(out, "response",
                   "from the end of the think time to the whole reply; "
                   "service: from the send");
        break;
    case LOOP_OPEN:
        print_note(out, "response",
                   "from the instant a request was due to the whole reply: what "
                   "a user waits");
        print_note(out, "service", "from the actual send: what the server and the way to it took");
        break;
    }
}

static void print_latencies(FILE *out, const struct plan *plan, const struct recorder *total)
{
    print_label(out, "latency");
    fprintf(out, "%*s %*s", CELL_WIDTH, "count", CELL_WIDTH, "mean");
    for (size_t i = 0; i < PERCENTILES_COUNT; i++)
        fprintf(out, " %*s", CELL_WIDTH, percentiles[i].label);
    fprintf(out, " %*s\n", CELL_WIDTH, "max");
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
    for (unsigned i = 0; i < plan->requests_mix.count && plan->requests_mix.count > 1; i++) {
        if (i == 0)
            print_note(out, "by class", "response time of each");
        fprintf(out, "  %s\n", plan->requests_mix.classes[i].name);
        print_latency(out, "", total, (enum latency_kind)(LATENCY_CLASS + i));
    }
    print_notes(out, plan, total);
    fprintf(out, "\n");
}

/* --- counts ----------------------------------------------------------------------------------- */

static void print_errors(FILE *out, const uint64_t errors[FAILURES_COUNT])
{
    char number[NUMBER_SIZE];

    for (int i = 0; i < FAILURES_COUNT; i++) {
        if (errors[i] > 0) {
            print_label(out, "");
            fprintf(out, "%s %s\n", grouped(errors[i], number), failure_name((enum failure)i));
        }
    }
}

static void print_counts(FILE *out, const struct recorder *total)
{
    const struct request_counts *requests = &total->all;
    const struct connection_counts *connections = &total->connections;
    char text[6][NUMBER_SIZE];

    if (requests->unsent > 0) {
        print_label(out, "arrivals");
        fprintf(out, "%s due = %s sent + %s never sent\n", grouped(requests->intended, text[0]),
                grouped(requests->sent, text[1]), grouped(requests->unsent, text[2]));
    }
    print_label(out, "requests");
    fprintf(out, "%s sent = %s ok + %s wrong + %s errors + %s timed out + %s in flight\n",
            grouped(requests->sent, text[0]), grouped(requests->ok, text[1]),
            grouped(requests->wrong, text[2]), grouped(failures_total(requests->errors), text[3]),
            grouped(requests->timed_out, text[4]), grouped(requests->in_flight, text[5]));
    print_errors(out, requests->errors);
    print_label(out, "connections");
    fprintf(out, "%s asked, %s established, %s refused, %s failed, %s lost",
            grouped(connections->asked, text[0]), grouped(connections->established, text[1]),
            grouped(connections->refused, text[2]), grouped(connections->failed, text[3]),
            grouped(connections->lost, text[4]));
    if (connections->recycled > 0)
        fprintf(out, ", %s used up", grouped(connections->recycled, text[0]));
    fprintf(out, ", %s reconnected\n", grouped(connections->reconnected, text[0]));
    print_errors(out, connections->errors);
}

static void print_resources(FILE *out, const char *label, const struct resources *resources,
                            const struct run_result *result)
{
    double cpu_us = trial_cpu_us_per_request(resources, result);
    uint64_t cpu_ns = resources->cpu_user_ns + resources->cpu_system_ns;
    char memory[UNITS_TEXT_SIZE], threads[NUMBER_SIZE];

    print_label(out, label);
    if (cpu_us < 0 || resources->observed_ns == 0) {
        fprintf(out, "not observed\n");
        return;
    }
    fprintf(out, "%.2f us CPU a request (%.0f%% user), %.2f cores busy, %s, %s thread%s\n", cpu_us,
            cpu_ns > 0 ? 100.0 * (double)resources->cpu_user_ns / (double)cpu_ns : 0.0,
            (double)cpu_ns / (double)resources->observed_ns,
            size_format(resources->rss_bytes, memory), grouped(resources->threads, threads),
            resources->threads == 1 ? "" : "s");
}

/* --- verdict ---------------------------------------------------------------------------------- */

static void print_verdict(FILE *out, const struct verdict *verdict)
{
    static const char *const colours[] = {"\033[32m", "\033[33m", "\033[31m"};
    bool coloured = isatty(fileno(out)) && !getenv("NO_COLOR");

    fprintf(out, "\n");
    print_label(out, "verdict");
    fprintf(out, "%s%s%s\n", coloured ? colours[verdict->level] : "",
            verdict_level_name(verdict->level), coloured ? "\033[0m" : "");
    for (unsigned i = 0; i < verdict->checks_count; i++) {
        if (verdict->checks[i].passed)
            continue;
        print_label(out, "");
        fprintf(out, "%-4s%s\n", verdict->checks[i].code, verdict->checks[i].text);
    }
}

static void print_generator(FILE *out, const struct run_result *result)
{
    const struct thread_use *use = &result->busiest;

    print_label(out, "");
    fprintf(out, "its busiest thread: %.0f%% busy", 100 * use->busy);
    if (use->spun > 0.005)
        fprintf(out, ", %.0f%% spinning until requests were due", 100 * use->spun);
    fprintf(out, ", %.0f%% waiting for a core\n", 100 * use->starved);
}

void summary_print(FILE *out, const struct plan *plan, const struct run_result *result,
                   const struct verdict *verdict)
{
    print_title(out, plan, result);
    print_throughput(out, plan, result);
    print_latencies(out, plan, &result->total);
    print_counts(out, &result->total);
    if (result->server_observed)
        print_resources(out, "server", &result->server, result);
    print_resources(out, "generator", &result->client, result);
    print_generator(out, result);
    print_verdict(out, verdict);
}
