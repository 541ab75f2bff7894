/* SPDX-License-Identifier: MIT */
/*
 * thread-pool: N threads wait for one client each, in recv(2); everybody else waits for a thread.
 *
 * An acceptor puts connections into a bounded queue; a worker takes one and serves it until it
 * leaves, on a blocking socket, as straight-line code. Costs are bounded by N whatever comes, and
 * short connections find warm threads. What it cannot do: serve more than N clients at once. An
 * idle or a slow client occupies its worker just as a busy one does, so as many of them as there
 * are workers stop the service; those in the queue are answered after QUEUE_TIME_NS at the latest:
 * with a refusal. Apache's worker MPM and Tomcat's blocking connector work this way.
 */
#include <errno.h>
#include <stdlib.h>

#include "server/accept.h"
#include "server/model.h"
#include "server/parts/clients.h"
#include "server/parts/connection_queue.h"
#include "server/parts/workers.h"
#include "server/server.h"

enum {
    WORKERS_DEFAULT = 200, /* a worker is a client served, not a core: Tomcat's default */
    SCRATCH_SIZE = 16 * 1024
};

struct pool {
    struct server *server;
    struct counters *counters; /* of the acceptor */
    struct connection_queue queue;
    struct clients clients; /* those that have a worker */
};

static void work(struct worker *worker)
{
    struct pool *pool = worker->shared;
    uint8_t input[SCRATCH_SIZE], output[SCRATCH_SIZE];
    struct session_scratch scratch = {{input, sizeof input}, {output, sizeof output}};
    int fd;

    while ((fd = connection_queue_pop(&pool->queue)) >= 0) {
        clients_serve(&pool->clients, pool->server, worker->counters, scratch, fd);
        connection_queue_served(&pool->queue);
    }
}

static void pool_take_in(struct pool *pool, uint64_t now_ns)
{
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        int fd = server_accept(pool->server, pool->server->listen_fd, pool->counters, true);
        size_t waiting;

        if (fd < 0)
            return;
        waiting = connection_queue_push(&pool->queue, fd, now_ns);
        if (waiting > 0) {
            counters_add(pool->counters, COUNTER_HANDOFFS, 1);
            counters_raise(pool->counters, COUNTER_QUEUE_MAX, waiting);
        } else {
            server_refuse(pool->server, pool->counters, fd);
        }
    }
}

static void pool_accept(struct pool *pool)
{
    uint64_t refuse_at_ns = 0;

    while (server_wait(pool->server, pool->counters, refuse_at_ns)) {
        uint64_t now_ns = clock_now_ns();

        pool_take_in(pool, now_ns);
        refuse_at_ns =
            connection_queue_refuse_overdue(&pool->queue, pool->server, pool->counters, now_ns);
    }
}

static void pool_stop(struct pool *pool)
{
    connection_queue_close(&pool->queue);
    connection_queue_refuse_all(&pool->queue, pool->server, pool->counters);
    clients_drain(&pool->clients);
}

static int thread_pool_run(struct server *server)
{
    struct pool pool = {.server = server, .counters = counters_join(&server->counters, "acceptor")};
    unsigned asked = server_workers(server);
    struct workers workers;
    int started = connection_queue_init(&pool.queue, server->config->queue, asked);

    if (started < 0)
        return started;
    clients_init(&pool.clients);
    started =
        workers_start(&workers, server, "worker", asked, server->config->stack_size, work, &pool);
    for (int i = 0; i < started; i++)
        connection_queue_add_worker(&pool.queue);
    if (started > 0) {
        server_ready(server);
        pool_accept(&pool);
    }
    pool_stop(&pool);
    workers_join(&workers);
    clients_release(&pool.clients);
    connection_queue_release(&pool.queue);
    return started < 0 ? started : 0;
}

extern const struct server_model model_thread_pool;
const struct server_model model_thread_pool = {
    .name = "thread-pool",
    .summary = "an acceptor, a bounded queue, N threads that serve a client each",
    .tunings = TUNING_WORKERS | TUNING_QUEUE | TUNING_STACK_SIZE,
    .workers_default = WORKERS_DEFAULT,
    .capacity = CAPACITY_WORKERS,
    .run = thread_pool_run,
};
