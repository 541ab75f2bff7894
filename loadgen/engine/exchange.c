/* SPDX-License-Identifier: MIT */
#include "loadgen/engine/exchange.h"

#include <assert.h>

void exchange_init(struct exchange *exchange, const struct protocol *protocol,
                   struct request_source *source, uint32_t connection_id, struct flight *flights,
                   unsigned depth)
{
    *exchange = (struct exchange){.protocol = protocol,
                                  .source = source,
                                  .flights = flights,
                                  .connection_id = connection_id,
                                  .depth = depth,
                                  .reply_max = request_mix_reply_max(source->mix)};
}

void exchange_clear(struct exchange *exchange)
{
    exchange->first = exchange->count = 0;
    exchange->unread = (struct bytes){0};
    buffer_release(&exchange->partial);
}

size_t exchange_request_size_max(const struct protocol *protocol, const struct request_mix *mix)
{
    return protocol->message_overhead + request_mix_size_max(mix);
}

/* --- the greeting ----------------------------------------------------------------------------- */

size_t exchange_greet(const struct exchange *exchange, struct space out)
{
    ssize_t size = exchange->protocol->encode_greeting(out);

    assert(size > 0);
    return (size_t)size;
}

enum exchange_result exchange_receive_welcome(struct exchange *exchange, struct bytes in)
{
    enum welcome welcome = WELCOME_ERROR;
    ssize_t consumed;

    if (!buffer_append(&exchange->partial, in))
        return EXCHANGE_NO_MEMORY;
    in = buffer_bytes(&exchange->partial);
    consumed = exchange->protocol->decode_welcome(in, &welcome);
    if (consumed == 0)
        return EXCHANGE_UNFINISHED;
    /* Nothing was asked yet, so nothing may follow the welcome. */
    bool is_whole = (size_t)consumed == in.size;

    buffer_release(&exchange->partial);
    if (consumed < 0)
        return EXCHANGE_BROKEN;
    if (welcome == WELCOME_ERROR)
        return EXCHANGE_REFUSED;
    return is_whole ? EXCHANGE_OK : EXCHANGE_BROKEN;
}

/* --- requests --------------------------------------------------------------------------------- */

struct flight *exchange_request(struct exchange *exchange, const struct request *what,
                                uint64_t intended_ns, uint64_t sent_ns, struct space out,
                                size_t *size)
{
    unsigned index = exchange->first + exchange->count;
    struct flight *flight =
        &exchange->flights[index < exchange->depth ? index : index - exchange->depth];

    assert(exchange_has_room(exchange));
    exchange->count++;
    flight->intended_ns = intended_ns;
    flight->sent_ns = sent_ns;
    flight->request = (struct request){.sequence = exchange->sequence++,
                                       .connection_id = exchange->connection_id,
                                       .size = what->size,
                                       .class_index = what->class_index};

    struct message message = request_source_make(exchange->source, &flight->request);
    ssize_t encoded = exchange->protocol->encode_request(&message, out);

    assert(encoded > 0);
    *size = (size_t)encoded;
    return flight;
}

void exchange_drop_oldest(struct exchange *exchange)
{
    exchange->first = exchange->first + 1 < exchange->depth ? exchange->first + 1 : 0;
    exchange->count--;
}

/* --- replies ---------------------------------------------------------------------------------- */

bool exchange_feed(struct exchange *exchange, struct bytes in)
{
    exchange->unread = in;
    if (buffer_size(&exchange->partial) == 0)
        return true;
    if (!buffer_append(&exchange->partial, in))
        return false;
    exchange->unread = buffer_bytes(&exchange->partial);
    return true;
}

/* Keeps what begins a reply and is not all of it, and nothing else. */
static enum exchange_result exchange_keep(struct exchange *exchange)
{
    struct bytes rest = exchange->unread;
    size_t kept = buffer_size(&exchange->partial);

    exchange->unread = (struct bytes){0};
    if (kept > 0)
        buffer_consume(&exchange->partial, kept - rest.size);
    else if (rest.size > 0 && !buffer_append(&exchange->partial, rest))
        return EXCHANGE_NO_MEMORY;
    return EXCHANGE_UNFINISHED;
}

enum exchange_result exchange_next_reply(struct exchange *exchange)
{
    const struct flight *oldest = exchange_oldest(exchange);
    struct message reply;
    ssize_t consumed;

    if (exchange->unread.size == 0)
        return exchange_keep(exchange);
    if (!oldest)
        return EXCHANGE_BROKEN;
    consumed = exchange->protocol->decode_reply(exchange->unread, exchange->reply_max, &reply);
    if (consumed < 0)
        return EXCHANGE_BROKEN;
    if (consumed == 0)
        return exchange_keep(exchange);
    exchange->unread = bytes_after(exchange->unread, (size_t)consumed);
    if (reply.operation == OPERATION_ERROR)
        return EXCHANGE_ERROR_REPLY;
    return request_source_verify(exchange->source, &oldest->request, &reply) ? EXCHANGE_OK
                                                                             : EXCHANGE_WRONG;
}
