/* SPDX-License-Identifier: MIT */
#include "loadgen/summary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/units.h"
#include "loadgen/percentiles.h"
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

static void print_title(FILE *out, const struct plan *plan, const struct run_result *result)
{
    char duration[UNITS_TEXT_SIZE], warmup[UNITS_TEXT_SIZE], number[NUMBER_SIZE];

    fprintf(out, "%s  %s, closed loop, %s connection%s on %u thread%s, %s\n", plan->target,
            plan->protocol->name, grouped(plan->connections, number),
            plan->connections == 1 ? "" : "s", plan->threads, plan->threads == 1 ? "" : "s",
            plan->request_text);
    fprintf(out, "measured %s after %s of warm-up%s\n\n",
            duration_format(result->measured_ns, duration),
            duration_format(plan->warmup_ns, warmup),
            result->interrupted ? "; PARTIAL, interrupted"
            : result->complete  ? ""
                                : "; PARTIAL, the server was lost");
}

static void print_throughput(FILE *out, const struct run_result *result)
{
    char rate[NUMBER_SIZE], replies[NUMBER_SIZE];
    double seconds = (double)result->measured_ns / (double)NS_PER_S;

    print_label(out, "throughput");
    fprintf(out, "%s replies/s  (%s correct replies within the measured window)\n\n",
            grouped(seconds > 0 ? (uint64_t)((double)result->total.received_ok / seconds + 0.5) : 0,
                    rate),
            grouped(result->total.received_ok, replies));
}

/* --- latency ---------------------------------------------------------------------------------- */

static void format_percentile(const struct latency *latency, double quantile, char cell[CELL_SIZE])
{
    const struct histogram *histogram = &latency->histogram;
    uint64_t needed = verdict_samples_needed(quantile);
    uint64_t value = histogram_quantile(histogram, quantile);
    char text[UNITS_TEXT_SIZE];

    if (histogram->total_count < needed)
        snprintf(cell, CELL_SIZE, "needs %s", grouped(needed, text));
    else
        snprintf(cell, CELL_SIZE, "%s%s", latency_is_lower_bound(latency, quantile) ? ">" : "",
                 duration_format(value < histogram->highest ? value : histogram->highest, text));
}

static void print_latency(FILE *out, const char *label, const struct latency *latency)
{
    const struct histogram *histogram = &latency->histogram;
    char number[NUMBER_SIZE], text[UNITS_TEXT_SIZE], cell[CELL_SIZE];

    print_label(out, label);
    fprintf(out, "%*s", CELL_WIDTH + 2, grouped(histogram->total_count, number));
    if (histogram->total_count == 0) {
        fprintf(out, "\n");
        return;
    }
    fprintf(out, " %*s", CELL_WIDTH,
            duration_format((uint64_t)(histogram_mean(histogram) + 0.5), text));
    for (size_t i = 0; i < PERCENTILES_COUNT; i++) {
        format_percentile(latency, percentiles[i].quantile, cell);
        fprintf(out, " %*s", CELL_WIDTH, cell);
    }
    fprintf(out, " %s%*s\n", latency_is_lower_bound(latency, 1.0) ? ">" : " ", CELL_WIDTH - 1,
            duration_format(histogram->max, text));
}

static void print_latencies(FILE *out, const struct recorder *total)
{
    print_label(out, "latency");
    fprintf(out, "%*s %*s", CELL_WIDTH + 2, "count", CELL_WIDTH, "mean");
    for (size_t i = 0; i < PERCENTILES_COUNT; i++)
        fprintf(out, " %*s", CELL_WIDTH, percentiles[i].label);
    fprintf(out, " %*s\n", CELL_WIDTH, "max");
    print_latency(out, "connect", &total->connect);
    print_latency(out, "handshake", &total->handshake);
    print_latency(out, "service", &total->service);
    print_label(out, "response");
    fprintf(out, "= service: in a closed loop a request is sent when the last one was answered, so "
                 "there is\n");
    print_label(out, "");
    fprintf(out, "no intended instant to count from, and a stall delays requests it does not "
                 "count\n\n");
}

/* --- counts ----------------------------------------------------------------------------------- */

static void print_errors(FILE *out, const uint64_t errors[FAILURES_COUNT])
{
    char number[NUMBER_SIZE];

    for (int i = 0; i < FAILURES_COUNT; i++) {
        if (errors[i] > 0) {
            print_label(out, "");
            fprintf(out, "%s %s\n", grouped(errors[i], number), failure_names[i]);
        }
    }
}

static void print_counts(FILE *out, const struct recorder *total)
{
    const struct request_counts *requests = &total->all;
    const struct connection_counts *connections = &total->connections;
    char text[6][NUMBER_SIZE];

    print_label(out, "requests");
    fprintf(out, "%s sent = %s ok + %s wrong + %s errors + %s timed out + %s in flight\n",
            grouped(requests->sent, text[0]), grouped(requests->ok, text[1]),
            grouped(requests->wrong, text[2]), grouped(failures_total(requests->errors), text[3]),
            grouped(requests->timed_out, text[4]), grouped(requests->in_flight, text[5]));
    print_errors(out, requests->errors);
    print_label(out, "connections");
    fprintf(out, "%s asked, %s established, %s refused, %s failed, %s lost, %s reconnected\n",
            grouped(connections->asked, text[0]), grouped(connections->established, text[1]),
            grouped(connections->refused, text[2]), grouped(connections->failed, text[3]),
            grouped(connections->lost, text[4]), grouped(connections->reconnected, text[5]));
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
    for (unsigned i = 0; i < verdict->reasons_count; i++) {
        print_label(out, "");
        fprintf(out, "%-4s%s\n", verdict->reasons[i].code, verdict->reasons[i].text);
    }
}

void summary_print(FILE *out, const struct plan *plan, const struct run_result *result,
                   const struct verdict *verdict)
{
    print_title(out, plan, result);
    print_throughput(out, result);
    print_latencies(out, &result->total);
    print_counts(out, &result->total);
    if (result->server_observed)
        print_resources(out, "server", &result->server, result);
    print_resources(out, "generator", &result->client, result);
    print_verdict(out, verdict);
}
