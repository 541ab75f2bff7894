/* SPDX-License-Identifier: MIT */
#include "server/session_talk.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "protocol/native.h"
#include "protocol/payload.h"

static struct server_config config;
struct server talk_server;
static struct counters *counters;

void talk_start(struct talk *talk, size_t send_max)
{
    talk->send_max = send_max;
    talk->said = malloc(SAID_MAX);
    talk->said_size = 0;
    assert_non_null(talk->said);
    session_init(&talk->session, &talk_server, counters,
                 (struct session_scratch){{talk->input, sizeof talk->input},
                                          {talk->output, sizeof talk->output}},
                 false);
}

void talk_end(struct talk *talk)
{
    int fds[2];

    assert_int_equal(pipe(fds), 0);
    session_end(&talk->session, fds[0]);
    close(fds[1]);
    free(talk->said);
}

static void talk_lend_scratch_to_another(struct talk *talk)
{
    session_keep(&talk->session);
    memset(talk->input, 0xA5, sizeof talk->input);
    memset(talk->output, 0x5A, sizeof talk->output);
}

void talk_move(struct talk *talk)
{
    struct session *session = &talk->session;

    for (;;) {
        talk_lend_scratch_to_another(talk);
        if (session_need(session) == SESSION_WORK) {
            session_execute(session);
        } else if (session_need(session) == SESSION_WRITE) {
            struct bytes output = session_output(session);
            size_t size = output.size < talk->send_max ? output.size : talk->send_max;

            assert_true(size > 0 && talk->said_size + size <= SAID_MAX);
            memcpy(talk->said + talk->said_size, output.data, size);
            talk->said_size += size;
            session_sent(session, size);
        } else {
            return;
        }
    }
}

void talk_say(struct talk *talk, const void *data, size_t size, size_t chunk)
{
    const uint8_t *left = data;

    while (size > 0 && session_need(&talk->session) != SESSION_CLOSE) {
        talk_move(talk);
        if (session_need(&talk->session) != SESSION_READ)
            return;
        struct space space = session_input(&talk->session);
        size_t step = chunk < size ? chunk : size;

        assert_non_null(space.data);
        assert_true(space.size > 0);
        step = step < space.size ? step : space.size;
        memcpy(space.data, left, step);
        session_received(&talk->session, step);
        left += step;
        size -= step;
    }
    talk_move(talk);
}

void talk_half_close(struct talk *talk)
{
    struct space space = session_input(&talk->session);

    assert_non_null(space.data);
    session_received(&talk->session, 0);
    talk_move(talk);
}

void assert_said(const struct talk *talk, const void *expected, size_t size)
{
    assert_int_equal(talk->said_size, size);
    assert_memory_equal(talk->said, expected, size);
}

size_t put_frame(uint8_t *out, unsigned operation, const void *payload, size_t size)
{
    out[0] = (uint8_t)operation;
    u32_store(out + 1, (uint32_t)size);
    if (size > 0)
        memcpy(out + NATIVE_HEADER_SIZE, payload, size);
    return NATIVE_HEADER_SIZE + size;
}

size_t put_conversation(uint8_t *out, size_t count)
{
    uint8_t payload[256];
    size_t size = 4;

    u32_store(out, 1);
    for (size_t i = 0; i < count; i++) {
        memset(payload, (int)('a' + i % 26), i);
        size += put_frame(out + size, OPERATION_ECHO, payload, i);
    }
    return size;
}

void assert_error_frame(const uint8_t *frame, size_t size, uint32_t code)
{
    struct message reply;
    struct error error;

    assert_int_equal(
        talk_server.protocol->decode_reply((struct bytes){frame, size}, MESSAGE_MAX, &reply), size);
    assert_int_equal(reply.operation, OPERATION_ERROR);
    assert_int_equal(error_decode(reply.payload, &error), 0);
    assert_int_equal(error.code, code);
    assert_int_equal(error.text.size, strlen(error_text(code)));
    assert_memory_equal(error.text.data, error_text(code), error.text.size);
}

int talk_setup(void **state)
{
    (void)state;
    config = SERVER_CONFIG_DEFAULT;
    config.protocol = &protocol_native;
    config.message_max = MESSAGE_MAX;
    config.port = 0;
    if (server_open(&talk_server, &config) < 0)
        return -1;
    counters = counters_join(&talk_server.counters, NULL);
    return 0;
}

int talk_teardown(void **state)
{
    (void)state;
    counters_leave(&talk_server.counters, counters);
    server_close(&talk_server);
    return 0;
}
