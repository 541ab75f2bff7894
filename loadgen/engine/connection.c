/* SPDX-License-Identifier: MIT */
#include "loadgen/engine/connection.h"

#include <errno.h>

#include "loadgen/engine/worker.h"

/* Tries in a row before a connection that was never established is given up. */
enum { ATTEMPTS_MAX = 3 };
/* Before a failed one is tried again: long enough not to be a load of its own, and doubled with
 * each failure in a row, up to 32 times as long. */
#define RETRY_DELAY_NS (250 * NS_PER_MS)
enum { RETRY_DOUBLINGS_MAX = 5 };

void connection_init(struct connection *connection, struct worker *worker, uint32_t id,
                     struct flight *flights, bool stamped)
{
    connection->worker = worker;
    connection->state = CONNECTION_WAITING;
    connection->silent = !flights;
    connection->stamped = stamped;
    exchange_init(&connection->exchange, worker->plan->protocol, &worker->source, id, flights,
                  worker->plan->pipeline);
}

/* --- the end of a connection ------------------------------------------------------------------ */

static void on_close(uv_handle_t *handle)
{
    struct connection *connection = handle->data;

    connection->state = connection->again ? CONNECTION_WAITING : CONNECTION_GONE;
    worker_closed(connection->worker, connection);
}

static uint64_t retry_delay_ns(const struct connection *connection)
{
    unsigned doublings = connection->attempts > 0 ? connection->attempts - 1u : 0;

    return RETRY_DELAY_NS << (doublings < RETRY_DOUBLINGS_MAX ? doublings : RETRY_DOUBLINGS_MAX);
}

static void connection_close(struct connection *connection, bool again, uint64_t delay_ns)
{
    if (connection->state == CONNECTION_CONNECTING || connection->state == CONNECTION_GREETING)
        worker_attempt_ended(connection->worker);
    if (connection->state == CONNECTION_OPEN)
        worker_count_live(connection->worker, -1);
    connection_list_leave(connection);
    exchange_clear(&connection->exchange);
    connection->again = again;
    connection->since_ns = clock_now_ns() + delay_ns;
    connection->state = CONNECTION_CLOSING;
    link_close(&connection->link, on_close);
}

/* All that is in flight ends with the connection. */
static void connection_end_requests(struct connection *connection, uint64_t now_ns,
                                    enum request_end end, enum failure failure)
{
    while (exchange_oldest(&connection->exchange))
        worker_request_ended(connection->worker, connection,
                             &(struct ending){.now_ns = now_ns, .end = end, .failure = failure});
}

static bool connection_may_retry(struct connection *connection)
{
    if (connection->attempts < UINT8_MAX)
        connection->attempts++;
    return connection->was_established || connection->attempts < ATTEMPTS_MAX;
}

/* An attempt failed, or an established connection was lost. */
static void connection_fail(struct connection *connection, enum failure failure)
{
    struct worker *worker = connection->worker;
    struct connection_counts *counts = &worker->recorder.connections;
    bool again = true;

    if (connection->state == CONNECTION_CLOSING)
        return;
    counts->errors[failure]++;
    if (!exchange_oldest(&connection->exchange))
        recorder_connection_failed(&worker->recorder, failure);
    connection_end_requests(connection, clock_now_ns(), REQUEST_FAILED, failure);
    if (connection->state == CONNECTION_OPEN) {
        counts->lost++;
    } else {
        again = connection_may_retry(connection);
        if (failure == FAILURE_REFUSED || failure == FAILURE_UNREACHABLE)
            worker_cannot_reach(worker, failure == FAILURE_REFUSED ? -ECONNREFUSED : -EHOSTUNREACH);
    }
    connection_close(connection, again, retry_delay_ns(connection));
}

void connection_time_out_attempt(struct connection *connection)
{
    struct recorder *recorder = &connection->worker->recorder;
    uint64_t waited_ns = connection->worker->plan->timeout_ns;
    bool connecting = connection->state == CONNECTION_CONNECTING;

    recorder_record_at_least(recorder, connecting ? LATENCY_CONNECT : LATENCY_HANDSHAKE, waited_ns);
    connection_fail(connection,
                    connecting ? FAILURE_CONNECT_TIMED_OUT : FAILURE_HANDSHAKE_TIMED_OUT);
}

void connection_time_out_request(struct connection *connection)
{
    struct worker *worker = connection->worker;
    const struct flight *oldest = exchange_oldest(&connection->exchange);
    struct ending ending = {.now_ns = oldest->sent_ns + worker->plan->timeout_ns,
                            .end = REQUEST_TIMED_OUT};

    worker_request_ended(worker, connection, &ending);
    /* The reply may still come, but it would stand before those of the requests behind it. */
    connection_end_requests(connection, clock_now_ns(), REQUEST_TIMED_OUT, FAILURE_OTHER);
    worker->recorder.connections.lost++;
    connection_close(connection, true, RETRY_DELAY_NS);
}

void connection_abandon(struct connection *connection, uint64_t now_ns)
{
    if (connection->state == CONNECTION_CLOSING) {
        connection->again = false;
        return;
    }
    connection_end_requests(connection, now_ns, REQUEST_IN_FLIGHT, FAILURE_OTHER);
    if (connection->state == CONNECTION_WAITING || connection->state == CONNECTION_GONE)
        connection->state = CONNECTION_GONE;
    else
        connection_close(connection, false, 0);
}

/* It has carried as many requests as it should. */
static void connection_recycle(struct connection *connection)
{
    connection->worker->recorder.connections.recycled++;
    connection_close(connection, true, 0);
}

/* --- sending ---------------------------------------------------------------------------------- */

static bool connection_is_used_up(const struct connection *connection)
{
    uint64_t most = connection->worker->plan->requests_per_connection;

    return most > 0 && connection->requests_sent >= most;
}

bool connection_can_send(const struct connection *connection)
{
    return connection->state == CONNECTION_OPEN && !connection->silent &&
           exchange_has_room(&connection->exchange) && !link_is_blocked(&connection->link) &&
           !connection_is_used_up(connection);
}

/* Encodes it behind what is encoded already. */
static void connection_put(struct connection *connection, const struct intent *intent,
                           uint64_t now_ns)
{
    struct worker *worker = connection->worker;
    struct space space = {worker->send_buffer + worker->send_used,
                          worker->send_buffer_size - worker->send_used};
    struct request_times times = {intent->intended_ns, now_ns, connection->free_ns};
    size_t size;
    struct flight *flight = exchange_request(&connection->exchange, &intent->what,
                                             intent->intended_ns, now_ns, space, &size);

    worker->send_used += size;
    connection->requests_sent++;
    worker_request_sent(worker, flight);
    recorder_sent(&worker->recorder, &times);
    if (worker->samples_gaps && recorder_is_measured(&worker->recorder, now_ns))
        gap_sample_add(&worker->gaps, now_ns, times.free_ns > times.intended_ns);
}

/* Sends what is encoded. */
static void connection_push(struct connection *connection)
{
    struct worker *worker = connection->worker;
    int failed =
        link_write(&connection->link, (struct bytes){worker->send_buffer, worker->send_used});

    worker->send_used = 0;
    if (failed < 0)
        connection_fail(connection, failure_of_error(failed));
}

void connection_send(struct connection *connection, const struct intent *intent)
{
    connection_put(connection, intent, clock_now_ns());
    connection_push(connection);
}

void connection_fill(struct connection *connection)
{
    struct worker *worker = connection->worker;
    uint64_t now_ns = clock_now_ns();
    struct intent intent;

    while (connection_can_send(connection) &&
           load_next_closed(&worker->load, now_ns, connection->exchange.connection_id,
                            connection->exchange.sequence, &intent)) {
        connection_put(connection, &intent, now_ns);
        if (worker->send_buffer_size - worker->send_used < worker->request_size_max) {
            connection_push(connection);
            now_ns = clock_now_ns();
        }
    }
    if (worker->send_used > 0)
        connection_push(connection);
}

/* --- receiving -------------------------------------------------------------------------------- */

static void connection_establish(struct connection *connection, uint64_t now_ns)
{
    struct worker *worker = connection->worker;

    recorder_record(&worker->recorder, LATENCY_HANDSHAKE, now_ns - connection->since_ns);
    connection_list_leave(connection);
    worker_attempt_ended(worker);
    connection->state = CONNECTION_OPEN;
    connection->attempts = 0;
    connection->requests_sent = 0;
    worker_count_live(worker, 1);
    worker_established(worker, connection, now_ns);
}

/* A limit of the server: final for one that never got in, to be tried again by one that was in. */
static void connection_refused(struct connection *connection)
{
    if (connection->was_established) {
        connection_fail(connection, FAILURE_HANDSHAKE_REFUSED);
        return;
    }
    connection->worker->recorder.connections.refused++;
    connection->was_refused = true;
    connection_close(connection, false, 0);
}

static void connection_welcome(struct connection *connection, struct bytes in, uint64_t now_ns)
{
    switch (exchange_receive_welcome(&connection->exchange, in)) {
    case EXCHANGE_UNFINISHED:
        break;
    case EXCHANGE_OK:
        connection_establish(connection, now_ns);
        break;
    case EXCHANGE_REFUSED:
        connection_refused(connection);
        break;
    case EXCHANGE_NO_MEMORY:
        connection_fail(connection, FAILURE_OTHER);
        break;
    default:
        connection_fail(connection, FAILURE_HANDSHAKE_BROKEN);
    }
}

/* Judges all replies that are there; false when the connection is lost over them. */
static bool connection_judge(struct connection *connection, struct ending *ending,
                             uint64_t arrived_ns)
{
    struct exchange *exchange = &connection->exchange;

    for (;;) {
        switch (exchange_next_reply(exchange)) {
        case EXCHANGE_UNFINISHED:
            return true;
        case EXCHANGE_OK:
            ending->end = REQUEST_OK;
            break;
        case EXCHANGE_WRONG:
            ending->end = REQUEST_WRONG;
            break;
        case EXCHANGE_ERROR_REPLY:
            ending->end = REQUEST_FAILED;
            ending->failure = FAILURE_ERROR_REPLY;
            break;
        case EXCHANGE_NO_MEMORY:
            connection_fail(connection, FAILURE_OTHER);
            return false;
        default:
            connection_fail(connection, FAILURE_BROKEN_FRAME);
            return false;
        }
        /* The stamp is that of the last bytes, so it is known of the last reply alone. */
        ending->arrived_ns = exchange->unread.size == 0 ? arrived_ns : 0;
        worker_request_ended(connection->worker, connection, ending);
    }
}

static void connection_replies(struct connection *connection, struct bytes in, uint64_t now_ns,
                               uint64_t arrived_ns)
{
    bool was_full = !connection_can_send(connection);
    struct ending ending = {.now_ns = now_ns};

    if (!exchange_feed(&connection->exchange, in)) {
        connection_fail(connection, FAILURE_OTHER);
        return;
    }
    if (!connection_judge(connection, &ending, arrived_ns))
        return;
    if (connection_is_used_up(connection) && !exchange_oldest(&connection->exchange)) {
        connection_recycle(connection);
        return;
    }
    if (was_full)
        connection->free_ns = now_ns;
    worker_answered(connection->worker, connection, now_ns);
}

/* False when there is no more to come: nothing was there, or it is lost. */
static bool connection_read(struct connection *connection)
{
    struct worker *worker = connection->worker;
    uint64_t arrived_ns;
    ssize_t size = link_read(&connection->link,
                             (struct space){worker->read_buffer, READ_BUFFER_SIZE}, &arrived_ns);
    uint64_t now_ns = clock_now_ns();
    struct bytes in = {worker->read_buffer, size > 0 ? (size_t)size : 0};

    if (size == -EAGAIN || size == -EINTR)
        return false;
    if (size <= 0) {
        connection_fail(connection, size == 0 ? FAILURE_CLOSED : failure_of_error((int)size));
        return false;
    }
    if (connection->state == CONNECTION_OPEN)
        connection_replies(connection, in, now_ns,
                           arrived_ns > 0 ? worker_clock_of_stamp(worker, arrived_ns) : 0);
    else
        connection_welcome(connection, in, now_ns);
    return connection->state == CONNECTION_OPEN || connection->state == CONNECTION_GREETING;
}

/* --- connecting ------------------------------------------------------------------------------- */

static void connection_greet(struct connection *connection, uint64_t now_ns)
{
    struct worker *worker = connection->worker;

    recorder_record(&worker->recorder, LATENCY_CONNECT, now_ns - connection->since_ns);
    worker->send_used = exchange_greet(
        &connection->exchange, (struct space){worker->send_buffer, worker->send_buffer_size});
    connection->state = CONNECTION_GREETING;
    connection->since_ns = clock_now_ns();
    worker_attempt_goes_on(worker, connection);
    connection_push(connection);
}

static void connection_connected(struct connection *connection)
{
    int failed = link_connected(&connection->link);

    if (failed < 0)
        connection_fail(connection, failure_of_error(failed));
    else
        connection_greet(connection, clock_now_ns());
}

static void connection_unblock(struct connection *connection)
{
    int failed = link_flush(&connection->link);

    if (failed < 0) {
        connection_fail(connection, failure_of_error(failed));
    } else if (connection_can_send(connection)) {
        connection->free_ns = clock_now_ns();
        worker_answered(connection->worker, connection, connection->free_ns);
    }
}

static void on_event(uv_poll_t *poll, int status, int events)
{
    struct connection *connection = poll->data;

    pacer_note_activity(&connection->worker->pacer);
    if (connection->state == CONNECTION_CONNECTING) {
        connection_connected(connection);
        return;
    }
    if ((events & UV_WRITABLE) && link_is_blocked(&connection->link))
        connection_unblock(connection);
    /* The socket is in error, and is not watched any more: what came before the error, and then the
     * error, is read at once. */
    if (status < 0) {
        while (connection->state != CONNECTION_CLOSING && connection_read(connection))
            continue;
        if (connection->state != CONNECTION_CLOSING)
            connection_fail(connection, FAILURE_RESET);
    } else if ((events & UV_READABLE) && connection->state != CONNECTION_CLOSING) {
        connection_read(connection);
    }
}

/* There is no handle to close; the queue is tried again later. */
static void connection_not_opened(struct connection *connection, uint64_t now_ns, int failed)
{
    struct worker *worker = connection->worker;
    enum failure failure = failure_of_error(failed);

    connection->again = true;
    /* The listen queue of a Unix socket is full. For TCP the kernel waits and nobody is told; here
     * it is for us to wait, as long as connecting may take. */
    if (failed != -EAGAIN) {
        worker->recorder.connections.errors[failure]++;
        recorder_connection_failed(&worker->recorder, failure);
        connection->again = connection_may_retry(connection);
    }
    connection->state = connection->again ? CONNECTION_WAITING : CONNECTION_GONE;
    connection->since_ns = now_ns + retry_delay_ns(connection);
    if (failure == FAILURE_REFUSED || failure == FAILURE_UNREACHABLE)
        worker_cannot_reach(worker, failed);
    worker_closed(worker, connection);
}

void connection_open(struct connection *connection)
{
    struct worker *worker = connection->worker;
    struct link_route route = worker_route(worker, connection);
    uint64_t now_ns = clock_now_ns();
    int failed = link_open(&connection->link, &worker->loop, &route, connection->stamped, on_event);

    if (connection->attempts > 0)
        worker->recorder.connections.retried++;
    if (failed < 0) {
        connection_not_opened(connection, now_ns, failed);
        return;
    }
    connection->link.poll.data = connection;
    connection->state = CONNECTION_CONNECTING;
    connection->since_ns = now_ns;
    worker_attempt_begun(worker, connection);
}
