/* SPDX-License-Identifier: MIT */
/*
 * epoll_loop.h: the event loop that waits in epoll_wait(2), level-triggered.
 *
 * The kernel keeps the list of sockets and hands back only those that are ready, so a turn costs
 * what happened, not how many clients there are. Level-triggered: a socket that still has something
 * to say is reported again, nothing can be lost by reading too little.
 *
 * The epoll models are this loop, once or several times, and differ in where its clients come from.
 */
#ifndef MUELLE_SERVER_PARTS_EPOLL_LOOP_H
#define MUELLE_SERVER_PARTS_EPOLL_LOOP_H

#include "server/parts/loop.h"

struct epoll_loop {
    struct loop loop; /* first */
    int epoll_fd;
    uint32_t client_events; /* for every client beside EPOLLIN or EPOLLOUT, such as EPOLLONESHOT */
    /* Beside listener, stop and clients: called when `other_fd` is readable, after the clients who
     * are ready too were served: so it may close any of them. NULL: there is none. */
    void (*on_other)(struct epoll_loop *loop);
    int other_fd;
    void *owner; /* for on_other */
};

/* A loop that takes in the clients of `listen_fd` (-1: of none). `listen_events` beside EPOLLIN,
 * such as EPOLLEXCLUSIVE. Zeroed memory is expected; too large for a stack. 0 or -errno. */
int epoll_loop_init(struct epoll_loop *loop, struct server *server, struct counters *counters,
                    int listen_fd, uint32_t listen_events) MUST_CHECK;
void epoll_loop_release(struct epoll_loop *loop);

/* Reports `fd` to `on_other` whenever it is readable, until the loop is released. 0 or -errno. */
int epoll_loop_watch_other(struct epoll_loop *loop, int fd,
                           void (*on_other)(struct epoll_loop *loop), void *owner) MUST_CHECK;

/* Serves until the stop, and drains. */
void epoll_loop_run(struct epoll_loop *loop);

#endif
