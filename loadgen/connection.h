/* SPDX-License-Identifier: MIT */
/*
 * connection.h: one connection on libuv: connect, greet, then a request whenever the last one was
 * answered.
 *
 * The hot path is one read callback: the reply is judged, its latency recorded and the next request
 * written with uv_try_write() before the callback returns. No allocation, no timer, no epoll_ctl;
 * uv_write() only when the socket is full.
 */
#ifndef MUELLE_LOADGEN_CONNECTION_H
#define MUELLE_LOADGEN_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "loadgen/exchange.h"
#include "loadgen/outcome.h"

struct worker;

enum connection_state {
    CONNECTION_WAITING,    /* for its turn to connect, in the worker's queue */
    CONNECTION_CONNECTING, /* for the kernel */
    CONNECTION_GREETING,   /* for the server's welcome */
    CONNECTION_OPEN,
    CONNECTION_CLOSING, /* for libuv to let go of the handle */
    CONNECTION_GONE,    /* will not be tried again */
};

/* In a worker's array. At any time it is in at most one of the worker's lists: `waiting` for its
 * turn, or `pending` for an answer. */
struct connection {
    uv_tcp_t tcp;
    uv_connect_t connect;
    struct worker *worker;
    struct exchange exchange;
    struct connection *previous, *next;
    uint64_t since_ns; /* when it began to wait, in the list it is in */
    enum connection_state state;
    unsigned char attempts; /* failed ones in a row */
    bool was_established;
    bool was_refused; /* by the server, in the handshake */
    bool again;       /* to be opened anew when it has closed */
    bool listed;
};

/* Oldest first. */
struct connection_list {
    struct connection *first, *last;
};
void connection_list_append(struct connection_list *list, struct connection *connection);
void connection_list_remove(struct connection_list *list, struct connection *connection);

void connection_init(struct connection *connection, struct worker *worker, uint32_t id);

/* WAITING -> CONNECTING, or failed. */
void connection_open(struct connection *connection);

/* OPEN and nothing in flight: sends the next request. */
void connection_send(struct connection *connection);

/* Its answer has not come in time, whatever it waits for. */
void connection_time_out(struct connection *connection);

/* The run is over: closes it for good; a request in flight is counted as such. */
void connection_abandon(struct connection *connection, uint64_t now_ns);

#endif
