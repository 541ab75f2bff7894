/* SPDX-License-Identifier: MIT */
/* What one conversation can make the server hold. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/native.h"
#include "protocol/payload.h"
#include "server/session_talk.h"

static void test_oversize_is_told_at_the_header_after_the_replies_before_it(void **state)
{
    (void)state;
    uint8_t said[64] = {1, 0, 0, 0};
    size_t echo_size = put_frame(said + 4, OPERATION_ECHO, "hola", 4);
    struct talk talk;

    said[4 + echo_size] = OPERATION_ECHO;
    u32_store(said + 4 + echo_size + 1, MESSAGE_MAX + 1);
    talk_start(&talk, 1);
    talk_say(&talk, said, 4 + echo_size + NATIVE_HEADER_SIZE, 100);
    assert_memory_equal(talk.said + 4, said + 4, echo_size);
    assert_error_frame(talk.said + 4 + echo_size, talk.said_size - 4 - echo_size,
                       ERROR_MESSAGE_TOO_LARGE);
    assert_int_equal(session_need(&talk.session), SESSION_CLOSE);
    assert_true(talk.session.lingers);
    assert_true(talk.session.kept_input.capacity <= (size_t)2 * SESSION_SCRATCH_MIN);
    talk_end(&talk);
}

static void test_memory_grows_with_what_has_arrived_and_goes_when_idle(void **state)
{
    (void)state;
    uint8_t *frame = calloc(1, NATIVE_HEADER_SIZE + MESSAGE_MAX);
    struct talk talk;

    assert_non_null(frame);
    frame[0] = OPERATION_ECHO;
    u32_store(frame + 1, MESSAGE_MAX);
    talk_start(&talk, 1000);
    talk_say(&talk, "\1\0\0\0", 4, 4);
    for (size_t arrived = 0; arrived < NATIVE_HEADER_SIZE + MESSAGE_MAX;) {
        size_t left = NATIVE_HEADER_SIZE + MESSAGE_MAX - arrived;
        size_t step = left < 1009 ? left : 1009;

        talk_say(&talk, frame + arrived, step, step);
        arrived += step;
        assert_true(talk.session.kept_input.capacity <=
                    2 * arrived + (size_t)2 * SESSION_SCRATCH_MIN);
    }
    assert_int_equal(talk.said_size, 4 + NATIVE_HEADER_SIZE + MESSAGE_MAX);
    assert_memory_equal(talk.said + 4, frame, NATIVE_HEADER_SIZE + MESSAGE_MAX);
    assert_int_equal(session_need(&talk.session), SESSION_READ);
    assert_null(talk.session.kept_input.data);
    assert_null(talk.session.kept_output.data);
    talk_end(&talk);
    free(frame);
}

static void test_nothing_is_read_while_output_is_pending(void **state)
{
    (void)state;
    uint8_t conversation[8192];
    size_t size = put_conversation(conversation, 64), step;
    struct talk talk;

    talk_start(&talk, SAID_MAX);
    for (size_t fed = 0; fed < size; fed += step) {
        struct session *session = &talk.session;
        struct space space = session_input(session);

        step = size - fed < space.size ? size - fed : space.size;
        memcpy(space.data, conversation + fed, step);
        session_received(session, step);
        while (session_need(session) != SESSION_READ) {
            if (session_need(session) == SESSION_WORK) {
                session_execute(session);
            } else {
                session_sent(session, 1); /* as slowly as can be */
            }
            if (session_need(session) == SESSION_READ)
                assert_int_equal(session_output(session).size, 0);
            /* What waits to be sent is bounded by the scratch and one reply. */
            assert_true(session_output(session).size <= SESSION_SCRATCH_MIN + 256 + 128);
        }
    }
    talk_end(&talk);
}

static void test_after_a_small_rest_there_is_room_for_more_than_that_message(void **state)
{
    (void)state;
    struct talk talk;

    talk_start(&talk, 100);
    talk_say(&talk, "\1\0\0\0\1\100\0\0\0hola", 13, 100);
    assert_int_equal(session_need(&talk.session), SESSION_READ);
    assert_int_equal(session_input(&talk.session).size, SESSION_SCRATCH_MIN - 9);
    assert_null(talk.session.kept_input.data);
    talk_end(&talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oversize_is_told_at_the_header_after_the_replies_before_it),
        cmocka_unit_test(test_memory_grows_with_what_has_arrived_and_goes_when_idle),
        cmocka_unit_test(test_nothing_is_read_while_output_is_pending),
        cmocka_unit_test(test_after_a_small_rest_there_is_room_for_more_than_that_message),
    };

    return cmocka_run_group_tests(tests, talk_setup, talk_teardown);
}
