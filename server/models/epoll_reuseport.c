/* SPDX-License-Identifier: MIT */
/*
 * epoll-reuseport: N threads wait in epoll_wait(2), each with an epoll and a listener of its own;
 * the kernel deals new clients out among the listeners.
 *
 * With SO_REUSEPORT several sockets listen on one port. Each has a listen queue of its own, and a
 * hash of the client's address and port decides which queue a connection goes into. Each thread is
 * the loop of the model epoll with that for a listener: nothing at all is shared, not even the lock
 * of a listen queue, no thread is woken for another's client, and with many short connections N
 * cores accept N times as fast.
 *
 * What it cannot do: look where there is time. The hash knows nothing of who is busy, so few
 * clients are spread as few throws of a die are, and a connection in the queue of a loop that is
 * blocked waits though other loops are idle: the mean is that of a shared queue, the tail is not.
 * And every listener that is open must be served, else the clients that are hashed to it hang:
 * which is why all loops run or none does, and why the first one has the server's own listener.
 *
 * nginx ("reuseport") and Envoy work this way.
 */
#include <unistd.h>

#include "server/model.h"
#include "server/parts/epoll_loops.h"
#include "server/server.h"

/* A loop with a listener of its own, the server's for the first. */
static int add_loop(struct epoll_loops *loops, struct server *server)
{
    int listen_fd = loops->count == 0 ? server->listen_fd : server_listen_too(server);
    int failed;

    if (listen_fd < 0)
        return listen_fd;
    failed = epoll_loops_add(loops, listen_fd, 0);
    if (failed < 0 && listen_fd != server->listen_fd)
        close(listen_fd);
    return failed;
}

/* The server's own is not ours to close. */
static void close_listeners(const struct epoll_loops *loops)
{
    for (unsigned i = 1; i < loops->count; i++)
        close(loops->all[i]->loop.listen_fd);
}

static int epoll_reuseport_run(struct server *server)
{
    struct epoll_loops loops;
    int failed = epoll_loops_init(&loops, server);

    for (unsigned i = 0; failed == 0 && i < server_workers(server); i++)
        failed = add_loop(&loops, server);
    if (failed == 0)
        failed = epoll_loops_start(&loops);
    if (failed == 0)
        server_ready(server);
    epoll_loops_join(&loops);
    close_listeners(&loops);
    epoll_loops_release(&loops);
    return failed;
}

extern const struct server_model model_epoll_reuseport;
const struct server_model model_epoll_reuseport = {
    .name = "epoll-reuseport",
    .summary = "N loops, N listeners on one port (SO_REUSEPORT)",
    .tunings = TUNING_WORKERS | TUNING_REQUESTS_PER_TURN,
    .shares_port = true,
    .run = epoll_reuseport_run,
};
