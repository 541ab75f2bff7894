/* SPDX-License-Identifier: MIT */
/*
 * clients.h: the clients a model serves at present, least recently active first.
 *
 * For the two things that concern all of them: hanging up at the stop, and finding who has been
 * silent too long. A mutex guards the list, because threads that serve one client each share it;
 * it is taken when a client comes and goes, never per request.
 */
#ifndef MUELLE_SERVER_CLIENTS_H
#define MUELLE_SERVER_CLIENTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "server/session.h"

/* Owned by the model, which adds it once it is set up and removes it before it is freed. */
struct client {
    int fd;
    struct session session;
    uint64_t active_ns; /* when it last did something; kept by clients_touch() */
    bool is_lent;       /* another thread has its session, at which nobody else may look */
    struct client *previous, *next;
};

struct clients {
    pthread_mutex_t mutex;
    pthread_cond_t emptied;
    struct client *first, *last;
    size_t count;
    atomic_bool draining; /* who is added now came too late and is cut off at once */
};

void clients_init(struct clients *clients);
void clients_release(struct clients *clients);

void clients_add(struct clients *clients, struct client *client);
/* The caller may close its descriptor only afterwards: a number must not be hung up on that already
 * belongs to somebody else. */
void clients_remove(struct clients *clients, struct client *client);

/* `client` has just been active. */
void clients_touch(struct clients *clients, struct client *client, uint64_t now_ns);

/* For a thread that serves one client: answers `client`, whose socket blocks, until it has left.
 * While the clients drain, a thread that has answered something hangs up on its client itself: the
 * one that drains, one of ten thousand that are ready to run, would get round to it in seconds. */
void clients_converse(struct clients *clients, struct client *client);

/* For a thread that serves one client at a time: serves the one on `fd`, a blocking socket, until
 * it leaves or is hung up on, and closes it. The scratch serves the next one. */
void clients_serve(struct clients *clients, struct server *server, struct counters *counters,
                   struct session_scratch scratch, int fd);

/* Can its socket be read or written, whichever the session waits for? Who is ready is not silent,
 * only not served yet, for instance because another request blocks the thread. Does not block. */
bool client_is_ready(const struct client *client);

/* For a loop: who has been silent for `timeout_ns` (0: that is nobody), or NULL. Those who are
 * ready or lent are touched and passed over. With NULL, `*next_ns` is when the next one will have
 * been silent so long; 0: there is none. */
struct client *clients_find_silent(struct clients *clients, uint64_t timeout_ns, uint64_t *next_ns);

/* Tells every client's socket that nothing more will come: whoever waits to read wakes up, requests
 * that have arrived are still answered. Does not wait. */
void clients_hang_up(struct clients *clients);

/* For models whose threads serve the clients: hangs up, waits until all have left, and cuts off
 * after DRAIN_TIME_NS who has not. */
void clients_drain(struct clients *clients);

#endif
