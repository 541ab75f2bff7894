/* SPDX-License-Identifier: MIT */
#include "loadgen/connection.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loadgen/worker.h"

/* Tries in a row before a connection that was never established is given up. */
enum { ATTEMPTS_MAX = 3 };
/* Before a failed one is tried again: long enough not to be a load of its own. */
#define RETRY_DELAY_NS (250 * NS_PER_MS)

void connection_list_append(struct connection_list *list, struct connection *connection)
{
    assert(!connection->listed);
    connection->previous = list->last;
    connection->next = NULL;
    if (list->last)
        list->last->next = connection;
    else
        list->first = connection;
    list->last = connection;
    connection->listed = true;
}

void connection_list_remove(struct connection_list *list, struct connection *connection)
{
    if (!connection->listed)
        return;
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        list->first = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    else
        list->last = connection->previous;
    connection->listed = false;
}

void connection_init(struct connection *connection, struct worker *worker, uint32_t id)
{
    connection->worker = worker;
    connection->state = CONNECTION_WAITING;
    exchange_init(&connection->exchange, worker->plan->protocol, &worker->source, id);
}

/* --- the end of a connection ------------------------------------------------------------------ */

static void on_close(uv_handle_t *handle)
{
    struct connection *connection = handle->data;

    connection->state = connection->again ? CONNECTION_WAITING : CONNECTION_GONE;
    worker_closed(connection->worker, connection);
}

static void connection_close(struct connection *connection, bool again)
{
    if (connection->state == CONNECTION_CONNECTING || connection->state == CONNECTION_GREETING)
        worker_attempt_ended(connection->worker);
    worker_expect_nothing(connection->worker, connection);
    exchange_clear(&connection->exchange);
    connection->again = again;
    connection->since_ns = clock_now_ns() + RETRY_DELAY_NS;
    connection->state = CONNECTION_CLOSING;
    uv_close((uv_handle_t *)&connection->tcp, on_close);
}

/* An attempt failed, or an established connection was lost. */
static void connection_fail(struct connection *connection, enum failure failure)
{
    struct worker *worker = connection->worker;
    struct connection_counts *counts = &worker->recorder.connections;
    bool was_open = connection->state == CONNECTION_OPEN;

    if (connection->state == CONNECTION_CLOSING)
        return;
    counts->errors[failure]++;
    if (connection->exchange.in_flight)
        worker_request_ended(worker, connection, clock_now_ns(), REQUEST_FAILED, failure);
    if (was_open) {
        counts->lost++;
        connection->attempts = 0;
        atomic_fetch_sub_explicit(&worker->recorder.live_connections, 1, memory_order_relaxed);
    } else {
        connection->attempts++;
        if (failure == FAILURE_REFUSED || failure == FAILURE_UNREACHABLE)
            worker_cannot_reach(worker, failure == FAILURE_REFUSED ? -ECONNREFUSED : -EHOSTUNREACH);
    }
    connection_close(connection,
                     connection->was_established || connection->attempts < ATTEMPTS_MAX);
}

void connection_time_out(struct connection *connection)
{
    struct recorder *recorder = &connection->worker->recorder;
    uint64_t waited_ns = connection->worker->plan->timeout_ns;

    switch (connection->state) {
    case CONNECTION_CONNECTING:
        latency_record_at_least(&recorder->connect, waited_ns);
        connection_fail(connection, FAILURE_CONNECT_TIMED_OUT);
        break;
    case CONNECTION_GREETING:
        latency_record_at_least(&recorder->handshake, waited_ns);
        connection_fail(connection, FAILURE_HANDSHAKE_TIMED_OUT);
        break;
    default:
        /* The reply may still come, but nobody could tell whose it is: the connection is lost. */
        worker_request_ended(connection->worker, connection,
                             connection->exchange.sent_ns + waited_ns, REQUEST_TIMED_OUT,
                             FAILURE_OTHER);
        recorder->connections.lost++;
        atomic_fetch_sub_explicit(&recorder->live_connections, 1, memory_order_relaxed);
        connection_close(connection, true);
    }
}

void connection_abandon(struct connection *connection, uint64_t now_ns)
{
    if (connection->state == CONNECTION_CLOSING) {
        connection->again = false;
        return;
    }
    if (connection->exchange.in_flight)
        worker_request_ended(connection->worker, connection, now_ns, REQUEST_IN_FLIGHT,
                             FAILURE_OTHER);
    if (connection->state == CONNECTION_WAITING || connection->state == CONNECTION_GONE)
        connection->state = CONNECTION_GONE;
    else
        connection_close(connection, false);
}

/* --- sending ---------------------------------------------------------------------------------- */

/* What the socket did not take at once: only then is there an allocation. */
struct late_write {
    uv_write_t request;
    struct connection *connection;
    uint8_t data[];
};

static void on_written(uv_write_t *request, int status)
{
    struct late_write *late = request->data;

    if (status < 0 && status != UV_ECANCELED)
        connection_fail(late->connection, failure_of_error(status));
    free(late);
}

static void connection_write_late(struct connection *connection, struct bytes left)
{
    struct late_write *late = malloc(sizeof *late + left.size);
    uv_buf_t buffer;
    int failed;

    if (!late) {
        connection_fail(connection, FAILURE_OTHER);
        return;
    }
    memcpy(late->data, left.data, left.size);
    late->connection = connection;
    late->request.data = late;
    buffer = uv_buf_init((char *)late->data, (unsigned)left.size);
    failed = uv_write(&late->request, (uv_stream_t *)&connection->tcp, &buffer, 1, on_written);
    if (failed < 0) {
        free(late);
        connection_fail(connection, failure_of_error(failed));
    }
}

static void connection_write(struct connection *connection, struct bytes bytes)
{
    uv_buf_t buffer = uv_buf_init((char *)bytes.data, (unsigned)bytes.size);
    int written = uv_try_write((uv_stream_t *)&connection->tcp, &buffer, 1);

    if (written == (int)bytes.size)
        return;
    if (written < 0 && written != UV_EAGAIN)
        connection_fail(connection, failure_of_error(written));
    else
        connection_write_late(connection, bytes_after(bytes, written > 0 ? (size_t)written : 0));
}

void connection_send(struct connection *connection)
{
    struct worker *worker = connection->worker;
    uint64_t now_ns = clock_now_ns();
    size_t size;

    if (!worker_take_request(worker, now_ns))
        return;
    size = exchange_request(&connection->exchange, now_ns,
                            (struct space){worker->send_buffer, worker->send_buffer_size});
    recorder_sent(&worker->recorder, now_ns);
    worker_expect(worker, connection, now_ns);
    connection_write(connection, (struct bytes){worker->send_buffer, size});
}

/* --- receiving -------------------------------------------------------------------------------- */

static void on_allocate(uv_handle_t *handle, size_t suggested_size, uv_buf_t *buffer)
{
    struct connection *connection = handle->data;

    (void)suggested_size;
    *buffer = uv_buf_init((char *)connection->worker->read_buffer, READ_BUFFER_SIZE);
}

static void connection_establish(struct connection *connection, uint64_t now_ns)
{
    struct worker *worker = connection->worker;

    latency_record(&worker->recorder.handshake, now_ns - connection->since_ns);
    worker_expect_nothing(worker, connection);
    worker_attempt_ended(worker);
    connection->state = CONNECTION_OPEN;
    connection->attempts = 0;
    worker_established(worker, connection);
    if (worker->sending)
        connection_send(connection);
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
    connection_close(connection, false);
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

static void connection_reply(struct connection *connection, struct bytes in, uint64_t now_ns)
{
    struct worker *worker = connection->worker;
    bool was_in_flight = connection->exchange.in_flight;

    switch (exchange_receive_reply(&connection->exchange, in)) {
    case EXCHANGE_UNFINISHED:
        return;
    case EXCHANGE_OK:
        worker_request_ended(worker, connection, now_ns, REQUEST_OK, FAILURE_OTHER);
        break;
    case EXCHANGE_WRONG:
        worker_request_ended(worker, connection, now_ns, REQUEST_WRONG, FAILURE_OTHER);
        break;
    case EXCHANGE_ERROR_REPLY:
        worker_request_ended(worker, connection, now_ns, REQUEST_FAILED, FAILURE_ERROR_REPLY);
        break;
    case EXCHANGE_NO_MEMORY:
        connection_fail(connection, FAILURE_OTHER);
        return;
    default:
        /* Judged broken, the request is over; whatever follows on this connection is noise. */
        connection->exchange.in_flight = was_in_flight;
        connection_fail(connection, FAILURE_BROKEN_FRAME);
        return;
    }
    connection_send(connection);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct connection *connection = stream->data;
    uint64_t now_ns = clock_now_ns();
    struct bytes in = {(const uint8_t *)buffer->base, size > 0 ? (size_t)size : 0};

    if (size < 0)
        connection_fail(connection, size == UV_EOF ? FAILURE_CLOSED : failure_of_error((int)size));
    else if (size > 0 && connection->state == CONNECTION_OPEN)
        connection_reply(connection, in, now_ns);
    else if (size > 0 && connection->state == CONNECTION_GREETING)
        connection_welcome(connection, in, now_ns);
}

/* --- connecting ------------------------------------------------------------------------------- */

static void connection_greet(struct connection *connection)
{
    struct worker *worker = connection->worker;
    size_t size = exchange_greet(&connection->exchange,
                                 (struct space){worker->send_buffer, worker->send_buffer_size});

    connection->state = CONNECTION_GREETING;
    connection->since_ns = clock_now_ns();
    worker_expect(worker, connection, connection->since_ns);
    if (uv_read_start((uv_stream_t *)&connection->tcp, on_allocate, on_read) < 0)
        connection_fail(connection, FAILURE_OTHER);
    else
        connection_write(connection, (struct bytes){worker->send_buffer, size});
}

static void on_connect(uv_connect_t *request, int status)
{
    struct connection *connection = request->data;

    if (connection->state != CONNECTION_CONNECTING)
        return; /* timed out or abandoned meanwhile */
    if (status < 0) {
        connection_fail(connection, failure_of_error(status));
        return;
    }
    latency_record(&connection->worker->recorder.connect, clock_now_ns() - connection->since_ns);
    connection_greet(connection);
}

void connection_open(struct connection *connection)
{
    struct worker *worker = connection->worker;
    const struct sockaddr *address = &worker->plan->address.generic;
    int failed = uv_tcp_init_ex(&worker->loop, &connection->tcp, address->sa_family);

    if (failed < 0) {
        /* There is no handle to close; the queue is tried again later. */
        worker->recorder.connections.errors[failure_of_error(failed)]++;
        connection->again = connection->was_established || ++connection->attempts < ATTEMPTS_MAX;
        connection->state = connection->again ? CONNECTION_WAITING : CONNECTION_GONE;
        connection->since_ns = clock_now_ns() + RETRY_DELAY_NS;
        worker_closed(worker, connection);
        return;
    }
    connection->tcp.data = connection;
    connection->connect.data = connection;
    connection->state = CONNECTION_CONNECTING;
    connection->since_ns = clock_now_ns();
    worker->connecting++;
    worker_expect(worker, connection, connection->since_ns);
    uv_tcp_nodelay(&connection->tcp, 1);
    failed = uv_tcp_connect(&connection->connect, &connection->tcp, address, on_connect);
    if (failed < 0)
        connection_fail(connection, failure_of_error(failed));
}
