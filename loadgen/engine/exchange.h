/* SPDX-License-Identifier: MIT */
/*
 * exchange.h: the client's side of one conversation: the requests in flight and the replies to
 * them.
 *
 * Pure: no socket, and time is an argument. Requests are answered in the order in which they were
 * sent, so those in flight are a ring, and each has instants, and so a latency, of its own. A
 * connection feeds it what was read and sends what it made. Between two reads it keeps only the
 * beginning of an unfinished reply.
 */
#ifndef MUELLE_LOADGEN_EXCHANGE_H
#define MUELLE_LOADGEN_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buffer.h"
#include "loadgen/load/request.h"

enum exchange_result {
    EXCHANGE_UNFINISHED,  /* more bytes are needed */
    EXCHANGE_OK,          /* greeting: welcome; request: answered correctly */
    EXCHANGE_WRONG,       /* answered, but not with the right answer */
    EXCHANGE_ERROR_REPLY, /* answered with an error frame */
    EXCHANGE_REFUSED,     /* greeting: the server does not want us */
    EXCHANGE_BROKEN,      /* no answer of this protocol, or bytes nobody asked for */
    EXCHANGE_NO_MEMORY,
};

/* A request in flight. */
struct flight {
    uint64_t intended_ns, sent_ns;
    struct request request;
    struct flight *previous, *next; /* for whoever keeps those of all connections in order */
};

/* Owns `partial`. */
struct exchange {
    const struct protocol *protocol;
    struct request_source *source; /* of the thread; not owned */
    struct flight *flights;        /* a ring of `depth`, not owned */
    uint32_t connection_id;
    unsigned depth, first, count;
    uint64_t sequence; /* of the next request */
    size_t reply_max;
    struct buffer partial;
    struct bytes unread; /* what is fed and not judged yet */
};

/* `flights`: room for the `depth` requests that may be in flight at once; lives as long as the
 * exchange. */
void exchange_init(struct exchange *exchange, const struct protocol *protocol,
                   struct request_source *source, uint32_t connection_id, struct flight *flights,
                   unsigned depth);
/* Forgets the connection it was used on: what was in flight and half a reply. */
void exchange_clear(struct exchange *exchange);

/* Bytes the largest request of a mix needs, encoded. */
size_t exchange_request_size_max(const struct protocol *protocol, const struct request_mix *mix);

/* Encodes the greeting into `out`; returns its size. */
size_t exchange_greet(const struct exchange *exchange, struct space out);

/* Judges the answer to the greeting. */
enum exchange_result exchange_receive_welcome(struct exchange *exchange, struct bytes in);

static inline bool exchange_has_room(const struct exchange *exchange)
{
    return exchange->count < exchange->depth;
}

/* The longest in flight; NULL: none is. */
static inline struct flight *exchange_oldest(const struct exchange *exchange)
{
    return exchange->count > 0 ? &exchange->flights[exchange->first] : NULL;
}

/* There is room: encodes a request of that class and size into `out`, *size is its size, and counts
 * it as in flight. Its previous and next are not set. */
struct flight *exchange_request(struct exchange *exchange, const struct request *what,
                                uint64_t intended_ns, uint64_t sent_ns, struct space out,
                                size_t *size);

/* What was read: judge it with exchange_next_reply() until that is UNFINISHED or BROKEN. `in` has
 * to stay where it is that long. False when out of memory. */
bool exchange_feed(struct exchange *exchange, struct bytes in) MUST_CHECK;

/* Judges the reply to the oldest request, which stays in flight until exchange_drop_oldest().
 * UNFINISHED: the rest is kept for the next exchange_feed(). */
enum exchange_result exchange_next_reply(struct exchange *exchange);
void exchange_drop_oldest(struct exchange *exchange);

#endif
