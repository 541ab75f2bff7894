/* SPDX-License-Identifier: MIT */
#include "protocol/native.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static const uint8_t GREETING[NATIVE_GREETING_SIZE] = {1, 0, 0, 0};
static const uint8_t WELCOME[][NATIVE_WELCOME_SIZE] = {
    [WELCOME_OK] = {0, 0, 0, 0},
    [WELCOME_ERROR] = {0xFF, 0xFF, 0xFF, 0xFF},
};

static ssize_t encode_constant(const uint8_t *constant, size_t size, struct space out)
{
    if (out.size < size)
        return -ENOBUFS;
    memcpy(out.data, constant, size);
    return (ssize_t)size;
}

/* Judges as early as one byte: somebody who typed "1" and waits must not wait for ever. */
static ssize_t decode_constant(const uint8_t *constant, size_t size, struct bytes in)
{
    size_t compared = in.size < size ? in.size : size;

    if (compared > 0 && memcmp(in.data, constant, compared) != 0)
        return -EPROTO;
    return compared == size ? (ssize_t)size : 0;
}

static ssize_t native_encode_greeting(struct space out)
{
    return encode_constant(GREETING, sizeof GREETING, out);
}

static ssize_t native_decode_greeting(struct bytes in)
{
    return decode_constant(GREETING, sizeof GREETING, in);
}

static ssize_t native_encode_welcome(enum welcome welcome, struct space out)
{
    return encode_constant(WELCOME[welcome], NATIVE_WELCOME_SIZE, out);
}

static ssize_t native_decode_welcome(struct bytes in, enum welcome *welcome)
{
    ssize_t consumed = decode_constant(WELCOME[WELCOME_OK], NATIVE_WELCOME_SIZE, in);

    *welcome = WELCOME_OK;
    if (consumed < 0) {
        consumed = decode_constant(WELCOME[WELCOME_ERROR], NATIVE_WELCOME_SIZE, in);
        *welcome = WELCOME_ERROR;
    }
    return consumed;
}

/*      0           1..4          5..
 *  +-----------+-----------+-----------------+
 *  | operation | u32 size  | size bytes      |
 *  +-----------+-----------+-----------------+
 */
static ssize_t native_encode(const struct message *message, struct space out)
{
    size_t size = message->payload.size;

    if (size > UINT32_MAX || out.size < NATIVE_HEADER_SIZE || out.size - NATIVE_HEADER_SIZE < size)
        return -ENOBUFS;
    out.data[0] = (uint8_t)message->operation;
    u32_store(out.data + 1, (uint32_t)size);
    /* memmove: a payload may have been produced where it has to go already. */
    if (size > 0)
        memmove(out.data + NATIVE_HEADER_SIZE, message->payload.data, size);
    return (ssize_t)(NATIVE_HEADER_SIZE + size);
}

static ssize_t native_decode(struct bytes in, size_t payload_max, struct message *message)
{
    if (in.size < NATIVE_HEADER_SIZE)
        return 0;

    size_t size = u32_load(in.data + 1);

    if (size > payload_max)
        return -EMSGSIZE;
    if (in.size - NATIVE_HEADER_SIZE < size)
        return 0;
    message->operation = in.data[0];
    message->payload = (struct bytes){in.data + NATIVE_HEADER_SIZE, size};
    return (ssize_t)(NATIVE_HEADER_SIZE + size);
}

const struct protocol protocol_native = {
    .name = "native",
    .summary = "u8 operation, u32 size, payload; little-endian; greeted by a handshake",
    .message_overhead = NATIVE_HEADER_SIZE,
    .encode_greeting = native_encode_greeting,
    .decode_greeting = native_decode_greeting,
    .encode_welcome = native_encode_welcome,
    .decode_welcome = native_decode_welcome,
    .encode_request = native_encode,
    .decode_request = native_decode,
    .encode_reply = native_encode,
    .decode_reply = native_decode,
};
