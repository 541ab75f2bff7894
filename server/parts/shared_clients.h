/* SPDX-License-Identifier: MIT */
/*
 * shared_clients.h: clients that any of several threads may serve, one at a time.
 *
 * All threads wait on one epoll descriptor, and every socket in it is EPOLLONESHOT: the kernel
 * reports it once and is then silent about it until it is armed again. So whoever fetched an event
 * owns that client, alone, until it has served it and armed it, and the one who sees its end frees
 * it: nobody else can hold an event of it. The listener is passed round in the same way; otherwise
 * one newcomer would wake thread after thread.
 *
 * Somebody has to look after the silent and the stop: the thread that runs the server, which serves
 * nobody. It never frees a client either: it shuts the socket down, which is an event like any
 * other, and whoever fetches that ends the client.
 *
 *     shared_clients_init, start threads that wait and serve  ->  shared_clients_supervise
 *         ->  join the threads  ->  shared_clients_release
 */
#ifndef MUELLE_SERVER_PARTS_SHARED_CLIENTS_H
#define MUELLE_SERVER_PARTS_SHARED_CLIENTS_H

#include <pthread.h>
#include <stdbool.h>

#include "common/compiler.h"
#include "server/parts/clients.h"
#include "server/server.h"
#include "server/session.h"

/* Owned by the model. */
struct shared_clients {
    struct server *server;
    int epoll_fd;
    struct clients clients;
    pthread_mutex_t accepting; /* held while clients are taken in; guards what follows */
    bool closed;               /* nobody comes in any more */
};

/* From now on clients of the server's listener are reported. 0 or -errno. */
int shared_clients_init(struct shared_clients *shared, struct server *server) MUST_CHECK;
void shared_clients_release(struct shared_clients *shared);

/* Blocks until something happened, and makes it the caller's, who hands it to
 * shared_clients_serve(). One event a call: who waits behind another in a thread's hands could not
 * be served by a thread that is free. NULL: the run is over. Counts the wakeups. */
void *shared_clients_wait(struct shared_clients *shared, struct counters *counters) MUST_CHECK;

/* Moves the client, or takes in new ones, and gives it back to whoever waits next. `counters` and
 * `scratch` are the calling thread's own. */
void shared_clients_serve(struct shared_clients *shared, void *ready, struct counters *counters,
                          struct session_scratch scratch);

/* For the thread that runs the server, while at least one other waits and serves: until the stop,
 * closes who has been silent too long; then drains, and ends the others' waiting. */
void shared_clients_supervise(struct shared_clients *shared);

#endif
