/* SPDX-License-Identifier: MIT */
/*
 * loop.h: an event loop: one thread that waits for many clients at once, in whatever call.
 *
 * Taking clients in, moving their sessions, closing who is silent, stopping and draining is the
 * same for every such loop. What differs is how the kernel is asked who is ready, and that is a
 * `struct loop_poller`: four functions of the page that uses it.
 *
 *     loop_init, set `poller`, watch stop_fd and the listener  ->  loop_run  ->  loop_release
 */
#ifndef MUELLE_SERVER_PARTS_LOOP_H
#define MUELLE_SERVER_PARTS_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/accept.h"
#include "server/parts/clients.h"
#include "server/server.h"
#include "server/session.h"

enum { LOOP_SCRATCH_SIZE = 64 * 1024 }; /* one read takes what a socket buffer usually holds */

/* A client of a loop; poller_add() may note something of its own in `place`. While it is lent
 * (lending_loop.h) it is not moved, watched or closed here. */
struct loop_client {
    struct client client; /* first: the list hands back this */
    enum session_need watched_for;
    size_t place;
    bool is_unwatched;             /* the poller does not know it at present */
    struct loop_client *next_lent; /* in whatever queue it is */
};

struct loop;

struct loop_poller {
    /* Begins to watch a new client for input. 0 or -errno: then it is refused. */
    int (*add)(struct loop *loop, struct loop_client *client);
    /* `client->watched_for` has become another: READ or WRITE. 0 or -errno: then it is closed. */
    int (*change)(struct loop *loop, struct loop_client *client);
    void (*remove)(struct loop *loop, struct loop_client *client);
    /* Waits until somebody is ready, at most `timeout_ms` (-1: for ever), and says so:
     * loop_serve(), loop_accept(), loop_stop(). Returns how many there was something to do for;
     * 0 or less: a wakeup for nothing. */
    int (*wait)(struct loop *loop, int timeout_ms);
};

/* Owned by the thread that runs it. */
struct loop {
    struct server *server;
    struct counters *counters;
    const struct loop_poller *poller;
    int listen_fd; /* -1: it takes in nobody by itself */
    struct clients clients;
    bool stopping;
    /* What is done for a client that is ready, if not the usual. NULL: it is moved at once. */
    void (*serve)(struct loop *loop, struct loop_client *client);
    uint8_t input[LOOP_SCRATCH_SIZE], output[LOOP_SCRATCH_SIZE];
};

void loop_init(struct loop *loop, struct server *server, struct counters *counters, int listen_fd,
               const struct loop_poller *poller);
void loop_release(struct loop *loop);

/* Serves until the stop was noticed, and drains; who is lent by then stays. */
void loop_run(struct loop *loop);

/* For the poller's wait(): the listener is readable. False when nobody was in its queue: somebody
 * else who watches it was faster, and the wakeup was for nothing. */
bool loop_accept(struct loop *loop);
/* A client is ready. False when it may be gone afterwards. */
bool loop_serve(struct loop *loop, struct loop_client *client);
/* A client was moved and has this need, not WORK: waits for it, or closes. False when it is gone.
 */
bool loop_go_on(struct loop *loop, struct loop_client *client, enum session_need need);
/* The stop is requested: from now on nobody comes in, and those inside are told that nothing more
 * will be read. The poller no longer reports the stop descriptor or the listener. */
void loop_stop(struct loop *loop);

/* A client that came by another way than loop_accept(): `fd`, non-blocking, from server_accept().
 * Not when `stopping`, for nobody would hang up on it: refuse it then. */
void loop_take(struct loop *loop, int fd);
void loop_close(struct loop *loop, struct loop_client *client);

#endif
