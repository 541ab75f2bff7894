/* SPDX-License-Identifier: MIT */
/*
 * prethreaded: N threads wait in accept(2) for a client, then in recv(2) for what it says;
 * everybody else waits in the listen queue.
 *
 * The threads are there before anybody comes, and each takes its next client itself: no acceptor,
 * no queue but the kernel's, no hand-over. The kernel wakes those who wait in accept one at a time,
 * in the order in which they began to, so new clients are spread evenly; serving is straight-line
 * code on a blocking socket. Costs are bounded by N whatever comes.
 *
 * What it cannot do: serve more than N clients at once. An idle or a slow client occupies its
 * thread just as a busy one does, and whoever comes then waits where nobody could answer him. So
 * the run's own thread, which has nothing else to do, refuses those who have waited too long
 * (parts/overflow.h). A thread that waits in accept holds the descriptor of its next client
 * already, so N of them are taken before anybody comes.
 *
 * Tomcat's old blocking connector comes close, and Stevens has it in Unix Network Programming: the
 * prethreaded server with an accept per thread.
 */
#include "server/accept.h"
#include "server/model.h"
#include "server/parts/clients.h"
#include "server/parts/overflow.h"
#include "server/parts/workers.h"
#include "server/server.h"
#include "server/stop.h"

enum {
    WORKERS_DEFAULT = 200, /* a worker is a client served, not a core */
    SCRATCH_SIZE = 16 * 1024
};

struct threads {
    struct server *server;
    struct clients clients; /* those that have a thread */
};

static void work(struct worker *worker)
{
    struct threads *threads = worker->shared;
    uint8_t input[SCRATCH_SIZE], output[SCRATCH_SIZE];
    struct session_scratch scratch = {{input, sizeof input}, {output, sizeof output}};
    int fd;

    while ((fd = server_accept_waiting(threads->server, worker->counters)) >= 0)
        clients_serve(&threads->clients, threads->server, worker->counters, scratch, fd);
}

/* What is left to do for the thread that started the others; returns at the stop. */
static void look_after_the_queue(struct server *server, unsigned workers)
{
    struct counters *counters = counters_join(&server->counters, "watcher");
    struct overflow overflow;

    overflow_init(&overflow, server, counters);
    while (!stop_wait(server->stop_fd, OVERFLOW_LOOK_NS)) {
        uint64_t rejects_before = counters_get(counters, COUNTER_REJECTS);

        overflow_look(&overflow, workers, clock_now_ns());
        counters_add(counters, COUNTER_WAKEUPS, 1);
        if (counters_get(counters, COUNTER_REJECTS) == rejects_before)
            counters_add(counters, COUNTER_EMPTY_WAKEUPS, 1);
    }
}

static int prethreaded_run(struct server *server)
{
    struct threads threads = {.server = server};
    struct workers workers;
    int started;

    clients_init(&threads.clients);
    server_accept_blocks(server, true);
    started = workers_start(&workers, server, "worker", server_workers(server),
                            server->config->stack_size, work, &threads);
    if (started > 0) {
        server_ready(server);
        look_after_the_queue(server, (unsigned)started);
    }
    server_accept_stop(server);
    clients_drain(&threads.clients);
    workers_join(&workers);
    clients_release(&threads.clients);
    return started < 0 ? started : 0;
}

extern const struct server_model model_prethreaded;
const struct server_model model_prethreaded = {
    .name = "prethreaded",
    .summary = "N threads, each in accept, then serving one client",
    .tunings = TUNING_WORKERS | TUNING_STACK_SIZE,
    .workers_default = WORKERS_DEFAULT,
    .capacity = CAPACITY_WORKERS,
    .run = prethreaded_run,
};
