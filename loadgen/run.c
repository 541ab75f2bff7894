/* SPDX-License-Identifier: MIT */
#include "loadgen/run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "loadgen/progress.h"
#include "loadgen/run_shared.h"
#include "loadgen/worker.h"

/* What the watching thread holds; lives as long as run_execute(). */
struct watch {
    struct run run;
    struct worker *workers;
    unsigned workers_count;
    struct progress progress;
};

/* Both ends at one edge of the measured window. */
struct watch_samples {
    struct resources_sample client, server;
    bool has_client, has_server;
};

/* How long before the measured window the walk over the threads begins: it takes some 40 us a
 * thread, and it should be over when the window opens. */
#define THREADS_WALK_NS (500 * NS_PER_MS)

/* --- signals ---------------------------------------------------------------------------------- */

static struct run *_Atomic interrupted_run;

/* The first one ends the load in good order, the second one does not wait for what is in flight. */
static void on_signal(int number)
{
    int saved_errno = errno;
    struct run *run = atomic_load(&interrupted_run);

    (void)number;
    if (run) {
        if (atomic_exchange(&run->stop, true))
            atomic_store(&run->end_at_once, true);
        run_wake(run);
    }
    errno = saved_errno;
}

/* Without a run: the load is over and its report is about to be written, so one more signal, such
 * as a second one that found nothing in flight any more, must not cost it. The next one ends us. */
static void catch_signals(struct run *run)
{
    struct sigaction interrupt = {.sa_handler = on_signal,
                                  .sa_flags = run ? SA_RESTART : SA_RESTART | (int)SA_RESETHAND};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    atomic_store(&interrupted_run, run);
    sigemptyset(&interrupt.sa_mask);
    sigaction(SIGINT, &interrupt, NULL);
    sigaction(SIGTERM, &interrupt, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

/* --- waiting ---------------------------------------------------------------------------------- */

static bool is_stopped(const struct watch *watch)
{
    return atomic_load(&watch->run.stop);
}

static bool all_connected(const struct watch *watch)
{
    return atomic_load(&watch->run.workers_connected) == watch->workers_count ||
           atomic_load(&watch->run.fatal_error) != 0;
}

static bool all_finished(const struct watch *watch)
{
    return atomic_load(&watch->run.workers_finished) == watch->workers_count;
}

static struct progress_counts count_live(const struct watch *watch)
{
    struct progress_counts counts = {0};

    for (unsigned i = 0; i < watch->workers_count; i++) {
        const struct recorder *recorder = &watch->workers[i].recorder;

        counts.ok += atomic_load_explicit(&recorder->live_ok, memory_order_relaxed);
        counts.failed += atomic_load_explicit(&recorder->live_errors, memory_order_relaxed);
        counts.connections +=
            atomic_load_explicit(&recorder->live_connections, memory_order_relaxed);
    }
    return counts;
}

/* Waits until `is_over` holds, the run is stopped (when `stoppable`) or `deadline_ns` has come,
 * showing the progress meanwhile. */
static void watch_until(struct watch *watch, enum run_phase phase, uint64_t deadline_ns,
                        bool (*is_over)(const struct watch *), bool stoppable)
{
    for (;;) {
        uint64_t now_ns = clock_now_ns();
        uint64_t wait_ns = PROGRESS_INTERVAL_NS;
        struct pollfd wake = {.fd = watch->run.wake_fd, .events = POLLIN};

        if (is_over(watch) || now_ns >= deadline_ns || (stoppable && is_stopped(watch)))
            return;
        if (deadline_ns - now_ns < wait_ns)
            wait_ns = deadline_ns - now_ns;
        struct timespec timeout = timespec_from_ns(wait_ns);

        if (ppoll(&wake, 1, &timeout, NULL) > 0) {
            uint64_t ignored;
            ssize_t drained = read(watch->run.wake_fd, &ignored, sizeof ignored);
            (void)drained;
        }
        progress_show(&watch->progress, phase, count_live(watch));
    }
}

/* --- the phases ------------------------------------------------------------------------------- */

static int watch_connect(struct watch *watch)
{
    struct run *run = &watch->run;
    int fatal;

    watch_until(watch, RUN_CONNECT, UINT64_MAX, all_connected, true);
    fatal = atomic_load(&run->fatal_error);
    if (fatal != 0) {
        log_error("%s: %s; is the server running there?", run->plan->target, strerror(-fatal));
        return fatal;
    }
    if (!is_stopped(watch) && count_live(watch).connections == 0) {
        log_error("%s: none of the %u connections is established", run->plan->target,
                  run->plan->connections);
        return -ECONNABORTED;
    }
    return 0;
}

/* Each thread gets a share of --requests like its share of the connections that were established:
 * one without any could never send its own. Workers look at theirs when the load has begun. */
static void watch_share_requests(struct watch *watch)
{
    uint64_t requests = watch->run.plan->requests, connections = 0;

    if (requests == 0)
        return; /* no limit */
    for (unsigned i = 0; i < watch->workers_count; i++) {
        struct worker *worker = &watch->workers[i];

        worker->requests_left =
            atomic_load_explicit(&worker->recorder.live_connections, memory_order_relaxed);
        connections += worker->requests_left;
    }
    for (unsigned i = 0; i < watch->workers_count; i++) {
        uint64_t own = watch->workers[i].requests_left, share = 0;

        if (connections > 0) /* requests * own / connections, which might not fit */
            share = requests / connections * own + requests % connections * own / connections;
        watch->workers[i].requests_left = share;
        requests -= share;
        connections -= own;
    }
}

/* Fixes the instants of all phases and lets the workers go. */
static void watch_begin(struct watch *watch)
{
    const struct plan *plan = watch->run.plan;
    uint64_t now_ns = clock_now_ns();

    watch->run.measure_start_ns = now_ns + plan->warmup_ns;
    watch->run.measure_end_ns = plan->duration_ns == UINT64_MAX
                                    ? UINT64_MAX
                                    : watch->run.measure_start_ns + plan->duration_ns;
    watch_share_requests(watch);
    progress_plan(&watch->progress, now_ns, watch->run.measure_start_ns, watch->run.measure_end_ns);
    atomic_store_explicit(&watch->run.begin_ns, now_ns, memory_order_release);
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

static void watch_measure(struct watch *watch, struct run_result *result)
{
    struct watch_samples before = {.has_client = true, .has_server = true}, after = before;
    uint64_t start_ns = watch->run.measure_start_ns;

    watch_until(watch, RUN_WARMUP, start_ns - THREADS_WALK_NS, all_finished, true);
    watch_sample(watch, &before, resources_sample_threads);
    watch_until(watch, RUN_WARMUP, start_ns, all_finished, true);
    watch_sample(watch, &before, resources_sample_process);
    watch_until(watch, RUN_MEASURE, watch->run.measure_end_ns, all_finished, true);
    watch_sample(watch, &after, resources_sample_process);
    watch_sample(watch, &after, resources_sample_threads);
    if (before.has_client && after.has_client)
        result->client = resources_between(&before.client, &after.client);
    result->server_observed = before.has_server && after.has_server;
    if (result->server_observed)
        result->server = resources_between(&before.server, &after.server);
}

/* When the measured window really ended: as planned, with the last request, or by a signal. */
static uint64_t watch_end_ns(const struct watch *watch, uint64_t stopped_ns)
{
    uint64_t last_ns = watch->run.measure_start_ns;

    if (is_stopped(watch) && stopped_ns < watch->run.measure_end_ns)
        return stopped_ns;
    if (watch->run.plan->requests == 0)
        return watch->run.measure_end_ns;
    for (unsigned i = 0; i < watch->workers_count; i++) {
        if (watch->workers[i].last_end_ns > last_ns)
            last_ns = watch->workers[i].last_end_ns;
    }
    /* The last reply belongs to the window, whose end does not. */
    return last_ns + 1 < watch->run.measure_end_ns ? last_ns + 1 : watch->run.measure_end_ns;
}

static int watch_collect(struct watch *watch, uint64_t stopped_ns, struct run_result *result)
{
    const struct plan *plan = watch->run.plan;
    uint64_t end_ns = watch_end_ns(watch, stopped_ns);
    int failed = 0;

    for (unsigned i = 0; failed == 0 && i < watch->workers_count; i++) {
        struct worker *worker = &watch->workers[i];

        recorder_finish(&worker->recorder, end_ns);
        failed = recorder_merge(&result->total, &worker->recorder);
        if (worker->busy_share > result->client_busiest_thread)
            result->client_busiest_thread = worker->busy_share;
    }
    result->interrupted = is_stopped(watch);
    /* Fewer than were asked for, and not because the time was over: the server was lost. */
    result->complete = !result->interrupted && (result->total.measured.sent >= plan->requests ||
                                                end_ns >= watch->run.measure_end_ns);
    if (watch->run.measure_start_ns > 0 && end_ns > watch->run.measure_start_ns)
        result->measured_ns = end_ns - watch->run.measure_start_ns;
    return failed;
}

static int watch_run(struct watch *watch, struct run_result *result)
{
    uint64_t stopped_ns;
    int failed = watch_connect(watch);

    if (failed == 0 && !is_stopped(watch)) {
        watch_begin(watch);
        watch_measure(watch, result);
    }
    stopped_ns = clock_now_ns();
    if (failed < 0)
        atomic_store(&watch->run.stop, true);
    watch_until(watch, RUN_DRAIN, UINT64_MAX, all_finished, false);
    for (unsigned i = 0; i < watch->workers_count; i++)
        worker_join(&watch->workers[i]);
    progress_clear(&watch->progress);
    return failed < 0 ? failed : watch_collect(watch, stopped_ns, result);
}

/* --- life ------------------------------------------------------------------------------------- */

static void stamp_utc(char text[32])
{
    time_t now = time(NULL);
    struct tm utc;

    gmtime_r(&now, &utc);
    strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static void watch_release(struct watch *watch)
{
    for (unsigned i = 0; i < watch->workers_count; i++)
        worker_release(&watch->workers[i]);
    free(watch->workers);
    close(watch->run.wake_fd);
}

/* Starts the threads; after a failure none runs and there is nothing to release. */
static int watch_init(struct watch *watch, const struct plan *plan)
{
    uint32_t first_id = 0;
    int failed;

    memset(watch, 0, sizeof *watch);
    watch->run.plan = plan;
    progress_init(&watch->progress, plan);
    watch->run.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (watch->run.wake_fd < 0)
        return -errno;
    watch->workers = calloc(plan->threads, sizeof *watch->workers);
    failed = watch->workers ? 0 : -ENOMEM;
    for (unsigned i = 0; failed == 0 && i < plan->threads; i++) {
        unsigned share =
            plan->connections / plan->threads + (i < plan->connections % plan->threads ? 1 : 0);

        failed = worker_init(&watch->workers[i], &watch->run, i, first_id, share);
        first_id += share;
        if (failed == 0)
            watch->workers_count++;
    }
    for (unsigned i = 0; failed == 0 && i < watch->workers_count; i++)
        failed = worker_start(&watch->workers[i]);
    if (failed < 0) {
        atomic_store(&watch->run.stop, true);
        for (unsigned i = 0; i < watch->workers_count; i++)
            worker_join(&watch->workers[i]);
        watch_release(watch);
    }
    return failed;
}

int run_execute(const struct plan *plan, struct run_result *result)
{
    struct watch watch;
    int failed;

    memset(result, 0, sizeof *result);
    stamp_utc(result->started_utc);
    if (recorder_init(&result->total) < 0) {
        log_error("out of memory");
        return -ENOMEM;
    }
    failed = watch_init(&watch, plan);
    if (failed < 0) {
        log_error("cannot start %u threads: %s", plan->threads, strerror(-failed));
        recorder_release(&result->total);
        return failed;
    }
    catch_signals(&watch.run);
    failed = watch_run(&watch, result);
    catch_signals(NULL);
    watch_release(&watch);
    if (failed < 0)
        recorder_release(&result->total);
    return failed;
}

void run_result_release(struct run_result *result)
{
    recorder_release(&result->total);
}
