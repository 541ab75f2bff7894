/* SPDX-License-Identifier: MIT */
/*
 * epoll-exclusive: N threads wait in epoll_wait(2), each with an epoll of its own; all watch the
 * same listener, and a new client wakes one of them.
 *
 * Each thread is the loop of the model epoll: who takes a client in serves it until it leaves, so
 * nothing is shared but the listen queue, and N cores are used. A waiting client costs what it
 * costs there. EPOLLEXCLUSIVE (Linux 4.5) is a property of the watch, not of the socket: of those
 * who wait for the listener with it the kernel wakes one, "one or more" is what it promises, and
 * who is busy is woken by nobody. epoll-herd is the same without it.
 *
 * What it cannot do: deal clients out evenly. The kernel goes through the listener's watchers in an
 * order that does not change and wakes the first one that is waiting: as long as that loop is back
 * in epoll_wait before the next client comes it takes that one too, and at low load nearly all of
 * them. Who wakes also empties the queue, up to ACCEPTS_PER_TURN at once. Both are left as they
 * are, for this is what servers built like this have to live with; the literature calls the
 * imbalance epoll's last-in, first-out order. Nor can a loop hand a client on: while one request
 * blocks, the other clients of that loop wait, though other loops may be idle.
 *
 * nginx works this way without "reuseport".
 */
#include <sys/epoll.h>

#include "server/model.h"
#include "server/parts/epoll_loops.h"
#include "server/server.h"

static int epoll_exclusive_run(struct server *server)
{
    return epoll_loops_run_on_one_listener(server, EPOLLEXCLUSIVE);
}

extern const struct server_model model_epoll_exclusive;
const struct server_model model_epoll_exclusive = {
    .name = "epoll-exclusive",
    .summary = "N loops on one listener; a new client wakes one (EPOLLEXCLUSIVE)",
    .tunings = TUNING_WORKERS | TUNING_REQUESTS_PER_TURN,
    .run = epoll_exclusive_run,
};
