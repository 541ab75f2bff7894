/* SPDX-License-Identifier: MIT */
/*
 * counters.h: what a server did, counted by the one who did it.
 *
 * Every worker has its own `struct counters` in its own cache lines and is its only writer, so
 * counting costs a plain addition. Anybody may sum at any time: each number is exact, though not
 * all are of the same instant. A worker that ends (a thread per client, say) folds its numbers into
 * the set's total and is forgotten.
 */
#ifndef MUELLE_SERVER_COUNTERS_H
#define MUELLE_SERVER_COUNTERS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "common/compiler.h"

enum counter {
    COUNTER_ACCEPTS,       /* connections taken from the listen queue */
    COUNTER_REJECTS,       /* of those, refused because a limit was reached */
    COUNTER_CLOSES,        /* of those, served and ended */
    COUNTER_REQUESTS,      /* requests answered, error replies included */
    COUNTER_ERRORS,        /* bad greetings, broken frames, requests answered with an error */
    COUNTER_BYTES_IN,      /* bytes read from clients */
    COUNTER_BYTES_OUT,     /* bytes the kernel took for clients */
    COUNTER_WAKEUPS,       /* returns from the call the worker waits in */
    COUNTER_EMPTY_WAKEUPS, /* of those, with nothing to do */
    COUNTERS_COUNT,
};

/* The counters' names in JSON. */
extern const char *const counter_names[COUNTERS_COUNT];

/* Owned by the worker that writes it; linked into a set while it lives. */
struct counters {
    _Alignas(CACHE_LINE) _Atomic uint64_t values[COUNTERS_COUNT];
    struct counters *previous, *next;
};

struct counters_set {
    pthread_mutex_t mutex; /* guards the list and `retired` */
    struct counters *first;
    uint64_t retired[COUNTERS_COUNT];
};

/* Only the owner calls it: a load and a store, no locked instruction. Relaxed: nothing else is
 * published by a count. */
static inline void counters_add(struct counters *counters, enum counter counter, uint64_t amount)
{
    uint64_t value = atomic_load_explicit(&counters->values[counter], memory_order_relaxed);

    atomic_store_explicit(&counters->values[counter], value + amount, memory_order_relaxed);
}

void counters_set_init(struct counters_set *set);
void counters_set_release(struct counters_set *set);

/* Zeroes `counters` and links it; from any thread. */
void counters_join(struct counters_set *set, struct counters *counters);
/* Folds and unlinks it; afterwards its memory is the owner's again. */
void counters_leave(struct counters_set *set, struct counters *counters);

/* totals[COUNTERS_COUNT]: everything counted so far by workers present and past. */
void counters_sum(struct counters_set *set, uint64_t *totals);

/* Writes the totals as one JSON object to `path`. 0 or -errno. */
int counters_write(struct counters_set *set, const char *path) MUST_CHECK;

#endif
