/* SPDX-License-Identifier: MIT */
#include "loadgen/watch.h"

#include <poll.h>
#include <unistd.h>

#include "common/log.h"
#include "loadgen/record/steal.h"
#include "loadgen/warmup.h"

/* Both ends at one edge of the measured window. */
struct watch_samples {
    struct resources_sample client, server;
    bool has_client, has_server;
};

/* How long before the measured window the walk over the threads begins: it takes some 40 us a
 * thread, and it should be over when the window opens. */
#define THREADS_WALK_NS (500 * NS_PER_MS)
/* Before an instant it is told to the workers, who look at every tick of theirs. */
#define NOTICE_NS (20 * NS_PER_MS)

/* --- waiting ---------------------------------------------------------------------------------- */

static bool all_connected(const struct watch *watch)
{
    return atomic_load(&watch->run.workers_connected) == watch->workers_count ||
           atomic_load(&watch->run.fatal_error) != 0;
}

static bool all_finished(const struct watch *watch)
{
    return atomic_load(&watch->run.workers_finished) == watch->workers_count;
}

/* Waits until `is_over` holds, the run is stopped (when `stoppable`) or `deadline_ns` has come,
 * telling meanwhile how it goes. */
static void watch_until(struct watch *watch, enum run_phase phase, uint64_t deadline_ns,
                        bool (*is_over)(const struct watch *), bool stoppable)
{
    for (;;) {
        uint64_t now_ns = clock_now_ns();
        uint64_t wait_ns = MONITOR_INTERVAL_NS;
        struct pollfd wake = {.fd = watch->run.wake_fd, .events = POLLIN};

        if (is_over(watch) || now_ns >= deadline_ns || (stoppable && watch_is_stopped(watch)))
            return;
        if (deadline_ns - now_ns < wait_ns)
            wait_ns = deadline_ns - now_ns;
        struct timespec timeout = timespec_from_ns(wait_ns);

        if (ppoll(&wake, 1, &timeout, NULL) > 0) {
            uint64_t ignored;
            ssize_t drained = read(watch->run.wake_fd, &ignored, sizeof ignored);
            (void)drained;
        }
        monitor_show(watch->monitor, phase);
    }
}

/* --- the phases ------------------------------------------------------------------------------- */

static int watch_connect(struct watch *watch)
{
    struct run *run = &watch->run;
    int fatal;

    watch_until(watch, RUN_CONNECT, UINT64_MAX, all_connected, true);
    fatal = atomic_load(&run->fatal_error);
    if (fatal != 0)
        return fatal;
    if (!watch_is_stopped(watch) && monitor_count(watch->monitor).connections == 0) {
        struct live_counts counts = monitor_count(watch->monitor);
        enum failure most = failures_most(counts.connection_failures);

        log_error("%s: none of the %u connections is established%s%s", run->plan->target,
                  run->plan->connections + run->plan->idle_connections,
                  most == FAILURES_COUNT ? ": the server refused them" : ": mostly ",
                  most == FAILURES_COUNT ? "" : failure_name(most));
        return -ECONNABORTED;
    }
    return 0;
}

/* `whole` * part / parts, which might not fit if it was multiplied out first. */
static uint64_t share_of(uint64_t whole, uint64_t part, uint64_t parts)
{
    return whole / parts * part + whole % parts * part / parts;
}

/* Each thread gets a share of --requests: of a schedule its share of the arrivals, else one like
 * its share of the connections that were established, as one without any could never send its own.
 * Workers look at theirs when the load has begun. */
static void watch_share_requests(struct watch *watch)
{
    struct run *run = &watch->run;
    bool is_open = run->plan->loop == LOOP_OPEN;
    uint64_t left = run->plan->requests > 0 ? run->plan->requests : UINT64_MAX, parts = 0;

    for (unsigned i = 0; i < watch->workers_count; i++) {
        const struct worker *worker = &watch->workers[i];
        uint64_t live = atomic_load(&worker->recorder.live_connections);
        uint64_t silent = live < worker->silent_count ? live : worker->silent_count;

        run->requests_of[i] = left == UINT64_MAX ? UINT64_MAX : is_open ? 1 : live - silent;
        parts += run->requests_of[i];
    }
    if (left == UINT64_MAX)
        return; /* no limit */
    for (unsigned i = 0; i < watch->workers_count; i++) {
        uint64_t part = run->requests_of[i];

        run->requests_of[i] = parts > 0 ? share_of(left, part, parts) : 0;
        left -= run->requests_of[i];
        parts -= part;
    }
}

/* Tells where the measured window lies. */
static void watch_set_window(struct watch *watch, uint64_t start_ns)
{
    struct run *run = &watch->run;
    uint64_t duration_ns = run->plan->duration_ns;

    run->measure_end_ns = duration_ns == UINT64_MAX ? UINT64_MAX : start_ns + duration_ns;
    if (watch->dump)
        dump_set_epoch(watch->dump, start_ns);
    atomic_store_explicit(&run->measure_start_ns, start_ns, memory_order_release);
    monitor_window(watch->monitor, start_ns, run->measure_end_ns);
}

/* Lets the workers go, in a moment: so all of them begin at the same instant. */
static void watch_begin(struct watch *watch)
{
    const struct plan *plan = watch->run.plan;
    uint64_t begin_ns = clock_now_ns() + NOTICE_NS;

    watch_share_requests(watch);
    if (!plan->warmup_auto)
        watch_set_window(watch, begin_ns + plan->warmup_ns);
    atomic_store_explicit(&watch->run.begin_ns, begin_ns, memory_order_release);
}

/* Until the throughput does not grow any more, or there is no telling. */
static void watch_warm_up(struct watch *watch, struct run_result *result)
{
    const struct plan *plan = watch->run.plan;
    uint64_t end_ns = atomic_load(&watch->run.begin_ns), ok = 0;
    enum warmup_state state = WARMUP_GOING_ON;
    struct warmup warmup;

    warmup_init(&warmup, plan->loop == LOOP_OPEN && plan->arrival.kind == ARRIVAL_POISSON);
    while (state == WARMUP_GOING_ON) {
        end_ns += WINDOW_NS;
        watch_until(watch, RUN_WARMUP, end_ns, all_finished, true);
        if (watch_is_stopped(watch) || all_finished(watch))
            return;
        uint64_t ok_now = monitor_count(watch->monitor).ok;

        state = warmup_add(&warmup, (double)(ok_now - ok));
        ok = ok_now;
    }
    result->steady = state == WARMUP_OVER;
    result->warmup_spread = warmup.variation;
    watch_set_window(watch, clock_now_ns() + THREADS_WALK_NS + NOTICE_NS);
}

/* Both ends, where there is a server to observe. What fails is told by has_client and has_server.
 */
static void watch_sample(struct watch *watch, struct watch_samples *samples,
                         int (*sample)(pid_t, struct resources_sample *))
{
    pid_t server = watch->run.plan->observed_pid;

    samples->has_client = samples->has_client && sample(getpid(), &samples->client) == 0;
    samples->has_server =
        samples->has_server && server > 0 && sample(server, &samples->server) == 0;
}

/* When a server's clients leave, a process for each of them ends, and what has ended between two
 * looks is in neither. So a server of several processes is looked at somewhat before the end of the
 * window; its threads as well, where they are not so many that this would disturb the load. */
enum { PROCESSES_WALKED_MAX = 500 };
#define PROCESS_LOOK_NS (100 * NS_PER_US)

static uint64_t watch_look_ns(const struct watch *watch, const struct watch_samples *before)
{
    uint64_t end_ns = watch->run.measure_end_ns;

    if (!before->has_server || before->server.processes <= 1)
        return end_ns;
    /* A watcher that has to wait for a core is late. */
    return end_ns - (end_ns - atomic_load(&watch->run.measure_start_ns)) / 20 - NOTICE_NS -
           before->server.processes * PROCESS_LOOK_NS;
}

static void watch_sample_end(struct watch *watch, const struct watch_samples *before,
                             struct watch_samples *after)
{
    bool walks_early =
        before->server.processes > 1 && before->server.processes <= PROCESSES_WALKED_MAX;

    watch_until(watch, RUN_MEASURE, watch_look_ns(watch, before), all_finished, true);
    if (walks_early)
        watch_sample(watch, after, resources_sample_threads);
    watch_sample(watch, after, resources_sample_process);
    watch_until(watch, RUN_MEASURE, watch->run.measure_end_ns, all_finished, true);
    if (!walks_early)
        watch_sample(watch, after, resources_sample_threads);
}

static void watch_measure(struct watch *watch, struct run_result *result)
{
    struct watch_samples before = {.has_client = true, .has_server = true}, after = before;
    struct steal_sample stolen_before, stolen_after;
    uint64_t start_ns = atomic_load(&watch->run.measure_start_ns);

    if (start_ns == UINT64_MAX)
        return; /* stopped while it warmed up */
    watch_until(watch, RUN_WARMUP, start_ns - THREADS_WALK_NS, all_finished, true);
    watch_sample(watch, &before, resources_sample_threads);
    watch_sample(watch, &before, resources_sample_memory);
    watch_until(watch, RUN_WARMUP, start_ns, all_finished, true);
    watch_sample(watch, &before, resources_sample_process);
    stolen_before = steal_sample_now();
    watch_sample_end(watch, &before, &after);
    stolen_after = steal_sample_now();
    result->steal = steal_share(&stolen_before, &stolen_after);
    if (before.has_client && after.has_client)
        result->client = resources_between(&before.client, &after.client);
    result->server_observed = before.has_server && after.has_server;
    if (result->server_observed)
        result->server = resources_between(&before.server, &after.server);
}

int watch_run(struct watch *watch, struct run_result *result)
{
    uint64_t stopped_ns;
    int failed = watch_connect(watch);

    result->steady = true;
    result->gaps_p = result->steal = -1;
    if (failed == 0 && !watch_is_stopped(watch)) {
        watch_begin(watch);
        if (watch->run.plan->warmup_auto)
            watch_warm_up(watch, result);
        watch_measure(watch, result);
    }
    stopped_ns = clock_now_ns();
    /* Interrupted before there was a window: its lines count from the beginning of the load. */
    if (watch->dump && atomic_load(&watch->run.measure_start_ns) == UINT64_MAX)
        dump_set_epoch(watch->dump, atomic_load(&watch->run.begin_ns));
    if (failed < 0)
        atomic_store(&watch->run.stop, true);
    else if (watch_is_stopped(watch) && stopped_ns < watch->run.measure_end_ns)
        monitor_window(watch->monitor, atomic_load(&watch->run.measure_start_ns), stopped_ns);
    watch_until(watch, RUN_DRAIN, UINT64_MAX, all_finished, false);
    for (unsigned i = 0; i < watch->workers_count; i++)
        worker_join(&watch->workers[i]);
    return failed < 0 ? failed : watch_collect(watch, stopped_ns, result);
}
