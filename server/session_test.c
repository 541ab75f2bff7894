/* SPDX-License-Identifier: MIT */
/* One conversation, however its bytes are cut and whatever the client says. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/payload.h"
#include "server/session_talk.h"

static void test_a_byte_at_a_time_in_both_directions(void **state)
{
    (void)state;
    uint8_t conversation[8192];
    size_t size = put_conversation(conversation, 64);
    struct talk talk;

    talk_start(&talk, 1);
    talk_say(&talk, conversation, size, 1);
    memset(conversation, 0, 4); /* the welcome, then the same frames */
    assert_said(&talk, conversation, size);
    assert_int_equal(session_need(&talk.session), SESSION_READ);
    talk_end(&talk);
}

static void test_chunks_and_partial_sends_of_every_size(void **state)
{
    (void)state;
    uint8_t conversation[8192];
    size_t size = put_conversation(conversation, 48);
    static const size_t SENDS[] = {1, 2, 3, 7, 64, 255, 256, 257, 511, 512, 513, 1000, 100000};

    for (size_t chunk = 1; chunk < 600; chunk += chunk < 40 ? 1 : 47) {
        for (size_t i = 0; i < sizeof SENDS / sizeof *SENDS; i++) {
            struct talk talk;

            talk_start(&talk, SENDS[i]);
            talk_say(&talk, conversation, size, chunk);
            memset(conversation, 0, 4);
            assert_said(&talk, conversation, size);
            u32_store(conversation, 1);
            talk_end(&talk);
        }
    }
}

static void test_whatever_is_not_the_greeting_is_refused(void **state)
{
    (void)state;
    static const struct bytes GREETINGS[] = {
        {(const uint8_t *)"1", 1},
        {(const uint8_t *)"\2\0\0\0", 4},
        {(const uint8_t *)"\1\0\0\1", 4},
        {(const uint8_t *)"GET / HTTP/1.1\r\nHost: here\r\n\r\n", 30},
        {(const uint8_t *)"\377\377\377\377", 4},
    };

    for (size_t i = 0; i < sizeof GREETINGS / sizeof *GREETINGS; i++) {
        for (size_t chunk = 1; chunk <= GREETINGS[i].size; chunk++) {
            struct talk talk;

            talk_start(&talk, 3);
            talk_say(&talk, GREETINGS[i].data, GREETINGS[i].size, chunk);
            assert_said(&talk, "\377\377\377\377", 4);
            assert_int_equal(session_need(&talk.session), SESSION_CLOSE);
            assert_true(talk.session.lingers);
            talk_end(&talk);
        }
    }
}

static void test_bad_requests_are_answered_and_leave_the_connection_open(void **state)
{
    (void)state;
    static const struct {
        const char *payload;
        size_t size;
        unsigned operation;
        uint32_t code;
    } BAD[] = {
        {"", 0, 0, ERROR_UNKNOWN_OPERATION},
        {"hola", 4, 4, ERROR_UNKNOWN_OPERATION},
        {"", 0, OPERATION_ERROR, ERROR_UNKNOWN_OPERATION},
        {"", 0, OPERATION_PERSONA, ERROR_MALFORMED_PAYLOAD},
        {"\1\0\0\0\2\3\0\0\0\5\0\0\0Ana", 16, OPERATION_PERSONA, ERROR_MALFORMED_PAYLOAD},
        {"\1\0\0\0\2\3\0\0\0\3\0\0\0A\0a", 16, OPERATION_PERSONA, ERROR_MALFORMED_PAYLOAD},
        {"\0\0\0\0\0\0\0\0\0\0\0", 11, OPERATION_WORK, ERROR_MALFORMED_PAYLOAD},
        {"\0\0\0\0\0\0\0\0\0\0\1\1", 12, OPERATION_WORK, ERROR_MALFORMED_PAYLOAD},
        {"\0\0\0\x7f\0\0\0\0\0\0\0\0", 12, OPERATION_WORK, ERROR_MALFORMED_PAYLOAD},
    };

    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        uint8_t frame[64];
        struct talk talk;

        talk_start(&talk, 5);
        talk_say(&talk, "\1\0\0\0", 4, 4);
        size_t size = put_frame(frame, BAD[i].operation, BAD[i].payload, BAD[i].size);
        talk_say(&talk, frame, size, 3);
        assert_error_frame(talk.said + 4, talk.said_size - 4, BAD[i].code);
        assert_int_equal(session_need(&talk.session), SESSION_READ);

        talk.said_size = 0;
        size = put_frame(frame, OPERATION_ECHO, "hola", 4);
        talk_say(&talk, frame, size, size);
        assert_said(&talk, frame, size);
        talk_end(&talk);
    }
}

/* The replies come in the order of the requests, whichever of them were rejected. */
static void test_a_rejected_request_is_answered_and_leaves_the_connection_open(void **state)
{
    (void)state;
    static const uint8_t PAYLOAD[300] = "hola";
    uint64_t before[COUNTERS_COUNT], after[COUNTERS_COUNT];
    uint8_t frames[1024];
    struct talk talk;

    counters_sum(&talk_server.counters, before);
    talk_start(&talk, 1000);
    talk_say(&talk, "\1\0\0\0", 4, 4);
    talk.said_size = 0;

    size_t size = put_frame(frames, OPERATION_ECHO, PAYLOAD, sizeof PAYLOAD);
    size_t first_size = size;
    struct space space = session_input(&talk.session);

    size += put_frame(frames + size, OPERATION_ECHO, "adios", 5);
    assert_true(space.size >= size);
    memcpy(space.data, frames, size);
    session_received(&talk.session, size);
    assert_int_equal(session_need(&talk.session), SESSION_WORK);
    session_reject(&talk.session);
    assert_int_equal(session_need(&talk.session), SESSION_WORK);
    talk_move(&talk);

    size_t second_size = size - first_size, error_size = talk.said_size - second_size;

    assert_error_frame(talk.said, error_size, ERROR_OVERLOADED);
    assert_memory_equal(talk.said + error_size, frames + first_size, second_size);
    assert_int_equal(session_need(&talk.session), SESSION_READ);
    talk_end(&talk);
    counters_sum(&talk_server.counters, after);
    assert_int_equal(after[COUNTER_REQUESTS] - before[COUNTER_REQUESTS], 2);
    assert_int_equal(after[COUNTER_ERRORS] - before[COUNTER_ERRORS], 1);
}

static void test_half_close_after_requests_is_answered_and_in_mid_frame_is_the_end(void **state)
{
    (void)state;
    uint8_t conversation[8192];
    size_t size = put_conversation(conversation, 32);
    struct talk talk;

    talk_start(&talk, 10);
    talk_say(&talk, conversation, size, 100);
    talk_half_close(&talk);
    memset(conversation, 0, 4);
    assert_said(&talk, conversation, size);
    assert_int_equal(session_need(&talk.session), SESSION_CLOSE);
    assert_false(talk.session.lingers);
    talk_end(&talk);

    u32_store(conversation, 1);
    for (size_t cut = 0; cut < 60; cut++) {
        talk_start(&talk, 10);
        talk_say(&talk, conversation, cut, 7);
        talk_half_close(&talk);
        assert_int_equal(session_need(&talk.session), SESSION_CLOSE);
        assert_true(talk.said_size <= cut);
        talk_end(&talk);
    }
}

/* Any cutting of both directions gives the same conversation. */
static void test_random_cuts(void **state)
{
    (void)state;
    unsigned seed = 20261123;
    uint8_t conversation[32 * 1024];

    for (int round = 0; round < 300; round++) {
        size_t count = 1 + (unsigned)rand_r(&seed) % 200;
        size_t size = put_conversation(conversation, count < 180 ? count : 180);
        size_t fed = 0;
        struct talk talk;

        talk_start(&talk, 1);
        while (fed < size) {
            size_t step = 1 + (unsigned)rand_r(&seed) % 900;

            step = step < size - fed ? step : size - fed;
            talk.send_max = 1 + (unsigned)rand_r(&seed) % 700;
            talk_say(&talk, conversation + fed, step, 1 + (unsigned)rand_r(&seed) % 900);
            fed += step;
        }
        memset(conversation, 0, 4);
        assert_said(&talk, conversation, size);
        talk_end(&talk);
    }
}

static void test_counters_tell_what_happened(void **state)
{
    (void)state;
    uint64_t before[COUNTERS_COUNT], after[COUNTERS_COUNT];
    uint8_t conversation[8192];
    size_t size = put_conversation(conversation, 10);
    struct talk talk;

    counters_sum(&talk_server.counters, before);
    talk_start(&talk, 3);
    talk_say(&talk, conversation, size, 11);
    talk_say(&talk, "\11\0\0\0\0", 5, 5);
    talk_end(&talk);
    counters_sum(&talk_server.counters, after);
    assert_int_equal(after[COUNTER_REQUESTS] - before[COUNTER_REQUESTS], 11);
    assert_int_equal(after[COUNTER_ERRORS] - before[COUNTER_ERRORS], 1);
    assert_int_equal(after[COUNTER_BYTES_IN] - before[COUNTER_BYTES_IN], size + 5);
    assert_int_equal(after[COUNTER_BYTES_OUT] - before[COUNTER_BYTES_OUT], talk.said_size);
    assert_int_equal(after[COUNTER_CLOSES] - before[COUNTER_CLOSES], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_byte_at_a_time_in_both_directions),
        cmocka_unit_test(test_chunks_and_partial_sends_of_every_size),
        cmocka_unit_test(test_whatever_is_not_the_greeting_is_refused),
        cmocka_unit_test(test_bad_requests_are_answered_and_leave_the_connection_open),
        cmocka_unit_test(test_a_rejected_request_is_answered_and_leaves_the_connection_open),
        cmocka_unit_test(test_half_close_after_requests_is_answered_and_in_mid_frame_is_the_end),
        cmocka_unit_test(test_random_cuts),
        cmocka_unit_test(test_counters_tell_what_happened),
    };

    return cmocka_run_group_tests(tests, talk_setup, talk_teardown);
}
