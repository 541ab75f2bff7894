/* SPDX-License-Identifier: MIT */
/*
 * connection.h: one connection: connect, greet, then requests and their replies, until it is lost,
 * has carried as many as it should, or the run is over.
 *
 * The hot path is one event: the replies are read and judged, their latencies recorded and the next
 * requests sent before it returns. No allocation, no timer, no epoll_ctl; what the socket does not
 * take is kept by the link.
 */
#ifndef MUELLE_LOADGEN_CONNECTION_H
#define MUELLE_LOADGEN_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "loadgen/engine/connection_list.h"
#include "loadgen/engine/exchange.h"
#include "loadgen/engine/link.h"
#include "loadgen/load/load.h"
#include "loadgen/record/outcome.h"

struct worker;

enum connection_state {
    CONNECTION_WAITING,    /* for its turn to connect, in the worker's queue */
    CONNECTION_CONNECTING, /* for the kernel */
    CONNECTION_GREETING,   /* for the server's welcome */
    CONNECTION_OPEN,
    CONNECTION_CLOSING, /* for libuv to let go of the handle */
    CONNECTION_GONE,    /* will not be tried again */
};

/* In a worker's array. It is in at most one of the worker's lists at a time: waiting to connect,
 * attempting to, or idle. */
struct connection {
    struct link link;
    struct worker *worker;
    struct exchange exchange;
    struct connection_place place;
    uint64_t since_ns;      /* CONNECTING, GREETING: since then; WAITING: not before */
    uint64_t free_ns;       /* OPEN: since when it could send one more */
    uint64_t requests_sent; /* since it was opened */
    enum connection_state state;
    unsigned thinking;      /* LOOP_THINK: how many requests are being thought of */
    unsigned char attempts; /* failed ones in a row */
    bool silent;            /* greets, and never sends a request */
    bool stamped;           /* its replies are, when they arrive */
    bool was_established;
    bool was_refused; /* by the server, in the handshake */
    bool again;       /* to be opened anew when it has closed */
};

/* `flights`: room for plan->pipeline requests, which the worker owns; NULL: it is to be silent. */
void connection_init(struct connection *connection, struct worker *worker, uint32_t id,
                     struct flight *flights, bool stamped);

/* WAITING -> CONNECTING, or failed. */
void connection_open(struct connection *connection);

/* Could it send one more request? */
bool connection_can_send(const struct connection *connection);

/* Closed loop: sends as many as it can and may. */
void connection_fill(struct connection *connection);
/* It can send: sends this one. */
void connection_send(struct connection *connection, const struct intent *intent);

/* The answer to its connect or its greeting has not come in time. */
void connection_time_out_attempt(struct connection *connection);
/* The answer to its oldest request has not come in time. */
void connection_time_out_request(struct connection *connection);

/* The run is over: closes it for good; requests in flight are counted as such. */
void connection_abandon(struct connection *connection, uint64_t now_ns);

#endif
