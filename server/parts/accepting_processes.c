/* SPDX-License-Identifier: MIT */
#include "server/parts/accepting_processes.h"

#include "server/accept.h"
#include "server/parts/overflow.h"

static void watch(struct processes *processes)
{
    struct overflow overflow;

    overflow_init(&overflow, processes->server, processes->counters);
    do
        overflow_look(&overflow, processes->running, clock_now_ns());
    while (processes_wait(processes, NULL, 0, overflow.next_look_ns));
}

int accepting_processes_run(struct server *server, int (*work)(struct process *process),
                            void *shared)
{
    struct processes processes;
    int started = processes_init(&processes, server, counters_join(&server->counters, "parent"),
                                 work, shared);

    if (started < 0)
        return started;
    server_accept_blocks(server, true);
    started = processes_start(&processes, "worker", server_workers(server));
    if (started > 0) {
        server_ready(server);
        watch(&processes);
    }
    server_accept_stop(server);
    processes_stop(&processes);
    processes_release(&processes);
    return started < 0 ? started : 0;
}
