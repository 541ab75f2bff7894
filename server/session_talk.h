/* SPDX-License-Identifier: MIT */
/*
 * session_talk.h: one conversation, moved by hand (for tests).
 *
 * Between any two calls the scratch is overwritten, as it is when another session of the same
 * worker uses it: whatever a session forgot to keep is garbage then.
 */
#ifndef MUELLE_SERVER_SESSION_TALK_H
#define MUELLE_SERVER_SESSION_TALK_H

#include "server/server.h"
#include "server/session.h"

enum { MESSAGE_MAX = 64 * 1024, SAID_MAX = 1 << 20 };

/* Open between talk_setup() and talk_teardown(), which are cmocka's group fixtures. */
extern struct server talk_server;
int talk_setup(void **state);
int talk_teardown(void **state);

/* A session and the client it talks to. */
struct talk {
    struct session session;
    uint8_t input[SESSION_SCRATCH_MIN], output[SESSION_SCRATCH_MIN];
    size_t send_max; /* bytes the socket would take at once */
    uint8_t *said;   /* by the server */
    size_t said_size;
};

void talk_start(struct talk *talk, size_t send_max);
void talk_end(struct talk *talk);

/* The client says `size` bytes, `chunk` at a time, and the session is moved as far as it goes. */
void talk_say(struct talk *talk, const void *data, size_t size, size_t chunk);
void talk_half_close(struct talk *talk);

/* Executes and sends until the session wants to read, or is at its end. */
void talk_move(struct talk *talk);

/* All that the server has said. */
void assert_said(const struct talk *talk, const void *expected, size_t size);
/* These bytes are exactly one error frame. */
void assert_error_frame(const uint8_t *frame, size_t size, uint32_t code);

/* One native frame. Returns the size. */
size_t put_frame(uint8_t *out, unsigned operation, const void *payload, size_t size);
/* A greeting and `count` echoes of 0, 1, 2… bytes. Returns the size. */
size_t put_conversation(uint8_t *out, size_t count);

#endif
