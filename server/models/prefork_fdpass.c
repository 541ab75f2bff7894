/* SPDX-License-Identifier: MIT */
/*
 * prefork-fdpass: the parent waits for clients and passes each to an idle child, which waits for
 * its requests in recv(2).
 *
 * As prefork, but the workers never see the listener: the parent accepts, and gives the connected
 * descriptor to a worker through a UNIX socket (SCM_RIGHTS). So the parent decides who serves whom,
 * knows who is idle, and can keep the rest in a queue, bounded in length and in time. The price is
 * paid for each connection: two system calls on either side, a context switch, and a parent that
 * everybody has to pass through, which is what ends it under churn. It cannot serve more clients at
 * once than it has workers. Stevens measured it as the slowest way to prefork; Node.js' cluster
 * module works this way, with loops for workers.
 *
 * A worker says that it is idle in a pipe that all share, and who was idle last is taken first, for
 * its caches are warm. What was on its way to a worker that dies is taken back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/accept.h"
#include "server/model.h"
#include "server/parts/connection_queue.h"
#include "server/parts/descriptor_channel.h"
#include "server/parts/lone_client.h"
#include "server/parts/processes.h"
#include "server/server.h"

enum { WORKERS_DEFAULT = 200 }; /* a worker is a client served, not a core */

struct passing {
    struct server *server;
    struct counters *counters; /* of the parent */
    struct processes processes;
    struct descriptor_channel *channels; /* [workers], to each worker */
    unsigned workers;
    unsigned *idle; /* [idle_count], indices of workers; the last one takes the next client */
    unsigned idle_count;
    int report_fds[2];             /* workers write their index there */
    struct connection_queue queue; /* of those that no worker is free for */
};

/* --- the worker ------------------------------------------------------------------------------- */

/* Whoever waits in the queue when a dead worker is replaced is the parent's: a client whose socket
 * is still open here would never see its end. */
static void leave_queue(struct passing *passing)
{
    int fd;

    while ((fd = connection_queue_try_pop(&passing->queue)) >= 0)
        close(fd);
}

static void leave_parent(struct passing *passing, unsigned index)
{
    close(passing->server->listen_fd);
    leave_queue(passing);
    close(passing->report_fds[0]);
    for (unsigned i = 0; i < passing->workers; i++) {
        if (i != index)
            descriptor_channel_close(&passing->channels[i]);
    }
    close(passing->channels[index].giving_fd);
}

static int await_client(struct passing *passing, unsigned index)
{
    /* At most one of each worker is in the pipe: it is never full. */
    if (write(passing->report_fds[1], &index, sizeof index) != (ssize_t)sizeof index)
        return -EPIPE;
    return descriptor_channel_take(&passing->channels[index]);
}

static int work(struct process *process)
{
    struct passing *passing = process->shared;
    int fd;

    lone_client_init();
    leave_parent(passing, process->index);
    while ((fd = await_client(passing, process->index)) >= 0) {
        counters_add(process->counters, COUNTER_WAKEUPS, 1);
        lone_client_serve(process->server, process->counters, fd);
    }
    return fd == -ECANCELED ? 0 : fd;
}

/* --- the parent ------------------------------------------------------------------------------- */

static void take_reports(struct passing *passing)
{
    unsigned index;

    while (read(passing->report_fds[0], &index, sizeof index) == (ssize_t)sizeof index)
        passing->idle[passing->idle_count++] = index;
}

/* There is an idle worker. */
static void pass(struct passing *passing, int fd)
{
    unsigned index = passing->idle[passing->idle_count - 1];

    if (descriptor_channel_give(&passing->channels[index], fd) < 0) {
        server_refuse(passing->server, passing->counters, fd);
        return;
    }
    passing->idle_count--;
    passing->processes.places[index].clients_given++;
    counters_add(passing->counters, COUNTER_HANDOFFS, 1);
    close(fd);
}

static void enqueue(struct passing *passing, int fd, uint64_t now_ns)
{
    size_t waiting = connection_queue_push(&passing->queue, fd, now_ns);

    if (waiting > 0)
        counters_raise(passing->counters, COUNTER_QUEUE_MAX, waiting);
    else
        server_refuse(passing->server, passing->counters, fd);
}

/* The worker is dead: not idle any more, and what it was given and did not take comes back. */
static void on_end(struct process *process)
{
    struct passing *passing = process->shared;
    unsigned kept = 0;
    int fd;

    take_reports(passing);
    for (unsigned i = 0; i < passing->idle_count; i++) {
        if (passing->idle[i] != process->index)
            passing->idle[kept++] = passing->idle[i];
    }
    passing->idle_count = kept;
    while ((fd = descriptor_channel_take_back(&passing->channels[process->index])) >= 0) {
        process->clients_given--;
        enqueue(passing, fd, clock_now_ns());
    }
}

static void take_in(struct passing *passing, uint64_t now_ns)
{
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        int fd =
            server_accept(passing->server, passing->server->listen_fd, passing->counters, true);

        if (fd < 0)
            return;
        if (passing->idle_count > 0)
            pass(passing, fd);
        else
            enqueue(passing, fd, now_ns);
    }
}

/* The workers that run and have no client, though they may not have said so yet. */
static size_t count_unoccupied(const struct passing *passing)
{
    size_t unoccupied = 0;

    for (unsigned i = 0; i < passing->workers; i++) {
        const struct process *process = &passing->processes.places[i];

        unoccupied += process->pid > 0 && process->clients_given <=
                                              counters_get(process->counters, COUNTER_CLOSES) +
                                                  counters_get(process->counters, COUNTER_REJECTS);
    }
    return unoccupied;
}

static void parent_accept(struct passing *passing)
{
    const int others[] = {passing->server->listen_fd, passing->report_fds[0]};
    uint64_t refuse_at_ns = 0;

    while (processes_wait(&passing->processes, others, 2, refuse_at_ns)) {
        uint64_t now_ns = clock_now_ns();
        int fd;

        take_reports(passing);
        while (passing->idle_count > 0 && (fd = connection_queue_try_pop(&passing->queue)) >= 0)
            pass(passing, fd);
        take_in(passing, now_ns);
        connection_queue_set_idle(&passing->queue, count_unoccupied(passing));
        refuse_at_ns = connection_queue_refuse_overdue(&passing->queue, passing->server,
                                                       passing->counters, now_ns);
    }
}

static void parent_stop(struct passing *passing)
{
    connection_queue_close(&passing->queue);
    connection_queue_refuse_all(&passing->queue, passing->server, passing->counters);
    for (unsigned i = 0; i < passing->workers; i++)
        descriptor_channel_end(&passing->channels[i]);
    processes_stop(&passing->processes);
}

/* --- the run ---------------------------------------------------------------------------------- */

static void passing_release(struct passing *passing)
{
    for (unsigned i = 0; i < passing->workers; i++)
        descriptor_channel_close(&passing->channels[i]);
    for (int i = 0; i < 2; i++) {
        if (passing->report_fds[i] >= 0)
            close(passing->report_fds[i]);
    }
    connection_queue_release(&passing->queue);
    free(passing->idle);
    free(passing->channels);
}

static int passing_init(struct passing *passing, struct server *server)
{
    unsigned asked = server_workers(server);
    int failed = connection_queue_init(&passing->queue, server->config->queue, asked);

    if (failed < 0)
        return failed;
    passing->channels = calloc(asked, sizeof *passing->channels);
    passing->idle = calloc(asked, sizeof *passing->idle);
    if (!passing->channels || !passing->idle)
        failed = -ENOMEM;
    else if (pipe2(passing->report_fds, O_CLOEXEC | O_NONBLOCK) < 0)
        failed = -errno;
    while (failed == 0 && passing->workers < asked) {
        failed = descriptor_channel_open(&passing->channels[passing->workers]);
        passing->workers += failed == 0;
    }
    if (failed < 0)
        passing_release(passing);
    return failed;
}

static int prefork_fdpass_run(struct server *server)
{
    struct passing passing = {.server = server,
                              .report_fds = {-1, -1},
                              .counters = counters_join(&server->counters, "acceptor")};
    struct processes *processes = &passing.processes;
    int started = passing_init(&passing, server);

    if (started < 0)
        return started;
    started = processes_init(processes, server, passing.counters, work, &passing);
    if (started == 0) {
        processes->on_end = on_end;
        started = processes_start(processes, "worker", passing.workers);
        if (started > 0) {
            server_ready(server);
            parent_accept(&passing);
        }
        parent_stop(&passing);
        processes_release(processes);
    }
    passing_release(&passing);
    return started < 0 ? started : 0;
}

extern const struct server_model model_prefork_fdpass;
const struct server_model model_prefork_fdpass = {
    .name = "prefork-fdpass",
    .summary = "the parent accepts and passes each client to one of N processes",
    .tunings = TUNING_WORKERS | TUNING_QUEUE,
    .workers_default = WORKERS_DEFAULT,
    .capacity = CAPACITY_WORKERS,
    .forks = true,
    .run = prefork_fdpass_run,
};
