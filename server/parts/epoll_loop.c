/* SPDX-License-Identifier: MIT */
#include "server/parts/epoll_loop.h"

#include <errno.h>
#include <unistd.h>

#include "server/parts/epoll_watch.h"

enum { EVENTS_PER_WAIT = 256 }; /* ready sockets fetched by one call */

static int epoll_add(struct loop *base, struct loop_client *client)
{
    struct epoll_loop *loop = (struct epoll_loop *)base;

    return epoll_watch(loop->epoll_fd, EPOLL_CTL_ADD, client->client.fd,
                       EPOLLIN | loop->client_events, client);
}

static int epoll_change(struct loop *base, struct loop_client *client)
{
    struct epoll_loop *loop = (struct epoll_loop *)base;
    uint32_t events = client->watched_for == SESSION_WRITE ? EPOLLOUT : EPOLLIN;

    return epoll_watch(loop->epoll_fd, EPOLL_CTL_MOD, client->client.fd,
                       events | loop->client_events, client);
}

static void epoll_remove(struct loop *base, struct loop_client *client)
{
    epoll_watch(((struct epoll_loop *)base)->epoll_fd, EPOLL_CTL_DEL, client->client.fd, 0, NULL);
}

static void stop(struct epoll_loop *loop)
{
    if (loop->loop.listen_fd >= 0)
        epoll_watch(loop->epoll_fd, EPOLL_CTL_DEL, loop->loop.listen_fd, 0, NULL);
    epoll_watch(loop->epoll_fd, EPOLL_CTL_DEL, loop->loop.server->stop_fd, 0, NULL);
    loop_stop(&loop->loop);
}

static int epoll_wait_and_serve(struct loop *base, int timeout_ms)
{
    struct epoll_loop *loop = (struct epoll_loop *)base;
    struct epoll_event events[EVENTS_PER_WAIT];
    int count = epoll_wait(loop->epoll_fd, events, EVENTS_PER_WAIT, timeout_ms);
    int in_vain = 0;
    bool other_is_readable = false;

    for (int i = 0; i < count; i++) {
        void *whom = events[i].data.ptr;

        if (whom == &base->server->stop_fd)
            stop(loop);
        else if (whom == &base->listen_fd)
            in_vain = !loop_accept(base);
        else if (whom == &loop->other_fd)
            other_is_readable = true;
        else
            loop_serve(base, whom);
    }
    if (other_is_readable)
        loop->on_other(loop);
    return count - in_vain;
}

static const struct loop_poller EPOLL = {epoll_add, epoll_change, epoll_remove,
                                         epoll_wait_and_serve};

int epoll_loop_init(struct epoll_loop *loop, struct server *server, struct counters *counters,
                    int listen_fd, uint32_t listen_events)
{
    int failed;

    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd < 0)
        return -errno;
    loop_init(&loop->loop, server, counters, listen_fd, &EPOLL);
    failed = epoll_watch(loop->epoll_fd, EPOLL_CTL_ADD, server->stop_fd, EPOLLIN, &server->stop_fd);
    if (failed == 0 && listen_fd >= 0)
        failed = epoll_watch(loop->epoll_fd, EPOLL_CTL_ADD, listen_fd, EPOLLIN | listen_events,
                             &loop->loop.listen_fd);
    if (failed < 0)
        epoll_loop_release(loop);
    return failed;
}

void epoll_loop_release(struct epoll_loop *loop)
{
    loop_release(&loop->loop);
    close(loop->epoll_fd);
}

int epoll_loop_watch_other(struct epoll_loop *loop, int fd,
                           void (*on_other)(struct epoll_loop *loop), void *owner)
{
    loop->other_fd = fd;
    loop->on_other = on_other;
    loop->owner = owner;
    return epoll_watch(loop->epoll_fd, EPOLL_CTL_ADD, fd, EPOLLIN, &loop->other_fd);
}

void epoll_loop_run(struct epoll_loop *loop)
{
    loop_run(&loop->loop);
}
