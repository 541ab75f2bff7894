/* SPDX-License-Identifier: MIT */
#include "loadgen/verdict.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/units.h"

/* At or above this share of its core a generator thread is taken to be saturated. A server that is
 * then below HAS_SLACK of its own was not the limit; in between both were, as nearly as a loopback
 * test can tell (docs/decisions/0004). */
static const double SATURATED = 0.95, HAS_SLACK = 0.85;

const char *verdict_level_name(enum verdict_level level)
{
    static const char *const names[] = {
        [VERDICT_TRUSTED] = "TRUSTED",
        [VERDICT_CAUTION] = "CAUTION",
        [VERDICT_NOT_TRUSTED] = "NOT TRUSTED",
    };

    return names[level];
}

static void verdict_add(struct verdict *verdict, enum verdict_level level, const char *code,
                        double value, const char *format, ...) PRINTF_LIKE(5, 6);

static void verdict_add(struct verdict *verdict, enum verdict_level level, const char *code,
                        double value, const char *format, ...)
{
    struct verdict_reason *reason = &verdict->reasons[verdict->reasons_count];
    va_list arguments;

    assert(verdict->reasons_count < VERDICT_REASONS_MAX);
    verdict->reasons_count++;
    reason->level = level;
    reason->value = value;
    snprintf(reason->code, sizeof reason->code, "%s", code);
    va_start(arguments, format);
    vsnprintf(reason->text, sizeof reason->text, format, arguments);
    va_end(arguments);
    if (level > verdict->level)
        verdict->level = level;
}

uint64_t verdict_samples_needed(double quantile)
{
    return (uint64_t)ceil(log(0.025) / log(quantile));
}

/* --- the checks ------------------------------------------------------------------------------- */

static void judge_answers(const struct run_result *result, struct verdict *verdict)
{
    const struct request_counts *counts = &result->total.all;

    if (counts->wrong > 0)
        verdict_add(verdict, VERDICT_NOT_TRUSTED, "I5", (double)counts->wrong,
                    "%ju replies were wrong: the server did not do the work that was asked",
                    (uintmax_t)counts->wrong);
    if (!request_counts_are_conserved(counts))
        verdict_add(verdict, VERDICT_NOT_TRUSTED, "I10", 1.0,
                    "requests are unaccounted for: a defect of the generator, please report it");
}

static void judge_failures(const struct run_result *result, struct verdict *verdict)
{
    const struct request_counts *counts = &result->total.all;
    const struct connection_counts *connections = &result->total.connections;
    uint64_t failed = failures_total(counts->errors) + counts->timed_out + counts->in_flight;
    double requests_share = counts->sent > 0 ? (double)failed / (double)counts->sent : 0.0;
    double connections_share = connections->established > 0
                                   ? (double)connections->lost / (double)connections->established
                                   : 0.0;

    if (requests_share > 0.01)
        verdict_add(verdict, VERDICT_NOT_TRUSTED, "I4", requests_share,
                    "%.1f%% of the requests failed, timed out or were never answered",
                    100 * requests_share);
    if (connections_share > 0.01)
        verdict_add(verdict, VERDICT_NOT_TRUSTED, "I4", connections_share,
                    "established connections were lost %ju times (%ju were established)",
                    (uintmax_t)connections->lost, (uintmax_t)connections->established);
    if (requests_share <= 0.01 && connections_share <= 0.01 &&
        (failed > 0 || connections->lost > 0))
        verdict_add(verdict, VERDICT_CAUTION, "C11", requests_share,
                    "%ju requests failed and %ju connections were lost, below 1%% of each",
                    (uintmax_t)failed, (uintmax_t)connections->lost);
}

static void judge_connections(const struct run_result *result, struct verdict *verdict)
{
    const struct connection_counts *counts = &result->total.connections;

    if (counts->refused > 0)
        verdict_add(verdict, VERDICT_CAUTION, "C9", (double)counts->refused,
                    "the server refused %ju of %ju connections: the figures describe the load of "
                    "those it served",
                    (uintmax_t)counts->refused, (uintmax_t)counts->asked);
    if (counts->failed > 0)
        verdict_add(verdict, VERDICT_NOT_TRUSTED, "I4",
                    (double)counts->failed / (double)counts->asked,
                    "%ju of %ju connections could not be established", (uintmax_t)counts->failed,
                    (uintmax_t)counts->asked);
}

/* Both ends share this machine: who had nothing left to give? */
static void judge_limit(const struct run_result *result, struct verdict *verdict)
{
    double client = result->client_busiest_thread;
    double server = result->server_observed ? resources_busy_share(&result->server) : 0.0;

    if (client < SATURATED)
        return;
    if (!result->server_observed)
        verdict_add(
            verdict, VERDICT_CAUTION, "C10", client,
            "a thread of the generator used %.0f%% of its core; only --observe PID can tell "
            "whether the server was the limit",
            100 * client);
    else if (server < HAS_SLACK)
        verdict_add(verdict, VERDICT_NOT_TRUSTED, "I1", client,
                    "the generator was the limit: a thread of it used %.0f%% of its core, the "
                    "server %.0f%% of its own; add --threads or cores",
                    100 * client, 100 * server);
    else
        verdict_add(verdict, VERDICT_CAUTION, "C10", client,
                    "server and generator were both saturated: the throughput is the server's, but "
                    "the latency includes replies waiting to be read by the generator");
}

/* Little's law, N = X R, for a closed loop without think time (Little, Operations Research 9(3),
 * 1961); X and R are those of the requests sent within the window. Those in flight at one of its
 * ends have E[R^2] / 2 E[R] still before them, on average (the inspection paradox; Feller, volume
 * II, 1971, section I.4), so the two ends may differ by twice that: (R + variance / R) / T. */
static void judge_little(const struct plan *plan, const struct run_result *result,
                         struct verdict *verdict)
{
    const struct recorder *total = &result->total;
    const struct histogram *service = &total->service.histogram;
    double seconds = (double)result->measured_ns / (double)NS_PER_S;

    if (total->connections.lost > 0 || service->total_count == 0)
        return; /* the number of connections was not constant */
    if (plan->requests > 0 && result->measured_ns < plan->duration_ns)
        return; /* nor was it when the requests ran out, one connection after the other */
    double sent_per_s = (double)service->total_count / seconds;
    double residence_s = histogram_mean(service) / (double)NS_PER_S;
    double error = fabs(sent_per_s * residence_s / (double)total->connections.established - 1);
    double deviation_s = histogram_standard_deviation(service) / (double)NS_PER_S;
    double edges_s = residence_s + deviation_s * deviation_s / residence_s;

    if (error > 0.05 + edges_s / seconds)
        verdict_add(verdict, VERDICT_NOT_TRUSTED, "I3", error,
                    "Little's law is off by %.0f%%: throughput x latency is not the number of "
                    "connections, so one of the three is not what it says",
                    100 * error);
}

/* How much of the connections' time went into requests that took more than ten times the median: a
 * closed loop sends nothing meanwhile, so it counts such a stall once where independent clients
 * would have met it many times. */
static double stalled_share(const struct histogram *histogram, double connection_seconds)
{
    double limit = 10.0 * (double)histogram_quantile(histogram, 0.5), stalled_ns = 0;

    for (size_t i = 0; i < histogram->counts_length; i++) {
        double value = (double)histogram_index_middle(histogram, i);

        if (histogram->counts[i] > 0 && value > limit)
            stalled_ns += (value - limit) * (double)histogram->counts[i];
    }
    return stalled_ns / (double)NS_PER_S / connection_seconds;
}

static void judge_samples(const struct run_result *result, struct verdict *verdict)
{
    const struct histogram *service = &result->total.service.histogram;
    double seconds = (double)result->measured_ns / (double)NS_PER_S;
    uint64_t needed = verdict_samples_needed(0.99);

    if (service->total_count < needed) {
        verdict_add(verdict, VERDICT_CAUTION, "C4", (double)service->total_count,
                    "only %ju requests were measured: a p99 needs %ju",
                    (uintmax_t)service->total_count, (uintmax_t)needed);
        return;
    }
    double stalled =
        stalled_share(service, seconds * (double)result->total.connections.established);

    if (stalled > 0.01)
        verdict_add(verdict, VERDICT_CAUTION, "C6", stalled,
                    "%.1f%% of the connections' time went into stalls, which a closed loop counts "
                    "once and real clients meet many times: expect worse percentiles",
                    100 * stalled);
}

void verdict_judge(const struct plan *plan, const struct run_result *result,
                   struct verdict *verdict)
{
    memset(verdict, 0, sizeof *verdict);
    judge_answers(result, verdict);
    judge_failures(result, verdict);
    judge_connections(result, verdict);
    if (result->interrupted)
        verdict_add(verdict, VERDICT_NOT_TRUSTED, "I7",
                    (double)result->measured_ns / (double)NS_PER_S,
                    "interrupted after %.1f s of measurement", (double)result->measured_ns / 1e9);
    if (result->measured_ns > 0 && !result->interrupted) {
        judge_limit(result, verdict);
        judge_little(plan, result, verdict);
        judge_samples(result, verdict);
    }
    if (plan->observed_pid > 0 && !result->server_observed && !result->interrupted)
        verdict_add(verdict, VERDICT_CAUTION, "C13", (double)plan->observed_pid,
                    "the process %d could not be observed to the end", (int)plan->observed_pid);
#ifndef __OPTIMIZE__
    verdict_add(verdict, VERDICT_CAUTION, "C12", 0.0,
                "this generator was built without optimisation; build the release preset");
#endif
}
