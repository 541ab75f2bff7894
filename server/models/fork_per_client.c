/* SPDX-License-Identifier: MIT */
/*
 * fork-per-client: a process waits for each client, in recv(2).
 *
 * The oldest way there is: accept, fork, and the child has the client, and a whole world, for
 * itself. Straight-line code on a blocking socket; a request that blocks delays nobody, and one
 * that crashes takes nobody with it, which is why PostgreSQL still works this way; inetd did, for
 * programs that knew nothing of sockets. The price is a fork for each client: the tables of the
 * parent's memory are copied (some tenths of a millisecond, more the more the parent has), pages
 * that are written to afterwards too, and at the end it all is taken down again. So it is short
 * connections that it cannot do; and more clients than the system allows processes (the next one
 * is refused).
 */
#include <unistd.h>

#include "server/accept.h"
#include "server/model.h"
#include "server/parts/lone_client.h"
#include "server/parts/processes.h"
#include "server/server.h"

/* In the child: serves its client and ends. */
static int work(struct process *process)
{
    close(process->server->listen_fd);
    lone_client_init();
    lone_client_serve(process->server, process->counters, process->client_fd);
    return 0;
}

static void parent_accept(struct processes *processes)
{
    struct server *server = processes->server;

    while (processes_wait(processes, &server->listen_fd, 1, 0)) {
        for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
            int fd = server_accept(server, server->listen_fd, processes->counters, true);

            if (fd < 0)
                break;
            if (processes_serve(processes, fd) < 0)
                server_refuse(server, processes->counters, fd);
        }
    }
}

static int fork_per_client_run(struct server *server)
{
    struct processes processes;
    int failed = processes_init(&processes, server, counters_join(&server->counters, "acceptor"),
                                work, NULL);

    if (failed < 0)
        return failed;
    server_ready(server);
    parent_accept(&processes);
    processes_stop(&processes);
    processes_release(&processes);
    return 0;
}

extern const struct server_model model_fork_per_client;
const struct server_model model_fork_per_client = {
    .name = "fork-per-client",
    .summary = "a process per client, in recv",
    .forks = true,
    .run = fork_per_client_run,
};
