/* SPDX-License-Identifier: MIT */
/*
 * epoll-herd: N threads wait in epoll_wait(2), each with an epoll of its own; all watch the same
 * listener, and a new client wakes all of them.
 *
 * This is epoll-exclusive without EPOLLEXCLUSIVE, how it was before Linux 4.5: every watch of the
 * listener is told of a new client, every loop that waits gets up for it, one finds it in accept(2)
 * and the others find nobody: a thundering herd. So a connection costs up to N wakeups, and the
 * context switches for them, of which all but one are for nothing: the more cores and the more
 * idle they are, the more. Connections that stay do not care, those that come and go do.
 *
 * The wakeups in vain that reach this program are counted as empty ones. They are not the whole
 * herd: a thread that gets up when the queue is already empty again goes back to sleep inside of
 * epoll_wait, and only the system's count of context switches tells of it. What the model cannot do
 * beside that is what epoll-exclusive cannot do; but clients may be spread better, because
 * everybody is up when somebody comes, and whoever is fastest takes him.
 *
 * Servers that forked or started threads round one epoll listener worked this way, many still do
 * without knowing.
 */
#include "server/model.h"
#include "server/parts/epoll_loops.h"
#include "server/server.h"

static int epoll_herd_run(struct server *server)
{
    return epoll_loops_run_on_one_listener(server, 0);
}

extern const struct server_model model_epoll_herd;
const struct server_model model_epoll_herd = {
    .name = "epoll-herd",
    .summary = "N loops on one listener; a new client wakes all of them",
    .tunings = TUNING_WORKERS | TUNING_REQUESTS_PER_TURN,
    .run = epoll_herd_run,
};
