/* SPDX-License-Identifier: MIT */
/*
 * model.h: THE interface of a concurrency model; read this first.
 *
 * A model answers one question: who waits, and where? It is a run function, not a table of
 * callbacks, because a model *is* control flow. Bytes, framing, partial writes, what a request
 * costs, counting and refusing live outside (session.h, accept.h), the same for all, so that two
 * models cannot accidentally do different work.
 *
 * The contract of run():
 *   - serve the clients of server->listen_fd (non-blocking) until server->stop_fd is readable (and
 *     stays so: never read from it), then drain and return within DRAIN_TIME_NS and a little;
 *   - call server_ready() once, when able to accept;
 *   - leave nothing behind: no thread, descriptor, process or allocation;
 *   - one bad client never ends the run, and a model at its own limit refuses clients with
 *     server_refuse(), it does not let them hang;
 *   - count into a `struct counters` of the worker's own, one writer each: counters_join().
 *   - return 0, or -errno when it could not serve at all.
 */
#ifndef MUELLE_SERVER_MODEL_H
#define MUELLE_SERVER_MODEL_H

#include <stdbool.h>

#include "common/compiler.h"

struct server;

/* What of the command line a model obeys beside what all of them do; it refuses the rest. */
enum tuning {
    TUNING_WORKERS = 1,
    TUNING_QUEUE = 2,
    TUNING_STACK_SIZE = 4,
    TUNING_REQUESTS_PER_TURN = 8,
    TUNING_RING_ENTRIES = 16,
};

/* How many clients a model serves at once. */
enum model_capacity { CAPACITY_UNLIMITED, CAPACITY_WORKERS, CAPACITY_ONE };

struct server_model {
    const char *name;    /* --model NAME, and the label on every plot */
    const char *summary; /* one line for --list-models */
    unsigned tunings;    /* enum tuning, or-ed */
    /* Workers if nobody says how many; 0: as many as there are cores. */
    unsigned workers_default;
    enum model_capacity capacity;
    bool forks;       /* clients are served in processes of its own, not in this one */
    bool shares_port; /* opens more listeners on the same port (SO_REUSEPORT) */
    /* Can this machine run it? Returns true, or false with one sentence why not. NULL: always. */
    bool (*probe)(const char **reason);
    int (*run)(struct server *server);
    /* Answers without parsing: measures the harness, is no server to compare with. */
    bool is_null;
};

/* Every model, in the order of the catalogue; NULL at the end. */
extern const struct server_model *const models[];

/* The model of that name, or NULL. */
const struct server_model *model_find(const char *name) MUST_CHECK;

#endif
