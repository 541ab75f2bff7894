/* SPDX-License-Identifier: MIT */
/*
 * prefork: N processes, each of which waits for a client in accept(2), then for its requests in
 * recv(2).
 *
 * The processes are there before the clients, so a client costs no fork; and they all wait in the
 * same call on the same listener, where the kernel wakes one at a time, first come first served: no
 * acceptor, no queue, no lock, nothing that the workers share. A request that crashes takes one
 * client with it; the parent starts another worker and the rest do not notice. The price is a
 * process for each client that is to be served at once (a few hundred KiB each of memory that is
 * not shared). What it cannot do: serve more than N. Clients beyond wait in the kernel's queue,
 * which nobody looks into as long as all workers are occupied, be it by clients that are silent;
 * so the parent, who has nothing else to do, refuses who has waited too long. Apache's prefork MPM
 * works this way, and so do PHP-FPM and many servers of languages with one big lock.
 *
 * What the parent does is parts/accepting_processes.c; here is what a worker does.
 */
#include "server/accept.h"
#include "server/model.h"
#include "server/parts/accepting_processes.h"
#include "server/parts/lone_client.h"
#include "server/server.h"

enum { WORKERS_DEFAULT = 200 }; /* a worker is a client served, not a core */

static int work(struct process *process)
{
    int fd;

    lone_client_init();
    while ((fd = server_accept_waiting(process->server, process->counters)) >= 0)
        lone_client_serve(process->server, process->counters, fd);
    return 0;
}

static int prefork_run(struct server *server)
{
    return accepting_processes_run(server, work, NULL);
}

extern const struct server_model model_prefork;
const struct server_model model_prefork = {
    .name = "prefork",
    .summary = "N processes, each in accept, then in recv",
    .tunings = TUNING_WORKERS,
    .workers_default = WORKERS_DEFAULT,
    .capacity = CAPACITY_WORKERS,
    .forks = true,
    .run = prefork_run,
};
