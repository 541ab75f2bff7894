/* SPDX-License-Identifier: MIT */
/*
 * epoll_watch.h: epoll_ctl(2) with a pointer for what is watched.
 */
#ifndef MUELLE_SERVER_PARTS_EPOLL_WATCH_H
#define MUELLE_SERVER_PARTS_EPOLL_WATCH_H

#include <errno.h>
#include <stdint.h>
#include <sys/epoll.h>

/* Adds, modifies or deletes (EPOLL_CTL_) what `epoll_fd` reports of `fd`: `events`, with which
 * `whom` comes back. By convention that is a client, or the address of where another descriptor is
 * kept. 0 or -errno. */
static inline int epoll_watch(int epoll_fd, int operation, int fd, uint32_t events, void *whom)
{
    struct epoll_event event = {.events = events, .data.ptr = whom};

    return epoll_ctl(epoll_fd, operation, fd, &event) < 0 ? -errno : 0;
}

#endif
