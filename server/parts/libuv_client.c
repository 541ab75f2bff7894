/* SPDX-License-Identifier: MIT */
#include "server/parts/libuv_client.h"

#include <stdlib.h>
#include <unistd.h>

#include "protocol/payload.h"
#include "server/accept.h"
#include "server/farewell.h"
#include "server/parts/libuv_loop.h"

/* --- its end ---------------------------------------------------------------------------------- */

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void forget_left_over(struct libuv_client *client)
{
    struct libuv_client **place = &client->loop->left_over;

    if (!client->left_over)
        return;
    while (*place != client)
        place = &(*place)->next_left_over;
    *place = client->next_left_over;
}

void libuv_client_close(struct libuv_client *client)
{
    struct session *session = &client->client.session;

    client->closing = true;
    forget_left_over(client);
    clients_remove(&client->loop->clients, &client->client);
    session_finish(session);
    /* uv_close() closes the descriptor. What was said last lives on in another one; if there is
     * none to be had, the reset is the lesser evil. */
    if (session->lingers) {
        int fd = dup(client->client.fd);

        if (fd >= 0)
            farewell_close(&client->loop->server->farewell, fd);
    }
    uv_close((uv_handle_t *)&client->stream, on_closed);
}

/* --- moving it -------------------------------------------------------------------------------- */

/* libuv asks where the next bytes go. */
static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
    struct libuv_client *client = handle->data;
    struct space space = session_input(&client->client.session);

    (void)suggested;
    /* Without memory it is empty, which libuv reports to on_read() as an error. */
    *room = uv_buf_init((char *)space.data, (unsigned)space.size);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *room)
{
    struct libuv_client *client = stream->data;

    (void)room;
    client->loop->served = true;
    counters_add(client->loop->counters, COUNTER_IO_CALLS, 1);
    if (size == 0) {
        session_keep(&client->client.session); /* there was nothing after all */
        return;
    }
    if (size < 0 && size != UV_EOF) {
        libuv_client_close(client);
        return;
    }
    session_received(&client->client.session, size > 0 ? (size_t)size : 0);
    libuv_client_move(client);
}

static void client_read(struct libuv_client *client, bool reads)
{
    uv_stream_t *stream = (uv_stream_t *)&client->stream;

    if (client->reads == reads)
        return;
    client->reads = reads;
    if (reads)
        uv_read_start(stream, on_room, on_read);
    else
        uv_read_stop(stream);
}

static void on_written(uv_write_t *write, int failed)
{
    struct libuv_client *client = write->handle->data;

    client->loop->served = true;
    counters_add(client->loop->counters, COUNTER_IO_CALLS, 1);
    client->writes = false;
    if (client->closing)
        return;
    if (failed < 0) {
        libuv_client_close(client);
        return;
    }
    session_sent(&client->client.session, session_output(&client->client.session).size);
    libuv_client_move(client);
}

/* Leaves what the socket does not take to libuv; the session does not move before it is sent. */
static bool client_write_later(struct libuv_client *client)
{
    struct session *session = &client->client.session;

    session_keep(session);
    struct bytes output = session_output(session);
    uv_buf_t buffer = uv_buf_init((char *)output.data, (unsigned)output.size);

    if (session_need(session) == SESSION_CLOSE ||
        uv_write(&client->write, (uv_stream_t *)&client->stream, &buffer, 1, on_written) < 0)
        return false;
    client->writes = true;
    client->unsent = output.size;
    return true;
}

/* False when the connection is broken. */
static bool client_write(struct libuv_client *client)
{
    struct session *session = &client->client.session;
    struct bytes output = session_output(session);
    uv_buf_t buffer = uv_buf_init((char *)output.data, (unsigned)output.size);
    int sent = uv_try_write((uv_stream_t *)&client->stream, &buffer, 1);

    counters_add(client->loop->counters, COUNTER_IO_CALLS, 1);

    if (sent < 0 && sent != UV_EAGAIN)
        return false;
    if (sent > 0)
        session_sent(session, (size_t)sent);
    return (sent > 0 && (size_t)sent == output.size) || client_write_later(client);
}

static void serve_left_over(uv_idle_t *idle);

/* Its turn is over and requests are left: the others have theirs first. */
static void client_leave_over(struct libuv_client *client)
{
    struct libuv_loop *loop = client->loop;

    client->left_over = true;
    client->next_left_over = loop->left_over;
    loop->left_over = client;
    uv_idle_start(&loop->others_first, serve_left_over);
}

static void client_send_away(struct libuv_client *client)
{
    struct libuv_loop *loop = client->loop;

    session_keep(&client->client.session);
    if (session_need(&client->client.session) != SESSION_WORK)
        return; /* memory ran out */
    client->is_away = true;
    loop->away_count++;
    clients_remove(&loop->clients, &client->client);
    loop->send_away(client);
}

/* Moves the session one step; false when it has to wait. */
static bool client_step(struct libuv_client *client, unsigned *requests_left)
{
    struct libuv_loop *loop = client->loop;
    struct session *session = &client->client.session;
    bool works = session_need(session) == SESSION_WORK;
    bool goes_away = works && loop->send_away && session->request.operation == OPERATION_WORK;

    if (session_need(session) == SESSION_READ || session_need(session) == SESSION_CLOSE)
        return false;
    if (works && !goes_away && *requests_left > 0) {
        session_execute(session);
        --*requests_left;
    } else if (session_output(session).size > 0) {
        /* Also before a request goes away: replies do not wait for it. */
        client->broken = !client_write(client);
    } else if (goes_away) {
        client_send_away(client);
    } else {
        client_leave_over(client);
    }
    return !client->broken && !client->writes && !client->is_away && !client->left_over;
}

/* Moves the session as far as it goes, and says what is waited for. */
void libuv_client_move(struct libuv_client *client)
{
    struct libuv_loop *loop = client->loop;
    struct session *session = &client->client.session;
    unsigned requests_left = loop->server->config->requests_per_turn;

    while (client_step(client, &requests_left))
        ;
    /* While it is away the session is somebody else's. */
    if (!client->is_away) {
        session_keep(session);
        if (client->broken || session_need(session) == SESSION_CLOSE) {
            libuv_client_close(client);
            return;
        }
        if (loop->server->config->idle_timeout_ns > 0)
            clients_touch(&loop->clients, &client->client, clock_now_ns());
    }
    client_read(client, !client->is_away && session_need(session) == SESSION_READ);
}

static void serve_left_over(uv_idle_t *idle)
{
    struct libuv_loop *loop = idle->data;
    struct libuv_client *next = loop->left_over;

    loop->left_over = NULL;
    loop->served = true;
    uv_idle_stop(idle);
    while (next) {
        struct libuv_client *client = next;

        next = client->next_left_over;
        client->left_over = false;
        libuv_client_move(client);
    }
}

/* --- its beginning ---------------------------------------------------------------------------- */

void libuv_client_take(struct libuv_loop *loop, int fd)
{
    struct libuv_client *client = calloc(1, sizeof *client);

    if (!client) {
        server_refuse(loop->server, loop->counters, fd);
        return;
    }
    client->client.fd = fd;
    client->loop = loop;
    client->stream.data = client;
    if (uv_tcp_init(&loop->uv, &client->stream) < 0) {
        free(client);
        server_refuse(loop->server, loop->counters, fd);
        return;
    }
    if (uv_tcp_open(&client->stream, fd) < 0) {
        uv_close((uv_handle_t *)&client->stream, on_closed);
        server_refuse(loop->server, loop->counters, fd);
        return;
    }
    session_init(&client->client.session, loop->server, loop->counters, libuv_loop_scratch(loop),
                 false);
    clients_add(&loop->clients, &client->client);
    client_read(client, true);
}
