/* SPDX-License-Identifier: MIT */
/*
 * epoll-pool: one thread waits for everybody, in epoll_wait(2); N threads wait for requests, at a
 * bounded queue.
 *
 * Half asynchronous, half synchronous: the loop reads requests and sends replies and never does
 * anything that takes long; a thread executes them as straight-line code and may block as it likes.
 * A waiting client costs what it costs in `epoll`, a blocked request costs one of the threads, and
 * the others go on. The price are two hand-offs per request, to a thread and back, each with a
 * message copied out of one thread's buffers, a mutex, and a wakeup as long as there is little to
 * do; the busier it is, the more requests one wakeup serves. What it cannot do: read and write on
 * more than one core. Tomcat's NIO connector works this way, and Netty with an executor.
 *
 * When the queue is full the loop reads no further requests, and those who ask are stopped by TCP:
 * nothing is lost and nobody is refused, everybody waits.
 *
 * The loop with its queue and threads is parts/executor.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "server/model.h"
#include "server/parts/executor.h"
#include "server/server.h"

/* A thread is a request that may block, not a core. Four models have as many, to be compared: what
 * Cassandra has for its reads and nginx in a thread pool. */
enum { WORKERS_DEFAULT = 32 };

static bool leave_all(const struct service *service, const struct message *request)
{
    (void)service;
    (void)request;
    return true;
}

/* Whatever a client says would end in the queue, and there is no room: so it is not even read. */
static void pool_serve(struct loop *loop, struct loop_client *client)
{
    struct executor *executor = (struct executor *)loop;

    if (executor_is_full(executor))
        executor_defer(executor, client);
    else
        executor_serve(loop, client);
}

static int epoll_pool_run(struct server *server)
{
    struct executor *executor = calloc(1, sizeof *executor);
    int failed;

    if (!executor)
        return -ENOMEM;
    failed = executor_start(executor, server, leave_all);
    if (failed == 0) {
        executor->lending.epoll.loop.serve = pool_serve;
        server_ready(server);
        executor_run(executor);
        executor_release(executor);
    }
    free(executor);
    return failed;
}

extern const struct server_model model_epoll_pool;
const struct server_model model_epoll_pool = {
    .name = "epoll-pool",
    .summary = "one loop reads requests, N threads execute them",
    .tunings = TUNING_WORKERS | TUNING_QUEUE | TUNING_REQUESTS_PER_TURN,
    .workers_default = WORKERS_DEFAULT,
    .run = epoll_pool_run,
};
