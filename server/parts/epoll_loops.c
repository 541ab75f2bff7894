/* SPDX-License-Identifier: MIT */
#include "server/parts/epoll_loops.h"

#include <errno.h>
#include <stdlib.h>

#include "server/stop.h"

int epoll_loops_init(struct epoll_loops *loops, struct server *server)
{
    *loops = (struct epoll_loops){.server = server};
    loops->all = calloc(server_workers(server), sizeof(struct epoll_loop *));
    return loops->all ? 0 : -ENOMEM;
}

int epoll_loops_add(struct epoll_loops *loops, int listen_fd, uint32_t listen_events)
{
    struct epoll_loop *loop = calloc(1, sizeof *loop);
    int failed;

    if (!loop)
        return -ENOMEM;
    /* The counters come with the thread that will be their only writer. */
    failed = epoll_loop_init(loop, loops->server, NULL, listen_fd, listen_events);
    if (failed < 0)
        free(loop);
    else
        loops->all[loops->count++] = loop;
    return failed;
}

static void run_loop(struct worker *worker)
{
    struct epoll_loops *loops = worker->shared;
    struct epoll_loop *loop = loops->all[worker->index];

    loop->loop.counters = worker->counters;
    epoll_loop_run(loop);
}

int epoll_loops_start(struct epoll_loops *loops)
{
    int started =
        workers_start(&loops->workers, loops->server, "loop", loops->count, 0, run_loop, loops);

    if (started == (int)loops->count)
        return 0;
    stop_request(loops->server->stop_fd);
    return started < 0 ? started : -EAGAIN;
}

void epoll_loops_join(struct epoll_loops *loops)
{
    workers_join(&loops->workers);
}

void epoll_loops_release(struct epoll_loops *loops)
{
    while (loops->count > 0) {
        struct epoll_loop *loop = loops->all[--loops->count];

        epoll_loop_release(loop);
        free(loop);
    }
    free(loops->all);
}

int epoll_loops_run_on_one_listener(struct server *server, uint32_t listen_events)
{
    struct epoll_loops loops;
    int failed = epoll_loops_init(&loops, server);

    for (unsigned i = 0; failed == 0 && i < server_workers(server); i++)
        failed = epoll_loops_add(&loops, server->listen_fd, listen_events);
    if (failed == 0)
        failed = epoll_loops_start(&loops);
    if (failed == 0)
        server_ready(server);
    epoll_loops_join(&loops);
    epoll_loops_release(&loops);
    return failed;
}
