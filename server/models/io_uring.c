/* SPDX-License-Identifier: MIT */
/*
 * io-uring: one thread waits for everybody, in io_uring_enter(2), and not until a socket is ready
 * but until the kernel has received, sent or accepted.
 *
 * Where epoll says "you may read" and the loop reads, here the loop asks for a receive in advance
 * and is told when it is done: accepts, receives and sends of a turn are handed over together, in
 * the call that waits for the next results, or at the next tick of the timer, where the work of a
 * turn takes that long. This is the plain form of it, with one operation for
 * each thing that is to happen. Its price is that a receive needs to know in advance where the
 * bytes shall go: every waiting client costs buffers of its own, two pages at least, and its
 * operation. It cannot use a second core, nor serve anybody while a request blocks. The first
 * servers for io_uring worked this way.
 *
 * The loop, which the other io_uring models share, is parts/ring_loop.c. Here is how this one
 * receives: straight into the session's memory, which nobody else uses.
 */
#include <errno.h>
#include <stdlib.h>

#include "server/model.h"
#include "server/parts/ring_loop.h"
#include "server/server.h"

/* Of it only what a message touches is real; larger ones wait in memory of the session's own. */
enum { SCRATCH_SIZE = 16 * 1024 };

struct buffered_client {
    struct ring_client ring; /* first */
    uint8_t input[SCRATCH_SIZE], output[SCRATCH_SIZE];
};

static struct session_scratch lend(struct ring_client *base)
{
    struct buffered_client *client = (struct buffered_client *)base;

    return (struct session_scratch){{client->input, sizeof client->input},
                                    {client->output, sizeof client->output}};
}

static bool receive(struct ring_client *client)
{
    struct space space = session_input(&client->client.session);
    struct ring *ring = &client->loop->ring;
    struct io_uring_sqe *entry;

    if (!space.data)
        return true;
    entry = ring_next(ring);
    io_uring_prep_recv(entry, client->client.fd, space.data, space.size, 0);
    ring_start(ring, entry, &client->receive);
    return false;
}

static void received(struct ring_operation *operation, int result, unsigned flags)
{
    struct ring_client *client = operation->owner;

    (void)flags;
    if (client->closing || (result < 0 && result != -EINTR && result != -EAGAIN)) {
        ring_client_close(client);
        return;
    }
    if (result >= 0)
        session_received(&client->client.session, (size_t)result);
    ring_client_move(client);
}

static const struct ring_receiver SINGLE_SHOT = {
    .client_size = sizeof(struct buffered_client),
    .received = received,
    .lend = lend,
    .receive = receive,
};

static bool io_uring_probe_plain(const char **reason)
{
    return ring_probe(0, false, reason);
}

static int io_uring_run(struct server *server)
{
    struct ring_loop *loop = calloc(1, sizeof *loop);
    int failed;

    if (!loop)
        return -ENOMEM;
    failed = ring_loop_init(loop, server, counters_join(&server->counters, "loop"),
                            server->listen_fd, &SINGLE_SHOT, 0);
    if (failed == 0) {
        server_ready(server);
        ring_loop_run(loop);
        ring_loop_release(loop);
    }
    free(loop);
    return failed;
}

extern const struct server_model model_io_uring;
const struct server_model model_io_uring = {
    .name = "io-uring",
    .summary = "one io_uring; an operation for each accept, receive and send",
    .tunings = TUNING_REQUESTS_PER_TURN | TUNING_RING_ENTRIES,
    .probe = io_uring_probe_plain,
    .run = io_uring_run,
};
