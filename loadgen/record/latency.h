/* SPDX-License-Identifier: MIT */
/*
 * latency.h: which durations are measured, and a histogram that knows how much of it is only a
 * bound.
 */
#ifndef MUELLE_LOADGEN_LATENCY_H
#define MUELLE_LOADGEN_LATENCY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/compiler.h"
#include "common/histogram.h"
#include "loadgen/load/request.h"

/* Where a request's time goes:
 *
 *     intended          connection free             sent       answer in our socket    read
 *        |----- queue wait ----|--- (at once) --------|------- wire -------|-- unread --|
 *        |---------------------- send lag, where one was free -------------|
 *        |                                            |------------ service ------------|
 *        |--------------------------------- response ----------------------------------|
 */
enum latency_kind {
    LATENCY_CONNECT,    /* connect(2) to established */
    LATENCY_HANDSHAKE,  /* greeting sent to greeting answered */
    LATENCY_SERVICE,    /* sent to whole reply read */
    LATENCY_SEND_LAG,   /* intended to sent, of requests that found a connection free */
    LATENCY_QUEUE_WAIT, /* intended to sent, of those that had to wait for one */
    LATENCY_WIRE,       /* sent to the kernel's own receive stamp, on sampled connections */
    LATENCY_RESPONSE,   /* intended to whole reply read, of all classes of requests */
    LATENCY_CLASS,      /* ...and of each, from here on, when there are several */
    LATENCY_KINDS = LATENCY_CLASS + REQUEST_CLASSES_MAX,
};

/* Their names in JSON and in tables; of a class: "response". */
extern const char *const latency_names[LATENCY_CLASS + 1];

/* A histogram and how much of it is only known to be "at least this long". */
struct latency {
    struct histogram histogram;
    uint64_t at_least_count;
    uint64_t at_least_min_ns; /* the shortest of them; UINT64_MAX when there is none */
};

int latency_init(struct latency *latency) MUST_CHECK;
void latency_release(struct latency *latency);
/* Forgets what was recorded, keeps the memory. */
void latency_clear(struct latency *latency);
/* `duration_ns` was recorded in the histogram, and is a bound from below. */
void latency_note_at_least(struct latency *latency, uint64_t duration_ns);
void latency_merge(struct latency *into, const struct latency *from);

/* Is the value at `quantile` only known to be "at least this long"? */
bool latency_is_lower_bound(const struct latency *latency, double quantile);

#endif
