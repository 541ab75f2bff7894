/* SPDX-License-Identifier: MIT */
#include "tests/truth/talk.h"

#include <errno.h>
#include <string.h>

#include "protocol/native.h"
#include "protocol/payload.h"
#include "tests/truth/http.h"

enum { ERROR_PAYLOAD_SIZE_MAX = 128 };

static ssize_t answer_http(struct bytes in, struct buffer *output, struct talk_reply *reply)
{
    ssize_t consumed = http_request_size(in);

    if (consumed <= 0)
        return consumed;
    if (!buffer_append(output, http_reply()))
        return -ENOMEM;
    *reply = (struct talk_reply){.size = http_reply().size, .is_request = true};
    return consumed;
}

static ssize_t answer_greeting(enum talk_state *state, struct bytes in, struct buffer *output,
                               struct talk_reply *reply)
{
    ssize_t consumed = protocol_native.decode_greeting(in);

    if (consumed <= 0)
        return consumed;
    struct space space = buffer_reserve(output, NATIVE_WELCOME_SIZE);
    if (!space.data)
        return -ENOMEM;
    ssize_t size = protocol_native.encode_welcome(WELCOME_OK, space);
    if (size < 0)
        return size;
    buffer_appended(output, (size_t)size);
    *state = TALK_NATIVE;
    *reply = (struct talk_reply){.size = (size_t)size, .is_request = false};
    return consumed;
}

/* An echo is its own answer, and so is a record; anything else is not known here. `text` is where
 * the payload of an error is put. */
static int native_reply(const struct message *request, struct space text, struct message *answer)
{
    static const uint32_t code = ERROR_UNKNOWN_OPERATION;

    *answer = *request;
    if (request->operation == OPERATION_ECHO || request->operation == OPERATION_PERSONA)
        return 0;
    const char *said = error_text(code);
    struct error error = {.code = code, .text = {(const uint8_t *)said, strlen(said)}};
    ssize_t size = error_encode(&error, text);

    if (size < 0)
        return (int)size;
    *answer = (struct message){OPERATION_ERROR, {text.data, (size_t)size}};
    return 0;
}

static ssize_t answer_native(struct bytes in, struct buffer *output, struct talk_reply *reply)
{
    uint8_t text[ERROR_PAYLOAD_SIZE_MAX];
    struct message request;
    struct message answer;
    ssize_t consumed = protocol_native.decode_request(in, TALK_PAYLOAD_MAX, &request);

    if (consumed <= 0)
        return consumed;
    int failed = native_reply(&request, (struct space){text, sizeof text}, &answer);
    if (failed < 0)
        return failed;
    struct space space =
        buffer_reserve(output, protocol_native.message_overhead + answer.payload.size);
    if (!space.data)
        return -ENOMEM;
    ssize_t size = protocol_native.encode_reply(&answer, space);
    if (size < 0)
        return size;
    buffer_appended(output, (size_t)size);
    *reply = (struct talk_reply){.size = (size_t)size, .is_request = true};
    return consumed;
}

ssize_t talk_answer(enum talk_state *state, struct bytes in, struct buffer *output,
                    struct talk_reply *reply)
{
    if (in.size == 0)
        return 0;
    if (*state == TALK_UNDECIDED) {
        if (!http_is_get(in))
            return answer_greeting(state, in, output, reply);
        *state = TALK_HTTP;
    }
    return *state == TALK_HTTP ? answer_http(in, output, reply) : answer_native(in, output, reply);
}
