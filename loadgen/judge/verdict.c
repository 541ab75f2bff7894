/* SPDX-License-Identifier: MIT */
#include "loadgen/judge/verdict.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "loadgen/judge/verdict_checks.h"

const char *verdict_level_name(enum verdict_level level)
{
    static const char *const names[] = {
        [VERDICT_TRUSTED] = "TRUSTED",
        [VERDICT_CAUTION] = "CAUTION",
        [VERDICT_NOT_TRUSTED] = "NOT TRUSTED",
    };

    return names[level];
}

struct check *check_add(struct verdict *verdict, const char *name, double value, double limit)
{
    struct check *check = &verdict->checks[verdict->checks_count];

    assert(verdict->checks_count < CHECKS_MAX);
    assert(isfinite(value) && isfinite(limit));
    verdict->checks_count++;
    *check = (struct check){.name = name, .passed = true, .value = value, .limit = limit};
    return check;
}

void check_fail(struct verdict *verdict, struct check *check, enum verdict_level level,
                const char *code, const char *format, ...)
{
    va_list arguments;

    check->passed = false;
    check->level = level;
    snprintf(check->code, sizeof check->code, "%s", code);
    va_start(arguments, format);
    vsnprintf(check->text, sizeof check->text, format, arguments);
    va_end(arguments);
    if (level > verdict->level)
        verdict->level = level;
}

static void check_end(const struct run_result *result, struct verdict *verdict)
{
    struct check *check = check_add(verdict, "interrupted", result->interrupted, 0);

    if (result->interrupted)
        check_fail(verdict, check, VERDICT_NOT_TRUSTED, "I7",
                   "interrupted after %.1f s of measurement",
                   (double)result->measured_ns / (double)NS_PER_S);
}

static void check_observed(const struct plan *plan, const struct run_result *result,
                           struct verdict *verdict)
{
    struct check *check;

    if (plan->observed_pid <= 0 || result->interrupted)
        return;
    check = check_add(verdict, "server_observed", result->server_observed, 1);
    if (!result->server_observed)
        check_fail(verdict, check, VERDICT_CAUTION, "C13",
                   "the process %d could not be observed to the end", (int)plan->observed_pid);
}

static void check_dump(const struct plan *plan, const struct run_result *result,
                       struct verdict *verdict)
{
    const struct dump_result *dump = &result->dump;
    struct check *check;

    if (!plan->dump_path)
        return;
    check = check_add(verdict, "dump", (double)dump->lost, 0);
    if (dump->failed < 0)
        check_fail(verdict, check, VERDICT_CAUTION, "C15",
                   "the dump could not be written (%s) and lacks %ju requests",
                   strerror(-dump->failed), (uintmax_t)dump->lost);
    else if (dump->lost > 0)
        check_fail(verdict, check, VERDICT_CAUTION, "C15",
                   "the dump lost %ju requests: its file could not keep up (the histograms have "
                   "all of them)",
                   (uintmax_t)dump->lost);
}

static void check_build(struct verdict *verdict)
{
#ifdef __OPTIMIZE__
    check_add(verdict, "optimised_build", 1, 1);
#else
    check_fail(verdict, check_add(verdict, "optimised_build", 0, 1), VERDICT_CAUTION, "C12",
               "this generator was built without optimisation; build the release preset");
#endif
}

void verdict_judge(const struct plan *plan, const struct run_result *result,
                   struct verdict *verdict)
{
    memset(verdict, 0, sizeof *verdict);
    verdict_check_outcomes(result, verdict);
    check_end(result, verdict);
    if (result->measured_ns > 0 && !result->interrupted) {
        verdict_check_load(plan, result, verdict);
        verdict_check_steadiness(plan, result, verdict);
        verdict_check_latencies(plan, result, verdict);
    }
    check_observed(plan, result, verdict);
    check_dump(plan, result, verdict);
    check_build(verdict);
}
