/* SPDX-License-Identifier: MIT */
/* What a worker does every few milliseconds, and the phases it goes through. */
#include "loadgen/engine/worker.h"

/* Who interrupts a run does not wait longer for what is in flight. */
#define STOP_DRAIN_NS NS_PER_S
/* After a longer pause of this thread, replies lie unread in its sockets: they are looked at before
 * anything is declared late. */
#define TICK_LATE_NS (100 * NS_PER_MS)

/* --- connecting ------------------------------------------------------------------------------- */

static void worker_drop_waiting(struct worker *worker)
{
    struct connection *connection;

    while (worker->retries.count > 0)
        connection_list_append(&worker->waiting, due_queue_take(&worker->retries).connection);
    while ((connection = worker->waiting.first) != NULL) {
        connection_list_leave(connection);
        connection->state = CONNECTION_GONE;
        if (worker->phase == RUN_CONNECT) {
            worker->recorder.connections.errors[FAILURE_CONNECT_TIMED_OUT]++;
            worker_closed(worker, connection);
        }
    }
}

/* Nobody may hold up the beginning for ever. */
static void worker_give_up_connecting(struct worker *worker)
{
    worker_drop_waiting(worker);
    for (struct connection *connection = worker->attempting.first; connection;
         connection = connection->place.next)
        connection->attempts = UINT8_MAX; /* whoever is under way has had its last chance */
}

static void worker_time_out(struct worker *worker, uint64_t now_ns)
{
    uint64_t timeout_ns = worker->plan->timeout_ns;
    struct connection *attempting;
    const struct flight *oldest;

    while ((attempting = worker->attempting.first) != NULL &&
           attempting->since_ns + timeout_ns <= now_ns)
        connection_time_out_attempt(attempting);
    while ((oldest = worker->first_flight) != NULL && oldest->sent_ns + timeout_ns <= now_ns)
        connection_time_out_request(
            &worker->connections[oldest->request.connection_id - worker->first_id]);
}

/* --- the phases ------------------------------------------------------------------------------- */

void worker_learn_window(struct worker *worker, uint64_t now_ns)
{
    struct run *run = worker->run;
    uint64_t start_ns = atomic_load_explicit(&run->measure_start_ns, memory_order_acquire);

    if (start_ns == UINT64_MAX || worker->recorder.measure_start_ns != UINT64_MAX ||
        worker->told_stop)
        return;
    /* What was sent before it was known cannot be measured any more. */
    if (worker->phase != RUN_CONNECT && start_ns < now_ns)
        start_ns = now_ns;
    recorder_measure(&worker->recorder, start_ns, run->measure_end_ns);
}

static void worker_begin(struct worker *worker, uint64_t now_ns)
{
    worker_learn_window(worker, now_ns);
    worker->phase = RUN_WARMUP;
    worker->alive_ns = now_ns;
    worker->load.requests_left = worker->run->requests_of[worker->index];
    load_begin(&worker->load, worker->index, atomic_load(&worker->run->begin_ns));
    for (unsigned i = 0; i < worker->connections_count; i++) {
        struct connection *connection = &worker->connections[i];

        if (connection_can_send(connection))
            worker_answered(worker, connection, now_ns);
    }
}

void worker_follow_begin(struct worker *worker, uint64_t now_ns)
{
    /* Acquire: what belongs to the beginning was written before it. */
    uint64_t begin_ns = atomic_load_explicit(&worker->run->begin_ns, memory_order_acquire);

    if (worker->phase != RUN_CONNECT || begin_ns == 0)
        return;
    if (now_ns >= begin_ns)
        worker_begin(worker, now_ns);
    else
        pacer_wake_at(&worker->pacer, begin_ns);
}

static void worker_follow_window(struct worker *worker, uint64_t now_ns)
{
    if (worker->phase == RUN_WARMUP && now_ns >= worker->recorder.measure_start_ns) {
        worker->phase = RUN_MEASURE;
        worker->before = thread_time_now(worker->pacer.spun_ns);
    }
    if (worker->phase == RUN_MEASURE) {
        worker->in_flight_sum += worker->in_flight;
        worker->in_flight_samples++;
    }
}

static void worker_drain(struct worker *worker, uint64_t now_ns, bool stopped)
{
    uint64_t drain_ns = worker->plan->drain_ns;

    load_follow(&worker->load, now_ns);
    if (worker->phase == RUN_MEASURE) {
        struct thread_time after = thread_time_now(worker->pacer.spun_ns);

        worker->use = thread_use_between(&worker->before, &after);
        worker->queue_left = load_queue_length(&worker->load);
    }
    if (stopped) {
        drain_ns = drain_ns < STOP_DRAIN_NS ? drain_ns : STOP_DRAIN_NS;
        load_stop(&worker->load, now_ns);
    }
    worker->phase = RUN_DRAIN;
    worker->drain_deadline_ns = now_ns + drain_ns;
}

static void worker_finish(struct worker *worker, uint64_t now_ns)
{
    load_stop(&worker->load, now_ns);
    worker->phase = RUN_OVER;
    worker_drop_waiting(worker);
    for (unsigned i = 0; i < worker->connections_count; i++)
        connection_abandon(&worker->connections[i], now_ns);
    pacer_close(&worker->pacer);
    uv_close((uv_handle_t *)&worker->tick, NULL);
}

static void worker_follow_connecting(struct worker *worker, bool stop, uint64_t now_ns)
{
    struct run *run = worker->run;

    if (now_ns >= worker->connect_deadline_ns)
        worker_give_up_connecting(worker);
    if (worker->settled == worker->connections_count && !worker->told_connected) {
        worker->told_connected = true;
        atomic_fetch_add(&run->workers_connected, 1);
        run_wake(run);
    }
    if (!stop)
        worker_follow_begin(worker, now_ns);
}

static bool worker_has_drained(const struct worker *worker, uint64_t now_ns)
{
    return (worker->in_flight == 0 && load_is_empty(&worker->load, now_ns)) ||
           now_ns >= worker->drain_deadline_ns ||
           atomic_load_explicit(&worker->run->end_at_once, memory_order_relaxed);
}

static void worker_follow_phases(struct worker *worker, uint64_t now_ns)
{
    bool stop = atomic_load_explicit(&worker->run->stop, memory_order_relaxed);

    if (worker->phase == RUN_CONNECT)
        worker_follow_connecting(worker, stop, now_ns);
    worker_follow_window(worker, now_ns);
    if (stop && !worker->told_stop) {
        worker->told_stop = true;
        recorder_cut(&worker->recorder, now_ns); /* what is answered from now on is drained */
        worker_drain(worker, now_ns, true);
    } else if ((worker->phase == RUN_WARMUP || worker->phase == RUN_MEASURE) &&
               load_is_over(&worker->load, now_ns)) {
        worker_drain(worker, now_ns, false);
    }
    if (worker->phase == RUN_DRAIN && worker_has_drained(worker, now_ns))
        worker_finish(worker, now_ns);
}

/* A number of requests without an end by the clock would never be reached without a server. */
static void worker_notice_loss(struct worker *worker, uint64_t now_ns)
{
    if (atomic_load_explicit(&worker->recorder.live_connections, memory_order_relaxed) > 0)
        worker->alive_ns = now_ns;
    else if (worker->load.sending && worker->plan->duration_ns == UINT64_MAX &&
             now_ns >= worker->alive_ns + worker->plan->timeout_ns)
        load_stop(&worker->load, now_ns);
}

static void worker_set_stamp_offset(struct worker *worker, uint64_t now_ns)
{
    struct timespec real;

    clock_gettime(CLOCK_REALTIME, &real);
    worker->stamp_offset_ns = (int64_t)(timespec_ns(real) - now_ns);
}

void worker_on_tick(uv_timer_t *timer)
{
    struct worker *worker = timer->data;
    uint64_t now_ns = clock_now_ns();

    worker_set_stamp_offset(worker, now_ns);
    pacer_note_activity(&worker->pacer);
    worker_open_connections(worker, now_ns);
    if (now_ns < worker->last_tick_ns + TICK_LATE_NS)
        worker_time_out(worker, now_ns);
    worker->last_tick_ns = now_ns;
    atomic_store_explicit(&worker->recorder.live_spun_ns, worker->pacer.spun_ns,
                          memory_order_relaxed);
    if (worker->phase != RUN_CONNECT) {
        worker_learn_window(worker, now_ns);
        /* What there is a connection for is not given up, however late this thread is itself. */
        if (worker->idle.first)
            worker_dispatch(worker, now_ns);
        load_follow(&worker->load, now_ns);
        recorder_roll(&worker->recorder, now_ns);
        worker_notice_loss(worker, now_ns);
    }
    worker_follow_phases(worker, now_ns);
}
