/* SPDX-License-Identifier: MIT */
#include "loadgen/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "common/units.h"

/* Back to the first column, and wipe the line: understood by every terminal in use. */
#define REDRAW "\r\033[K"

void progress_init(struct progress *progress, const struct plan *plan)
{
    *progress = (struct progress){
        .plan = plan, .shown = !plan->quiet && isatty(STDERR_FILENO), .last_ns = clock_now_ns()};
}

void progress_plan(struct progress *progress, uint64_t begin_ns, uint64_t measure_start_ns,
                   uint64_t measure_end_ns)
{
    progress->begin_ns = begin_ns;
    progress->measure_start_ns = measure_start_ns;
    progress->measure_end_ns = measure_end_ns;
}

static void progress_update_rate(struct progress *progress, uint64_t ok)
{
    uint64_t now_ns = clock_now_ns();

    if (now_ns - progress->last_ns < PROGRESS_INTERVAL_NS / 2)
        return;
    progress->rate_per_s = (double)(ok - progress->last_ok) /
                           ((double)(now_ns - progress->last_ns) / (double)NS_PER_S);
    progress->last_ns = now_ns;
    progress->last_ok = ok;
}

static void show_load(const struct progress *progress, const char *phase, uint64_t end_ns,
                      struct progress_counts counts)
{
    uint64_t now_ns = clock_now_ns();
    char rate[UNITS_TEXT_SIZE];

    fprintf(stderr, REDRAW "%s", phase);
    if (end_ns != UINT64_MAX)
        fprintf(stderr, ", %.0f s left",
                end_ns > now_ns ? (double)(end_ns - now_ns) / (double)NS_PER_S : 0.0);
    fprintf(stderr, "  %s/s  %ju connections  %ju failed", count_format(progress->rate_per_s, rate),
            (uintmax_t)counts.connections, (uintmax_t)counts.failed);
}

void progress_show(struct progress *progress, enum run_phase phase, struct progress_counts counts)
{
    if (!progress->shown)
        return;
    progress_update_rate(progress, counts.ok);
    switch (phase) {
    case RUN_CONNECT:
        fprintf(stderr, REDRAW "connecting  %ju of %u", (uintmax_t)counts.connections,
                progress->plan->connections);
        break;
    case RUN_WARMUP:
        show_load(progress, "warming up", progress->measure_start_ns, counts);
        break;
    case RUN_MEASURE:
        show_load(progress, "measuring", progress->measure_end_ns, counts);
        break;
    default:
        fprintf(stderr, REDRAW "draining");
    }
    fflush(stderr);
}

void progress_clear(struct progress *progress)
{
    if (progress->shown)
        fputs(REDRAW, stderr);
}
