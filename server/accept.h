/* SPDX-License-Identifier: MIT */
/*
 * accept.h: how clients are taken in and turned away, the same for every model.
 */
#ifndef MUELLE_SERVER_ACCEPT_H
#define MUELLE_SERVER_ACCEPT_H

#include <stdbool.h>

#include "common/compiler.h"
#include "server/server.h"

/* Clients taken in before looking at anything else again: a flood of newcomers starves neither
 * those inside nor the stop. */
enum { ACCEPTS_PER_TURN = 64 };

/* For a thread that only accepts: waits until a client may be in the queue of server->listen_fd, or
 * until `deadline_ns` on the clock (0: for ever). False when the server is to stop. */
bool server_wait(struct server *server, struct counters *counters, uint64_t deadline_ns);

/* The next client in the queue of `listen_fd` as a socket with TCP_NODELAY, blocking or not, the
 * idle timeout set on a blocking one. Does not wait: -EAGAIN when the queue is empty, or when so
 * many had to be turned away in a row that those inside come first (the listener stays readable).
 * Interrupted calls, clients that have gone again, the limit of connections and exhausted
 * descriptors (the queue is emptied then, with refusals, so that nobody hangs and nothing spins)
 * are dealt with here. From any thread. */
int server_accept(struct server *server, int listen_fd, struct counters *counters,
                  bool blocks) MUST_CHECK;

/* For workers that wait in accept(2) itself, where the kernel wakes them one at a time, first come
 * first served. The listener has to block (server_accept_blocks()); returns the next client as a
 * blocking socket with all that server_accept() does for one, or -ECANCELED when
 * server_accept_stop() has ended the waiting. Nobody is refused here for want of a worker or of a
 * descriptor: that is for somebody who does not wait (parts/overflow.h). */
int server_accept_waiting(struct server *server, struct counters *counters) MUST_CHECK;

/* Whether accept(2) on server->listen_fd waits: for every process and thread that shares it. Who
 * is to take somebody in without waiting switches it off for a moment, which those who come to wait
 * just then do not notice. One thread of one process only. */
void server_accept_blocks(struct server *server, bool blocks);

/* Ends every server_accept_waiting(), present and future, in all processes: the listener is shut
 * down, and who is still in its queue is cut off. */
void server_accept_stop(struct server *server);

/* The part of it that comes after accept(2), for a model whose connections the kernel accepts by
 * itself: `fd` as a client, or -EAGAIN when it was turned away because of the limit of connections.
 */
int server_admit(struct server *server, struct counters *counters, int fd, bool blocks) MUST_CHECK;

/* Tells the client that it cannot be served and closes `fd`; does not block. For a model at its own
 * limit; `fd` came from server_accept() or server_admit(). */
void server_refuse(struct server *server, struct counters *counters, int fd);

#endif
