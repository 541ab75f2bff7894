/* SPDX-License-Identifier: MIT */
/*
 * io-uring-multishot: one thread waits for everybody, in io_uring_enter(2), for operations that
 * were asked for once and go on.
 *
 * One accept yields client after client, one receive per client yields whatever comes, in buffers
 * that the kernel picks from a common store when it has something to put into them. So a client
 * that waits costs its entry here (well under a KiB) and one operation in the kernel, and a request
 * costs one operation, the send of its reply; all sends of a turn share the system call that waits
 * for the next one. What it cannot do: use a second core, or serve anybody while one request
 * blocks. When more clients talk at once than there are buffers, some have to ask again.
 * TigerBeetle and Netty's io_uring transport work this way.
 *
 * The loop is parts/ring_loop.c, and how it receives is parts/ring_multishot.c. Here there is one
 * ring, of the thread that runs the server.
 */
#include <errno.h>
#include <stdlib.h>

#include "server/model.h"
#include "server/parts/ring_multishot.h"
#include "server/server.h"

static int io_uring_multishot_run(struct server *server)
{
    struct ring_multishot *multishot = calloc(1, sizeof *multishot);
    int failed;

    if (!multishot)
        return -ENOMEM;
    failed = ring_multishot_init(multishot, server, server->listen_fd);
    if (failed == 0) {
        server_ready(server);
        ring_multishot_run(multishot, counters_join(&server->counters, "loop"));
        ring_multishot_release(multishot);
    }
    free(multishot);
    return failed;
}

extern const struct server_model model_io_uring_multishot;
const struct server_model model_io_uring_multishot = {
    .name = "io-uring-multishot",
    .summary = "one io_uring; accepts and receives that go on, buffers the kernel picks",
    .tunings = TUNING_REQUESTS_PER_TURN | TUNING_RING_ENTRIES,
    .probe = ring_multishot_probe,
    .run = io_uring_multishot_run,
};
