/* SPDX-License-Identifier: MIT */
/*
 * epoll: one thread waits for everybody, in epoll_wait(2).
 *
 * The kernel keeps the list of sockets and hands back only those that are ready, so a turn costs
 * what happened, not how many clients there are; a waiting client costs its entry here (well under
 * a KiB) and its socket. What it cannot do: use a second core, or serve anybody while one request
 * blocks. Redis and lighttpd work this way.
 *
 * The loop, which the other epoll models share, is parts/epoll_loop.c: who is ready is handed to
 * parts/loop.c, which takes clients in, moves their sessions and drains at the stop. Here there is
 * one loop, on the thread that runs the server, and it listens for itself.
 */
#include <errno.h>
#include <stdlib.h>

#include "server/model.h"
#include "server/parts/epoll_loop.h"
#include "server/server.h"

static int epoll_run(struct server *server)
{
    struct epoll_loop *loop = calloc(1, sizeof *loop);
    int failed;

    if (!loop)
        return -ENOMEM;
    failed = epoll_loop_init(loop, server, counters_join(&server->counters, "loop"),
                             server->listen_fd, 0);
    if (failed == 0) {
        server_ready(server);
        epoll_loop_run(loop);
        epoll_loop_release(loop);
    }
    free(loop);
    return failed;
}

extern const struct server_model model_epoll;
const struct server_model model_epoll = {
    .name = "epoll",
    .summary = "one loop in epoll_wait, level-triggered",
    .tunings = TUNING_REQUESTS_PER_TURN,
    .run = epoll_run,
};
