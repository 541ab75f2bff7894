/* SPDX-License-Identifier: MIT */
#include "server/parts/ring_loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "server/accept.h"

/* --- clients ---------------------------------------------------------------------------------- */

static void ring_client_free_if_over(struct ring_client *client)
{
    if (!ring_operation_is_over(&client->receive) || !ring_operation_is_over(&client->send))
        return;
    session_end(&client->client.session, client->client.fd);
    if (client->loop->receiver->release)
        client->loop->receiver->release(client);
    free(client);
}

/* Of a client that is in the list. */
static void ring_loop_begin_close(struct ring_loop *loop, struct ring_client *client)
{
    client->closing = true;
    clients_remove(&loop->clients, &client->client);
    ring_cancel(&loop->ring, &client->receive);
    ring_cancel(&loop->ring, &client->send);
    ring_client_free_if_over(client);
}

void ring_client_close(struct ring_client *client)
{
    if (client->closing)
        ring_client_free_if_over(client);
    else
        ring_loop_begin_close(client->loop, client);
}

/* Asks for what the session has to say to be sent. It need not be all: the rest is sent when the
 * kernel has told how much it was. */
static void ring_client_send(struct ring_client *client, struct bytes output)
{
    struct ring *ring = &client->loop->ring;
    struct io_uring_sqe *entry = ring_next(ring);

    io_uring_prep_send(entry, client->client.fd, output.data, output.size, MSG_NOSIGNAL);
    ring_start(ring, entry, &client->send);
}

void ring_client_move(struct ring_client *client)
{
    struct ring_loop *loop = client->loop;
    struct session *session = &client->client.session;
    unsigned requests_left = loop->server->config->requests_per_turn;

    if (client->send.in_flight)
        return;
    do {
        for (; session_need(session) == SESSION_WORK && requests_left > 0; requests_left--)
            session_execute(session);
        if (loop->receiver->hold && session_need(session) != SESSION_CLOSE)
            loop->receiver->hold(client);
        if (session_need(session) == SESSION_CLOSE) {
            ring_client_close(client);
            return;
        }
        /* Replies are sent before more is read, and before more is executed than is allowed in one
         * turn: when that is over, the others have had theirs. */
        if (session_need(session) != SESSION_READ) {
            ring_client_send(client, session_output(session));
            break;
        }
    } while (loop->receiver->receive(client));
    if (loop->server->config->idle_timeout_ns > 0)
        clients_touch(&loop->clients, &client->client, clock_now_ns());
}

static void ring_client_sent(struct ring_operation *operation, int result, unsigned flags)
{
    struct ring_client *client = operation->owner;
    struct session *session = &client->client.session;
    const struct ring_receiver *receiver = client->loop->receiver;

    (void)flags;
    if (result >= 0)
        session_sent(session, (size_t)result);
    if (client->closing || (result < 0 && result != -EINTR && result != -EAGAIN)) {
        ring_client_close(client);
    } else if (result < 0) {
        ring_client_send(client, session_output(session));
    } else {
        if (receiver->sent)
            receiver->sent(client);
        ring_client_move(client);
    }
}

/* --- accepting -------------------------------------------------------------------------------- */

/* A client the server has admitted. */
static void ring_loop_take(struct ring_loop *loop, int fd)
{
    struct ring_client *client = loop->stopping ? NULL : malloc(loop->receiver->client_size);

    if (!client) {
        server_refuse(loop->server, loop->counters, fd);
        return;
    }
    *client = (struct ring_client){
        .client.fd = fd,
        .loop = loop,
        .receive = {.complete = loop->receiver->received, .owner = client},
        .send = {.complete = ring_client_sent, .owner = client},
    };
    session_init(&client->client.session, loop->server, loop->counters,
                 loop->receiver->lend(client), true);
    clients_add(&loop->clients, &client->client);
    ring_client_move(client);
}

/* The descriptors of clients block, though nobody waits in them: for one that does not, the ring
 * would not wait either. */
static void ring_loop_accept(struct ring_loop *loop)
{
    struct io_uring_sqe *entry = ring_next(&loop->ring);

    if (loop->receiver->accepts_many)
        io_uring_prep_multishot_accept(entry, loop->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    else
        io_uring_prep_accept(entry, loop->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    ring_start(&loop->ring, entry, &loop->accept);
}

/* The kernel could not accept: there is nobody yet and it does not wait on a listener that does not
 * block, or no descriptor is left. All such cases are dealt with where everybody else accepts; the
 * ring goes on when the listener is readable again. */
static void ring_loop_accept_itself(struct ring_loop *loop)
{
    struct io_uring_sqe *entry;

    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        int fd = server_accept(loop->server, loop->listen_fd, loop->counters, true);

        if (fd < 0)
            break;
        ring_loop_take(loop, fd);
    }
    entry = ring_next(&loop->ring);
    io_uring_prep_poll_add(entry, loop->listen_fd, POLLIN);
    ring_start(&loop->ring, entry, &loop->listener);
}

static void accepted(struct ring_operation *operation, int result, unsigned flags)
{
    struct ring_loop *loop = operation->owner;

    (void)flags;
    if (result >= 0) {
        int fd = server_admit(loop->server, loop->counters, result, true);

        if (fd >= 0)
            ring_loop_take(loop, fd);
    }
    if (operation->in_flight || loop->stopping)
        return;
    if (result >= 0)
        ring_loop_accept(loop);
    else
        ring_loop_accept_itself(loop);
}

static void listener_is_readable(struct ring_operation *operation, int result, unsigned flags)
{
    struct ring_loop *loop = operation->owner;

    (void)result;
    (void)flags;
    if (!loop->stopping)
        ring_loop_accept(loop);
}

/* --- the loop --------------------------------------------------------------------------------- */

/* From now on nobody comes in, and those inside are told that nothing more will be read. */
static void stop_is_readable(struct ring_operation *operation, int result, unsigned flags)
{
    struct ring_loop *loop = operation->owner;

    (void)result;
    (void)flags;
    loop->stopping = true;
    ring_cancel(&loop->ring, &loop->accept);
    ring_cancel(&loop->ring, &loop->listener);
    clients_hang_up(&loop->clients);
}

/* Waits at most until `deadline_ns`; UINT64_MAX: for ever. */
static void ring_loop_turn(struct ring_loop *loop, uint64_t deadline_ns)
{
    /* Read even when nobody asks: ThreadSanitizer lets signal handlers run only in calls it knows,
     * and among those of an io_uring there is none. */
    uint64_t now_ns = clock_now_ns();
    uint64_t left_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
    unsigned results = ring_turn(&loop->ring, deadline_ns == UINT64_MAX ? UINT64_MAX : left_ns);

    counters_add(loop->counters, COUNTER_WAKEUPS, 1);
    if (results == 0)
        counters_add(loop->counters, COUNTER_EMPTY_WAKEUPS, 1);
}

/* What the kernel has taken from the socket shows in the ring only: therefore the ring is looked at
 * after the socket. */
static bool ring_client_is_silent(const struct ring_client *client)
{
    const struct ring *ring = &client->loop->ring;

    return !client_is_ready(&client->client) && !ring_has_result_of(ring, &client->receive) &&
           !ring_has_result_of(ring, &client->send);
}

/* Closes who has been silent too long; returns when the next one will have been. */
static uint64_t ring_loop_close_idle(struct ring_loop *loop)
{
    uint64_t timeout_ns = loop->server->config->idle_timeout_ns;

    if (timeout_ns == 0)
        return UINT64_MAX;
    for (uint64_t now_ns = clock_now_ns(); loop->clients.first;) {
        struct client *oldest = loop->clients.first;

        if (oldest->active_ns + timeout_ns > now_ns)
            return oldest->active_ns + timeout_ns;
        if (ring_client_is_silent((struct ring_client *)oldest))
            ring_loop_begin_close(loop, (struct ring_client *)oldest);
        else
            clients_touch(&loop->clients, oldest, now_ns);
    }
    return UINT64_MAX;
}

static void ring_loop_drain(struct ring_loop *loop)
{
    uint64_t deadline_ns = clock_now_ns() + DRAIN_TIME_NS;

    while (loop->clients.count > 0 && clock_now_ns() < deadline_ns)
        ring_loop_turn(loop, deadline_ns);
    while (loop->clients.first)
        ring_loop_begin_close(loop, (struct ring_client *)loop->clients.first);
    /* Everything is cancelled: it is over soon. */
    while (loop->ring.in_flight > 0)
        ring_loop_turn(loop, UINT64_MAX);
}

void ring_loop_run(struct ring_loop *loop)
{
    struct io_uring_sqe *entry = ring_next(&loop->ring);

    io_uring_prep_poll_add(entry, loop->server->stop_fd, POLLIN);
    ring_start(&loop->ring, entry, &loop->stop);
    ring_loop_accept(loop);
    while (!loop->stopping)
        ring_loop_turn(loop, ring_loop_close_idle(loop));
    ring_loop_drain(loop);
}

int ring_loop_init(struct ring_loop *loop, struct server *server, struct counters *counters,
                   int listen_fd, const struct ring_receiver *receiver, unsigned flags)
{
    int failed = ring_open(&loop->ring, server->config->ring_entries, flags);

    if (failed < 0)
        return failed;
    loop->server = server;
    loop->counters = counters;
    loop->receiver = receiver;
    loop->listen_fd = listen_fd;
    loop->accept = (struct ring_operation){.complete = accepted, .owner = loop};
    loop->listener = (struct ring_operation){.complete = listener_is_readable, .owner = loop};
    loop->stop = (struct ring_operation){.complete = stop_is_readable, .owner = loop};
    loop->stopping = false;
    clients_init(&loop->clients);
    return 0;
}

void ring_loop_release(struct ring_loop *loop)
{
    clients_release(&loop->clients);
    ring_close(&loop->ring);
}
