/* SPDX-License-Identifier: MIT */
/* verdict_load.c: was the load that was asked for offered, in time, and who was the limit? */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "common/units.h"
#include "loadgen/judge/offered_load.h"
#include "loadgen/judge/verdict_checks.h"

/* At or above this share of its time a generator thread that runs, or waits for a core, is taken to
 * be saturated; so is one that waits for a core for at least half of it. A server that then has
 * work for less than HAS_SLACK of its time was not the limit; in between both were, as nearly as a
 * loopback test can tell (docs/decisions/0004). A thread that hardly ever got a core was the limit
 * whatever the server did, unless that did not get one either. */
static const double SATURATED = 0.95, STARVED = 0.5, STARVED_FOR_SURE = 0.8, HAS_SLACK = 0.85;

/* Share of the offered load that must be carried in time. */
static const double ACHIEVED_MIN = 0.98;

/* A lag below this does not matter to anybody; otherwise it may be so much of the response. */
#define SEND_LAG_FLOOR_NS NS_PER_MS
static const double SEND_LAG_OF_RESPONSE = 0.1;
/* With fewer the 99th percentile is the longest one. */
enum { SEND_LAG_SAMPLES_MIN = 100 };

/* --- what was offered ------------------------------------------------------------------------- */

/* Returns whether it was carried in time. */
static bool check_offered_load(const struct plan *plan, const struct run_result *result,
                               struct verdict *verdict)
{
    const struct request_counts *counts = &result->total.measured;
    char rate[UNITS_TEXT_SIZE];
    struct offered_load load;
    struct check *check;

    offered_load_of(plan, result, &load);
    check = check_add(verdict, "offered_load", load.achieved, ACHIEVED_MIN);
    if (load.achieved < ACHIEVED_MIN) {
        check_fail(verdict, check, VERDICT_NOT_TRUSTED, "I2",
                   "only %.0f%% of the offered load was carried in time: when the window ended %ju "
                   "requests were waiting, and in the end %ju were never sent. Latency is a "
                   "backlog, not a response time. %s%s%s",
                   floor(100 * load.achieved), (uintmax_t)load.behind, (uintmax_t)counts->unsent,
                   load.carried_per_s > 0 ? "Saturation is near "
                                          : "The server had stopped to answer",
                   load.carried_per_s > 0 ? count_format(load.carried_per_s, rate) : "",
                   load.carried_per_s > 0 ? "/s" : "");
        return false;
    }
    if (counts->unsent > 0)
        check_fail(verdict, check, VERDICT_CAUTION, "C11",
                   "%ju requests were due and never sent, at most 2%% of them",
                   (uintmax_t)counts->unsent);
    return true;
}

/* Returns whether the generator itself was in time. */
static bool check_send_lag(const struct run_result *result, struct verdict *verdict)
{
    const struct histogram *lag = &recorder_latency(&result->total, LATENCY_SEND_LAG)->histogram;
    const struct histogram *response =
        &recorder_latency(&result->total, LATENCY_RESPONSE)->histogram;
    uint64_t lag_ns = histogram_quantile(lag, 0.99);
    double limit_ns = fmax((double)SEND_LAG_FLOOR_NS,
                           SEND_LAG_OF_RESPONSE * (double)histogram_quantile(response, 0.5));
    char lag_text[UNITS_TEXT_SIZE], limit_text[UNITS_TEXT_SIZE];
    struct check *check;

    if (lag->total_count < SEND_LAG_SAMPLES_MIN)
        return true;
    check = check_add(verdict, "send_lag", (double)lag_ns, limit_ns);
    if ((double)lag_ns <= limit_ns)
        return true;
    check_fail(verdict, check, VERDICT_NOT_TRUSTED, "I11",
               "the generator was late itself: 1%% of the requests that found a connection free "
               "were sent %s or more after they were due (limit %s); give it a core of its own, "
               "more --threads or less load",
               duration_format(lag_ns, lag_text), duration_format((uint64_t)limit_ns, limit_text));
    return false;
}

/* --- who was the limit ------------------------------------------------------------------------ */

/* How many threads of the server can be ready to run at once. A thread's wait for another one of
 * the same server is the same to the kernel as that for a stranger; it can only be told apart where
 * threads are not more than cores. Where they are, they count as far as there was a request in
 * flight for each. */
static double server_parallel(const struct run_result *result, double cores)
{
    return fmax(cores, fmin(result->server.threads, result->in_flight_mean));
}

/* Share of its time in which the server was ready to run and had no core. */
static double server_waiting_share(const struct run_result *result)
{
    const struct resources *server = &result->server;
    double parallel = server_parallel(result, fmin(server->threads, server->cores));

    if (!server->has_run_queue_delay || server->observed_ns == 0 || parallel <= 0)
        return 0;
    return fmin((double)server->run_queue_delay_ns / ((double)server->observed_ns * parallel), 1);
}

/* ...or ran, or was ready to: a server that somebody else keeps from its core has no slack. */
static double server_pressed_share(const struct run_result *result)
{
    double cores = fmin(result->server.threads, result->server.cores);
    double busy = resources_busy_share(&result->server);
    double ran = cores > 0 ? busy * cores / server_parallel(result, cores) : 0;

    return fmin(fmax(busy, ran + server_waiting_share(result)), 1);
}

/* Of a generator that is saturated. */
static bool generator_was_the_limit(const struct run_result *result)
{
    bool starved = result->busiest.starved >= STARVED_FOR_SURE;

    if (!result->server_observed)
        return starved;
    if (starved && server_waiting_share(result) < STARVED)
        return true; /* however busy the server was: its replies lay unread */
    return server_pressed_share(result) < HAS_SLACK;
}

static void fail_as_limit(const struct run_result *result, struct verdict *verdict,
                          struct check *check)
{
    const struct thread_use *use = &result->busiest;
    char server[64] = "";

    if (use->starved >= STARVED) {
        check_fail(verdict, check, VERDICT_NOT_TRUSTED, "I1",
                   "the generator was the limit: a thread of it was starved of CPU, it ran for "
                   "%.0f%% of the time and waited for a core for %.0f%%; give it a core of its own",
                   100 * use->busy, 100 * use->starved);
        return;
    }
    if (result->server_observed)
        snprintf(server, sizeof server, ", while the server had work for %.0f%% of its time",
                 100 * server_pressed_share(result));
    check_fail(verdict, check, VERDICT_NOT_TRUSTED, "I1",
               "the generator was the limit: a thread of it used %.0f%% of its core%s; add "
               "--threads or cores",
               100 * (use->busy + use->starved), server);
}

/* Both ends share this machine: who had nothing left to give? */
static void check_limit(const struct run_result *result, bool carried_in_time,
                        struct verdict *verdict)
{
    const struct thread_use *use = &result->busiest;
    double wanted = use->busy + use->starved;
    struct check *check = check_add(verdict, "generator_busy", wanted, SATURATED);

    if (wanted < SATURATED && use->starved < STARVED)
        return;
    if (use->starved >= STARVED)
        check->limit = STARVED;
    if (carried_in_time)
        check_fail(verdict, check, VERDICT_CAUTION, "C10",
                   "a thread of the generator wanted %.0f%% of its core: it was in time, but has "
                   "little left for a higher load",
                   100 * wanted);
    else if (generator_was_the_limit(result))
        fail_as_limit(result, verdict, check);
    else if (result->server_observed)
        check_fail(verdict, check, VERDICT_CAUTION, "C10",
                   "server and generator were both saturated: the throughput is the server's, but "
                   "the latency includes replies waiting to be read by the generator");
    else
        check_fail(verdict, check, VERDICT_CAUTION, "C10",
                   "a thread of the generator wanted %.0f%% of its core; only --observe PID can "
                   "tell whether the server was the limit",
                   100 * wanted);
}

/* Were the arrivals the random ones that were asked for? One run in a thousand is as unlikely. */
static void check_arrivals(const struct run_result *result, struct verdict *verdict)
{
    static const double P_MIN = 0.001;
    struct check *check;

    if (result->gaps_p < 0)
        return; /* not Poisson, too few, or some waited for a connection */
    check = check_add(verdict, "poisson_arrivals", result->gaps_p, P_MIN);
    if (result->gaps_p < P_MIN)
        check_fail(verdict, check, VERDICT_CAUTION, "C14",
                   "the gaps between requests are not those of a Poisson process of this rate "
                   "(Anderson-Darling p = %.1g): the generator did not keep to its schedule",
                   result->gaps_p);
}

/* What the host takes away stops server and generator alike, for milliseconds at a time: the high
 * percentiles are then its own. */
static void check_steal(const struct run_result *result, struct verdict *verdict)
{
    static const double STEAL_MAX = 0.01;
    struct check *check;

    if (result->steal < 0)
        return;
    check = check_add(verdict, "cpu_steal", result->steal, STEAL_MAX);
    if (result->steal > STEAL_MAX)
        check_fail(verdict, check, VERDICT_CAUTION, "C5",
                   "a noisy neighbour: the host took %.1f%% of the CPU time this machine wanted; "
                   "high percentiles are its stalls as much as the server's",
                   100 * result->steal);
}

void verdict_check_load(const struct plan *plan, const struct run_result *result,
                        struct verdict *verdict)
{
    bool carried = true, in_time = true;

    if (plan->loop == LOOP_OPEN)
        carried = check_offered_load(plan, result, verdict);
    check_arrivals(result, verdict);
    check_steal(result, verdict);
    if (plan->loop != LOOP_CLOSED)
        in_time = check_send_lag(result, verdict);
    check_limit(result, plan->loop == LOOP_OPEN && carried && in_time, verdict);
}
