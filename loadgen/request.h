/* SPDX-License-Identifier: MIT */
/*
 * request.h: what is asked, and whether the answer is right.
 *
 * Every request of every connection is different (the connection's and the request's number stand
 * in it), so a server that mixes up clients or repeats an old answer is found out. Nothing is
 * remembered per request: the right answer is made again when the reply comes. Pure functions.
 */
#ifndef MUELLE_LOADGEN_REQUEST_H
#define MUELLE_LOADGEN_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"
#include "protocol/payload.h"
#include "protocol/protocol.h"

/* One kind of request, as `--request` says it. */
struct request_kind {
    enum operation operation;
    size_t size;      /* of the payload that is sent */
    struct work work; /* with OPERATION_WORK */
};

/* "echo:64", "echo:4KiB", "persona", "work:cpu=100us,block=1ms,reply=64": 0, or -EINVAL. */
int request_kind_parse(const char *text, struct request_kind *kind) MUST_CHECK;

/* Largest payload a reply to it can have, an error reply included. */
size_t request_kind_reply_max(const struct request_kind *kind);

/* The payloads of one kind, for one thread. Owns `payload`. */
struct request_source {
    struct request_kind kind;
    uint8_t *payload; /* kind.size bytes; the front is rewritten for each request */
};

/* The filling is a function of `seed`. 0 or -ENOMEM. */
int request_source_init(struct request_source *source, const struct request_kind *kind,
                        uint64_t seed) MUST_CHECK;
void request_source_release(struct request_source *source);

/* The `sequence`-th request of connection `connection_id`: valid until the next call. */
struct message request_source_make(struct request_source *source, uint32_t connection_id,
                                   uint64_t sequence);

/* Is `reply` the right answer to that request? */
bool request_source_verify(struct request_source *source, uint32_t connection_id, uint64_t sequence,
                           const struct message *reply);

#endif
