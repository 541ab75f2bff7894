/* SPDX-License-Identifier: MIT */
/*
 * session_cost: what the session and the protocol cost a request, without the kernel.
 *
 * Echoes of 64 bytes are put where a read would put them and taken from where a send would take
 * them, as epoll's turn does it for one request: input, decode, execute, encode, output, keep. The
 * best of several rounds, for whatever disturbs one makes it slower, never faster. Prints one line:
 *     session_ns=61.2 requests=2000000
 */
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "protocol/native.h"
#include "server/server.h"
#include "server/session.h"
#include "server/stop.h"

enum { PAYLOAD_SIZE = 64, FRAME_MAX = 256, ROUNDS = 10, REQUESTS = 200000, SCRATCH_SIZE = 65536 };

static void put(struct session *session, const uint8_t *bytes, size_t size)
{
    struct space space = session_input(session);

    memcpy(space.data, bytes, size);
    session_received(session, size);
}

static void turn(struct session *session, const uint8_t *frame, size_t size)
{
    put(session, frame, size);
    session_execute(session);
    session_sent(session, session_output(session).size);
    session_keep(session);
}

int main(void)
{
    static uint8_t input[SCRATCH_SIZE], output[SCRATCH_SIZE];
    static const uint8_t payload[PAYLOAD_SIZE];
    const struct message echo = {OPERATION_ECHO, {payload, sizeof payload}};
    struct server_config config = SERVER_CONFIG_DEFAULT;
    uint8_t frame[FRAME_MAX];
    struct server server;
    struct session session;
    uint64_t best_ns = UINT64_MAX;

    config.protocol = &protocol_native;
    config.port = 0;
    if (server_open(&server, &config) < 0)
        return 1;
    session_init(&session, &server, counters_join(&server.counters, NULL),
                 (struct session_scratch){{input, sizeof input}, {output, sizeof output}}, false);
    ssize_t size = protocol_native.encode_greeting((struct space){frame, sizeof frame});

    put(&session, frame, (size_t)size);
    session_sent(&session, session_output(&session).size);
    size = protocol_native.encode_request(&echo, (struct space){frame, sizeof frame});
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start_ns = clock_now_ns();

        for (int i = 0; i < REQUESTS; i++)
            turn(&session, frame, (size_t)size);
        uint64_t taken_ns = clock_now_ns() - start_ns;

        best_ns = taken_ns < best_ns ? taken_ns : best_ns;
    }
    printf("session_ns=%.1f requests=%d\n", (double)best_ns / REQUESTS, ROUNDS * REQUESTS);
    server_close(&server);
    return 0;
}
