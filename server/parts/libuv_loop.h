/* SPDX-License-Identifier: MIT */
/*
 * libuv_loop.h: the event loop of libuv, used as its users do: streams and callbacks.
 *
 * Here are the handles that there is one of: the listener, the stop, the timer. Listening is not
 * left to libuv, because whom to take in and whom to turn away is the same for every model: so the
 * listener is watched by a uv_poll_t. What happens to a client is in libuv_client.h.
 *
 * The two pages differ in where requests are executed, and that is one function.
 */
#ifndef MUELLE_SERVER_PARTS_LIBUV_LOOP_H
#define MUELLE_SERVER_PARTS_LIBUV_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "server/parts/clients.h"
#include "server/parts/libuv_client.h"
#include "server/server.h"
#include "server/session.h"

enum { LIBUV_SCRATCH_SIZE = 64 * 1024 }; /* what libuv itself suggests for a read */

/* Has the request that waits in the client's session executed by somebody else. The session is
 * kept, and theirs until it was handed back to the loop's counters and scratch and
 * libuv_loop_came_back() is called. */
typedef void libuv_loop_send_away(struct libuv_client *client);

/* Owned by the thread that runs it; too large for a stack. */
struct libuv_loop {
    struct server *server;
    struct counters *counters;
    libuv_loop_send_away *send_away; /* for WORK requests; NULL: all are executed in line */
    void *owner;                     /* for send_away */
    struct clients clients; /* who is away is not among them: nobody may look at its session */
    size_t away_count;
    uv_loop_t uv;
    uv_poll_t listener, stop;
    uv_timer_t timer;       /* who has been silent too long; during the stop, the end of patience */
    uv_check_t turn;        /* the loop has waited */
    uv_idle_t others_first; /* runs as long as somebody is left over */
    struct libuv_client *left_over; /* those with requests for the next turn */
    bool stopping, drained, served;
    uint8_t input[LIBUV_SCRATCH_SIZE], output[LIBUV_SCRATCH_SIZE];
};

/* Serves until the stop, drains, and gives back everything libuv holds in this process, for good:
 * it cannot run a second time. Zeroed memory is expected. 0 or -errno. */
int libuv_loop_run(struct libuv_loop *loop, struct server *server, libuv_loop_send_away *send_away,
                   void *owner) MUST_CHECK;

/* The request that was away is executed. On the loop's thread. */
void libuv_loop_came_back(struct libuv_client *client);

/* The loop's own scratch. */
struct session_scratch libuv_loop_scratch(struct libuv_loop *loop);

#endif
