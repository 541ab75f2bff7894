/* SPDX-License-Identifier: MIT */
/*
 * connection_queue.h: clients that wait for a worker: a bounded first-in, first-out queue.
 *
 * Bounded in length and in time: what does not fit is the caller's to refuse at once, and what has
 * waited too long comes out at the front to be refused too, so that nobody hangs unanswered.
 */
#ifndef MUELLE_SERVER_CONNECTION_QUEUE_H
#define MUELLE_SERVER_CONNECTION_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/compiler.h"
#include "server/server.h"

/* How long a client waits for a worker while all are occupied: then it is told that there is none.
 */
#define QUEUE_TIME_NS (500 * NS_PER_MS)
/* How much longer where a worker is idle, and only has to get its turn on a busy machine. */
#define QUEUE_PATIENCE_NS (5 * NS_PER_S)
/* And how often that is looked at. */
#define QUEUE_LOOK_NS (50 * NS_PER_MS)

struct queued_connection {
    int fd;
    uint64_t queued_ns;
};

/* Owns the ring, not the descriptors in it. */
struct connection_queue {
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    struct queued_connection *ring;
    size_t capacity;  /* connections that may wait while every worker serves one */
    size_t ring_size; /* capacity + workers_max */
    size_t head, count;
    size_t idle; /* workers that serve nobody */
    bool closed;
};

/* A queue for at most `workers_max` workers. A connection an idle worker will take does not count
 * towards `capacity`: connections come faster than workers wake up, and would be refused though
 * everybody is free. 0 or -ENOMEM. */
int connection_queue_init(struct connection_queue *queue, size_t capacity,
                          size_t workers_max) MUST_CHECK;
void connection_queue_release(struct connection_queue *queue);

/* There is one more worker, idle. */
void connection_queue_add_worker(struct connection_queue *queue);
/* So many are idle, where the workers do not take their connections from the queue themselves. */
void connection_queue_set_idle(struct connection_queue *queue, size_t idle);

/* How many wait now; 0 when it is full or closed: `fd` is still the caller's. */
size_t connection_queue_push(struct connection_queue *queue, int fd, uint64_t now_ns) MUST_CHECK;

/* A worker waits for its next connection; -1 when the queue is closed. */
int connection_queue_pop(struct connection_queue *queue) MUST_CHECK;
/* The worker that took a connection has served it and is idle again. */
void connection_queue_served(struct connection_queue *queue);

/* The oldest connection, closed queue or not, or -1; does not wait. */
int connection_queue_try_pop(struct connection_queue *queue) MUST_CHECK;

/* Refuses those who have waited too long. `counters`: of the caller. Returns when to do it again; 0
 * when nobody waits. */
uint64_t connection_queue_refuse_overdue(struct connection_queue *queue, struct server *server,
                                         struct counters *counters, uint64_t now_ns);

/* Nothing more goes in and nobody waits any longer; what is inside is taken with
 * connection_queue_try_pop(), or refused. */
void connection_queue_close(struct connection_queue *queue);
void connection_queue_refuse_all(struct connection_queue *queue, struct server *server,
                                 struct counters *counters);

#endif
