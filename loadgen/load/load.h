/* SPDX-License-Identifier: MIT */
/*
 * load.h: where the requests of one thread come from: which is the next, and when it is meant.
 *
 * Closed: whenever somebody can send. Open: a schedule, walked by two cursors. One stands at the
 * next arrival to be sent; the other follows the clock and counts what has become due. Between the
 * two lies the queue of those that found no connection free. It takes no memory, however long it
 * is, because a schedule can be walked again.
 */
#ifndef MUELLE_LOADGEN_LOAD_H
#define MUELLE_LOADGEN_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "loadgen/load/request.h"
#include "loadgen/load/schedule.h"
#include "loadgen/output/dump.h"
#include "loadgen/plan.h"
#include "loadgen/record/recorder.h"

/* A request that is to be sent. */
struct intent {
    uint64_t intended_ns;
    struct request what; /* its class and size */
};

struct load {
    const struct plan *plan;
    struct recorder *recorder;           /* of the thread: knows the measured window */
    const struct request_source *source; /* of the thread */
    struct dump_channel *dump;           /* NULL: no --dump */
    bool sending;
    uint64_t requests_left; /* measured ones this thread may still send */

    /* Open loop. */
    uint64_t origin_ns; /* of the schedule */
    struct schedule schedule, arrivals;
    struct due due;          /* the next to be sent... */
    uint64_t due_ns;         /* ...at that instant; UINT64_MAX: none will come any more */
    uint64_t arrival_ns;     /* the next to become due */
    uint64_t arrived, taken; /* that became due; that were sent or given up */
    uint64_t queue_limit;
    uint64_t queue_longest;
};

void load_init(struct load *load, const struct plan *plan, struct recorder *recorder,
               const struct request_source *source);

/* The load begins at `now_ns`, with the share of thread `index`. */
void load_begin(struct load *load, unsigned index, uint64_t now_ns);

/* Closed loop: the next request of a connection, intended at that instant; false: no more. */
bool load_next_closed(struct load *load, uint64_t intended_ns, uint32_t connection_id,
                      uint64_t sequence, struct intent *intent);

/* Open loop: the request that has been due longest at `now_ns`; false: none is due. */
bool load_next_due(struct load *load, uint64_t now_ns, struct intent *intent);

/* Nothing will be sent any more, but for what has been due since before the window's end. */
bool load_is_over(const struct load *load, uint64_t now_ns);
/* Nothing is left that could be sent. */
bool load_is_empty(const struct load *load, uint64_t now_ns);

/* Follows the clock: counts what has become due, and gives up what exceeds the queue's limit. */
void load_follow(struct load *load, uint64_t now_ns);
static inline uint64_t load_queue_length(const struct load *load)
{
    return load->arrived > load->taken ? load->arrived - load->taken : 0;
}

/* Sends nothing more: what is due by now and was not sent never will be. */
void load_stop(struct load *load, uint64_t now_ns);

#endif
