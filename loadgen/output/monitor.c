/* SPDX-License-Identifier: MIT */
#include "loadgen/output/monitor.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/units.h"
#include "loadgen/output/monitor_files.h"
#include "loadgen/output/run_metrics.h"
#include "loadgen/output/second_text.h"

/* A phase that is over sooner is not worth a line where nobody looks at a screen. */
#define LINE_AFTER_S 1.0
/* How long the end waits for a reader who takes nothing. */
enum { PATIENCE_MS = 5000 };

static double seconds_of(uint64_t time_ns)
{
    return (double)time_ns / (double)NS_PER_S;
}

/* --- the screen ------------------------------------------------------------------------------- */

static void describe_load(struct monitor *monitor)
{
    const struct plan *plan = monitor->plan;
    char rate[UNITS_TEXT_SIZE], more[UNITS_TEXT_SIZE * 4] = "";

    if (plan->loop == LOOP_OPEN && plan->rate_per_s > 0)
        snprintf(more, sizeof more, ", %.64s %s/s", plan->arrival_text,
                 count_format(plan->rate_per_s, rate));
    else if (plan->loop == LOOP_OPEN)
        snprintf(more, sizeof more, ", %.64s", plan->arrival_text);
    else if (plan->loop == LOOP_THINK)
        snprintf(more, sizeof more, " %.64s", plan->think_text);
    snprintf(monitor->load_text, sizeof monitor->load_text, "%.128s, %s%s%s", plan->request_text,
             loop_kind_name(plan->loop), plan->loop == LOOP_THINK ? "" : " loop", more);
}

static void set_percentiles(struct live_percentiles *percentiles, const struct latency *latency)
{
    const struct histogram *histogram = &latency->histogram;

    percentiles->known = histogram->total_count > 0;
    percentiles->p50_ns = histogram_quantile(histogram, 0.5);
    percentiles->p99_ns = histogram_quantile(histogram, 0.99);
    percentiles->p999_ns = histogram_quantile(histogram, 0.999);
    percentiles->p50_at_least = latency_is_lower_bound(latency, 0.5);
    percentiles->p99_at_least = latency_is_lower_bound(latency, 0.99);
    percentiles->p999_at_least = latency_is_lower_bound(latency, 0.999);
}

static void keep_percentiles(struct monitor *monitor)
{
    uint64_t *history = monitor->p99_history_ns;

    set_percentiles(&monitor->last_percentiles, &monitor->seconds.last.latencies[LATENCY_RESPONSE]);
    set_percentiles(&monitor->all_percentiles, &monitor->seconds.all.latencies[LATENCY_RESPONSE]);
    if (monitor->p99_history_count == MONITOR_HISTORY_MAX)
        memmove(history, history + 1, --monitor->p99_history_count * sizeof *history);
    history[monitor->p99_history_count++] = monitor->last_percentiles.p99_ns;
}

/* < 0: not known. */
static double left_s(const struct monitor *monitor, uint64_t now_ns)
{
    uint64_t end_ns = monitor->phase == RUN_WARMUP    ? monitor->measure_start_ns
                      : monitor->phase == RUN_MEASURE ? monitor->measure_end_ns
                                                      : UINT64_MAX;

    if (end_ns == UINT64_MAX)
        return -1;
    return end_ns > now_ns ? seconds_of(end_ns - now_ns) : 0;
}

/* A terminal that was stopped (Ctrl-S) would keep us waiting. */
static bool can_draw(const struct monitor *monitor)
{
    struct pollfd poll_fd = {.fd = fileno(monitor->view.out), .events = POLLOUT};

    return poll(&poll_fd, 1, 0) > 0;
}

static void draw(struct monitor *monitor, bool second_is_new)
{
    const struct plan *plan = monitor->plan;
    const struct live_counts *counts = &monitor->counts;
    uint64_t now_ns = counts->taken_ns, since_ns = monitor->phase_since_ns;
    uint64_t errors[FAILURES_COUNT];

    if (monitor->phase == RUN_MEASURE)
        since_ns = monitor->measure_start_ns;
    for (unsigned i = 0; i < FAILURES_COUNT; i++)
        errors[i] = counts->failures[i] + counts->connection_failures[i];

    struct live_view_state state = {
        .target = plan->target,
        .load_text = monitor->load_text,
        .phase = monitor->phase,
        .elapsed_s = now_ns > since_ns ? seconds_of(now_ns - since_ns) : 0,
        .left_s = left_s(monitor, now_ns),
        .offered_per_s = plan->loop == LOOP_OPEN ? monitor->rates.offered_per_s : -1,
        .achieved_per_s = monitor->rates.achieved_per_s,
        .connections_open = counts->connections,
        .connections_asked = plan->connections + plan->idle_connections,
        .second = monitor->last_percentiles,
        .run = monitor->all_percentiles,
        .p99_history_ns = monitor->p99_history_ns,
        .p99_history_count = monitor->p99_history_count,
        .errors = errors,
        .timed_out = counts->timed_out,
        .wrong = counts->wrong,
        .generator_cores = monitor->rates.cores,
        .threads = plan->threads,
    };

    /* A line tells of a second, so it waits for the second's end. */
    if (!monitor->view.on_screen &&
        (state.elapsed_s < LINE_AFTER_S || (monitor->phase == RUN_MEASURE && !second_is_new)))
        return;
    if (can_draw(monitor))
        live_view_draw(&monitor->view, &state);
}

/* --- seconds ---------------------------------------------------------------------------------- */

/* How much of the second that was taken last lies in the measured window. */
static uint64_t second_duration_ns(const struct monitor *monitor)
{
    uint64_t start_ns = monitor->measure_start_ns + (monitor->seconds.count - 1) * WINDOW_NS;
    uint64_t left_ns = monitor->measure_end_ns > start_ns ? monitor->measure_end_ns - start_ns : 0;

    return left_ns < WINDOW_NS ? left_ns : WINDOW_NS;
}

/* Under a frame that stands on the screen the message would be lost. */
static void tell_failure(struct monitor *monitor, struct sink *sink)
{
    if (!sink_is_news(sink))
        return;
    if (monitor->view_is_shown)
        live_view_clear(&monitor->view);
    sink_tell(sink);
}

/* Gives a text to a sink, or says that there is none. */
static void sink_take(struct sink *sink, int failed, char *text, size_t size)
{
    if (failed < 0) {
        sink_fail(sink, failed);
        return;
    }
    sink_add(sink, text, size);
    free(text);
}

static void log_begin(struct monitor *monitor)
{
    struct timespec wall;
    char *text;
    size_t size;

    if (monitor->log_has_header || !sink_is_open(&monitor->log))
        return;
    clock_gettime(CLOCK_REALTIME, &wall);

    double start_s = seconds_of(timespec_ns(wall));

    if (monitor->measure_start_ns != UINT64_MAX)
        start_s -= seconds_of(clock_now_ns()) - seconds_of(monitor->measure_start_ns);
    monitor->log_has_header = true;

    int failed = second_log_header(monitor->plan, start_s, &text, &size);

    sink_take(&monitor->log, failed, text, size);
}

static void tell_second(struct monitor *monitor)
{
    char *text;
    size_t size;
    int failed;

    if (monitor->view_is_shown)
        keep_percentiles(monitor);
    if (sink_is_open(&monitor->stream)) {
        failed = second_stream_line(monitor->plan, &monitor->seconds, second_duration_ns(monitor),
                                    &text, &size);
        sink_take(&monitor->stream, failed, text, size);
    }
    if (sink_is_open(&monitor->log)) {
        log_begin(monitor);
        failed = second_log_lines(monitor->plan, &monitor->seconds, &text, &size);
        sink_take(&monitor->log, failed, text, size);
    }
}

/* --- metrics ---------------------------------------------------------------------------------- */

static struct run_metrics live_metrics(const struct monitor *monitor)
{
    uint64_t now_ns = monitor->counts.taken_ns;
    uint64_t end_ns = now_ns < monitor->measure_end_ns ? now_ns : monitor->measure_end_ns;
    struct run_metrics run = {.plan = monitor->plan,
                              .counts = &monitor->counts,
                              .offered_per_s = monitor->rates.offered_per_s,
                              .achieved_per_s = monitor->rates.achieved_per_s};

    if (end_ns > monitor->measure_start_ns)
        run.measured_s = seconds_of(end_ns - monitor->measure_start_ns);
    monitor_set_latencies(&run, monitor->seconds.all.latencies, &monitor->seconds.plan);
    return run;
}

static void publish_metrics(struct monitor *monitor)
{
    struct run_metrics run = live_metrics(monitor);
    char *text;
    size_t size;

    /* Without memory the text before stays. */
    if (run_metrics_text(&run, &text, &size) == 0)
        metrics_server_publish(monitor->metrics, text, size);
}

/* --- life ------------------------------------------------------------------------------------- */

static int start_metrics(struct monitor *monitor)
{
    const struct plan *plan = monitor->plan;
    int failed = metrics_server_start(plan->metrics_port, &monitor->metrics);

    if (failed < 0) {
        monitor->metrics = NULL;
        log_error("--metrics-port %u: %s", plan->metrics_port, strerror(-failed));
    } else if (!plan->quiet) {
        fprintf(stderr, "metrics http://127.0.0.1:%u/metrics\n",
                metrics_server_port(monitor->metrics));
    }
    return failed;
}

/* Frames and lines of the stream on one terminal would be neither. */
static bool view_is_wanted(const struct plan *plan)
{
    bool stream_is_seen =
        plan->stream_path && strcmp(plan->stream_path, "-") == 0 && isatty(STDOUT_FILENO);

    return !plan->quiet && !stream_is_seen;
}

int monitor_init(struct monitor *monitor, const struct plan *plan,
                 const struct recorder_plan *recording)
{
    int failed;

    memset(monitor, 0, sizeof *monitor);
    monitor->plan = plan;
    monitor->stream.fd = monitor->log.fd = -1;
    failed = seconds_init(&monitor->seconds, recording);
    if (failed < 0) {
        log_error("out of memory");
        return failed;
    }
    describe_load(monitor);
    live_view_init(&monitor->view, stderr);
    monitor->view_is_shown = view_is_wanted(plan);
    failed = sink_open(&monitor->stream, "--stream", plan->stream_path);
    if (failed == 0)
        failed = sink_open(&monitor->log, "--hlog", plan->hlog_path);
    if (failed == 0 && plan->serve_metrics)
        failed = start_metrics(monitor);
    if (failed < 0)
        monitor_release(monitor);
    return failed;
}

void monitor_begin(struct monitor *monitor)
{
    monitor->phase = RUN_CONNECT;
    monitor->phase_since_ns = clock_now_ns();
    monitor->measure_start_ns = monitor->measure_end_ns = UINT64_MAX;
    monitor->next_show_ns = monitor->next_metrics_ns = 0;
    memset(&monitor->rates, 0, sizeof monitor->rates);
}

void monitor_watch(struct monitor *monitor, struct recorder *recorder)
{
    seconds_watch(&monitor->seconds, recorder);
}

void monitor_abandon(struct monitor *monitor)
{
    if (monitor->view_is_shown)
        live_view_clear(&monitor->view);
    seconds_forget(&monitor->seconds);
}

void monitor_window(struct monitor *monitor, uint64_t start_ns, uint64_t end_ns)
{
    monitor->measure_start_ns = start_ns;
    monitor->measure_end_ns = end_ns;
}

struct live_counts monitor_count(const struct monitor *monitor)
{
    struct live_counts counts;

    live_counts_read(&counts, monitor->seconds.recorders, monitor->seconds.recorders_count);
    return counts;
}

void monitor_show(struct monitor *monitor, enum run_phase phase)
{
    uint64_t now_ns = clock_now_ns();
    bool second_is_new = false;

    if (phase == monitor->phase && now_ns < monitor->next_show_ns)
        return;
    if (phase != monitor->phase)
        monitor->phase_since_ns = now_ns;
    if (monitor->phase == RUN_CONNECT && phase != RUN_CONNECT)
        memset(&monitor->rates, 0, sizeof monitor->rates); /* the load begins only now */
    monitor->phase = phase;
    /* A little less, so that a sleeper who wakes in time is not too early. */
    monitor->next_show_ns = now_ns + MONITOR_INTERVAL_NS * 9 / 10;
    monitor->counts = monitor_count(monitor);
    live_rates_add(&monitor->rates, &monitor->counts);
    while (seconds_next(&monitor->seconds, false)) {
        second_is_new = true;
        tell_second(monitor);
    }
    sink_flush(&monitor->stream);
    sink_flush(&monitor->log);
    tell_failure(monitor, &monitor->stream);
    tell_failure(monitor, &monitor->log);
    if (monitor->metrics && (second_is_new || now_ns >= monitor->next_metrics_ns)) {
        monitor->next_metrics_ns = now_ns + NS_PER_S;
        publish_metrics(monitor);
    }
    if (monitor->view_is_shown)
        draw(monitor, second_is_new);
}

int monitor_finish(struct monitor *monitor, const struct recorder *total, uint64_t measured_ns,
                   bool at_once)
{
    int patience_ms = at_once ? 0 : PATIENCE_MS, failed, other;

    if (monitor->view_is_shown)
        live_view_clear(&monitor->view);
    if (monitor->measure_start_ns != UINT64_MAX)
        monitor->measure_end_ns = monitor->measure_start_ns + measured_ns;
    monitor->counts = monitor_count(monitor);
    while (seconds_next(&monitor->seconds, true))
        tell_second(monitor);
    log_begin(monitor); /* a log of nothing is one as well */
    failed = sink_close(&monitor->stream, patience_ms);
    other = sink_close(&monitor->log, patience_ms);
    if (failed == 0)
        failed = other;
    other = monitor_write_files(monitor->plan, total, &monitor->counts, measured_ns);
    seconds_forget(&monitor->seconds);
    return failed < 0 ? failed : other;
}

void monitor_release(struct monitor *monitor)
{
    int ignored = sink_close(&monitor->stream, 0); /* closed before, unless there was no run */

    ignored |= sink_close(&monitor->log, 0);
    (void)ignored;
    if (monitor->metrics)
        metrics_server_stop(monitor->metrics);
    monitor->metrics = NULL;
    seconds_release(&monitor->seconds);
}
