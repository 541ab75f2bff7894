/* SPDX-License-Identifier: MIT */
#include "tests/conformance/echoes.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/check.h"

void echo_fill(const struct echoes *echoes, size_t index, uint8_t *payload)
{
    /* Odd factors: consecutive numbers give sequences that differ nearly everywhere. A word at a
     * time, which matters under ThreadSanitizer: it looks at every store. */
    uint64_t value = echoes->seed * UINT64_C(2654435761) + (uint64_t)index * 0x9E3779B97F4A7C15U;

    for (size_t i = 0; i < echoes->size; i += sizeof value) {
        size_t left = echoes->size - i;

        value = value * 6364136223846793005U + 1442695040888963407U;
        memcpy(payload + i, &value, left < sizeof value ? left : sizeof value);
    }
}

void echoes_encode(const struct echoes *echoes, const struct protocol *protocol,
                   struct buffer *requests)
{
    uint8_t *payload = malloc(echoes->size + 1);

    CHECK(payload, "out of memory");
    for (size_t i = 0; i < echoes->count; i++) {
        struct message request = {OPERATION_ECHO, {payload, echoes->size}};
        struct space space = buffer_reserve(requests, echoes->size + protocol->message_overhead);

        CHECK(space.data, "out of memory");
        echo_fill(echoes, i, payload);
        ssize_t made = protocol->encode_request(&request, space);
        CHECK(made > 0, "the request cannot be encoded");
        buffer_appended(requests, (size_t)made);
    }
    free(payload);
}

void client_expect_echo(struct client *client, const struct echoes *echoes, size_t index)
{
    uint8_t *payload = malloc(echoes->size + 1);

    CHECK(payload, "out of memory");
    echo_fill(echoes, index, payload);
    client_expect_reply(client, OPERATION_ECHO, payload, echoes->size);
    free(payload);
}

void client_expect_echoes(struct client *client, const struct echoes *echoes)
{
    for (size_t i = 0; i < echoes->count; i++)
        client_expect_echo(client, echoes, i);
}

/* True when a whole reply is at hand. */
static bool has_reply(const struct client *client)
{
    struct message reply;

    return client->protocol->decode_reply(buffer_bytes(&client->heard), SIZE_MAX, &reply) != 0;
}

/* Says more of them, as far as the socket takes it. Returns what is left. */
static struct bytes say_more(struct client *client, struct bytes requests)
{
    ssize_t sent = client_say_some(client, requests);

    CHECK(sent > 0 || sent == -EAGAIN, "send: %s", strerror((int)-sent));
    return bytes_after(requests, sent > 0 ? (size_t)sent : 0);
}

void client_exchange(struct client *client, struct bytes requests, const struct echoes *echoes)
{
    size_t heard = 0;

    while (heard < echoes->count) {
        struct pollfd waited = {.fd = client->fd,
                                .events = (short)(POLLIN | (requests.size > 0 ? POLLOUT : 0))};

        if (has_reply(client)) {
            client_expect_echo(client, echoes, heard++);
            continue;
        }
        CHECK(poll(&waited, 1, WAIT_MS) == 1, "stuck at reply %zu of %zu, %zu bytes unsent", heard,
              echoes->count, requests.size);
        if (waited.revents & POLLOUT)
            requests = say_more(client, requests);
        if (waited.revents & ~POLLOUT)
            CHECK(client_hear(client) > 0, "the end after %zu of %zu replies", heard,
                  echoes->count);
    }
}
