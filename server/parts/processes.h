/* SPDX-License-Identifier: MIT */
/*
 * processes.h: worker processes: started, watched, replaced, told to stop and waited for.
 *
 * Two kinds: a fixed number of workers that live as long as the server, each with a place, and
 * processes that each serve one client and end with it. All that a worker shares with its parent is
 * memory that was mapped to be shared (the counters, server->clients_served), the descriptors and
 * the stop, which every process sees by itself.
 *
 * The parent's SIGCHLD comes out of a descriptor (signalfd(2)): one for all, not one for each
 * child, which every later child would inherit. So the parent waits for the end of a child, for the
 * stop and for its own business in one call. A worker that dies is replaced, and what it was about
 * is settled in its stead: clients that were served by it count as closed, for their sockets are.
 * A worker dies with its parent (PR_SET_PDEATHSIG), whatever kills that.
 *
 *     processes_init -> processes_start or processes_serve -> processes_wait … -> processes_stop
 *                    -> processes_release
 */
#ifndef MUELLE_SERVER_PARTS_PROCESSES_H
#define MUELLE_SERVER_PARTS_PROCESSES_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/compiler.h"
#include "server/server.h"

/* The parent's word to its children at the stop that they hang up on their clients, and when it
 * comes again, that they cut them off: for those that wait in a call on a client's socket, where
 * they do not see the stop. Who does not unblock it is not disturbed. lone_client.h obeys it. */
enum { PROCESS_HANG_UP_SIGNAL = SIGUSR2 };

/* A child, or the place of one. Owned by the parent; a child has a copy of its own. */
struct process {
    struct server *server;
    void *shared;              /* what processes_init() was given */
    struct counters *counters; /* its row: the parent's only when the child is dead */
    unsigned index;            /* of its place, from 0 */
    int client_fd;             /* of processes_serve() */
    size_t clients_given;      /* by the parent, ever; beside those that it accepted itself */

    pid_t pid; /* 0: it does not run */
    uint64_t started_ns;
    uint64_t replace_at_ns;
    struct process *next; /* in its bucket */
};

enum { PROCESS_BUCKETS = 1024 };

struct processes {
    struct server *server;
    struct counters *counters; /* the parent's */
    void *shared;
    /* In the child, all that it does: 0, or -errno when it cannot work at all. */
    int (*work)(struct process *process);
    /* In the parent: the worker of this place has ended and what it had is not settled yet. May be
     * NULL. */
    void (*on_end)(struct process *process);

    int watch_fd; /* readable: a child has ended */
    sigset_t signals_before;
    struct process *places; /* [places_count], of workers */
    unsigned places_count;
    unsigned vacant; /* of these places */
    unsigned running;
    struct process *buckets[PROCESS_BUCKETS]; /* those that run, by pid */
};

/* `counters`: the parent's row. `shared` is for work() and on_end(). 0 or -errno. */
int processes_init(struct processes *processes, struct server *server, struct counters *counters,
                   int (*work)(struct process *process), void *shared) MUST_CHECK;
/* None runs any more. */
void processes_release(struct processes *processes);

/* Starts as many of the `asked` workers as the machine allows, which are replaced when they end.
 * Returns how many that are, at least one, or -errno. `role`: of their counters. */
int processes_start(struct processes *processes, const char *role, unsigned asked) MUST_CHECK;

/* Starts a process that serves `client_fd` and ends. 0: the parent's copy is closed; or -errno: it
 * is still the caller's. */
int processes_serve(struct processes *processes, int client_fd) MUST_CHECK;

/* What the parent may wait for beside the stop and its children. */
enum { PROCESSES_OTHERS_MAX = 2 };

/* Waits until one of the `others_count` descriptors is readable, a child has ended (it is settled,
 * and replaced, here), or until `deadline_ns` on the clock (0: for ever). False when the server is
 * to stop. */
bool processes_wait(struct processes *processes, const int *others, size_t others_count,
                    uint64_t deadline_ns);

/* The stop is requested: tells the children to hang up, after DRAIN_TIME_NS to cut off, and a
 * little later kills whoever is left. Returns when all have ended and are settled. */
void processes_stop(struct processes *processes);

#endif
