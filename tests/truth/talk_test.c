/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/native.h"
#include "protocol/payload.h"
#include "tests/truth/http.h"
#include "tests/truth/talk.h"

#define BYTES(literal) ((struct bytes){(const uint8_t *)(literal), sizeof(literal) - 1})

static const char GREETING[] = "\1\0\0\0";
static const char GET[] = "GET / HTTP/1.1\r\nHost: muelle\r\n\r\n";

struct talk {
    enum talk_state state;
    struct buffer output;
    struct talk_reply reply;
};

static ssize_t say(struct talk *talk, struct bytes in)
{
    return talk_answer(&talk->state, in, &talk->output, &talk->reply);
}

static void assert_output(const struct talk *talk, struct bytes expected)
{
    struct bytes output = buffer_bytes(&talk->output);

    assert_int_equal(output.size, expected.size);
    if (expected.size > 0)
        assert_memory_equal(output.data, expected.data, expected.size);
}

static void greets_and_echoes(void **state)
{
    struct talk talk = {0};

    (void)state;
    assert_int_equal(say(&talk, BYTES("\1\0\0\0\1\2\0\0\0hi")), NATIVE_GREETING_SIZE);
    assert_false(talk.reply.is_request);
    assert_int_equal(talk.reply.size, NATIVE_WELCOME_SIZE);
    assert_output(&talk, BYTES("\0\0\0\0"));
    assert_int_equal(say(&talk, BYTES("\1\2\0\0\0hi\1\0")), 7);
    assert_true(talk.reply.is_request);
    assert_int_equal(talk.reply.size, 7);
    assert_output(&talk, BYTES("\0\0\0\0\1\2\0\0\0hi"));
    buffer_release(&talk.output);
}

static void needs_whole_messages(void **state)
{
    static const char FRAME[] = "\1\2\0\0\0hi";

    (void)state;
    for (size_t size = 0; size < sizeof GREETING - 1; size++) {
        struct talk talk = {0};

        assert_int_equal(say(&talk, (struct bytes){(const uint8_t *)GREETING, size}), 0);
    }
    for (size_t size = 0; size < sizeof FRAME - 1; size++) {
        struct talk talk = {.state = TALK_NATIVE};

        assert_int_equal(say(&talk, (struct bytes){(const uint8_t *)FRAME, size}), 0);
        assert_output(&talk, BYTES(""));
    }
    for (size_t size = 0; size < sizeof GET - 1; size++) {
        struct talk talk = {0};

        assert_int_equal(say(&talk, (struct bytes){(const uint8_t *)GET, size}), 0);
        assert_output(&talk, BYTES(""));
    }
}

static void answers_a_record_and_refuses_work(void **state)
{
    struct talk talk = {.state = TALK_NATIVE};

    (void)state;
    assert_int_equal(say(&talk, BYTES("\2\3\0\0\0abc")), 8);
    assert_output(&talk, BYTES("\2\3\0\0\0abc"));
    buffer_release(&talk.output);

    assert_int_equal(say(&talk, BYTES("\3\0\0\0\0")), 5);
    struct message reply;
    struct error error;
    struct bytes output = buffer_bytes(&talk.output);
    assert_int_equal(protocol_native.decode_reply(output, TALK_PAYLOAD_MAX, &reply), output.size);
    assert_int_equal(reply.operation, OPERATION_ERROR);
    assert_int_equal(error_decode(reply.payload, &error), 0);
    assert_int_equal(error.code, ERROR_UNKNOWN_OPERATION);
    assert_int_equal(talk.reply.size, output.size);
    buffer_release(&talk.output);
}

static void answers_http_one_by_one(void **state)
{
    struct talk talk = {0};
    char two[2 * sizeof GET];
    size_t size = sizeof GET - 1;

    (void)state;
    memcpy(two, GET, size);
    memcpy(two + size, GET, size);
    struct bytes in = {(const uint8_t *)two, 2 * size};
    assert_int_equal(say(&talk, in), size);
    assert_int_equal(talk.state, TALK_HTTP);
    assert_true(talk.reply.is_request);
    assert_output(&talk, http_reply());
    assert_int_equal(say(&talk, bytes_after(in, size)), size);
    assert_int_equal(buffer_size(&talk.output), 2 * http_reply().size);
    buffer_release(&talk.output);
}

/* Content-Length is the size of what follows the empty line. */
static void the_http_reply_is_framed(void **state)
{
    struct bytes reply = http_reply();
    const char *text = (const char *)reply.data;
    const char *length = strstr(text, "Content-Length: ");
    const char *end = strstr(text, "\r\n\r\n");

    (void)state;
    assert_non_null(length);
    assert_non_null(end);
    assert_int_equal(strtoul(length + strlen("Content-Length: "), NULL, 10),
                     reply.size - (size_t)(end + 4 - text));
}

static void refuses_other_languages(void **state)
{
    static const struct {
        enum talk_state state;
        struct bytes in;
    } wrong[] = {
        {TALK_UNDECIDED, {(const uint8_t *)"POST / HTTP/1.1\r\n\r\n", 19}},
        {TALK_UNDECIDED, {(const uint8_t *)"1", 1}},
        {TALK_UNDECIDED, {(const uint8_t *)"GOT", 3}},
        {TALK_HTTP, {(const uint8_t *)"\1\0\0\0", 4}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct talk talk = {.state = wrong[i].state};

        assert_int_equal(say(&talk, wrong[i].in), -EPROTO);
        assert_output(&talk, BYTES(""));
    }
}

static void refuses_what_is_too_large(void **state)
{
    static uint8_t endless[HTTP_REQUEST_SIZE_MAX] = {'G', 'E', 'T', ' '};
    struct talk talk = {.state = TALK_NATIVE};

    (void)state;
    assert_int_equal(say(&talk, BYTES("\1\377\377\377\377")), -EMSGSIZE);
    memset(endless + 4, 'x', sizeof endless - 4);
    talk = (struct talk){0};
    assert_int_equal(say(&talk, (struct bytes){endless, sizeof endless - 1}), 0);
    assert_int_equal(say(&talk, (struct bytes){endless, sizeof endless}), -EMSGSIZE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(greets_and_echoes),
        cmocka_unit_test(needs_whole_messages),
        cmocka_unit_test(answers_a_record_and_refuses_work),
        cmocka_unit_test(answers_http_one_by_one),
        cmocka_unit_test(the_http_reply_is_framed),
        cmocka_unit_test(refuses_other_languages),
        cmocka_unit_test(refuses_what_is_too_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
