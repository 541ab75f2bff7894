/* SPDX-License-Identifier: MIT */
/*
 * client.h: a client that does exactly what a case tells it to, and waits for nothing longer than
 * WAIT_MS. What it expects and does not get ends the case (check.h).
 */
#ifndef MUELLE_TESTS_CONFORMANCE_CLIENT_H
#define MUELLE_TESTS_CONFORMANCE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "protocol/protocol.h"
#include "tests/conformance/host.h"

struct client {
    int fd; /* does not block */
    const struct protocol *protocol;
    struct buffer heard; /* received and not looked at yet */
};

/* A connection and nothing more. */
void client_connect(struct client *client, const struct host *host);
/* The same with small socket buffers, which fill up soon. */
void client_connect_narrow(struct client *client, const struct host *host);
/* A connection, greeted and welcomed. */
void client_open(struct client *client, const struct host *host);
/* The same, but it may be refused, or just closed: then false, and the client is closed. */
bool client_try_open(struct client *client, const struct host *host);
/* Tries until it is welcomed: for when others have to be seen leaving first. */
void client_open_eventually(struct client *client, const struct host *host);

void client_say(struct client *client, const void *data, size_t size);
void client_greet(struct client *client);
void client_request(struct client *client, unsigned operation, const void *payload, size_t size);
/* Says what the socket takes at once; bytes taken, or -errno. */
ssize_t client_say_some(struct client *client, struct bytes bytes);

/* Whether it is, of a client that has greeted: a refusal, the end and a reset are all false. */
bool client_is_welcomed(struct client *client);
void client_expect_welcome(struct client *client);
/* ERROR in the place of the welcome, then a clean end. */
void client_expect_refusal(struct client *client);
/* A reply of any kind; it lives until the next call. */
void client_expect_any_reply(struct client *client, struct message *reply);
void client_expect_reply(struct client *client, unsigned operation, const void *payload,
                         size_t size);
void client_expect_error(struct client *client, uint32_t code);
/* Nothing more, and not by a reset. */
void client_expect_end(struct client *client);
/* The end, clean or not, whatever comes before it. */
void client_expect_gone(struct client *client);

/* Waits until there is something to hear and receives it: bytes, 0 at the end, or -errno. */
ssize_t client_hear(struct client *client);

void client_half_close(struct client *client);
void client_close(struct client *client);
/* Closes with a reset, whatever is under way. */
void client_reset(struct client *client);

/* Opens a client and has an echo answered: the server is well. */
void host_expect_alive(const struct host *host);

#endif
