/* SPDX-License-Identifier: MIT */
/*
 * server.h: what every model is lent, and the life of a server around a model's run.
 *
 *     server_open -> model->run -> server_close
 */
#ifndef MUELLE_SERVER_SERVER_H
#define MUELLE_SERVER_SERVER_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/compiler.h"
#include "protocol/protocol.h"
#include "server/counters.h"
#include "server/farewell.h"
#include "server/model.h"
#include "server/service.h"

/* How long after the stop clients may finish what is under way. */
#define DRAIN_TIME_NS NS_PER_S

/* Read-only while the server runs. */
struct server_config {
    const struct server_model *model;
    const struct protocol *protocol;
    const char *bind_address;   /* numeric IPv4 or IPv6 address */
    uint16_t port;              /* 0: a free one */
    unsigned workers;           /* 0: the model's own default */
    size_t connections_max;     /* served at once; beyond it clients are refused; 0: no limit */
    size_t message_max;         /* bytes of payload of one message */
    uint64_t idle_timeout_ns;   /* silence after which a client is closed; 0: never */
    int backlog;                /* of listen(2) */
    unsigned queue;             /* connections or requests that may wait for a worker */
    unsigned requests_per_turn; /* of one client before the others have theirs */
    unsigned ring_entries;      /* of an io_uring's submission queue */
    size_t stack_size;          /* of a thread that serves one client */
};

/* Everything is open before the model runs and closed after it returned; a model owns nothing of
 * it. */
struct server {
    const struct server_config *config;
    const struct protocol *protocol;
    struct service service;
    struct counters_set counters;
    int listen_fd;    /* non-blocking */
    int stop_fd;      /* readable: stop; see stop.h */
    char address[64]; /* "127.0.0.1:4444", the port that was taken */
    uint16_t port;

    struct farewell farewell;
    atomic_size_t *clients_served; /* at present; shared with worker processes */
    /* Given up for a moment to be able to refuse when descriptors run out; -1 then. accept.c */
    atomic_int reserve_fd;
    void (*on_ready)(const struct server *server);
};

/* The defaults of the command line. */
extern const struct server_config SERVER_CONFIG_DEFAULT;

/* Binds, listens and calibrates. `config` must outlive the server. 0, or -errno after saying why.
 */
int server_open(struct server *server, const struct server_config *config) MUST_CHECK;
void server_close(struct server *server);

/* The workers asked for, else the model's own default. */
unsigned server_workers(const struct server *server);

/* Another listener on the server's port, for a model that `shares_port`: the kernel deals
 * connections out among the listeners by a hash of the addresses, so every one that is open has to
 * be served. The caller closes it. -errno on failure. */
int server_listen_too(const struct server *server) MUST_CHECK;

/* A model calls it once, when it is able to accept. */
void server_ready(struct server *server);

/* accept.h admits a client; its end is told here (session_end() does). */
static inline void server_client_left(struct server *server)
{
    atomic_fetch_sub_explicit(server->clients_served, 1, memory_order_relaxed);
}

#endif
