/* SPDX-License-Identifier: MIT */
/*
 * epoll: one thread waits for everybody, in epoll_wait(2).
 *
 * The kernel keeps the list of sockets and hands back only those that are ready, so a turn costs
 * what happened, not how many clients there are; a waiting client costs its entry here (well under
 * a KiB) and its socket. Level-triggered: a socket that still has something to say is reported
 * again, nothing can be lost by reading too little. What it cannot do: use a second core, or serve
 * anybody while one request blocks. Redis and lighttpd work this way.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "server/accept.h"
#include "server/clients.h"
#include "server/model.h"
#include "server/server.h"
#include "server/session.h"

enum {
    EVENTS_PER_WAIT = 256,   /* ready sockets fetched by one call */
    SCRATCH_SIZE = 64 * 1024 /* one read(2) takes what a socket buffer usually holds */
};

struct watched_client {
    struct client client; /* first: the list hands back this */
    enum session_need watched_for;
};

struct loop {
    struct server *server;
    struct counters counters;
    struct clients clients;
    int epoll_fd;
    bool stopping;
    uint8_t input[SCRATCH_SIZE], output[SCRATCH_SIZE];
};

/* `whom` comes back with the event: a client, or the address of the descriptor in `server`. */
static int loop_watch(struct loop *loop, int operation, int fd, uint32_t events, void *whom)
{
    struct epoll_event event = {.events = events, .data.ptr = whom};

    return epoll_ctl(loop->epoll_fd, operation, fd, &event);
}

/* --- clients ---------------------------------------------------------------------------------- */

static void client_close(struct loop *loop, struct watched_client *client)
{
    clients_remove(&loop->clients, &client->client);
    loop_watch(loop, EPOLL_CTL_DEL, client->client.fd, 0, NULL);
    session_end(&client->client.session, client->client.fd);
    free(client);
}

static void client_open(struct loop *loop, int fd)
{
    struct watched_client *client = calloc(1, sizeof *client);

    if (!client || loop_watch(loop, EPOLL_CTL_ADD, fd, EPOLLIN, client) < 0) {
        free(client);
        server_refuse(loop->server, &loop->counters, fd);
        return;
    }
    client->client.fd = fd;
    client->watched_for = SESSION_READ;
    session_init(&client->client.session, loop->server, &loop->counters,
                 (struct session_scratch){{loop->input, sizeof loop->input},
                                          {loop->output, sizeof loop->output}},
                 false);
    clients_add(&loop->clients, &client->client);
}

/* A system call only when the need has changed: most clients only ever read. */
static int client_watch(struct loop *loop, struct watched_client *client, enum session_need need)
{
    if (client->watched_for == need)
        return 0;
    client->watched_for = need;
    return loop_watch(loop, EPOLL_CTL_MOD, client->client.fd,
                      need == SESSION_WRITE ? EPOLLOUT : EPOLLIN, client);
}

static void client_serve(struct loop *loop, struct watched_client *client)
{
    enum session_need need = session_advance(&client->client.session, client->client.fd);

    if (need == SESSION_CLOSE || client_watch(loop, client, need) < 0)
        client_close(loop, client);
    else if (loop->server->config->idle_timeout_ns > 0)
        clients_touch(&loop->clients, &client->client, clock_now_ns());
}

/* --- the loop --------------------------------------------------------------------------------- */

static void loop_accept(struct loop *loop)
{
    /* The stop may have been in the same batch of events. */
    for (int i = 0; i < ACCEPTS_PER_TURN && !loop->stopping; i++) {
        int fd = server_accept(loop->server, &loop->counters, false);

        if (fd < 0)
            return;
        client_open(loop, fd);
    }
}

/* From now on nobody comes in; those inside are told that nothing more will be read. */
static void loop_stop(struct loop *loop)
{
    loop->stopping = true;
    loop_watch(loop, EPOLL_CTL_DEL, loop->server->listen_fd, 0, NULL);
    loop_watch(loop, EPOLL_CTL_DEL, loop->server->stop_fd, 0, NULL);
    clients_hang_up(&loop->clients);
}

/* Waits at most until `deadline_ns` (0: for ever) and serves who is ready. */
static void loop_turn(struct loop *loop, uint64_t deadline_ns)
{
    struct epoll_event events[EVENTS_PER_WAIT];
    uint64_t now_ns = deadline_ns > 0 ? clock_now_ns() : 0;
    int timeout_ms = deadline_ns == 0        ? -1
                     : deadline_ns <= now_ns ? 0
                                             : (int)((deadline_ns - now_ns) / NS_PER_MS + 1);
    int count = epoll_wait(loop->epoll_fd, events, EVENTS_PER_WAIT, timeout_ms);

    counters_add(&loop->counters, COUNTER_WAKEUPS, 1);
    if (count <= 0)
        counters_add(&loop->counters, COUNTER_EMPTY_WAKEUPS, 1);
    for (int i = 0; i < count; i++) {
        void *whom = events[i].data.ptr;

        if (whom == &loop->server->stop_fd)
            loop_stop(loop);
        else if (whom == &loop->server->listen_fd)
            loop_accept(loop);
        else
            client_serve(loop, whom);
    }
}

/* Closes who has been silent too long; returns when the next one will have been, 0 for never. */
static uint64_t loop_close_idle(struct loop *loop)
{
    uint64_t timeout_ns = loop->server->config->idle_timeout_ns;

    if (timeout_ns == 0)
        return 0;
    for (uint64_t now_ns = clock_now_ns(); loop->clients.first;) {
        struct client *oldest = loop->clients.first;

        if (oldest->active_ns + timeout_ns > now_ns)
            return oldest->active_ns + timeout_ns;
        if (client_is_ready(oldest))
            clients_touch(&loop->clients, oldest, now_ns);
        else
            client_close(loop, (struct watched_client *)oldest);
    }
    return 0;
}

static void loop_drain(struct loop *loop)
{
    uint64_t deadline_ns = clock_now_ns() + DRAIN_TIME_NS;

    while (loop->clients.count > 0 && clock_now_ns() < deadline_ns)
        loop_turn(loop, deadline_ns);
    while (loop->clients.first)
        client_close(loop, (struct watched_client *)loop->clients.first);
}

static int epoll_run(struct server *server)
{
    struct loop loop = {.server = server};
    int failed = 0;

    loop.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop.epoll_fd < 0)
        return -errno;
    counters_join(&server->counters, &loop.counters);
    clients_init(&loop.clients);
    if (loop_watch(&loop, EPOLL_CTL_ADD, server->listen_fd, EPOLLIN, &server->listen_fd) < 0 ||
        loop_watch(&loop, EPOLL_CTL_ADD, server->stop_fd, EPOLLIN, &server->stop_fd) < 0) {
        failed = -errno;
        goto undo_clients;
    }
    server_ready(server);
    while (!loop.stopping)
        loop_turn(&loop, loop_close_idle(&loop));
    loop_drain(&loop);

undo_clients:
    clients_release(&loop.clients);
    counters_leave(&server->counters, &loop.counters);
    close(loop.epoll_fd);
    return failed;
}

extern const struct server_model model_epoll;
const struct server_model model_epoll = {
    .name = "epoll",
    .summary = "one loop in epoll_wait, level-triggered",
    .run = epoll_run,
};
