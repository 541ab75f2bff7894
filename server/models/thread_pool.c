/* SPDX-License-Identifier: MIT */
/*
 * thread-pool: N threads wait for one client each, in recv(2); everybody else waits for a thread.
 *
 * An acceptor puts connections into a bounded queue; a worker takes one and serves it until it
 * leaves, on a blocking socket, as straight-line code. Costs are bounded by N whatever comes, and
 * short connections find warm threads. What it cannot do: serve more than N clients at once. An
 * idle or a slow client occupies its worker just as a busy one does, so as many of them as there
 * are workers stop the service; those in the queue are answered at the latest after QUEUE_TIME_NS:
 * with a refusal. Apache's worker MPM and Tomcat's blocking connector work this way.
 */
#include <errno.h>
#include <stdlib.h>

#include "server/accept.h"
#include "server/clients.h"
#include "server/connection_queue.h"
#include "server/model.h"
#include "server/server.h"
#include "server/session.h"

enum {
    WORKERS_DEFAULT = 200, /* a worker is a client served, not a core: Tomcat's default */
    QUEUE_CAPACITY = 128,  /* who waits because every worker has a client */
    STACK_SIZE = 128 * 1024,
    SCRATCH_SIZE = 16 * 1024
};
#define QUEUE_TIME_NS (500 * NS_PER_MS)

struct pool {
    struct server *server;
    struct counters counters; /* of the acceptor */
    struct connection_queue queue;
    struct clients clients; /* those that have a worker */
    pthread_t *threads;
    unsigned threads_asked, threads_count;
};

static void worker_serve(struct pool *pool, struct counters *counters,
                         struct session_scratch scratch, int fd)
{
    struct client client = {.fd = fd};

    session_init(&client.session, pool->server, counters, scratch, true);
    clients_add(&pool->clients, &client);
    /* The socket blocks, so this returns when the client has left. */
    while (session_advance(&client.session, fd) != SESSION_CLOSE)
        counters_add(counters, COUNTER_WAKEUPS, 1);
    clients_remove(&pool->clients, &client);
    session_end(&client.session, fd);
}

static void *worker_thread(void *argument)
{
    struct pool *pool = argument;
    struct counters counters;
    uint8_t input[SCRATCH_SIZE], output[SCRATCH_SIZE];
    struct session_scratch scratch = {{input, sizeof input}, {output, sizeof output}};
    int fd;

    counters_join(&pool->server->counters, &counters);
    while ((fd = connection_queue_pop(&pool->queue)) >= 0) {
        worker_serve(pool, &counters, scratch, fd);
        connection_queue_served(&pool->queue);
    }
    counters_leave(&pool->server->counters, &counters);
    return NULL;
}

/* Starts as many workers as the machine allows of those asked for; at least one, or -errno. */
static int pool_start(struct pool *pool)
{
    pthread_attr_t attributes;
    int failed = pthread_attr_init(&attributes);

    if (failed)
        return -failed;
    failed = pthread_attr_setstacksize(&attributes, STACK_SIZE);
    pool->threads = calloc(pool->threads_asked, sizeof *pool->threads);
    if (!pool->threads)
        failed = ENOMEM;
    while (!failed && pool->threads_count < pool->threads_asked) {
        failed =
            pthread_create(&pool->threads[pool->threads_count], &attributes, worker_thread, pool);
        if (!failed) {
            pool->threads_count++;
            connection_queue_add_worker(&pool->queue);
        }
    }
    pthread_attr_destroy(&attributes);
    return pool->threads_count > 0 ? 0 : -failed;
}

static void pool_refuse_older(struct pool *pool, uint64_t before_ns)
{
    int fd;

    while ((fd = connection_queue_pop_older(&pool->queue, before_ns)) >= 0)
        server_refuse(pool->server, &pool->counters, fd);
}

static void pool_accept(struct pool *pool)
{
    uint64_t refuse_at_ns = 0;

    while (server_wait(pool->server, &pool->counters, refuse_at_ns)) {
        uint64_t now_ns = clock_now_ns();

        pool_refuse_older(pool, now_ns - QUEUE_TIME_NS);
        for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
            int fd = server_accept(pool->server, &pool->counters, true);

            if (fd < 0)
                break;
            if (!connection_queue_push(&pool->queue, fd, now_ns))
                server_refuse(pool->server, &pool->counters, fd);
        }
        uint64_t oldest_ns = connection_queue_oldest_ns(&pool->queue);

        refuse_at_ns = oldest_ns > 0 ? oldest_ns + QUEUE_TIME_NS : 0;
    }
}

static void pool_stop(struct pool *pool)
{
    connection_queue_close(&pool->queue);
    pool_refuse_older(pool, UINT64_MAX);
    clients_drain(&pool->clients);
    for (unsigned i = 0; i < pool->threads_count; i++)
        pthread_join(pool->threads[i], NULL);
    free(pool->threads);
}

static int thread_pool_run(struct server *server)
{
    unsigned workers = server->config->workers > 0 ? server->config->workers : WORKERS_DEFAULT;
    struct pool pool = {.server = server, .threads_asked = workers};
    int failed = connection_queue_init(&pool.queue, QUEUE_CAPACITY, workers);

    if (failed < 0)
        return failed;
    counters_join(&server->counters, &pool.counters);
    clients_init(&pool.clients);
    failed = pool_start(&pool);
    if (failed == 0) {
        server_ready(server);
        pool_accept(&pool);
    }
    pool_stop(&pool);
    clients_release(&pool.clients);
    counters_leave(&server->counters, &pool.counters);
    connection_queue_release(&pool.queue);
    return failed;
}

extern const struct server_model model_thread_pool;
const struct server_model model_thread_pool = {
    .name = "thread-pool",
    .summary = "an acceptor, a bounded queue, N threads (200) that serve a client each",
    .run = thread_pool_run,
};
