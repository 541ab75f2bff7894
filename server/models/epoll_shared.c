/* SPDX-License-Identifier: MIT */
/*
 * epoll-shared: N threads wait for everybody, in epoll_wait(2) on one and the same descriptor.
 *
 * There is one list of who is ready, in the kernel, and whichever thread is free takes the next
 * from it: no client belongs to a core, so no core is idle while clients wait, and a request that
 * blocks holds up one thread of N. Clients are EPOLLONESHOT: who fetched the event owns the client
 * until it arms it again.
 *
 * The price: events are fetched one at a time and every one of them is armed again, two system
 * calls a turn that a loop of its own would share among many or not make at all; a client's memory
 * wanders from core to core; and the threads contend for the kernel's one list. A waiting client
 * costs what it does in `epoll`, and a mutex. What it cannot do: serve anybody while N requests
 * block. Boost.Asio with one io_context run by several threads works this way; Go's scheduler has
 * one such list too, though it polls for all of its threads.
 *
 * How clients are owned, and who looks after the silent ones and the stop: parts/shared_clients.h.
 */
#include "server/model.h"
#include "server/parts/loop.h"
#include "server/parts/shared_clients.h"
#include "server/parts/workers.h"
#include "server/server.h"
#include "server/session.h"

static void work(struct worker *worker)
{
    struct shared_clients *shared = worker->shared;
    uint8_t input[LOOP_SCRATCH_SIZE], output[LOOP_SCRATCH_SIZE]; /* as large as any loop's */
    struct session_scratch scratch = {{input, sizeof input}, {output, sizeof output}};
    void *ready;

    while ((ready = shared_clients_wait(shared, worker->counters)))
        shared_clients_serve(shared, ready, worker->counters, scratch);
}

static int epoll_shared_run(struct server *server)
{
    struct shared_clients shared;
    struct workers workers;
    int started = shared_clients_init(&shared, server);

    if (started < 0)
        return started;
    started = workers_start(&workers, server, "worker", server_workers(server), 0, work, &shared);
    if (started > 0) {
        server_ready(server);
        shared_clients_supervise(&shared);
    }
    workers_join(&workers);
    shared_clients_release(&shared);
    return started < 0 ? started : 0;
}

extern const struct server_model model_epoll_shared;
const struct server_model model_epoll_shared = {
    .name = "epoll-shared",
    .summary = "N threads in epoll_wait on one descriptor, EPOLLONESHOT",
    .tunings = TUNING_WORKERS | TUNING_REQUESTS_PER_TURN,
    .run = epoll_shared_run,
};
