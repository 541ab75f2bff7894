/* SPDX-License-Identifier: MIT */
/*
 * libuv: one thread waits for everybody in uv_run(), which is an epoll_wait(2) inside.
 *
 * What Node.js stands on: handles that say what is to be watched, and callbacks when it happened.
 * The kernel is asked the same as in `epoll`, so what differs between the two is the library: its
 * bookkeeping, a callback that asks for memory and one that gets the bytes, 0.6 KiB more a client.
 * What it cannot do: use a second core, or serve anybody while one request blocks.
 *
 * The loop, which `libuv-work` shares, is parts/libuv_loop.c. Here every request is executed in
 * line, in the callback that read it.
 */
#include <errno.h>
#include <stdlib.h>

#include "server/model.h"
#include "server/parts/libuv_loop.h"
#include "server/server.h"

static int libuv_run(struct server *server)
{
    struct libuv_loop *loop = calloc(1, sizeof *loop);
    int failed;

    if (!loop)
        return -ENOMEM;
    failed = libuv_loop_run(loop, server, NULL, NULL);
    free(loop);
    return failed;
}

extern const struct server_model model_libuv;
const struct server_model model_libuv = {
    .name = "libuv",
    .summary = "one loop of libuv: streams and callbacks",
    .tunings = TUNING_REQUESTS_PER_TURN,
    .run = libuv_run,
};
