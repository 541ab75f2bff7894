/* SPDX-License-Identifier: MIT */
/*
 * request.h: what is asked, and whether the answer is right.
 *
 * Every request of every connection is different (the connection's and the request's number stand
 * in it), so a server that mixes up clients or repeats an old answer is found out. No payload is
 * remembered: `struct request` says all that makes it, and the right answer is made again when the
 * reply comes. Which class a request is of and how large it is are functions of the run's seed and
 * a key alone: the threads of a run, and runs of one seed, ask the same. Pure functions.
 */
#ifndef MUELLE_LOADGEN_REQUEST_H
#define MUELLE_LOADGEN_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"
#include "loadgen/load/request_mix.h"
#include "protocol/payload.h"
#include "protocol/protocol.h"

/* One request: everything needed to make it again. */
struct request {
    uint64_t sequence;      /* its number on its connection */
    uint32_t connection_id; /* of the whole run, not of a thread */
    uint32_t size;          /* bytes of its payload */
    uint8_t class_index;    /* in the mix */
};

/* Makes and judges the requests of one thread. Owns `echo`; the fronts of the payloads are
 * rewritten for each request. */
struct request_source {
    const struct request_mix *mix; /* not owned; outlives the source */
    uint64_t class_seed, size_seed;
    bool is_constant; /* one class of one size: there is nothing to draw */
    uint8_t *echo;    /* every echo is a prefix of it */
    size_t echo_size; /* bytes of the largest */
    uint8_t persona[REQUEST_PERSONA_SIZE];
    uint8_t work[REQUEST_CLASSES_MAX][WORK_FIXED_SIZE];
};

/* Draws and fillings are functions of `seed`, which is the run's. 0 or -ENOMEM. */
int request_source_init(struct request_source *source, const struct request_mix *mix,
                        uint64_t seed) MUST_CHECK;
void request_source_release(struct request_source *source);

/* Which request the one with the number `key` is: draws its class by the weights and then its size.
 * Sets `class_index` and `size`; the rest is the caller's. The same for the same mix, seed and key,
 * in whatever order it is asked. */
void request_source_choose(const struct request_source *source, uint64_t key,
                           struct request *request);

/* As above, of a class that is given: what request_source_choose() chooses when it draws that one.
 */
void request_source_choose_of(const struct request_source *source, unsigned class_index,
                              uint64_t key, struct request *request);

/* That request: valid until the next call with the same source. */
struct message request_source_make(struct request_source *source, const struct request *request);

/* Is `reply` the right answer to that request? Ends what request_source_make() returned. */
bool request_source_verify(struct request_source *source, const struct request *request,
                           const struct message *reply);

#endif
