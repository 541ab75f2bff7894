/* SPDX-License-Identifier: MIT */
/*
 * reply_queue.h: replies that wait for their time, the earliest first: a binary heap.
 *
 * Replies due at the same instant leave in the order in which they were put in. Grows as it must:
 * a server offered more than its capacity has a queue without end, and that is what is tested.
 */
#ifndef MUELLE_TESTS_TRUTH_REPLY_QUEUE_H
#define MUELLE_TESTS_TRUTH_REPLY_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"

struct due_reply {
    uint64_t arrived_ns; /* when its request arrived */
    uint64_t due_ns;
    uint64_t client_id;
    size_t size;       /* bytes of the client's output that may leave then */
    uint64_t sequence; /* set by reply_queue_push() */
};

/* Zero-initialised is empty. Owns `replies`. */
struct reply_queue {
    struct due_reply *replies;
    size_t count, capacity;
    uint64_t sequence;
};

/* False when out of memory; the queue is then as it was. */
bool reply_queue_push(struct reply_queue *queue, struct due_reply reply) MUST_CHECK;

/* The one that is due first, NULL when the queue is empty; valid until the next push or pop. */
const struct due_reply *reply_queue_first(const struct reply_queue *queue);

/* Drops the first of a queue that is not empty. */
void reply_queue_pop(struct reply_queue *queue);

void reply_queue_release(struct reply_queue *queue);

#endif
