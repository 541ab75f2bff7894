/* SPDX-License-Identifier: MIT */
/* verdict_outcomes.c: how requests and connections ended. */
#include "loadgen/judge/verdict_checks.h"

/* Above this share of failures the rest does not describe the server any more. */
static const double FAILED_MAX = 0.01;

static double share(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : 0.0;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

static uint64_t unaccounted(const struct request_counts *counts)
{
    uint64_t ended = counts->ok + counts->wrong + counts->timed_out + counts->in_flight +
                     failures_total(counts->errors);

    return distance(counts->intended, counts->sent + counts->unsent) +
           distance(counts->sent, ended);
}

static void check_conservation(const struct run_result *result, struct verdict *verdict)
{
    uint64_t missing = unaccounted(&result->total.all) + unaccounted(&result->total.measured);
    struct check *check = check_add(verdict, "conservation", (double)missing, 0);

    if (missing > 0)
        check_fail(verdict, check, VERDICT_NOT_TRUSTED, "I10",
                   "requests are unaccounted for: a defect of the generator, please report it");
}

static void check_answers(const struct run_result *result, struct verdict *verdict)
{
    uint64_t wrong = result->total.all.wrong;
    struct check *check = check_add(verdict, "wrong_answers", (double)wrong, 0);

    if (wrong > 0)
        check_fail(verdict, check, VERDICT_NOT_TRUSTED, "I5",
                   "%ju replies were wrong: the server did not do the work that was asked",
                   (uintmax_t)wrong);
}

static void check_requests(const struct run_result *result, struct verdict *verdict)
{
    const struct request_counts *counts = &result->total.all;
    uint64_t failed = failures_total(counts->errors) + counts->timed_out + counts->in_flight;
    double failed_share = share(failed, counts->sent);
    double limit = failed_share > FAILED_MAX ? FAILED_MAX : 0;
    struct check *check = check_add(verdict, "failed_requests", failed_share, limit);

    if (failed_share > FAILED_MAX)
        check_fail(verdict, check, VERDICT_NOT_TRUSTED, "I4",
                   "%.1f%% of the requests failed, timed out or were never answered",
                   100 * failed_share);
    else if (failed > 0)
        check_fail(verdict, check, VERDICT_CAUTION, "C11",
                   "%ju requests failed, timed out or were never answered, at most 1%% of them",
                   (uintmax_t)failed);
}

/* Those that were closed as planned, after so many requests, are not lost. */
static void check_lost(const struct run_result *result, struct verdict *verdict)
{
    const struct connection_counts *counts = &result->total.connections;
    uint64_t established = counts->established + counts->reconnected;
    double lost_share = share(counts->lost, established);
    double limit = lost_share > FAILED_MAX ? FAILED_MAX : 0;
    struct check *check = check_add(verdict, "lost_connections", lost_share, limit);

    if (lost_share > FAILED_MAX)
        check_fail(
            verdict, check, VERDICT_NOT_TRUSTED, "I4",
            "established connections were lost %ju times (of %ju, those reconnected included)",
            (uintmax_t)counts->lost, (uintmax_t)established);
    else if (counts->lost > 0)
        check_fail(verdict, check, VERDICT_CAUTION, "C11",
                   "%ju established connections were lost, at most 1%% of them",
                   (uintmax_t)counts->lost);
}

static void check_establishing(const struct run_result *result, struct verdict *verdict)
{
    const struct connection_counts *counts = &result->total.connections;
    uint64_t no_port = counts->errors[FAILURE_NO_PORT];
    struct check *check;

    check = check_add(verdict, "refused_connections", (double)counts->refused, 0);
    if (counts->refused > 0)
        check_fail(verdict, check, VERDICT_CAUTION, "C9",
                   "the server refused %ju of %ju connections: the figures describe the load of "
                   "those it served",
                   (uintmax_t)counts->refused, (uintmax_t)counts->asked);
    check = check_add(verdict, "failed_connections", share(counts->failed, counts->asked), 0);
    if (counts->failed > 0)
        check_fail(verdict, check, VERDICT_NOT_TRUSTED, "I4",
                   "%ju of %ju connections could not be established", (uintmax_t)counts->failed,
                   (uintmax_t)counts->asked);
    check = check_add(verdict, "local_ports", (double)no_port, 0);
    if (no_port > 0)
        check_fail(verdict, check, VERDICT_NOT_TRUSTED, "I6",
                   "our own ports ran out %ju times: the kernel was measured, not the server; give "
                   "more addresses to connect from (--source)",
                   (uintmax_t)no_port);
}

void verdict_check_outcomes(const struct run_result *result, struct verdict *verdict)
{
    check_conservation(result, verdict);
    check_answers(result, verdict);
    check_requests(result, verdict);
    check_lost(result, verdict);
    check_establishing(result, verdict);
}
