/* SPDX-License-Identifier: MIT */
#include "loadgen/exchange.h"

#include <assert.h>

void exchange_init(struct exchange *exchange, const struct protocol *protocol,
                   struct request_source *source, uint32_t connection_id)
{
    *exchange =
        (struct exchange){.protocol = protocol, .source = source, .connection_id = connection_id};
}

void exchange_clear(struct exchange *exchange)
{
    exchange->in_flight = false;
    buffer_release(&exchange->partial);
}

size_t exchange_request_size_max(const struct protocol *protocol, const struct request_kind *kind)
{
    return protocol->message_overhead + kind->size;
}

size_t exchange_greet(const struct exchange *exchange, struct space out)
{
    ssize_t size = exchange->protocol->encode_greeting(out);

    assert(size > 0);
    return (size_t)size;
}

/* What was kept and what has just come, as one piece; keeps nothing when nothing was kept. False
 * when out of memory. */
static bool exchange_join(struct exchange *exchange, struct bytes *in)
{
    if (buffer_size(&exchange->partial) == 0)
        return true;
    if (!buffer_append(&exchange->partial, *in))
        return false;
    *in = buffer_bytes(&exchange->partial);
    return true;
}

/* `in` begins with something unfinished: keep it, unless it is kept already. */
static enum exchange_result exchange_keep(struct exchange *exchange, struct bytes in)
{
    if (buffer_size(&exchange->partial) == 0 && !buffer_append(&exchange->partial, in))
        return EXCHANGE_NO_MEMORY;
    return EXCHANGE_UNFINISHED;
}

enum exchange_result exchange_receive_welcome(struct exchange *exchange, struct bytes in)
{
    enum welcome welcome = WELCOME_ERROR;
    ssize_t consumed;

    if (!exchange_join(exchange, &in))
        return EXCHANGE_NO_MEMORY;
    consumed = exchange->protocol->decode_welcome(in, &welcome);
    if (consumed == 0)
        return exchange_keep(exchange, in);
    buffer_release(&exchange->partial);
    if (consumed < 0)
        return EXCHANGE_BROKEN;
    if (welcome == WELCOME_ERROR)
        return EXCHANGE_REFUSED;
    return (size_t)consumed == in.size ? EXCHANGE_OK : EXCHANGE_BROKEN;
}

size_t exchange_request(struct exchange *exchange, uint64_t now_ns, struct space out)
{
    struct message request =
        request_source_make(exchange->source, exchange->connection_id, exchange->sequence);
    ssize_t size = exchange->protocol->encode_request(&request, out);

    assert(size > 0 && !exchange->in_flight);
    exchange->in_flight = true;
    exchange->sent_ns = now_ns;
    return (size_t)size;
}

static enum exchange_result exchange_judge(struct exchange *exchange, const struct message *reply)
{
    if (reply->operation == OPERATION_ERROR)
        return EXCHANGE_ERROR_REPLY;
    return request_source_verify(exchange->source, exchange->connection_id, exchange->sequence,
                                 reply)
               ? EXCHANGE_OK
               : EXCHANGE_WRONG;
}

enum exchange_result exchange_receive_reply(struct exchange *exchange, struct bytes in)
{
    enum exchange_result result = EXCHANGE_BROKEN;
    struct message reply;
    ssize_t consumed = -1;

    if (!exchange_join(exchange, &in))
        return EXCHANGE_NO_MEMORY;
    if (exchange->in_flight)
        consumed = exchange->protocol->decode_reply(
            in, request_kind_reply_max(&exchange->source->kind), &reply);
    if (consumed == 0)
        return exchange_keep(exchange, in);
    /* One request was asked, so nothing may follow its reply. */
    if (consumed > 0 && (size_t)consumed == in.size)
        result = exchange_judge(exchange, &reply);
    buffer_release(&exchange->partial);
    exchange->in_flight = false;
    exchange->sequence++;
    return result;
}
