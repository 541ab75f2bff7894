/* SPDX-License-Identifier: MIT */
/*
 * ring_loop.h: the loop round an io_uring: one thread that waits for operations to be finished, not
 * for sockets to be ready.
 *
 * Accepting, receiving and sending are done by the kernel; the loop is told the results, moves the
 * sessions and asks for what they need next. All that one turn has asked for is handed over by the
 * call that waits for the next one, so a system call is shared by everybody who had something to do
 * in a turn. How clients receive differs between the models, and that is a `struct ring_receiver`.
 *
 * A client has at most one send in flight, and nothing of its session moves until that is over. It
 * is closed in two steps: its operations are cancelled, and when the last of them is over it is
 * freed.
 */
#ifndef MUELLE_SERVER_PARTS_RING_LOOP_H
#define MUELLE_SERVER_PARTS_RING_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/parts/clients.h"
#include "server/parts/ring.h"
#include "server/server.h"
#include "server/session.h"

struct ring_loop;

/* A client of a ring's loop; the receiver's own kind of client begins with it. */
struct ring_client {
    struct client client; /* first: the list hands back this */
    struct ring_loop *loop;
    struct ring_operation receive, send;
    bool closing; /* no longer in the list; freed when nothing is in flight */
};

struct ring_receiver {
    size_t client_size; /* of its kind of client */
    bool accepts_many;  /* one request to accept is good for many clients */
    /* Completes a client's receives; it ends with ring_client_move() or ring_client_close(). */
    void (*received)(struct ring_operation *operation, int result, unsigned flags);
    /* What the session of a new client works in; what is the receiver's own of it is garbage still.
     */
    struct session_scratch (*lend)(struct ring_client *client);
    /* The session wants to read. True when it has been given something at once, or has failed;
     * false when it has to wait for the kernel. */
    bool (*receive)(struct ring_client *client);
    /* Where clients have no memory of their own; else NULL. hold(): others use the scratch before
     * the kernel has sent what lies in it. sent(): session_sent() was called. release(): the
     * client is freed, perhaps without that. */
    void (*hold)(struct ring_client *client);
    void (*sent)(struct ring_client *client);
    void (*release)(struct ring_client *client);
};

/* Owned by the thread that runs it. */
struct ring_loop {
    struct server *server;
    struct counters *counters;
    const struct ring_receiver *receiver;
    int listen_fd;
    struct ring ring;
    struct clients clients;
    struct ring_operation accept, listener, stop; /* listener: it is readable again */
    bool stopping;
};

/* Opens the ring, of as many entries as the command line asks for; `flags` are IORING_SETUP_….
 * `counters` may also be set later, before it runs. 0 or -errno. */
int ring_loop_init(struct ring_loop *loop, struct server *server, struct counters *counters,
                   int listen_fd, const struct ring_receiver *receiver, unsigned flags) MUST_CHECK;
void ring_loop_release(struct ring_loop *loop);

/* Serves the clients of `listen_fd` until the stop, and drains. */
void ring_loop_run(struct ring_loop *loop);

/* For the receiver. Moves the session until it needs the kernel, and asks for that; afterwards the
 * client may be gone. Nothing happens while a send is in flight: its end moves the session on. */
void ring_client_move(struct ring_client *client);
/* The connection is of no use any more, or the client is closing and one of its operations is
 * over: it ends when nothing is in flight. Afterwards it may be gone. */
void ring_client_close(struct ring_client *client);

#endif
