/* SPDX-License-Identifier: MIT */
/*
 * poll: one thread waits for everybody, in poll(2).
 *
 * The kernel remembers nothing between two calls: every call hands it the whole array of sockets,
 * it asks each of them whether it is ready and writes the answer beside it, and the program looks
 * through all the answers. So a turn costs as much as there are clients, however few of them have
 * anything to say: that, and that no second core is used and a request that blocks stalls all, is
 * what it cannot do well. A waiting client costs what it does in `epoll`, and a place in the array.
 * No limit but that of descriptors, every Unix has it, and a few dozen busy sockets are served as
 * fast as by anything newer: small daemons work this way, and everything portable did.
 *
 * Taking clients in, moving their sessions and draining at the stop is parts/loop.c; here is the
 * array.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "server/model.h"
#include "server/parts/loop.h"
#include "server/server.h"

/* The places in the array; a descriptor below 0 is passed over by poll(2). */
enum { STOP, LISTENER, CLIENTS, ROOM_FIRST = 64 };

struct poll_loop {
    struct loop loop;             /* first */
    struct pollfd *fds;           /* [room], of which `count` are waited for */
    struct loop_client **clients; /* [room]: fds[i] is the socket of clients[i] */
    size_t count, room;
};

static int grow(struct poll_loop *loop)
{
    size_t room = loop->room > 0 ? 2 * loop->room : ROOM_FIRST;
    struct pollfd *fds = realloc(loop->fds, room * sizeof *fds);
    struct loop_client **clients = realloc(loop->clients, room * sizeof(struct loop_client *));

    if (fds)
        loop->fds = fds;
    if (clients)
        loop->clients = clients;
    if (!fds || !clients)
        return -ENOMEM;
    loop->room = room;
    return 0;
}

static int poll_add(struct loop *base, struct loop_client *client)
{
    struct poll_loop *loop = (struct poll_loop *)base;

    if (loop->count == loop->room && grow(loop) < 0)
        return -ENOMEM;
    client->place = loop->count++;
    loop->fds[client->place] = (struct pollfd){.fd = client->client.fd, .events = POLLIN};
    loop->clients[client->place] = client;
    return 0;
}

static int poll_change(struct loop *base, struct loop_client *client)
{
    struct poll_loop *loop = (struct poll_loop *)base;

    loop->fds[client->place].events = client->watched_for == SESSION_WRITE ? POLLOUT : POLLIN;
    return 0;
}

/* The last one moves to the place that is free. */
static void poll_remove(struct loop *base, struct loop_client *client)
{
    struct poll_loop *loop = (struct poll_loop *)base;
    struct loop_client *last = loop->clients[--loop->count];

    loop->fds[client->place] = loop->fds[loop->count];
    loop->clients[client->place] = last;
    last->place = client->place;
}

/* From the front: from the back, the first client would wait for all who came after it. The place
 * of one who leaves is taken by one who has not had a turn yet, and is looked at again. Newcomers
 * come in when the walk is over. */
static void serve_ready(struct poll_loop *loop, int ready)
{
    for (size_t i = CLIENTS; i < loop->count && ready > 0;) {
        bool is_here = true;

        if (loop->fds[i].revents) {
            ready--;
            is_here = loop_serve(&loop->loop, loop->clients[i]);
        }
        if (is_here)
            i++;
    }
    if (loop->fds[LISTENER].revents)
        loop_accept(&loop->loop);
    if (loop->fds[STOP].revents) {
        loop->fds[STOP].fd = loop->fds[LISTENER].fd = -1;
        loop_stop(&loop->loop);
    }
}

static int poll_and_serve(struct loop *base, int timeout_ms)
{
    struct poll_loop *loop = (struct poll_loop *)base;
    int ready = poll(loop->fds, loop->count, timeout_ms);

    if (ready > 0)
        serve_ready(loop, ready);
    return ready;
}

static const struct loop_poller POLL = {poll_add, poll_change, poll_remove, poll_and_serve};

static int poll_run(struct server *server)
{
    struct poll_loop *loop = calloc(1, sizeof *loop);
    int failed;

    if (!loop)
        return -ENOMEM;
    failed = grow(loop);
    if (failed == 0) {
        loop->fds[STOP] = (struct pollfd){.fd = server->stop_fd, .events = POLLIN};
        loop->fds[LISTENER] = (struct pollfd){.fd = server->listen_fd, .events = POLLIN};
        loop->count = CLIENTS;
        loop_init(&loop->loop, server, counters_join(&server->counters, "loop"), server->listen_fd,
                  &POLL);
        server_ready(server);
        loop_run(&loop->loop);
        loop_release(&loop->loop);
    }
    free(loop->fds);
    free(loop->clients);
    free(loop);
    return failed;
}

extern const struct server_model model_poll;
const struct server_model model_poll = {
    .name = "poll",
    .summary = "one loop in poll",
    .tunings = TUNING_REQUESTS_PER_TURN,
    .run = poll_run,
};
