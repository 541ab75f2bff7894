/* SPDX-License-Identifier: MIT */
/*
 * server.h: the clients of timed-server, what they are owed, and the loop that serves them.
 *
 * One thread. A reply is encoded when its request is read, waits in its client's output, and may
 * leave at the instant the timing gave it. What has a time of its own is looked at between any two
 * events, so that a crowd of requests does not make a due reply late.
 */
#ifndef MUELLE_TESTS_TRUTH_SERVER_H
#define MUELLE_TESTS_TRUTH_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/compiler.h"
#include "common/histogram.h"
#include "tests/truth/options.h"
#include "tests/truth/reply_log.h"
#include "tests/truth/reply_queue.h"
#include "tests/truth/talk.h"

enum { CLIENTS_MAX = 10000, READ_SIZE = 1 << 16 };

/* A slot; `fd` is -1 when it is free. Owns the buffers and the descriptor. */
struct client {
    int fd;
    uint32_t generation; /* of the slot: events and due replies of an earlier client are told */
    enum talk_state state;
    struct buffer input, output;
    size_t released;   /* bytes at the front of `output` whose time has come */
    size_t waiting;    /* replies in the queue */
    uint64_t due_ns;   /* of the last reply: none leaves before an earlier one */
    uint64_t answered; /* requests, those whose reply waits included */
    bool is_ending;    /* reads no more, and is closed when all it is owed has been sent */
    uint32_t watched;  /* the events it is registered for */
};

struct server_counts {
    uint64_t clients; /* accepted */
    uint64_t refused; /* closed at once: there were CLIENTS_MAX already */
    uint64_t dropped; /* closed for what they said, or for reading too slowly */
    uint64_t requests;
    uint64_t replies; /* given to the kernel, or at least tried to */
};

struct server {
    const struct options *options;
    struct timing timing;
    int epoll_fd, listen_fd, signal_fd;
    bool is_stopped;
    struct reply_queue queue;
    struct server_counts counts;
    struct histogram lateness; /* of replies that had to wait: nanoseconds from due to sent */
    struct reply_log log;      /* empty without --log */
    size_t clients_max;
    size_t free_count;
    uint32_t free_slots[CLIENTS_MAX];
    struct client clients[CLIENTS_MAX];
    uint8_t read_buffer[READ_SIZE];
};

/* 0, or -1 after one line on stderr; then nothing needs a release. SIGINT and SIGTERM are blocked
 * from here on and read by the loop. */
int server_open(struct server *server, const struct options *options) MUST_CHECK;

/* Serves until SIGINT or SIGTERM; 0, or -errno when it cannot go on. */
int server_run(struct server *server) MUST_CHECK;

void server_close(struct server *server);

/* client.c: what one readable or writable client needs; both may end it. */
void client_receive(struct server *server, struct client *client);
void client_send(struct server *server, struct client *client);
/* Registers a connected descriptor, which it owns from then on. */
void client_add(struct server *server, int fd);
/* Sends what is due at `now_ns` or before. */
void clients_release_due(struct server *server);
void client_drop(struct server *server, struct client *client);

/* What stands in an event and in a due reply for a client, and back; NULL when it has gone. */
uint64_t client_id(const struct server *server, const struct client *client);
struct client *client_find(struct server *server, uint64_t id);

#endif
