/* SPDX-License-Identifier: MIT */
#include "loadgen/output/summary.h"

#include <stdlib.h>
#include <unistd.h>

#include "common/units.h"
#include "loadgen/output/summary_latencies.h"
#include "loadgen/output/summary_text.h"
#include "loadgen/output/trial.h"

/* --- what was asked, and what came of it ------------------------------------------------------ */

static void print_load(FILE *out, const struct plan *plan)
{
    char number[SUMMARY_NUMBER_SIZE];
    uint64_t whole_rate = (uint64_t)plan->rate_per_s;

    switch (plan->loop) {
    case LOOP_CLOSED:
        fprintf(out, "closed loop");
        break;
    case LOOP_THINK:
        fprintf(out, "closed loop, think time %s", plan->think_text);
        break;
    case LOOP_OPEN:
        fprintf(out, "open loop, %s", plan->arrival_text);
        /* As exactly as it was asked: 3912/s is not 3.91 k/s. */
        if ((double)whole_rate < plan->rate_per_s)
            fprintf(out, " %g/s", plan->rate_per_s);
        else if (whole_rate > 0)
            fprintf(out, " %s/s", summary_grouped(whole_rate, number));
        break;
    }
    if (plan->pipeline > 1)
        fprintf(out, ", pipeline %u", plan->pipeline);
}

static void print_measured(FILE *out, const struct run_result *result)
{
    char duration[UNITS_TEXT_SIZE], warmup[UNITS_TEXT_SIZE];

    if (result->measured_ns == 0)
        fprintf(out, "measured nothing");
    else
        fprintf(out, "measured %s", duration_format(result->measured_ns, duration));
    if (result->warmup_ns > 0)
        fprintf(out, " after %s of warm-up", duration_format(result->warmup_ns, warmup));
    else if (result->measured_ns > 0)
        fprintf(out, ", without a warm-up");
    fprintf(out, "%s\n\n",
            result->interrupted ? "; PARTIAL, interrupted"
            : result->complete  ? ""
                                : "; PARTIAL, the server was lost");
}

static void print_title(FILE *out, const struct plan *plan, const struct run_result *result)
{
    char number[SUMMARY_NUMBER_SIZE];

    fprintf(out, "%s  %s, %s connection%s on %u thread%s\n", plan->target, plan->protocol->name,
            summary_grouped(plan->connections, number), summary_plural(plan->connections),
            plan->threads, summary_plural(plan->threads));
    print_load(out, plan);
    fprintf(out, ", %s", plan->request_text);
    if (plan->idle_connections > 0)
        fprintf(out, ", beside %s idle connection%s",
                summary_grouped(plan->idle_connections, number),
                summary_plural(plan->idle_connections));
    fputc('\n', out);
    print_measured(out, result);
}

static const char *rate_of(uint64_t count, const struct run_result *result, char *text)
{
    double seconds = (double)result->measured_ns / (double)NS_PER_S;

    return summary_grouped(seconds > 0 ? (uint64_t)((double)count / seconds + 0.5) : 0, text);
}

static void print_throughput(FILE *out, const struct plan *plan, const struct run_result *result)
{
    const struct recorder *total = &result->total;
    char rate[SUMMARY_NUMBER_SIZE], number[SUMMARY_NUMBER_SIZE];

    if (plan->loop == LOOP_OPEN) {
        summary_label(out, "offered");
        fprintf(out, "%s requests/s  (%s %s due within the measured window)\n",
                rate_of(total->measured.intended, result, rate),
                summary_grouped(total->measured.intended, number),
                total->measured.intended == 1 ? "was" : "were");
    }
    summary_label(out, "throughput");
    fprintf(out, "%s replies/s  (%s correct repl%s within the measured window)\n\n",
            rate_of(total->received_ok, result, rate), summary_grouped(total->received_ok, number),
            total->received_ok == 1 ? "y" : "ies");
}

/* --- counts ----------------------------------------------------------------------------------- */

static void print_errors(FILE *out, const uint64_t errors[FAILURES_COUNT])
{
    char number[SUMMARY_NUMBER_SIZE];

    for (int i = 0; i < FAILURES_COUNT; i++) {
        if (errors[i] > 0) {
            summary_label(out, "");
            fprintf(out, "%s %s\n", summary_grouped(errors[i], number),
                    failure_name((enum failure)i));
        }
    }
}

static void print_counts(FILE *out, const struct recorder *total)
{
    const struct request_counts *requests = &total->all;
    const struct connection_counts *connections = &total->connections;
    char text[6][SUMMARY_NUMBER_SIZE];

    if (requests->unsent > 0) {
        summary_label(out, "arrivals");
        fprintf(
            out, "%s due = %s sent + %s never sent\n", summary_grouped(requests->intended, text[0]),
            summary_grouped(requests->sent, text[1]), summary_grouped(requests->unsent, text[2]));
    }
    summary_label(out, "requests");
    fprintf(out, "%s sent = %s ok + %s wrong + %s errors + %s timed out + %s in flight\n",
            summary_grouped(requests->sent, text[0]), summary_grouped(requests->ok, text[1]),
            summary_grouped(requests->wrong, text[2]),
            summary_grouped(failures_total(requests->errors), text[3]),
            summary_grouped(requests->timed_out, text[4]),
            summary_grouped(requests->in_flight, text[5]));
    print_errors(out, requests->errors);
    summary_label(out, "connections");
    fprintf(out, "%s asked, %s established, %s refused, %s failed, %s lost",
            summary_grouped(connections->asked, text[0]),
            summary_grouped(connections->established, text[1]),
            summary_grouped(connections->refused, text[2]),
            summary_grouped(connections->failed, text[3]),
            summary_grouped(connections->lost, text[4]));
    if (connections->recycled > 0)
        fprintf(out, ", %s used up", summary_grouped(connections->recycled, text[0]));
    fprintf(out, ", %s reconnected\n", summary_grouped(connections->reconnected, text[0]));
    print_errors(out, connections->errors);
}

static void print_resources(FILE *out, const char *label, const struct resources *resources,
                            const struct run_result *result)
{
    double cpu_us = trial_cpu_us_per_request(resources, result);
    uint64_t cpu_ns = resources->cpu_user_ns + resources->cpu_system_ns;
    char memory[UNITS_TEXT_SIZE], threads[SUMMARY_NUMBER_SIZE];

    summary_label(out, label);
    if (cpu_us < 0 || resources->observed_ns == 0) {
        fprintf(out, "not observed\n");
        return;
    }
    fprintf(out, "%.2f us CPU a request (%.0f%% user), %.2f cores busy, %s, %s thread%s\n", cpu_us,
            cpu_ns > 0 ? 100.0 * (double)resources->cpu_user_ns / (double)cpu_ns : 0.0,
            (double)cpu_ns / (double)resources->observed_ns,
            size_format(resources->rss_bytes, memory), summary_grouped(resources->threads, threads),
            summary_plural(resources->threads));
}

/* --- verdict ---------------------------------------------------------------------------------- */

static void print_verdict(FILE *out, const struct verdict *verdict)
{
    static const char *const colours[] = {"\033[32m", "\033[33m", "\033[31m"};
    bool coloured = isatty(fileno(out)) && !getenv("NO_COLOR");

    fprintf(out, "\n");
    summary_label(out, "verdict");
    fprintf(out, "%s%s%s\n", coloured ? colours[verdict->level] : "",
            verdict_level_name(verdict->level), coloured ? "\033[0m" : "");
    for (unsigned i = 0; i < verdict->checks_count; i++) {
        if (verdict->checks[i].passed)
            continue;
        summary_label(out, "");
        fprintf(out, "%-4s", verdict->checks[i].code);
        summary_wrapped(out, SUMMARY_TEXT_COLUMN + 4, verdict->checks[i].text);
    }
}

static void print_generator(FILE *out, const struct run_result *result)
{
    const struct thread_use *use = &result->busiest;

    summary_label(out, "");
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
    summary_latencies(out, plan, &result->total);
    print_counts(out, &result->total);
    if (result->server_observed)
        print_resources(out, "server", &result->server, result);
    print_resources(out, "generator", &result->client, result);
    if (result->measured_ns > 0)
        print_generator(out, result);
    print_verdict(out, verdict);
}
