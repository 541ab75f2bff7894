/* SPDX-License-Identifier: MIT */
#include "loadgen/output/http_request.h"

#include <string.h>

/* The path is what stands before a query. */
static bool is_metrics(const char *target, size_t size)
{
    const char *query = memchr(target, '?', size);
    size_t path_size = query ? (size_t)(query - target) : size;

    return path_size == strlen("/metrics") && memcmp(target, "/metrics", path_size) == 0;
}

static bool is_method(const char *method, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (method[i] < 'A' || method[i] > 'Z')
            return false;
    return size > 0;
}

static bool is_version(const char *version)
{
    return strcmp(version, "HTTP/1.1") == 0 || strcmp(version, "HTTP/1.0") == 0;
}

/* Judges "METHOD target HTTP/1.x". */
static enum http_status request_line_judge(struct http_request *request)
{
    const char *method = request->line;
    const char *method_end = strchr(method, ' ');
    const char *target = method_end ? method_end + 1 : NULL;
    const char *target_end = target ? strchr(target, ' ') : NULL;

    if (strlen(request->line) != request->line_size || !target_end || *target != '/' ||
        !is_version(target_end + 1) || !is_method(method, (size_t)(method_end - method)))
        return HTTP_BAD_REQUEST;
    request->is_head = strncmp(method, "HEAD ", 5) == 0;
    if (!is_metrics(target, (size_t)(target_end - target)))
        return HTTP_NOT_FOUND;
    if (!request->is_head && strncmp(method, "GET ", 4) != 0)
        return HTTP_METHOD_NOT_ALLOWED;
    return HTTP_OK;
}

/* A line ends in LF, with or without CR. */
static void line_receive(struct http_request *request, char byte)
{
    if (byte != '\n') {
        if (request->line_size == METRICS_REQUEST_LINE_MAX)
            request->done = HTTP_BAD_REQUEST;
        else
            request->line[request->line_size++] = byte;
        return;
    }
    if (request->line_size > 0 && request->line[request->line_size - 1] == '\r')
        request->line_size--;
    request->line[request->line_size] = '\0';
    request->has_line = true;
    request->verdict = request_line_judge(request);
    /* What is no request has no header lines to wait for. */
    if (request->verdict == HTTP_BAD_REQUEST)
        request->done = HTTP_BAD_REQUEST;
}

static void header_receive(struct http_request *request, char byte)
{
    if (byte == '\n' && request->header_size == 0)
        request->done = request->verdict;
    else if (byte == '\n')
        request->header_size = 0;
    else if (byte != '\r')
        request->header_size++;
}

enum http_status http_request_receive(struct http_request *request, const char *data, size_t size)
{
    for (size_t i = 0; i < size && request->done == HTTP_UNFINISHED; i++) {
        if (request->has_line)
            header_receive(request, data[i]);
        else
            line_receive(request, data[i]);
        request->size++;
        if (request->size == METRICS_HEAD_MAX && request->done == HTTP_UNFINISHED)
            request->done = HTTP_BAD_REQUEST;
    }
    return request->done;
}
