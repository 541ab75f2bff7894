/* SPDX-License-Identifier: MIT */
/*
 * exchange.h: the client's side of one conversation: the request in flight and the reply to it.
 *
 * Pure: no socket, and time is an argument. A connection feeds it what was read and sends what it
 * made. Between two reads it keeps only the beginning of an unfinished reply.
 */
#ifndef MUELLE_LOADGEN_EXCHANGE_H
#define MUELLE_LOADGEN_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buffer.h"
#include "loadgen/request.h"

enum exchange_result {
    EXCHANGE_UNFINISHED,  /* more bytes are needed */
    EXCHANGE_OK,          /* greeting: welcome; request: answered correctly */
    EXCHANGE_WRONG,       /* answered, but not with the right answer */
    EXCHANGE_ERROR_REPLY, /* answered with an error frame */
    EXCHANGE_REFUSED,     /* greeting: the server does not want us */
    EXCHANGE_BROKEN,      /* no answer of this protocol, or bytes nobody asked for */
    EXCHANGE_NO_MEMORY,
};

/* Owns `partial`. */
struct exchange {
    const struct protocol *protocol;
    struct request_source *source; /* of the thread; not owned */
    uint32_t connection_id;
    bool in_flight;    /* a request is sent and not answered yet */
    uint64_t sequence; /* of the request in flight, else of the next */
    uint64_t sent_ns;  /* when the one in flight was */
    struct buffer partial;
};

void exchange_init(struct exchange *exchange, const struct protocol *protocol,
                   struct request_source *source, uint32_t connection_id);
/* Forgets the connection it was used on: what was in flight and half a reply. */
void exchange_clear(struct exchange *exchange);

/* Bytes a request of this source needs, encoded. */
size_t exchange_request_size_max(const struct protocol *protocol, const struct request_kind *kind);

/* Encodes the greeting into `out`; returns its size. */
size_t exchange_greet(const struct exchange *exchange, struct space out);

/* Judges the answer to the greeting. */
enum exchange_result exchange_receive_welcome(struct exchange *exchange, struct bytes in);

/* Encodes the next request into `out` and counts it as in flight since `now_ns`; returns its size.
 */
size_t exchange_request(struct exchange *exchange, uint64_t now_ns, struct space out);

/* Judges what came back for the request in flight. Unless the result is UNFINISHED, none is in
 * flight afterwards. */
enum exchange_result exchange_receive_reply(struct exchange *exchange, struct bytes in);

#endif
