/* SPDX-License-Identifier: MIT */
/* verdict_latencies.c: do the latencies agree with the counts, are there enough of them, and does
 * the loop show what clients would see? */
#include <math.h>
#include <stdbool.h>

#include "loadgen/judge/verdict_checks.h"
#include "loadgen/record/precision.h"

/* By how much Little's law may be off, beside what the edges of the window explain. In an open loop
 * the requests in flight are only sampled, every few milliseconds. */
static const double LITTLE_CLOSED = 0.05, LITTLE_OPEN = 0.2;
/* Fewer requests in flight than this, for each thread, cannot be sampled by a timer that may stand
 * in step with the arrivals; and a thread that waits for a core samples when it gets one. */
static const double LITTLE_IN_FLIGHT_MIN = 5, LITTLE_STARVED_MAX = 0.1, LITTLE_BUSY_MAX = 0.95;

static const double STALLED_MAX = 0.01;

/* --- Little's law ----------------------------------------------------------------------------- */

/* What failed was in flight, too, but has no latency. */
static bool failures_matter(const struct run_result *result)
{
    const struct request_counts *counts = &result->total.measured;
    uint64_t failed = counts->wrong + failures_total(counts->errors);

    return (double)failed > 0.01 * (double)counts->sent;
}

/* Those in flight at one of the window's ends have E[R^2] / 2 E[R] still before them, on average
 * (the inspection paradox; Feller, volume II, 1971, section I.4), so the two ends may differ by
 * twice that. Seconds. */
static double edges_s(double mean_s, double deviation_s)
{
    return mean_s > 0 ? mean_s + deviation_s * deviation_s / mean_s : 0;
}

static void add_little(struct verdict *verdict, double error, double limit, const char *what)
{
    struct check *check = check_add(verdict, "littles_law", error, limit);

    if (error > limit)
        check_fail(verdict, check, VERDICT_NOT_TRUSTED, "I3",
                   "Little's law is off by %.0f%%: throughput x latency is not the number of %s, "
                   "so one of the three is not what it says",
                   100 * error, what);
}

/* N = X (R + Z): Little, Operations Research 9(3), 1961. X and R are those of the requests that
 * were intended within the window; Z is the time a connection thinks in between. */
static void check_little_closed(const struct plan *plan, const struct run_result *result,
                                struct verdict *verdict)
{
    const struct connection_counts *connections = &result->total.connections;
    const struct histogram *response =
        &recorder_latency(&result->total, LATENCY_RESPONSE)->histogram;
    double seconds = (double)result->measured_ns / (double)NS_PER_S;
    double slots = ((double)connections->established - plan->idle_connections) * plan->pipeline;
    double think_s = plan->loop == LOOP_THINK ? (double)plan->think_ns / (double)NS_PER_S : 0;
    double cycle_s = histogram_mean(response) / (double)NS_PER_S + think_s;
    double deviation_s = histogram_standard_deviation(response) / (double)NS_PER_S;
    double by_chance = 0;

    if (connections->lost > 0 || connections->recycled > 0 || response->total_count == 0 ||
        slots <= 0)
        return; /* the number of connections was not constant */
    /* The silent ones take no part in it; when some are missing, nobody knows of which kind. */
    if (plan->idle_connections > 0 &&
        connections->established != (uint64_t)plan->connections + plan->idle_connections)
        return;
    if (plan->loop == LOOP_THINK && plan->think_is_exponential) {
        deviation_s = hypot(deviation_s, think_s);
        /* Three standard errors of the mean cycle. */
        by_chance = 3 * deviation_s / cycle_s / sqrt((double)response->total_count);
    }
    double intended_per_s = (double)response->total_count / seconds;

    add_little(verdict, fabs(intended_per_s * cycle_s / slots - 1),
               LITTLE_CLOSED + by_chance + edges_s(cycle_s, deviation_s) / seconds,
               plan->pipeline > 1 ? "requests in flight" : "connections");
}

/* L = X R, where L is sampled, X is what was sent within the window. */
static void check_little_open(const struct plan *plan, const struct run_result *result,
                              struct verdict *verdict)
{
    const struct histogram *service = &recorder_latency(&result->total, LATENCY_SERVICE)->histogram;
    const struct thread_use *use = &result->busiest;
    double seconds = (double)result->measured_ns / (double)NS_PER_S;
    double service_s = histogram_mean(service) / (double)NS_PER_S;
    double deviation_s = histogram_standard_deviation(service) / (double)NS_PER_S;
    double sent = 0;

    if (use->starved > LITTLE_STARVED_MAX || use->busy + use->starved >= LITTLE_BUSY_MAX)
        return;
    for (size_t i = 0; i < result->total.windows_count; i++)
        sent += (double)result->total.windows[i].sent;
    double expected = sent / seconds * service_s;

    if (expected < LITTLE_IN_FLIGHT_MIN * plan->threads)
        return;
    add_little(verdict, fabs(result->in_flight_mean / expected - 1),
               LITTLE_OPEN + edges_s(service_s, deviation_s) / seconds, "requests in flight");
}

static void check_little(const struct plan *plan, const struct run_result *result,
                         struct verdict *verdict)
{
    if (plan->requests > 0 && result->measured_ns < plan->duration_ns)
        return; /* connections ran out of requests one after the other */
    if (failures_matter(result))
        return;
    if (plan->loop == LOOP_OPEN)
        check_little_open(plan, result, verdict);
    else
        check_little_closed(plan, result, verdict);
}

/* --- samples ---------------------------------------------------------------------------------- */

static void check_samples(const struct run_result *result, struct verdict *verdict)
{
    uint64_t measured = recorder_latency(&result->total, LATENCY_RESPONSE)->histogram.total_count;
    uint64_t needed = quantile_needs(0.99);
    struct quantile_interval interval;
    struct check *check;

    precision_of(&result->total, LATENCY_RESPONSE, 0.99, &interval);
    check = check_add(verdict, "samples_for_p99", interval.effective_count, (double)needed);
    if (interval.sufficient)
        return;
    if (measured < needed)
        check_fail(verdict, check, VERDICT_CAUTION, "C4",
                   "only %ju request%s measured: a p99 needs %ju", (uintmax_t)measured,
                   measured == 1 ? " was" : "s were", (uintmax_t)needed);
    else
        check_fail(verdict, check, VERDICT_CAUTION, "C4",
                   "%ju requests were measured, but the slow ones came in clumps: they are worth "
                   "%.0f independent ones, and a p99 needs %ju",
                   (uintmax_t)measured, floor(interval.effective_count), (uintmax_t)needed);
}

/* --- stalls ----------------------------------------------------------------------------------- */

/* Time beyond ten times the median, in seconds. */
static double stalled_s(const struct histogram *histogram)
{
    double limit = 10.0 * (double)histogram_quantile(histogram, 0.5), stalled_ns = 0;
    size_t first, last;

    if (!histogram_span(histogram, &first, &last))
        return 0;
    for (size_t i = first; i <= last; i++) {
        double value = (double)histogram_index_middle(histogram, i);

        if (histogram->counts[i] > 0 && value > limit)
            stalled_ns += (value - limit) * (double)histogram->counts[i];
    }
    return stalled_ns / (double)NS_PER_S;
}

/* How much of the connections' time went into stalls: a closed loop sends nothing meanwhile, so it
 * counts such a stall once where independent clients would have met it many times. What takes long
 * because it is much work is no stall, so each class of requests has a median of its own. */
static void check_stalls(const struct plan *plan, const struct run_result *result,
                         struct verdict *verdict)
{
    const struct recorder *total = &result->total;
    double slots = (double)total->connections.established * plan->pipeline;
    double slots_s = slots * (double)result->measured_ns / (double)NS_PER_S, stalled = 0;
    struct check *check;

    if (plan->loop == LOOP_OPEN || slots_s <= 0)
        return;
    if (total->plan.classes > 1) {
        for (unsigned i = 0; i < total->plan.classes; i++)
            stalled += stalled_s(
                &recorder_latency(total, (enum latency_kind)(LATENCY_CLASS + i))->histogram);
    } else {
        stalled = stalled_s(&recorder_latency(total, LATENCY_RESPONSE)->histogram);
    }
    check = check_add(verdict, "stalls", stalled / slots_s, STALLED_MAX);
    if (stalled / slots_s > STALLED_MAX)
        check_fail(verdict, check, VERDICT_CAUTION, "C6",
                   "%.1f%% of the connections' time went into stalls, which a closed loop counts "
                   "once and real clients meet many times: expect worse percentiles",
                   100 * stalled / slots_s);
}

void verdict_check_latencies(const struct plan *plan, const struct run_result *result,
                             struct verdict *verdict)
{
    check_little(plan, result, verdict);
    check_samples(result, verdict);
    check_stalls(plan, result, verdict);
}
