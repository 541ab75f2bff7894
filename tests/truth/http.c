/* SPDX-License-Identifier: MIT */
#include "tests/truth/http.h"

#include <errno.h>
#include <string.h>

static const char METHOD[] = "GET ";
static const char END[] = "\r\n\r\n";
static const char REPLY[] = "HTTP/1.1 200 OK\r\n"
                            "Content-Type: text/plain\r\n"
                            "Content-Length: 7\r\n"
                            "\r\n"
                            "muelle\n";

bool http_is_get(struct bytes in)
{
    size_t method_size = sizeof METHOD - 1;

    return memcmp(in.data, METHOD, in.size < method_size ? in.size : method_size) == 0;
}

ssize_t http_request_size(struct bytes in)
{
    if (in.size == 0)
        return 0;
    if (!http_is_get(in))
        return -EPROTO;
    size_t looked_at = in.size < HTTP_REQUEST_SIZE_MAX ? in.size : HTTP_REQUEST_SIZE_MAX;
    const uint8_t *end = memmem(in.data, looked_at, END, sizeof END - 1);

    if (end)
        return end - in.data + (ssize_t)(sizeof END - 1);
    return looked_at < HTTP_REQUEST_SIZE_MAX ? 0 : -EMSGSIZE;
}

struct bytes http_reply(void)
{
    return (struct bytes){(const uint8_t *)REPLY, sizeof REPLY - 1};
}
