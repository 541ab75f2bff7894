/* SPDX-License-Identifier: MIT */
/*
 * thread-per-client: a thread waits for each client, in recv(2).
 *
 * The program for one client is also the program for ten thousand: straight-line code on a blocking
 * socket, the scheduler does the rest, and a request that blocks delays nobody else. The price of a
 * client is a thread: some 12 KiB of touched stack, a kernel stack, a place in the run queue, and a
 * context switch for nearly every request. What it cannot do: more clients than the system allows
 * threads (the next one is refused). MySQL and the classic Java servers work this way.
 *
 * Threads are not joined by the acceptor, which would have to wait for them, and not detached,
 * because then nobody would know when the last one is gone: each leaving thread joins the one that
 * left before it, and the run joins the last.
 */
#include <stdlib.h>

#include "server/accept.h"
#include "server/model.h"
#include "server/parts/clients.h"
#include "server/server.h"
#include "server/session.h"
#include "server/stop.h"

/* On the client's own stack, and of it only what a request touches: larger messages wait in memory
 * of the session's own. */
enum { SCRATCH_SIZE = 2048 };

struct crowd {
    struct server *server;
    struct counters *counters; /* of the acceptor */
    struct clients clients;
    pthread_attr_t thread_attributes;
    pthread_mutex_t leaving; /* guards the two below */
    pthread_t last_left;
    bool somebody_left;
};

struct thread_client {
    struct client client;
    struct counters *counters;
    struct crowd *crowd;
};

/* Joins whoever left before, so that at most one thread that has ended waits to be joined. */
static void crowd_leave(struct crowd *crowd)
{
    pthread_mutex_lock(&crowd->leaving);
    bool somebody_left = crowd->somebody_left;
    pthread_t left_before = crowd->last_left;

    crowd->last_left = pthread_self();
    crowd->somebody_left = true;
    pthread_mutex_unlock(&crowd->leaving);
    if (somebody_left)
        pthread_join(left_before, NULL);
}

static void *client_thread(void *argument)
{
    struct thread_client *client = argument;
    struct crowd *crowd = client->crowd;
    struct session *session = &client->client.session;
    uint8_t input[SCRATCH_SIZE], output[SCRATCH_SIZE];

    session_init(session, crowd->server, client->counters,
                 (struct session_scratch){{input, sizeof input}, {output, sizeof output}}, true);
    clients_converse(&crowd->clients, &client->client);
    crowd_leave(crowd);
    clients_remove(&crowd->clients, &client->client);
    session_end(session, client->client.fd);
    counters_leave(&crowd->server->counters, client->counters);
    free(client);
    return NULL;
}

static void crowd_admit(struct crowd *crowd, int fd)
{
    struct thread_client *client = malloc(sizeof *client);
    pthread_t thread;

    if (!client) {
        server_refuse(crowd->server, crowd->counters, fd);
        return;
    }
    client->client.fd = fd;
    client->crowd = crowd;
    client->counters = counters_join(&crowd->server->counters, NULL);
    clients_add(&crowd->clients, &client->client);
    if (pthread_create(&thread, &crowd->thread_attributes, client_thread, client) != 0) {
        clients_remove(&crowd->clients, &client->client);
        counters_leave(&crowd->server->counters, client->counters);
        free(client);
        server_refuse(crowd->server, crowd->counters, fd);
    }
}

static void crowd_accept(struct crowd *crowd)
{
    while (server_wait(crowd->server, crowd->counters, 0)) {
        for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
            int fd = server_accept(crowd->server, crowd->server->listen_fd, crowd->counters, true);

            if (fd < 0)
                break;
            crowd_admit(crowd, fd);
        }
    }
}

static int thread_per_client_run(struct server *server)
{
    struct crowd crowd = {.server = server};
    size_t stack_size = server->config->stack_size;
    int failed;

    failed = pthread_attr_init(&crowd.thread_attributes);
    if (failed)
        return -failed;
    failed = pthread_attr_setstacksize(&crowd.thread_attributes, stack_size);
    if (!failed)
        failed = stop_leave_signals(&crowd.thread_attributes);
    if (failed)
        goto undo_attributes;
    pthread_mutex_init(&crowd.leaving, NULL);
    crowd.counters = counters_join(&server->counters, "acceptor");
    clients_init(&crowd.clients);

    server_ready(server);
    crowd_accept(&crowd);
    clients_drain(&crowd.clients);
    if (crowd.somebody_left)
        pthread_join(crowd.last_left, NULL);

    clients_release(&crowd.clients);
    pthread_mutex_destroy(&crowd.leaving);
undo_attributes:
    pthread_attr_destroy(&crowd.thread_attributes);
    return -failed;
}

extern const struct server_model model_thread_per_client;
const struct server_model model_thread_per_client = {
    .name = "thread-per-client",
    .summary = "a thread per client, in recv",
    .tunings = TUNING_STACK_SIZE,
    .run = thread_per_client_run,
};
