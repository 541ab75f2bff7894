/* SPDX-License-Identifier: MIT */
#include "loadgen/worker.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum {
    TICK_MS = 5,
    CONNECTING_MAX = 256 /* of all threads: well below any sensible listen queue */
};
/* Who interrupts a run does not wait longer for what is in flight. */
#define STOP_DRAIN_NS NS_PER_S
/* After a longer pause of this thread, replies lie unread in its sockets: they are looked at before
 * anything is declared late. */
#define TICK_LATE_NS (NS_PER_MS * TICK_MS * 20)

/* --- what connections tell and ask ------------------------------------------------------------ */

bool worker_take_request(struct worker *worker, uint64_t now_ns)
{
    if (!worker->sending)
        return false;
    if (now_ns >= worker->recorder.measure_end_ns) {
        worker->sending = false;
        return false;
    }
    if (now_ns >= worker->recorder.measure_start_ns) {
        if (worker->requests_left == 0) {
            worker->sending = false;
            return false;
        }
        worker->requests_left--;
    }
    return true;
}

void worker_expect(struct worker *worker, struct connection *connection, uint64_t now_ns)
{
    connection_list_remove(&worker->pending, connection);
    connection->since_ns = now_ns;
    connection_list_append(&worker->pending, connection);
}

void worker_expect_nothing(struct worker *worker, struct connection *connection)
{
    connection_list_remove(&worker->pending, connection);
}

void worker_attempt_ended(struct worker *worker)
{
    worker->connecting--;
}

void worker_established(struct worker *worker, struct connection *connection)
{
    if (connection->was_established) {
        worker->recorder.connections.reconnected++;
    } else {
        connection->was_established = true;
        worker->recorder.connections.established++;
        worker->settled++;
    }
    atomic_fetch_add_explicit(&worker->recorder.live_connections, 1, memory_order_relaxed);
}

/* It was never established and will not be tried again. */
static void worker_gave_up(struct worker *worker, const struct connection *connection)
{
    worker->settled++;
    /* When the run was stopped before the load began, nothing is known about those under way. */
    if (!connection->was_refused && worker->phase == RUN_CONNECT)
        worker->recorder.connections.failed++;
}

void worker_closed(struct worker *worker, struct connection *connection)
{
    if (worker->phase == RUN_OVER)
        connection->state = CONNECTION_GONE;
    if (connection->state == CONNECTION_WAITING)
        connection_list_append(&worker->waiting, connection);
    else if (!connection->was_established)
        worker_gave_up(worker, connection);
}

void worker_request_ended(struct worker *worker, struct connection *connection, uint64_t now_ns,
                          enum request_end end, enum failure failure)
{
    connection->exchange.in_flight = false;
    worker_expect_nothing(worker, connection);
    worker->last_end_ns = now_ns;
    recorder_ended(&worker->recorder, connection->exchange.sent_ns, now_ns, end, failure);
}

void worker_cannot_reach(struct worker *worker, int error)
{
    int none = 0;

    /* Only as long as nobody got through: later it is a failure like others. */
    if (worker->recorder.connections.established > 0)
        return;
    atomic_compare_exchange_strong(&worker->run->fatal_error, &none, error);
    run_wake(worker->run);
}

/* --- the tick --------------------------------------------------------------------------------- */

static void worker_open_connections(struct worker *worker, uint64_t now_ns)
{
    struct connection *connection;

    while (worker->connecting < worker->connecting_max &&
           (connection = worker->waiting.first) != NULL && connection->since_ns <= now_ns) {
        connection_list_remove(&worker->waiting, connection);
        connection_open(connection);
    }
}

/* Nobody may hold up the beginning for ever. */
static void worker_give_up_connecting(struct worker *worker)
{
    struct connection *connection;

    while ((connection = worker->waiting.first) != NULL) {
        connection_list_remove(&worker->waiting, connection);
        worker->recorder.connections.errors[FAILURE_CONNECT_TIMED_OUT]++;
        connection->state = CONNECTION_GONE;
        worker_closed(worker, connection);
    }
    for (unsigned i = 0; i < worker->connections_count; i++) {
        connection = &worker->connections[i];
        connection->attempts = UINT8_MAX - 1; /* whoever is under way has had its last chance */
    }
}

static void worker_time_out(struct worker *worker, uint64_t now_ns)
{
    struct connection *oldest;

    while ((oldest = worker->pending.first) != NULL &&
           oldest->since_ns + worker->plan->timeout_ns <= now_ns)
        connection_time_out(oldest);
}

static void worker_begin(struct worker *worker)
{
    recorder_begin(&worker->recorder, worker->run->measure_start_ns, worker->run->measure_end_ns);
    worker->phase = RUN_WARMUP;
    worker->sending = true;
    worker->alive_ns = clock_now_ns();
    for (unsigned i = 0; i < worker->connections_count; i++) {
        struct connection *connection = &worker->connections[i];

        if (connection->state == CONNECTION_OPEN && !connection->exchange.in_flight)
            connection_send(connection);
    }
}

static uint64_t thread_cpu_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return timespec_ns(time);
}

static void worker_measure_busy(struct worker *worker, uint64_t now_ns)
{
    if (worker->phase == RUN_WARMUP && now_ns >= worker->recorder.measure_start_ns) {
        worker->phase = RUN_MEASURE;
        worker->busy_cpu_ns = thread_cpu_ns();
        worker->busy_start_ns = now_ns;
    } else if (worker->phase == RUN_DRAIN && worker->busy_start_ns > 0) {
        /* A window within a single tick has no length that could be told. */
        if (now_ns > worker->busy_start_ns)
            worker->busy_share = (double)(thread_cpu_ns() - worker->busy_cpu_ns) /
                                 (double)(now_ns - worker->busy_start_ns);
        worker->busy_start_ns = 0;
    }
}

static void worker_drain(struct worker *worker, uint64_t now_ns, bool stopped)
{
    uint64_t drain_ns = worker->plan->drain_ns;

    if (stopped && drain_ns > STOP_DRAIN_NS)
        drain_ns = STOP_DRAIN_NS;
    worker->sending = false;
    worker->phase = RUN_DRAIN;
    worker->drain_deadline_ns = now_ns + drain_ns;
    worker_measure_busy(worker, now_ns);
}

static void worker_finish(struct worker *worker, uint64_t now_ns)
{
    worker->phase = RUN_OVER;
    while (worker->waiting.first) {
        struct connection *connection = worker->waiting.first;

        connection_list_remove(&worker->waiting, connection);
    }
    for (unsigned i = 0; i < worker->connections_count; i++)
        connection_abandon(&worker->connections[i], now_ns);
    uv_close((uv_handle_t *)&worker->tick, NULL);
}

static bool worker_anything_in_flight(const struct worker *worker)
{
    /* Connects and handshakes wait there too, but after the measurement nobody waits for those. */
    for (const struct connection *connection = worker->pending.first; connection;
         connection = connection->next) {
        if (connection->exchange.in_flight)
            return true;
    }
    return false;
}

static void worker_follow_phases(struct worker *worker, uint64_t now_ns)
{
    struct run *run = worker->run;
    bool stop = atomic_load_explicit(&run->stop, memory_order_relaxed);

    if (worker->phase == RUN_CONNECT) {
        if (worker->settled == worker->connections_count && !worker->told_connected) {
            worker->told_connected = true;
            atomic_fetch_add(&run->workers_connected, 1);
            run_wake(run);
        }
        /* Acquire: the instants were written before it. */
        if (!stop && atomic_load_explicit(&run->begin_ns, memory_order_acquire) != 0)
            worker_begin(worker);
    }
    worker_measure_busy(worker, now_ns);
    if (stop && now_ns < worker->recorder.measure_end_ns)
        worker->recorder.measure_end_ns = now_ns; /* what is answered from now on is drained */
    if (worker->phase != RUN_DRAIN && (stop || (worker->phase != RUN_CONNECT && !worker->sending)))
        worker_drain(worker, now_ns, stop);
    if (worker->phase == RUN_DRAIN &&
        (!worker_anything_in_flight(worker) || now_ns >= worker->drain_deadline_ns ||
         atomic_load_explicit(&run->end_at_once, memory_order_relaxed)))
        worker_finish(worker, now_ns);
}

/* A number of requests without an end by the clock would never be reached without a server. */
static void worker_notice_loss(struct worker *worker, uint64_t now_ns)
{
    if (atomic_load_explicit(&worker->recorder.live_connections, memory_order_relaxed) > 0)
        worker->alive_ns = now_ns;
    else if (worker->sending && worker->plan->duration_ns == UINT64_MAX &&
             now_ns >= worker->alive_ns + worker->plan->timeout_ns)
        worker->sending = false;
}

static void on_tick(uv_timer_t *timer)
{
    struct worker *worker = timer->data;
    uint64_t now_ns = clock_now_ns();

    if (worker->phase == RUN_CONNECT && now_ns >= worker->connect_deadline_ns)
        worker_give_up_connecting(worker);
    worker_open_connections(worker, now_ns);
    if (now_ns < worker->last_tick_ns + TICK_LATE_NS)
        worker_time_out(worker, now_ns);
    worker->last_tick_ns = now_ns;
    /* When nobody answers, or there is nobody to send, nobody asks whether to send. */
    if (worker->sending &&
        (now_ns >= worker->recorder.measure_end_ns ||
         (worker->requests_left == 0 && now_ns >= worker->recorder.measure_start_ns)))
        worker->sending = false;
    worker_notice_loss(worker, now_ns);
    worker_follow_phases(worker, now_ns);
}

/* --- the thread ------------------------------------------------------------------------------- */

static void *worker_thread(void *argument)
{
    struct worker *worker = argument;

    /* A table of descriptors of our own: as long as a table has one user the kernel looks
     * descriptors up without atomic operations, twice a request. Without it everything works. */
    int unshared = unshare(CLONE_FILES);
    (void)unshared;
    uv_run(&worker->loop, UV_RUN_DEFAULT);
    atomic_fetch_add(&worker->run->workers_finished, 1);
    run_wake(worker->run);
    return NULL;
}

int worker_start(struct worker *worker)
{
    const struct plan *plan = worker->plan;
    int failed;

    /* A connect that is out of luck costs a millisecond (ports past half of the range). */
    worker->connect_deadline_ns =
        clock_now_ns() + 2 * plan->timeout_ns + worker->connections_count * NS_PER_MS;
    failed = uv_timer_start(&worker->tick, on_tick, 0, TICK_MS);
    if (failed == 0)
        failed = -pthread_create(&worker->thread, NULL, worker_thread, worker);
    worker->started = failed == 0;
    return failed;
}

void worker_join(struct worker *worker)
{
    if (worker->started)
        pthread_join(worker->thread, NULL);
    worker->started = false;
}

static void worker_plan_connections(struct worker *worker, uint32_t first_id, unsigned count)
{
    unsigned threads = worker->plan->threads;

    worker->connections_count = count;
    worker->connecting_max = CONNECTING_MAX / threads > 0 ? CONNECTING_MAX / threads : 1;
    worker->recorder.connections.asked = count;
    for (unsigned i = 0; i < count; i++) {
        connection_init(&worker->connections[i], worker, first_id + i);
        connection_list_append(&worker->waiting, &worker->connections[i]);
    }
}

int worker_init(struct worker *worker, struct run *run, unsigned index, uint32_t first_id,
                unsigned count)
{
    const struct plan *plan = run->plan;
    size_t request_size = exchange_request_size_max(plan->protocol, &plan->request);

    memset(worker, 0, sizeof *worker);
    worker->run = run;
    worker->plan = plan;
    worker->index = index;
    worker->requests_left = UINT64_MAX;
    if (uv_loop_init(&worker->loop) < 0)
        return -ENOMEM;
    uv_timer_init(&worker->loop, &worker->tick);
    worker->tick.data = worker;
    if (recorder_init(&worker->recorder) < 0)
        goto undo_loop;
    if (request_source_init(&worker->source, &plan->request, plan->seed + index) < 0)
        goto undo_recorder;
    worker->send_buffer_size = request_size > GREETING_SIZE_MAX ? request_size : GREETING_SIZE_MAX;
    worker->send_buffer = malloc(worker->send_buffer_size);
    worker->read_buffer = malloc(READ_BUFFER_SIZE);
    worker->connections = calloc(count, sizeof *worker->connections);
    if (!worker->send_buffer || !worker->read_buffer || (count > 0 && !worker->connections))
        goto undo_buffers;
    worker_plan_connections(worker, first_id, count);
    return 0;

undo_buffers:
    free(worker->connections);
    free(worker->read_buffer);
    free(worker->send_buffer);
    request_source_release(&worker->source);
undo_recorder:
    recorder_release(&worker->recorder);
undo_loop:
    uv_loop_close(&worker->loop);
    return -ENOMEM;
}

void worker_release(struct worker *worker)
{
    /* A worker whose thread never ran still has its timer. */
    if (!uv_is_closing((uv_handle_t *)&worker->tick)) {
        uv_close((uv_handle_t *)&worker->tick, NULL);
        uv_run(&worker->loop, UV_RUN_DEFAULT);
    }
    uv_loop_close(&worker->loop);
    free(worker->connections);
    free(worker->read_buffer);
    free(worker->send_buffer);
    request_source_release(&worker->source);
    recorder_release(&worker->recorder);
}
