/* SPDX-License-Identifier: MIT */
/*
 * null: not a server to compare with, but the ceiling of the harness.
 *
 * One epoll loop that answers the greeting and then sends back whatever arrives, byte for byte,
 * without looking at it: for an echo that happens to be the right reply. What a generator reaches
 * here is the most it could measure of any server. It counts no requests, for it knows none; a
 * client that does not read its replies is cut off.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buffer.h"
#include "server/accept.h"
#include "server/model.h"
#include "server/server.h"

enum { EVENTS_PER_WAIT = 256, BUFFER_SIZE = 64 * 1024, UNSENT_MAX = 4 << 20 };

struct null_client {
    int fd;
    size_t greeting_left; /* bytes to swallow before the welcome is sent */
    struct buffer unsent;
    struct null_client *previous, *next;
};

struct loop {
    struct server *server;
    struct counters *counters;
    int epoll_fd;
    struct null_client *first;
    struct bytes welcome;
    size_t greeting_size;
    uint8_t buffer[BUFFER_SIZE];
};

static int watch(struct loop *loop, int operation, int fd, uint32_t events, void *whom)
{
    struct epoll_event event = {.events = events, .data.ptr = whom};

    return epoll_ctl(loop->epoll_fd, operation, fd, &event);
}

static void client_close(struct loop *loop, struct null_client *client)
{
    if (client->previous)
        client->previous->next = client->next;
    else
        loop->first = client->next;
    if (client->next)
        client->next->previous = client->previous;
    close(client->fd);
    buffer_release(&client->unsent);
    free(client);
    counters_add(loop->counters, COUNTER_CLOSES, 1);
    server_client_left(loop->server);
}

static void client_open(struct loop *loop, int fd)
{
    struct null_client *client = calloc(1, sizeof *client);

    if (!client || watch(loop, EPOLL_CTL_ADD, fd, EPOLLIN, client) < 0) {
        free(client);
        server_refuse(loop->server, loop->counters, fd);
        return;
    }
    client->fd = fd;
    client->greeting_left = loop->greeting_size;
    client->next = loop->first;
    if (loop->first)
        loop->first->previous = client;
    loop->first = client;
}

/* Sends, keeping what the socket does not take; false when the client is to be closed. */
static bool client_send(struct loop *loop, struct null_client *client, struct bytes bytes)
{
    ssize_t sent = 0;

    if (buffer_size(&client->unsent) == 0)
        sent = send(client->fd, bytes.data, bytes.size, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN)
        return false;
    if (sent > 0)
        counters_add(loop->counters, COUNTER_BYTES_OUT, (uint64_t)sent);
    bytes = bytes_after(bytes, sent > 0 ? (size_t)sent : 0);
    if (bytes.size == 0)
        return true;
    return buffer_size(&client->unsent) + bytes.size <= UNSENT_MAX &&
           buffer_append(&client->unsent, bytes) &&
           watch(loop, EPOLL_CTL_MOD, client->fd, EPOLLIN | EPOLLOUT, client) == 0;
}

static bool client_flush(struct loop *loop, struct null_client *client)
{
    struct bytes unsent = buffer_bytes(&client->unsent);
    ssize_t sent = send(client->fd, unsent.data, unsent.size, MSG_NOSIGNAL);

    if (sent < 0)
        return errno == EAGAIN;
    counters_add(loop->counters, COUNTER_BYTES_OUT, (uint64_t)sent);
    buffer_consume(&client->unsent, (size_t)sent);
    return buffer_size(&client->unsent) > 0 ||
           watch(loop, EPOLL_CTL_MOD, client->fd, EPOLLIN, client) == 0;
}

static bool client_echo(struct loop *loop, struct null_client *client)
{
    ssize_t received = recv(client->fd, loop->buffer, sizeof loop->buffer, 0);
    struct bytes bytes = {loop->buffer, received > 0 ? (size_t)received : 0};

    if (received <= 0)
        return received < 0 && errno == EAGAIN;
    counters_add(loop->counters, COUNTER_BYTES_IN, bytes.size);
    if (client->greeting_left > 0) {
        size_t greeted = bytes.size < client->greeting_left ? bytes.size : client->greeting_left;

        client->greeting_left -= greeted;
        bytes = bytes_after(bytes, greeted);
        if (client->greeting_left == 0 && !client_send(loop, client, loop->welcome))
            return false;
    }
    return bytes.size == 0 || client_send(loop, client, bytes);
}

static void client_serve(struct loop *loop, struct null_client *client, uint32_t events)
{
    bool alive = true;

    if (events & EPOLLOUT)
        alive = client_flush(loop, client);
    if (alive && (events & ~(uint32_t)EPOLLOUT))
        alive = client_echo(loop, client);
    if (!alive)
        client_close(loop, client);
}

/* False when the server is to stop. */
static bool loop_turn(struct loop *loop)
{
    struct epoll_event events[EVENTS_PER_WAIT];
    int count = epoll_wait(loop->epoll_fd, events, EVENTS_PER_WAIT, -1);
    bool going_on = true;

    counters_add(loop->counters, COUNTER_WAKEUPS, 1);
    for (int i = 0; i < count; i++) {
        void *whom = events[i].data.ptr;

        if (whom == &loop->server->stop_fd) {
            going_on = false;
        } else if (whom == &loop->server->listen_fd) {
            int fd;

            for (int n = 0;
                 n < ACCEPTS_PER_TURN && (fd = server_accept(loop->server, loop->server->listen_fd,
                                                             loop->counters, false)) >= 0;
                 n++)
                client_open(loop, fd);
        } else {
            client_serve(loop, whom, events[i].events);
        }
    }
    return going_on;
}

static int null_run(struct server *server)
{
    struct loop loop = {.server = server};
    uint8_t welcome[WELCOME_SIZE_MAX];
    struct space space = {welcome, sizeof welcome};
    int failed = 0;

    loop.greeting_size = (size_t)server->protocol->encode_greeting(space);
    loop.welcome =
        (struct bytes){welcome, (size_t)server->protocol->encode_welcome(WELCOME_OK, space)};
    loop.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop.epoll_fd < 0)
        return -errno;
    loop.counters = counters_join(&server->counters, "loop");
    if (watch(&loop, EPOLL_CTL_ADD, server->listen_fd, EPOLLIN, &server->listen_fd) < 0 ||
        watch(&loop, EPOLL_CTL_ADD, server->stop_fd, EPOLLIN, &server->stop_fd) < 0)
        failed = -errno;
    if (failed == 0) {
        server_ready(server);
        while (loop_turn(&loop))
            ;
        while (loop.first)
            client_close(&loop, loop.first);
    }
    close(loop.epoll_fd);
    return failed;
}

extern const struct server_model model_null;
const struct server_model model_null = {
    .name = "null",
    .summary = "echoes bytes without parsing: the harness's own ceiling, never in a ranking",
    .run = null_run,
    .is_null = true,
};
