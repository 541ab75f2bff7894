/* SPDX-License-Identifier: MIT */
/*
 * epoll_loops.h: several epoll loops, a thread each.
 *
 * A client belongs to the loop that took it in, for good: loops share no client, and so no lock is
 * taken to serve one. The models that are built of them differ in how clients find their loop.
 *
 *     epoll_loops_init -> epoll_loops_add, once a loop -> epoll_loops_start
 *         -> epoll_loops_join -> epoll_loops_release
 *
 * Every loop exists before the first thread does, so what can fail fails while nobody is served.
 */
#ifndef MUELLE_SERVER_PARTS_EPOLL_LOOPS_H
#define MUELLE_SERVER_PARTS_EPOLL_LOOPS_H

#include <stdint.h>

#include "server/parts/epoll_loop.h"
#include "server/parts/workers.h"

struct epoll_loops {
    struct server *server;
    /* [count], each in memory of its own: what one loop writes shares no cache line with what
     * another reads. */
    struct epoll_loop **all;
    unsigned count;
    struct workers workers;
};

/* Room for server_workers() loops, and none in it yet. 0 or -ENOMEM. Release it in either case. */
int epoll_loops_init(struct epoll_loops *loops, struct server *server) MUST_CHECK;

/* One more loop; the parameters are those of epoll_loop_init(). 0 or -errno. */
int epoll_loops_add(struct epoll_loops *loops, int listen_fd, uint32_t listen_events) MUST_CHECK;

/* Runs each loop in a thread of its own: all of them, or else none, because whoever a loop without
 * a thread listens for would hang. 0, or -errno with the server's stop requested. */
int epoll_loops_start(struct epoll_loops *loops) MUST_CHECK;

/* Waits until all have seen the stop and drained. Nothing happens without a start. */
void epoll_loops_join(struct epoll_loops *loops);

void epoll_loops_release(struct epoll_loops *loops);

/* The whole run of a model whose loops all watch the server's one listener, with `listen_events`
 * beside EPOLLIN. */
int epoll_loops_run_on_one_listener(struct server *server, uint32_t listen_events) MUST_CHECK;

#endif
