/* SPDX-License-Identifier: MIT */
/*
 * talk.h: what one client says and is answered, without a socket and without a clock.
 *
 * The first byte decides the language: 'G' begins an HTTP request, the native greeting begins with
 * another. Of the native operations echo and persona are answered, both with the payload they came
 * with; work and unknown ones get an error frame: what a request costs is the timing's business.
 */
#ifndef MUELLE_TESTS_TRUTH_TALK_H
#define MUELLE_TESTS_TRUTH_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/buffer.h"
#include "common/bytes.h"
#include "common/compiler.h"

/* The largest payload of a native request. */
enum { TALK_PAYLOAD_MAX = 1 << 20 };

enum talk_state {
    TALK_UNDECIDED, /* zero-initialised: nothing was said yet */
    TALK_HTTP,
    TALK_NATIVE, /* the greeting is dealt with */
};

/* What was appended to the output. */
struct talk_reply {
    size_t size;
    bool is_request; /* false: the answer to a greeting, which leaves at once */
};

/* Answers the first thing in `in`: bytes of it that were dealt with, with *reply set and so many
 * bytes appended to `output`; 0: more bytes are needed; -ENOMEM, or -EPROTO and -EMSGSIZE for what
 * neither language allows, after which the client is beyond hope. */
ssize_t talk_answer(enum talk_state *state, struct bytes in, struct buffer *output,
                    struct talk_reply *reply) MUST_CHECK;

#endif
