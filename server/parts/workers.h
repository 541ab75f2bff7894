/* SPDX-License-Identifier: MIT */
/*
 * workers.h: N threads that do the same, from the start of a server to its end.
 */
#ifndef MUELLE_SERVER_PARTS_WORKERS_H
#define MUELLE_SERVER_PARTS_WORKERS_H

#include <pthread.h>
#include <stddef.h>

#include "server/server.h"

struct worker {
    struct server *server;
    struct counters *counters; /* its own row */
    unsigned index;            /* from 0 */
    void *shared;              /* what workers_start() was given */
    void (*work)(struct worker *worker);
    pthread_t thread;
};

struct workers {
    struct worker *all; /* [count]; lasts until workers_join() */
    unsigned count;
};

/* Starts as many of the `asked` threads as the machine allows, each of which calls work() once.
 * Returns how many that are, at least one, or -errno. `role`: of their counters. `stack_size` 0:
 * the system's default. */
int workers_start(struct workers *workers, struct server *server, const char *role, unsigned asked,
                  size_t stack_size, void (*work)(struct worker *worker), void *shared) MUST_CHECK;

/* Waits until all have returned; somebody has told them to. Nothing happens without a start. */
void workers_join(struct workers *workers);

#endif
