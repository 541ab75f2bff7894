/* SPDX-License-Identifier: MIT */
/*
 * leader-follower: one of N threads waits for everybody, in epoll_wait(2); the others wait to take
 * its place.
 *
 * The leader takes one event, promotes a follower to wait for the next, and then serves that client
 * itself, from the first byte read to the last one sent; afterwards it lines up again. So a request
 * is never handed over: no queue, no copy, and its bytes stay in one core's cache, where
 * `epoll-pool` needs two hand-offs. One that blocks holds up its own thread only. A waiting client
 * costs what it does in `epoll`, and a mutex.
 *
 * The price is a promotion per event, which wakes a thread, and two system calls, to fetch the
 * event alone and to arm the socket again. A thread that is done before the promoted one has woken
 * up leads again at once, and the other woke up in vain: this happens mostly with small messages.
 * What it cannot do: serve anybody while N requests block, or order events in any way, for there is
 * no queue where that could be done. ACE's thread-pool reactor works this way.
 *
 * `epoll-shared` is the same without the line: there all N wait in the kernel. What both need, that
 * a client is one thread's at a time, is parts/shared_clients.h.
 */
#include <pthread.h>
#include <stdbool.h>

#include "server/model.h"
#include "server/parts/loop.h"
#include "server/parts/shared_clients.h"
#include "server/parts/workers.h"
#include "server/server.h"
#include "server/session.h"

/* A thread is a request that may block, not a core: as many as in `epoll-pool`, to be compared. */
enum { WORKERS_DEFAULT = 32 };

struct line {
    struct shared_clients clients;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t promoted;
    bool has_leader;
};

static void become_leader(struct line *line, struct counters *counters)
{
    pthread_mutex_lock(&line->mutex);
    while (line->has_leader) {
        pthread_cond_wait(&line->promoted, &line->mutex);
        counters_add(counters, COUNTER_WAKEUPS, 1);
        if (line->has_leader)
            counters_add(counters, COUNTER_EMPTY_WAKEUPS, 1);
    }
    line->has_leader = true;
    pthread_mutex_unlock(&line->mutex);
}

static void promote_follower(struct line *line)
{
    pthread_mutex_lock(&line->mutex);
    line->has_leader = false;
    pthread_cond_signal(&line->promoted);
    pthread_mutex_unlock(&line->mutex);
}

static void work(struct worker *worker)
{
    struct line *line = worker->shared;
    uint8_t input[LOOP_SCRATCH_SIZE], output[LOOP_SCRATCH_SIZE]; /* as large as any loop's */
    struct session_scratch scratch = {{input, sizeof input}, {output, sizeof output}};
    void *ready;

    do {
        become_leader(line, worker->counters);
        ready = shared_clients_wait(&line->clients, worker->counters);
        /* At the end too: so each in turn learns that nothing more will come. */
        promote_follower(line);
        if (ready)
            shared_clients_serve(&line->clients, ready, worker->counters, scratch);
    } while (ready);
}

static int leader_follower_run(struct server *server)
{
    struct line line = {.has_leader = false};
    struct workers workers;
    int started = shared_clients_init(&line.clients, server);

    if (started < 0)
        return started;
    pthread_mutex_init(&line.mutex, NULL);
    pthread_cond_init(&line.promoted, NULL);
    started = workers_start(&workers, server, "worker", server_workers(server), 0, work, &line);
    if (started > 0) {
        server_ready(server);
        shared_clients_supervise(&line.clients);
    }
    workers_join(&workers);
    pthread_cond_destroy(&line.promoted);
    pthread_mutex_destroy(&line.mutex);
    shared_clients_release(&line.clients);
    return started < 0 ? started : 0;
}

extern const struct server_model model_leader_follower;
const struct server_model model_leader_follower = {
    .name = "leader-follower",
    .summary = "one of N threads in epoll_wait; it promotes the next, then serves",
    .tunings = TUNING_WORKERS | TUNING_REQUESTS_PER_TURN,
    .workers_default = WORKERS_DEFAULT,
    .run = leader_follower_run,
};
