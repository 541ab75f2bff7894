/* SPDX-License-Identifier: MIT */
/*
 * select: one thread waits for everybody, in select(2).
 *
 * The sockets are handed to the kernel as bits in two sets of fixed size, who is to be read and who
 * is to be written, and the answer overwrites them: so each turn copies the sets, has the kernel
 * ask every socket up to the highest number, and looks through them all for the bits that are left.
 * A turn costs as much as there are clients, as in `poll`; a waiting client costs what it does in
 * `epoll`, and two bits.
 *
 * What it cannot do: serve a descriptor from FD_SETSIZE (1024) up, which has no bit. About a
 * thousand clients are inside, and every further one is refused. Nor does it use a second core, or
 * serve anybody while one request blocks. It came with 4.2BSD and every textbook has it; whatever
 * has but a handful of descriptors works this way still.
 *
 * Taking clients in, moving their sessions and draining at the stop is parts/loop.c; here are the
 * sets.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/select.h>

#include "common/log.h"
#include "server/model.h"
#include "server/parts/loop.h"
#include "server/server.h"

struct select_loop {
    struct loop loop;                        /* first */
    fd_set read, write;                      /* who is waited for */
    struct loop_client *clients[FD_SETSIZE]; /* by descriptor */
    int fd_end;                              /* one above the highest in the sets */
};

static int select_change(struct loop *base, struct loop_client *client)
{
    struct select_loop *loop = (struct select_loop *)base;
    int fd = client->client.fd;

    FD_CLR(fd, client->watched_for == SESSION_WRITE ? &loop->read : &loop->write);
    FD_SET(fd, client->watched_for == SESSION_WRITE ? &loop->write : &loop->read);
    return 0;
}

static int select_add(struct loop *base, struct loop_client *client)
{
    struct select_loop *loop = (struct select_loop *)base;
    int fd = client->client.fd;

    if (fd >= FD_SETSIZE)
        return -EMFILE; /* FD_SET() would write past the end of the set */
    loop->clients[fd] = client;
    FD_SET(fd, &loop->read);
    if (fd >= loop->fd_end)
        loop->fd_end = fd + 1;
    return 0;
}

static void unwatch(struct select_loop *loop, int fd)
{
    FD_CLR(fd, &loop->read);
    FD_CLR(fd, &loop->write);
    while (loop->fd_end > 0 && !FD_ISSET(loop->fd_end - 1, &loop->read) &&
           !FD_ISSET(loop->fd_end - 1, &loop->write))
        loop->fd_end--;
}

static void select_remove(struct loop *base, struct loop_client *client)
{
    struct select_loop *loop = (struct select_loop *)base;

    loop->clients[client->client.fd] = NULL;
    unwatch(loop, client->client.fd);
}

/* Newcomers come last: one of them may have the number of one who has just left, whose bit is still
 * set in the answer. */
static void serve_ready(struct select_loop *loop, const fd_set *readable, const fd_set *writable)
{
    struct server *server = loop->loop.server;

    for (int fd = 0; fd < loop->fd_end; fd++) {
        if (loop->clients[fd] && (FD_ISSET(fd, readable) || FD_ISSET(fd, writable)))
            loop_serve(&loop->loop, loop->clients[fd]);
    }
    if (FD_ISSET(loop->loop.listen_fd, readable))
        loop_accept(&loop->loop);
    if (FD_ISSET(server->stop_fd, readable)) {
        unwatch(loop, server->stop_fd);
        unwatch(loop, loop->loop.listen_fd);
        loop_stop(&loop->loop);
    }
}

static int select_and_serve(struct loop *base, int timeout_ms)
{
    struct select_loop *loop = (struct select_loop *)base;
    struct timeval timeout = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000L};
    fd_set readable = loop->read, writable = loop->write;
    int ready = select(loop->fd_end, &readable, &writable, NULL, timeout_ms >= 0 ? &timeout : NULL);

    if (ready > 0)
        serve_ready(loop, &readable, &writable);
    return ready;
}

static const struct loop_poller SELECT = {select_add, select_change, select_remove,
                                          select_and_serve};

static int select_run(struct server *server)
{
    int highest = server->stop_fd > server->listen_fd ? server->stop_fd : server->listen_fd;
    struct select_loop *loop;

    if (highest >= FD_SETSIZE) {
        log_error("select: descriptor %d is beyond FD_SETSIZE, %d", highest, FD_SETSIZE);
        return -EMFILE;
    }
    loop = calloc(1, sizeof *loop);
    if (!loop)
        return -ENOMEM;
    FD_SET(server->stop_fd, &loop->read);
    FD_SET(server->listen_fd, &loop->read);
    loop->fd_end = highest + 1;
    loop_init(&loop->loop, server, counters_join(&server->counters, "loop"), server->listen_fd,
              &SELECT);
    server_ready(server);
    loop_run(&loop->loop);
    loop_release(&loop->loop);
    free(loop);
    return 0;
}

extern const struct server_model model_select;
const struct server_model model_select = {
    .name = "select",
    .summary = "one loop in select: no descriptor from FD_SETSIZE up, so some 1,000 clients",
    .tunings = TUNING_REQUESTS_PER_TURN,
    .run = select_run,
};
