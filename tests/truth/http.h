/* SPDX-License-Identifier: MIT */
/*
 * http.h: as much of HTTP/1.1 as another load generator needs to be driven against the same truth.
 *
 * GET without a body, keep-alive, pipelining; every answer is 200 with the same few bytes. Header
 * fields are skipped, "Connection: close" among them: it is the client that closes.
 */
#ifndef MUELLE_TESTS_TRUTH_HTTP_H
#define MUELLE_TESTS_TRUTH_HTTP_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/bytes.h"
#include "common/compiler.h"

/* A request line and its fields may have so many bytes. */
enum { HTTP_REQUEST_SIZE_MAX = 8192 };

/* Can what begins with `in`, at least one byte, be a GET? */
bool http_is_get(struct bytes in);

/* The size of the request at the front of `in`; 0: it needs more bytes; -EPROTO: it is no GET;
 * -EMSGSIZE: it has no end within HTTP_REQUEST_SIZE_MAX. */
ssize_t http_request_size(struct bytes in) MUST_CHECK;

/* The answer to every request; static. */
struct bytes http_reply(void);

#endif
