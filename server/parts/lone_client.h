/* SPDX-License-Identifier: MIT */
/*
 * lone_client.h: a process that serves one client at a time, on a socket that blocks.
 *
 * It waits in recv(2) and nowhere else, which is the point of the models it is for; so it does not
 * see the stop. Its parent tells it (PROCESS_HANG_UP_SIGNAL), and the signal's handler does what
 * somebody else does for a thread: it shuts the socket down, and the call that waits there returns.
 * The first time for reading, so that requests that have arrived are still answered, the second
 * time altogether.
 */
#ifndef MUELLE_SERVER_PARTS_LONE_CLIENT_H
#define MUELLE_SERVER_PARTS_LONE_CLIENT_H

#include "server/server.h"

/* Once, first of all in a worker process. */
void lone_client_init(void);

/* Serves the client until it has left, or was hung up on. `fd` blocks and comes from
 * server_accept(); it is closed. */
void lone_client_serve(struct server *server, struct counters *counters, int fd);

#endif
