/* SPDX-License-Identifier: MIT */
#include "loadgen/run.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "common/log.h"
#include "loadgen/watch.h"

static void stamp_utc(char text[32])
{
    time_t now = time(NULL);
    struct tm utc;

    gmtime_r(&now, &utc);
    strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

/* One of the addresses the target stands for. is_unreachable(): not that one. */
static int run_against(const struct plan *plan, const struct socket_address *target,
                       struct monitor *monitor, struct run_result *result)
{
    struct watch watch;
    int failed;

    memset(result, 0, sizeof *result);
    stamp_utc(result->started_utc);
    socket_address_format(target, result->address, sizeof result->address);
    if (recorder_init(&result->total, &monitor->seconds.plan) < 0) {
        log_error("out of memory");
        return -ENOMEM;
    }
    monitor_begin(monitor);
    failed = watch_init(&watch, plan, target, monitor, result);
    if (failed < 0) {
        monitor_abandon(monitor);
        recorder_release(&result->total);
        return -EIO;
    }
    run_catch_signals(&watch.run);
    failed = watch_run(&watch, result);
    if (failed == 0)
        result->output_failed = monitor_finish(monitor, &result->total, result->measured_ns,
                                               atomic_load(&watch.run.end_at_once));
    else
        monitor_abandon(monitor);
    run_catch_signals(NULL);
    watch_release(&watch, result);
    if (failed == 0 && result->dump.failed < 0) {
        log_error("--dump %s: %s; %ju of its lines are lost", plan->dump_path,
                  strerror(-result->dump.failed), (uintmax_t)result->dump.lost);
        result->output_failed = result->dump.failed;
    }
    if (failed < 0)
        recorder_release(&result->total);
    return failed;
}

static bool is_unreachable(int failed)
{
    enum failure failure = failure_of_error(failed);

    return failure == FAILURE_REFUSED || failure == FAILURE_UNREACHABLE;
}

int run_execute(const struct plan *plan, struct run_result *result)
{
    struct recorder_plan recording = {.classes = plan->requests_mix.count,
                                      .separate_service = plan->loop != LOOP_CLOSED};
    struct monitor monitor;
    int failed = monitor_init(&monitor, plan, &recording);

    if (failed < 0)
        return failed;
    failed = -EHOSTUNREACH;
    for (size_t i = 0; is_unreachable(failed) && i < plan->addresses_count; i++)
        failed = run_against(plan, &plan->addresses[i], &monitor, result);
    monitor_release(&monitor);
    if (is_unreachable(failed))
        log_error("%s: %s; is the server running there?", plan->target, strerror(-failed));
    return failed;
}

void run_result_release(struct run_result *result)
{
    recorder_release(&result->total);
}
