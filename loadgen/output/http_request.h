/* SPDX-License-Identifier: MIT */
/*
 * http_request.h: what a request to the metrics server asks for. Pure: bytes in, a verdict out.
 *
 * Keeps the request line and looks at the header lines only for the empty one that ends them.
 */
#ifndef MUELLE_LOADGEN_HTTP_REQUEST_H
#define MUELLE_LOADGEN_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "loadgen/output/metrics_server.h"

enum http_status {
    HTTP_UNFINISHED = 0, /* more bytes are needed */
    HTTP_OK = 200,
    HTTP_BAD_REQUEST = 400,
    HTTP_NOT_FOUND = 404,
    HTTP_METHOD_NOT_ALLOWED = 405,
    HTTP_UNAVAILABLE = 503,
};

/* Zeroed before use. */
struct http_request {
    char line[METRICS_REQUEST_LINE_MAX + 1]; /* NUL-terminated once it has ended */
    size_t line_size;
    bool has_line;            /* the request line has ended */
    enum http_status verdict; /* on that line */
    size_t header_size;       /* bytes of the header line that is open */
    size_t size;              /* of all that came */
    bool is_head;             /* the method is HEAD: no body is wanted */
    enum http_status done;    /* the result, once there is one */
};

/* Takes what was read and says what to answer: OK for GET or HEAD of /metrics. Once the result is
 * not UNFINISHED it stays, whatever else comes. */
enum http_status http_request_receive(struct http_request *request, const char *data, size_t size);

#endif
