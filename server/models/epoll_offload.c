/* SPDX-License-Identifier: MIT */
/*
 * epoll-offload: one thread waits for everybody, in epoll_wait(2), and executes what does not
 * block; N threads wait for the requests that do.
 *
 * A short request costs what it costs in `epoll`: no hand-off, no lock, no second thread. One that
 * would block the loop goes to a thread, and comes back when it is done: AMPED, asymmetric
 * multi-process event-driven. It works where the server knows beforehand which calls block, as a
 * web server knows of its disk; here the request says so. What it cannot do: help against requests
 * that keep the processor busy, which stay in line and delay everybody. Flash began it, nginx's aio
 * threads and libuv's file operations work this way.
 *
 * When the queue is full, those who ask for something that blocks wait, unread, until there is
 * room; all others are served as ever.
 *
 * The loop with its queue and threads is parts/executor.c, which `epoll-pool` uses for every
 * request. Here is what differs: which of them are for the threads.
 */
#include <errno.h>
#include <stdlib.h>

#include "server/model.h"
#include "server/parts/executor.h"
#include "server/server.h"
#include "server/service.h"

/* A thread is a blocked request, not a core. nginx has as many in a thread pool. */
enum { WORKERS_DEFAULT = 32 };

static int epoll_offload_run(struct server *server)
{
    struct executor *executor = calloc(1, sizeof *executor);
    int failed;

    if (!executor)
        return -ENOMEM;
    failed = executor_start(executor, server, service_blocks);
    if (failed == 0) {
        server_ready(server);
        executor_run(executor);
        executor_release(executor);
    }
    free(executor);
    return failed;
}

extern const struct server_model model_epoll_offload;
const struct server_model model_epoll_offload = {
    .name = "epoll-offload",
    .summary = "one loop, N threads for requests that block",
    .tunings = TUNING_WORKERS | TUNING_QUEUE | TUNING_REQUESTS_PER_TURN,
    .workers_default = WORKERS_DEFAULT,
    .run = epoll_offload_run,
};
