/* SPDX-License-Identifier: MIT */
/*
 * protocol.h: THE interface of the wire; read this first.
 *
 * A protocol turns messages into bytes and bytes into messages, for both ends. Every function is
 * pure: no socket, no clock, no allocation, no state. A decoded payload points into the bytes it
 * was decoded from and lives as long as they do.
 *
 * Every encoder and decoder returns a count of bytes (made, or consumed from the front), with
 *     0          the input is a proper prefix of a message: call again with more bytes
 *     -EPROTO    these bytes can be no message of this protocol, whatever follows
 *     -EMSGSIZE  decoding: the message declares a payload above `payload_max`; told as soon as the
 *                declaration is readable, so that nothing of that size is ever allocated
 *     -ENOBUFS   encoding: it does not fit in the space given; nothing useful was written
 * The laws all of them obey are tests: protocol/protocol_test.c.
 */
#ifndef MUELLE_PROTOCOL_PROTOCOL_H
#define MUELLE_PROTOCOL_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/bytes.h"
#include "common/compiler.h"

/* What a request asks for. Values are those of the native wire. */
enum operation {
    OPERATION_ECHO = 1,    /* bytes -> the same bytes */
    OPERATION_PERSONA = 2, /* a serialized record -> decoded, checked, encoded again */
    OPERATION_WORK = 3,    /* so much CPU, so much blocking -> so many bytes */
    OPERATION_ERROR = 255, /* only in replies: struct error */
};

/* One request or one reply. `operation` holds any value of a byte: a receiver that does not know it
 * answers with an error. */
struct message {
    unsigned operation;
    struct bytes payload;
};

/* The server's answer to a greeting. Greetings and answers have size limits in any protocol. */
enum welcome { WELCOME_OK, WELCOME_ERROR };
enum { GREETING_SIZE_MAX = 256, WELCOME_SIZE_MAX = 256 };

struct protocol {
    const char *name;    /* --protocol NAME */
    const char *summary; /* one line for people */

    /* Bytes an encoded message needs beyond its payload, at most. */
    size_t message_overhead;

    /* The client speaks first, the server answers once; then messages follow. The server may stop
     * reading at the first byte that cannot begin a greeting. */
    ssize_t (*encode_greeting)(struct space out);
    ssize_t (*decode_greeting)(struct bytes in);
    ssize_t (*encode_welcome)(enum welcome welcome, struct space out);
    ssize_t (*decode_welcome)(struct bytes in, enum welcome *welcome);

    ssize_t (*encode_request)(const struct message *request, struct space out);
    ssize_t (*decode_request)(struct bytes in, size_t payload_max, struct message *request);
    ssize_t (*encode_reply)(const struct message *reply, struct space out);
    ssize_t (*decode_reply)(struct bytes in, size_t payload_max, struct message *reply);
};

/* Every protocol, NULL at the end. */
extern const struct protocol *const protocols[];

/* The protocol of that name, or NULL. */
const struct protocol *protocol_find(const char *name) MUST_CHECK;

#endif
