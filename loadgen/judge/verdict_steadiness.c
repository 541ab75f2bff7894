/* SPDX-License-Identifier: MIT */
/* verdict_steadiness.c: had the run warmed up, and did it stay as it was from then on? */
#include <math.h>
#include <stdlib.h>

#include "common/series.h"
#include "common/series_shift.h"
#include "loadgen/judge/verdict_checks.h"
#include "loadgen/warmup.h"

/* In fewer seconds a change cannot be told from noise. */
enum { STEADY_WINDOWS_MIN = 8 };

static const double TREND_RHO = 0.5, TREND_P = 0.01, SHIFT_P = 0.01;

/* Changes smaller than this are not worth a sentence, however sure they are. Throughput is a mean
 * over a second; the median of a few microseconds more or less is the machine's. */
static const double CHANGE_OF_THROUGHPUT = 0.05, CHANGE_OF_LATENCY = 0.1;
#define LATENCY_CHANGE_FLOOR_NS (20 * NS_PER_US)
/* Nor are those that are not beyond what neighbours differ by: the seconds of a small machine
 * resemble their neighbours, for which the tests find changes where nothing happened. */
static const double DRIFT_OF_NOISE = 2, SHIFT_OF_NOISE = 3;

/* What is looked at, second by second. */
struct row {
    const char *name;
    double *values; /* owned */
    size_t count;
    double change_min; /* fractions of the level */
    double noise;      /* standard deviation, by the differences of neighbours */
};

static void check_warmup(const struct plan *plan, const struct run_result *result,
                         struct verdict *verdict)
{
    struct check *check;

    if (!plan->warmup_auto)
        return;
    check = check_add(verdict, "warm_up_s", (double)result->warmup_ns / (double)NS_PER_S,
                      WARMUP_WINDOWS_MAX);
    if (!result->steady)
        check_fail(verdict, check, VERDICT_NOT_TRUSTED, "I7",
                   "no steady state: after %d s of warm-up the throughput was still growing, or "
                   "its noise did not let that be told (the last seconds varied by %.1f%%)",
                   (int)WARMUP_WINDOWS_MAX, 100 * result->warmup_spread);
}

/* A load that is meant to change, or that runs out, has no steady state to leave. */
static bool load_is_steady(const struct plan *plan)
{
    return plan->requests == 0 && (plan->loop != LOOP_OPEN || arrival_is_steady(&plan->arrival));
}

/* In an open loop the throughput is what was offered, so latency is looked at there. A second
 * without a reply has none. */
static void row_fill(struct row *row, const struct plan *plan, const struct run_result *result,
                     struct histogram *scratch)
{
    for (size_t i = 0; i < result->total.windows_count; i++) {
        if ((i + 1) * WINDOW_NS > result->measured_ns)
            break;
        if (plan->loop != LOOP_OPEN) {
            row->values[row->count++] = (double)result->total.windows[i].ok;
            continue;
        }
        histogram_clear(scratch);
        recorder_add_window(&result->total, i, LATENCY_RESPONSE, scratch);
        if (scratch->total_count > 0)
            row->values[row->count++] = (double)histogram_quantile(scratch, 0.5);
    }
}

/* Robust: half of the differences lie within 0.6745 of their standard deviation, which is that of
 * the values times the root of two. */
static double row_noise(const struct row *row)
{
    double *steps = calloc(row->count, sizeof *steps), level = 0, median = 0;
    int failed = steps ? 0 : -1;

    for (size_t i = 1; steps && i < row->count; i++)
        steps[i - 1] = fabs(row->values[i] - row->values[i - 1]);
    if (steps)
        failed = series_median(steps, row->count - 1, &median);
    free(steps);
    if (failed == 0)
        failed = series_median(row->values, row->count, &level);
    return failed < 0 || level <= 0 ? 0 : median / (0.6745 * sqrt(2)) / level;
}

/* False when there is nothing to judge. */
static bool row_init(struct row *row, const struct plan *plan, const struct run_result *result)
{
    struct histogram scratch;
    bool is_open = plan->loop == LOOP_OPEN;

    *row = (struct row){.name = is_open ? "the median response time" : "throughput",
                        .change_min = is_open ? CHANGE_OF_LATENCY : CHANGE_OF_THROUGHPUT};
    if (result->total.windows_count < STEADY_WINDOWS_MIN || histogram_init_latency(&scratch) < 0)
        return false;
    row->values = calloc(result->total.windows_count, sizeof *row->values);
    if (row->values)
        row_fill(row, plan, result, &scratch);
    histogram_release(&scratch);
    if (is_open && row->count > 0)
        row->change_min = fmax(row->change_min, (double)LATENCY_CHANGE_FLOOR_NS /
                                                    fmax(series_mean(row->values, row->count), 1));
    if (row->count < STEADY_WINDOWS_MIN)
        return false;
    row->noise = row_noise(row);
    return true;
}

/* How far a straight line through the row would come, as a fraction of the level: twice the
 * difference of the medians of its halves, which single seconds cannot move. */
static double row_drift(const struct row *row)
{
    size_t half = row->count / 2;
    double early = 0, late = 0;
    int failed = series_median(row->values, half, &early);

    failed |= series_median(row->values + row->count - half, half, &late);
    return failed < 0 || early + late <= 0 ? 0 : 4 * (late - early) / (late + early);
}

static void check_drift(const struct row *row, struct verdict *verdict)
{
    double drift = row_drift(row), eta = series_kpss(row->values, row->count);
    bool is_large = fabs(drift) > fmax(row->change_min, DRIFT_OF_NOISE * row->noise);
    struct series_trend trend = {.rho = 0, .p = 1};
    const char *direction = drift > 0 ? "rose" : "fell";
    int failed = series_spearman(row->values, row->count, &trend);
    struct check *check;

    (void)failed; /* without memory there is no trend to be seen */
    check = check_add(verdict, "trend", trend.rho, TREND_RHO);
    if (fabs(trend.rho) > TREND_RHO && trend.p < TREND_P && is_large)
        check_fail(verdict, check, VERDICT_CAUTION, "C2",
                   "%s %s by about %.0f%% over the measured window: this was no steady state",
                   row->name, direction, 100 * fabs(drift));
    check = check_add(verdict, "stationarity", eta, SERIES_KPSS_LIMIT);
    if (eta > SERIES_KPSS_LIMIT && is_large)
        check_fail(verdict, check, VERDICT_CAUTION, "C2",
                   "the level of %s did not stay where it was (KPSS %.2f, limit %.2f)", row->name,
                   eta, SERIES_KPSS_LIMIT);
}

static void check_shift(const struct plan *plan, const struct row *row, struct verdict *verdict)
{
    struct series_shift shift;
    struct check *check;
    double change = 0, limit = fmax(row->change_min, SHIFT_OF_NOISE * row->noise);

    if (series_shift_find(row->values, row->count, plan->seed, &shift) < 0)
        return;
    if (shift.found && shift.p <= SHIFT_P && shift.before_median > 0)
        change = shift.after_median / shift.before_median - 1;
    check = check_add(verdict, "level_shift", change, limit);
    if (fabs(change) > limit)
        check_fail(verdict, check, VERDICT_CAUTION, "C3",
                   "%s went %s by %.0f%% after %zu s and stayed there: the window holds two levels",
                   row->name, change > 0 ? "up" : "down", 100 * fabs(change), shift.at);
}

void verdict_check_steadiness(const struct plan *plan, const struct run_result *result,
                              struct verdict *verdict)
{
    struct row row;

    check_warmup(plan, result, verdict);
    if (!load_is_steady(plan))
        return;
    if (row_init(&row, plan, result)) {
        check_drift(&row, verdict);
        check_shift(plan, &row, verdict);
    }
    free(row.values);
}
