/* SPDX-License-Identifier: MIT */
/*
 * metrics_server.h: the latest OpenMetrics text over HTTP, while the run goes on.
 *
 * One thread with a loop of its own answers GET and HEAD of /metrics on the loopback address; the
 * generator's threads know nothing of it. Just enough of HTTP/1.1 for a scraper or curl: one
 * request a connection, answered with a length, then closed. Until a text is published it answers
 * 503.
 *
 * Bounded in every direction: 16 connections (more wait in the listen queue for a place), a request
 * line of 4 KiB, a head of 64 KiB, and five seconds from a connection's beginning to its end.
 *
 * Deliberately not here: other addresses, TLS, compression, keeping connections alive.
 */
#ifndef MUELLE_LOADGEN_METRICS_SERVER_H
#define MUELLE_LOADGEN_METRICS_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"

enum {
    METRICS_CONNECTIONS_MAX = 16,
    METRICS_REQUEST_LINE_MAX = 4096, /* bytes, its LF not counted */
    METRICS_HEAD_MAX = 64 * 1024,    /* bytes of request line and header lines */
    METRICS_TIMEOUT_MS = 5000,
};

struct metrics_server;

/* Listens on 127.0.0.1:port, 0: a free one, and starts the thread. 0 or -errno: -EADDRINUSE,
 * -EACCES, -ENOMEM, … */
int metrics_server_start(uint16_t port, struct metrics_server **server) MUST_CHECK;

/* The port it listens on. */
uint16_t metrics_server_port(const struct metrics_server *server);

/* From now on `text`, of `size` bytes, is what is served; it was allocated with malloc(3) and is
 * freed when nobody needs it any more. From any thread; never waits for a client. Without memory
 * the text before stays. */
void metrics_server_publish(struct metrics_server *server, char *text, size_t size);

/* Ends the thread, with whatever connections are open, and frees the server. */
void metrics_server_stop(struct metrics_server *server);

#endif
