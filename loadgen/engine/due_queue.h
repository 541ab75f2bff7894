/* SPDX-License-Identifier: MIT */
/*
 * due_queue.h: connections for which something is due at an instant of their own: the end of a
 * think time, another attempt to connect. A binary heap, the soonest first; adding and taking cost
 * log n whatever the times.
 */
#ifndef MUELLE_LOADGEN_DUE_QUEUE_H
#define MUELLE_LOADGEN_DUE_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"

struct connection;

struct due_entry {
    uint64_t at_ns;
    struct connection *connection;
};

/* Owns `entries`. */
struct due_queue {
    struct due_entry *entries;
    size_t count, capacity;
};

/* Room for `capacity` entries. 0 or -ENOMEM. */
int due_queue_init(struct due_queue *queue, size_t capacity) MUST_CHECK;
void due_queue_release(struct due_queue *queue);
/* There is room. */
void due_queue_add(struct due_queue *queue, struct due_entry entry);
/* When the soonest is due; UINT64_MAX: there is none. */
uint64_t due_queue_soonest(const struct due_queue *queue);
/* Takes the soonest; there is one. */
struct due_entry due_queue_take(struct due_queue *queue);

#endif
