/* SPDX-License-Identifier: MIT */
/*
 * io-uring-reuseport: a thread per core, each waiting in io_uring_enter(2) for its own share of the
 * clients.
 *
 * Every worker has a ring, a store of buffers and a listener of its own on the same port
 * (SO_REUSEPORT); the kernel deals connections out among the listeners by a hash of the addresses.
 * The workers share nothing but the counters' memory, so this is io-uring-multishot as many times
 * as there are cores. What it cannot do: even out what the hash dealt badly. A client stays with
 * its worker, and a long request delays all others of that worker while the next one idles; with
 * few connections some workers have none. Sharded storage and proxies built round io_uring work
 * this way.
 *
 * Rings and listeners are all open before the first worker starts: a listener that nobody serves
 * would leave those hanging who are hashed to it.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/model.h"
#include "server/parts/ring_multishot.h"
#include "server/parts/workers.h"
#include "server/server.h"

struct shards {
    struct server *server;
    struct ring_multishot *all; /* [count] */
    unsigned count;
};

/* The first worker serves the lent listener, which has to be served too. */
static int shards_add(struct shards *shards)
{
    struct server *server = shards->server;
    int listen_fd = shards->count == 0 ? server->listen_fd : server_listen_too(server);
    int failed;

    if (listen_fd < 0)
        return listen_fd;
    failed = ring_multishot_init(&shards->all[shards->count], server, listen_fd);
    if (failed == 0)
        shards->count++;
    else if (listen_fd != server->listen_fd)
        close(listen_fd);
    return failed;
}

/* Closes all but the first `left`. */
static void shards_remove(struct shards *shards, unsigned left)
{
    while (shards->count > left) {
        struct ring_multishot *last = &shards->all[--shards->count];
        int listen_fd = last->loop.listen_fd;

        ring_multishot_release(last);
        if (listen_fd != shards->server->listen_fd)
            close(listen_fd);
    }
}

static void work(struct worker *worker)
{
    struct shards *shards = worker->shared;

    ring_multishot_run(&shards->all[worker->index], worker->counters);
}

static int io_uring_reuseport_run(struct server *server)
{
    unsigned asked = server_workers(server);
    struct shards shards = {.server = server};
    struct workers workers = {0};
    int started = 0;

    shards.all = calloc(asked, sizeof *shards.all);
    if (!shards.all)
        return -ENOMEM;
    while (started == 0 && shards.count < asked)
        started = shards_add(&shards);
    if (started == 0)
        started = workers_start(&workers, server, "worker", asked, 0, work, &shards);
    if (started > 0) {
        shards_remove(&shards, (unsigned)started);
        server_ready(server);
    }
    workers_join(&workers);
    shards_remove(&shards, 0);
    free(shards.all);
    return started < 0 ? started : 0;
}

extern const struct server_model model_io_uring_reuseport;
const struct server_model model_io_uring_reuseport = {
    .name = "io-uring-reuseport",
    .summary = "io-uring-multishot once a core, each with its own listener",
    .tunings = TUNING_WORKERS | TUNING_REQUESTS_PER_TURN | TUNING_RING_ENTRIES,
    .shares_port = true,
    .probe = ring_multishot_probe,
    .run = io_uring_reuseport_run,
};
