/* SPDX-License-Identifier: MIT */
/* What connections ask of their worker: their turn to connect, what to send, where it is counted.
 */
#include "loadgen/engine/worker.h"

#include "loadgen/output/dump.h"

/* --- connecting ------------------------------------------------------------------------------- */

struct link_route worker_route(const struct worker *worker, const struct connection *connection)
{
    const struct plan *plan = worker->plan;
    size_t count = plan->sources_count;

    return (struct link_route){
        .target = worker->run->target,
        .source = count > 0 ? &plan->sources[connection->exchange.connection_id % count] : NULL};
}

void worker_attempt_begun(struct worker *worker, struct connection *connection)
{
    worker->connecting++;
    connection_list_append(&worker->attempting, connection);
}

void worker_attempt_goes_on(struct worker *worker, struct connection *connection)
{
    connection_list_leave(connection);
    connection_list_append(&worker->attempting, connection);
}

void worker_attempt_ended(struct worker *worker)
{
    worker->connecting--;
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

void worker_count_live(struct worker *worker, int change)
{
    atomic_fetch_add_explicit(&worker->recorder.live_connections, (uint64_t)(int64_t)change,
                              memory_order_relaxed);
}

void worker_established(struct worker *worker, struct connection *connection, uint64_t now_ns)
{
    if (connection->was_established) {
        worker->recorder.connections.reconnected++;
    } else {
        connection->was_established = true;
        worker->recorder.connections.established++;
        worker->settled++;
    }
    connection->free_ns = now_ns;
    if (worker->load.sending)
        worker_answered(worker, connection, now_ns);
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
    uint64_t now_ns = clock_now_ns();

    if (worker->phase == RUN_OVER)
        connection->state = CONNECTION_GONE;
    if (connection->state == CONNECTION_WAITING && connection->since_ns > now_ns) {
        due_queue_add(&worker->retries, (struct due_entry){connection->since_ns, connection});
    } else if (connection->state == CONNECTION_WAITING) {
        connection_list_append(&worker->waiting, connection);
        worker_open_connections(worker, now_ns);
    } else if (!connection->was_established) {
        worker_gave_up(worker, connection);
    }
}

/* Takes the right to open one more, where there is a limit by the second. */
static bool worker_may_connect(struct worker *worker, uint64_t now_ns)
{
    double rate_per_s = worker->plan->connect_rate_per_s / worker->plan->threads;

    if (worker->connecting >= worker->connecting_max)
        return false;
    if (rate_per_s <= 0)
        return true;
    if (now_ns < worker->next_connect_ns)
        return false;
    /* What a tick was late is made up for, what nobody asked for is not saved up. */
    if (now_ns > worker->next_connect_ns + NS_PER_MS * WORKER_TICK_MS * 4)
        worker->next_connect_ns = now_ns;
    worker->next_connect_ns += (uint64_t)((double)NS_PER_S / rate_per_s);
    return true;
}

void worker_open_connections(struct worker *worker, uint64_t now_ns)
{
    struct connection *connection;

    while (due_queue_soonest(&worker->retries) <= now_ns)
        connection_list_append(&worker->waiting, due_queue_take(&worker->retries).connection);
    while ((connection = worker->waiting.first) != NULL && worker_may_connect(worker, now_ns)) {
        connection_list_leave(connection);
        connection_open(connection);
    }
}

/* --- requests --------------------------------------------------------------------------------- */

void worker_request_sent(struct worker *worker, struct flight *flight)
{
    flight->previous = worker->last_flight;
    flight->next = NULL;
    if (worker->last_flight)
        worker->last_flight->next = flight;
    else
        worker->first_flight = flight;
    worker->last_flight = flight;
    worker->in_flight++;
}

static void worker_remove_flight(struct worker *worker, const struct flight *flight)
{
    if (flight->previous)
        flight->previous->next = flight->next;
    else
        worker->first_flight = flight->next;
    if (flight->next)
        flight->next->previous = flight->previous;
    else
        worker->last_flight = flight->previous;
    worker->in_flight--;
}

static void worker_dump(struct worker *worker, const struct flight *flight,
                        const struct ending *ending)
{
    bool received = ending->end == REQUEST_OK || ending->end == REQUEST_WRONG ||
                    (ending->end == REQUEST_FAILED && ending->failure == FAILURE_ERROR_REPLY);
    struct dump_record record = {.intended_ns = flight->intended_ns,
                                 .sent_ns = flight->sent_ns,
                                 .received_ns = received ? ending->now_ns : 0,
                                 .connection = flight->request.connection_id,
                                 .class_index = flight->request.class_index,
                                 .outcome = outcome_index(ending->end, ending->failure)};

    dump_put(worker->load.dump, &record);
}

void worker_request_ended(struct worker *worker, struct connection *connection,
                          const struct ending *ending)
{
    const struct flight *flight = exchange_oldest(&connection->exchange);
    struct request_result result = {.intended_ns = flight->intended_ns,
                                    .sent_ns = flight->sent_ns,
                                    .ended_ns = ending->now_ns,
                                    .class_index = flight->request.class_index,
                                    .end = ending->end,
                                    .failure = ending->failure};

    /* A stamp outside of the request's life is one the wall clock was set under. */
    if (ending->arrived_ns > flight->sent_ns && ending->arrived_ns <= ending->now_ns)
        result.arrived_ns = ending->arrived_ns;
    worker->last_end_ns = ending->now_ns;
    recorder_ended(&worker->recorder, &result);
    if (worker->load.dump)
        worker_dump(worker, flight, ending);
    worker_remove_flight(worker, flight);
    exchange_drop_oldest(&connection->exchange);
}

uint64_t worker_clock_of_stamp(const struct worker *worker, uint64_t stamp_ns)
{
    return (uint64_t)((int64_t)stamp_ns - worker->stamp_offset_ns);
}

/* --- who sends what, when --------------------------------------------------------------------- */

static uint64_t worker_think_ns(struct worker *worker)
{
    uint64_t mean_ns = worker->plan->think_ns;

    return worker->plan->think_is_exponential
               ? (uint64_t)(random_exponential(&worker->random) * (double)mean_ns)
               : mean_ns;
}

/* As many thoughts as the connection may have, each with an end of its own. */
static void worker_think(struct worker *worker, struct connection *connection, uint64_t now_ns)
{
    if (!worker->load.sending)
        return;
    while (connection->thinking + connection->exchange.count < connection->exchange.depth) {
        uint64_t think_ns = worker_think_ns(worker);

        /* The first ones are spread out, or all connections would think in step. */
        if (connection->requests_sent == 0 && !worker->plan->think_is_exponential)
            think_ns = (uint64_t)(random_unit(&worker->random) * (double)think_ns);
        connection->thinking++;
        due_queue_add(&worker->thinking, (struct due_entry){now_ns + think_ns, connection});
    }
    if (due_queue_soonest(&worker->thinking) < worker->pacer.wanted_ns)
        pacer_wake_at(&worker->pacer, due_queue_soonest(&worker->thinking));
}

static void worker_dispatch_thoughts(struct worker *worker, uint64_t now_ns)
{
    while (due_queue_soonest(&worker->thinking) <= now_ns) {
        struct due_entry entry = due_queue_take(&worker->thinking);
        struct connection *connection = entry.connection;
        struct intent intent;

        connection->thinking--;
        if (connection_can_send(connection) &&
            load_next_closed(&worker->load, entry.at_ns, connection->exchange.connection_id,
                             connection->exchange.sequence, &intent))
            connection_send(connection, &intent);
    }
    pacer_wake_at(&worker->pacer, due_queue_soonest(&worker->thinking));
}

/* Sends what has been due longest, as long as the connection can take it. */
static void worker_send_due(struct worker *worker, struct connection *connection, uint64_t now_ns)
{
    struct intent intent;

    while (connection_can_send(connection) && load_next_due(&worker->load, now_ns, &intent))
        connection_send(connection, &intent);
    /* With room for several it may have been idle before. */
    if (!connection_can_send(connection))
        connection_list_leave(connection);
    else if (!connection->place.list)
        connection_list_append(&worker->idle, connection);
}

static void worker_dispatch_due(struct worker *worker, uint64_t now_ns)
{
    struct connection *connection;
    struct intent intent;

    while ((connection = worker->idle.first) != NULL &&
           load_next_due(&worker->load, now_ns, &intent)) {
        connection_list_leave(connection);
        connection_send(connection, &intent);
        if (connection_can_send(connection))
            connection_list_append(&worker->idle, connection);
    }
    /* Without a connection there is nothing to wake up for: the next answer looks by itself. */
    if (worker->idle.first && worker->load.sending)
        pacer_wake_at(&worker->pacer, worker->load.due_ns);
}

void worker_dispatch(struct worker *worker, uint64_t now_ns)
{
    if (worker->phase == RUN_CONNECT)
        worker_follow_begin(worker, now_ns);
    worker_learn_window(worker, now_ns);
    if (worker->plan->loop == LOOP_OPEN)
        worker_dispatch_due(worker, now_ns);
    else if (worker->plan->loop == LOOP_THINK)
        worker_dispatch_thoughts(worker, now_ns);
}

void worker_answered(struct worker *worker, struct connection *connection, uint64_t now_ns)
{
    if (connection->silent)
        return;
    switch (worker->plan->loop) {
    case LOOP_CLOSED:
        connection_fill(connection);
        break;
    case LOOP_THINK:
        worker_think(worker, connection, now_ns);
        break;
    case LOOP_OPEN:
        worker_send_due(worker, connection, now_ns);
        if (worker->pacer.wanted_ns == UINT64_MAX && worker->idle.first && worker->load.sending)
            pacer_wake_at(&worker->pacer, worker->load.due_ns);
        break;
    }
}
