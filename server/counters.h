/* SPDX-License-Identifier: MIT */
/*
 * counters.h: what a server did, counted by the one who did it.
 *
 * Every worker has its own `struct counters` in its own cache lines and is its only writer, so
 * counting costs a plain addition. They lie in memory that processes share, so that a worker
 * process counts like a thread, and what it had counted survives it. Anybody may sum at any time:
 * each number is exact, though not all are of the same instant.
 *
 * A worker with a role ("worker", "acceptor") keeps its row after it has left. One without, such as
 * the thread of one client, folds its numbers into the row of all of those, and its place is used
 * again.
 */
#ifndef MUELLE_SERVER_COUNTERS_H
#define MUELLE_SERVER_COUNTERS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
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
    COUNTER_IO_CALLS,      /* system calls that read from or wrote to clients, in vain or not */
    COUNTER_WAKEUPS,       /* returns from the call the worker waits in */
    COUNTER_EMPTY_WAKEUPS, /* of those, with nothing to do */
    COUNTER_HANDOFFS,      /* connections or requests given to another worker */
    COUNTER_WORKERS_LOST,  /* workers that died and were replaced */
    COUNTER_QUEUE_MAX,     /* the most that ever waited in a queue of the model's; not a sum */
    COUNTERS_COUNT,
};

/* The counters' names in JSON. */
extern const char *const counter_names[COUNTERS_COUNT];

/* Owned by the set, written by one worker. */
struct counters {
    _Alignas(CACHE_LINE) _Atomic uint64_t values[COUNTERS_COUNT];
    const char *_Atomic role; /* NULL: nobody in particular; read by whoever writes the counters */
    uint32_t next_free;
    bool used;
};

/* More than a machine has threads and processes for. */
enum { COUNTERS_MAX = 1 << 17 };

struct counters_set {
    pthread_mutex_t mutex;   /* who joins or leaves holds it */
    struct counters *slots;  /* [COUNTERS_MAX], shared memory; only what is touched is real */
    atomic_uint slots_count; /* of those, used or used once */
    uint32_t first_free;     /* 0: none; slot 0 is the row of those without a role */
    atomic_uint version;     /* odd while somebody is folded, who would be seen twice or not */
};

/* Only the owner calls these: a load and a store, no locked instruction. Relaxed: nothing else is
 * published by a count. */
static inline void counters_add(struct counters *counters, enum counter counter, uint64_t amount)
{
    uint64_t value = atomic_load_explicit(&counters->values[counter], memory_order_relaxed);

    atomic_store_explicit(&counters->values[counter], value + amount, memory_order_relaxed);
}

/* Raises a maximum. */
static inline void counters_raise(struct counters *counters, enum counter counter, uint64_t value)
{
    if (value > atomic_load_explicit(&counters->values[counter], memory_order_relaxed))
        atomic_store_explicit(&counters->values[counter], value, memory_order_relaxed);
}

static inline uint64_t counters_get(const struct counters *counters, enum counter counter)
{
    return atomic_load_explicit(&counters->values[counter], memory_order_relaxed);
}

/* 0 or -errno. */
int counters_set_init(struct counters_set *set) MUST_CHECK;
void counters_set_release(struct counters_set *set);

/* A worker's counters, zeroed; from any thread of the process that made the set. `role` is a string
 * that lasts, or NULL. Never NULL. */
struct counters *counters_join(struct counters_set *set, const char *role);
/* The worker counts no more. */
void counters_leave(struct counters_set *set, struct counters *counters);

/* totals[COUNTERS_COUNT]: everything counted so far by workers present and past. */
void counters_sum(struct counters_set *set, uint64_t *totals);
/* The same without a lock; false when somebody was just leaving, and the totals are of no use. */
bool counters_try_sum(struct counters_set *set, uint64_t *totals) MUST_CHECK;

/* Writes the totals and a row for each worker with a role as one JSON object to `path`, by way of
 * `path`.partial. Takes no lock and allocates nothing: safe in a signal handler. 0, -errno, or
 * -EAGAIN when a thread that is just leaving does not get ahead: try again. */
int counters_write(struct counters_set *set, const char *path) MUST_CHECK;

#endif
