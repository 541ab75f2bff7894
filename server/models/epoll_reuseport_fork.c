/* SPDX-License-Identifier: MIT */
/*
 * epoll-reuseport-fork: N processes, each with a listener and an epoll loop of its own.
 *
 * Every worker has its own socket on the same port (SO_REUSEPORT), and the kernel deals newcomers
 * out by a hash of their addresses. From then on the workers share nothing at all: no queue, no
 * lock, no memory, not even a table of descriptors, so each may have as many as one process is
 * allowed, and N times as many in all. A waiting client costs what it costs one loop, well under a
 * KiB. What it cannot do: help each other. The hash does not know who is busy, so with few clients
 * some workers have many of them and others none, and whoever shares a loop with a request that
 * blocks waits with it, while the loop next to it is idle. nginx works this way (listen …
 * reuseport).
 *
 * The parent opens all listeners before there are workers and keeps them: one that replaces a dead
 * worker finds its predecessor's newcomers in the queue.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/model.h"
#include "server/parts/epoll_loop.h"
#include "server/parts/processes.h"
#include "server/server.h"
#include "server/stop.h"

/* One a worker; the first is the one the server has lent, the others are owned here. */
struct listeners {
    int *fds; /* [count] */
    unsigned count;
};

static void listeners_close(struct listeners *listeners)
{
    for (unsigned i = 1; i < listeners->count; i++)
        close(listeners->fds[i]);
    free(listeners->fds);
}

static int listeners_open(struct listeners *listeners, const struct server *server)
{
    unsigned asked = server_workers(server);

    *listeners = (struct listeners){.fds = calloc(asked, sizeof *listeners->fds)};
    if (!listeners->fds)
        return -ENOMEM;
    listeners->fds[listeners->count++] = server->listen_fd;
    while (listeners->count < asked) {
        int fd = server_listen_too(server);

        if (fd < 0) {
            listeners_close(listeners);
            return fd;
        }
        listeners->fds[listeners->count++] = fd;
    }
    return 0;
}

/* In the child: its own loop on its own listener, until the stop. */
static int work(struct process *process)
{
    const struct listeners *listeners = process->shared;
    struct epoll_loop *loop = calloc(1, sizeof *loop);
    int failed;

    if (!loop)
        return -ENOMEM;
    for (unsigned i = 0; i < listeners->count; i++) {
        if (i != process->index)
            close(listeners->fds[i]);
    }
    failed = epoll_loop_init(loop, process->server, process->counters,
                             listeners->fds[process->index], 0);
    if (failed == 0) {
        epoll_loop_run(loop);
        epoll_loop_release(loop);
    }
    free(loop);
    return failed;
}

static int run_workers(struct processes *processes, const struct listeners *listeners)
{
    int started = processes_start(processes, "worker", listeners->count);

    /* With fewer workers than listeners some clients would be dealt to nobody. */
    if (started == (int)listeners->count) {
        server_ready(processes->server);
        while (processes_wait(processes, NULL, 0, 0))
            ;
    } else {
        stop_request(processes->server->stop_fd);
    }
    processes_stop(processes);
    return started < 0 ? started : started < (int)listeners->count ? -EAGAIN : 0;
}

static int epoll_reuseport_fork_run(struct server *server)
{
    struct processes processes;
    struct listeners listeners;
    int failed = listeners_open(&listeners, server);

    if (failed < 0)
        return failed;
    failed = processes_init(&processes, server, counters_join(&server->counters, "parent"), work,
                            &listeners);
    if (failed == 0) {
        failed = run_workers(&processes, &listeners);
        processes_release(&processes);
    }
    listeners_close(&listeners);
    return failed;
}

extern const struct server_model model_epoll_reuseport_fork;
const struct server_model model_epoll_reuseport_fork = {
    .name = "epoll-reuseport-fork",
    .summary = "N processes, each with its own listener (SO_REUSEPORT) and loop",
    .tunings = TUNING_WORKERS | TUNING_REQUESTS_PER_TURN,
    .forks = true,
    .shares_port = true,
    .run = epoll_reuseport_fork_run,
};
