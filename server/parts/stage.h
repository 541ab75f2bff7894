/* SPDX-License-Identifier: MIT */
/*
 * stage.h: a bounded queue of lent clients, and the threads that empty it.
 *
 * Each thread takes a client, moves its session one step with counters and scratch of its own, and
 * passes the client on: to the next stage, or back to the loop. What is full is the caller's
 * business: stage_offer() says so, stage_push() waits.
 */
#ifndef MUELLE_SERVER_PARTS_STAGE_H
#define MUELLE_SERVER_PARTS_STAGE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "server/parts/loop.h"
#include "server/parts/workers.h"

struct stage {
    /* On a thread of the stage, which has the client until it passes it on. */
    void (*handle)(struct stage *stage, struct loop_client *client);
    void *owner;           /* for handle() */
    pthread_mutex_t mutex; /* guards what follows, except the workers */
    pthread_cond_t filled, has_room;
    struct loop_client *first, *last;
    size_t count;
    size_t capacity; /* clients that may wait while every thread is occupied */
    size_t idle;     /* threads that have no client */
    bool closed;
    struct workers workers;
};

/* Starts as many of `threads` as the machine allows. `capacity` is 1 or more; a client whom an idle
 * thread is about to take does not count. 0 or -errno. */
int stage_start(struct stage *stage, struct server *server, const char *role, unsigned threads,
                size_t capacity, void (*handle)(struct stage *stage, struct loop_client *client),
                void *owner) MUST_CHECK;

/* Its threads take nobody any more, finish what they are at and end. Who is in the queue stays
 * lent. */
void stage_stop(struct stage *stage);

/* Puts a client into the queue; it is the stage's then. `counters` are the caller's. False when the
 * queue is full. */
bool stage_offer(struct stage *stage, struct loop_client *client,
                 struct counters *counters) MUST_CHECK;
/* The same, and waits for room. */
void stage_push(struct stage *stage, struct loop_client *client, struct counters *counters);

/* Whether a client put there now would have no room. */
bool stage_is_full(struct stage *stage);

#endif
