/* SPDX-License-Identifier: MIT */
/*
 * iterative: one thread waits for one client, in ppoll(2), until it has left; everybody else waits
 * in the listen queue.
 *
 * No threads to switch between, no set of sockets, no state but the stack: what a request costs
 * here is what the socket and the protocol cost, so this is the floor the other models stand on. A
 * client that waits costs its place in the listen queue and nothing in this program. What it cannot
 * do: serve a second client, or even tell it so. A client that is idle or slow holds up all others
 * as long as it likes, or as long as the idle timeout lets it.
 *
 * Taught everywhere, and used for what is over in a moment: the time and daytime services of old.
 *
 * The socket does not block, because while its client is silent somebody has to notice the stop,
 * and there is nobody else. So the one place to wait in waits for both, and a request costs a call
 * more than it would with recv(2) alone.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "server/accept.h"
#include "server/model.h"
#include "server/server.h"
#include "server/session.h"

enum { SCRATCH_SIZE = 64 * 1024 };

/* The client that is there, for as long as it is. */
struct visit {
    struct server *server;
    struct counters *counters;
    int fd;
    bool stopping; /* nothing more will be read; what has arrived is answered */
    uint64_t drained_by_ns;
};

static void visit_begin_stop(struct visit *visit)
{
    visit->stopping = true;
    visit->drained_by_ns = clock_now_ns() + DRAIN_TIME_NS;
    shutdown(visit->fd, SHUT_RD);
}

/* When the client, silent from `now_ns` on, has had its time; 0: never. */
static uint64_t visit_deadline(const struct visit *visit, uint64_t now_ns)
{
    uint64_t timeout_ns = visit->server->config->idle_timeout_ns;

    if (visit->stopping)
        return visit->drained_by_ns;
    return timeout_ns > 0 ? now_ns + timeout_ns : 0;
}

/* ppoll(2) until `deadline_ns`, 0 for ever, and past it at least a look: how many are ready. */
static int visit_poll(const struct visit *visit, struct pollfd *waited, uint64_t deadline_ns)
{
    int ready;

    do {
        uint64_t now_ns = clock_now_ns();
        struct timespec left = timespec_from_ns(deadline_ns > now_ns ? deadline_ns - now_ns : 0);

        ready = ppoll(waited, 2, deadline_ns > 0 ? &left : NULL, NULL);
        counters_add(visit->counters, COUNTER_WAKEUPS, 1);
        if (ready <= 0)
            counters_add(visit->counters, COUNTER_EMPTY_WAKEUPS, 1);
    } while (ready < 0 && errno == EINTR);
    return ready;
}

/* Waits until the client can go on; false when it has had its time. */
static bool visit_wait(struct visit *visit, enum session_need need)
{
    struct pollfd waited[] = {
        {.fd = visit->fd, .events = need == SESSION_READ ? POLLIN : POLLOUT},
        {.fd = visit->stopping ? -1 : visit->server->stop_fd, .events = POLLIN}};
    uint64_t now_ns = clock_now_ns();

    /* Who always has something to say or to hear is not silent, but after the stop it ends. */
    if (visit->stopping && now_ns >= visit->drained_by_ns)
        return false;
    if (visit_poll(visit, waited, visit_deadline(visit, now_ns)) <= 0)
        return false;
    if (waited[1].revents)
        visit_begin_stop(visit);
    return true;
}

static void serve(struct server *server, struct counters *counters, struct session_scratch scratch,
                  int fd)
{
    struct visit visit = {.server = server, .counters = counters, .fd = fd};
    struct session session;
    enum session_need need;

    session_init(&session, server, counters, scratch, false);
    do
        need = session_advance(&session, fd);
    while (need != SESSION_CLOSE && visit_wait(&visit, need));
    session_end(&session, fd);
}

static int iterative_run(struct server *server)
{
    struct counters *counters = counters_join(&server->counters, "loop");
    uint8_t input[SCRATCH_SIZE], output[SCRATCH_SIZE];
    struct session_scratch scratch = {{input, sizeof input}, {output, sizeof output}};

    server_ready(server);
    while (server_wait(server, counters, 0)) {
        int fd = server_accept(server, server->listen_fd, counters, false);

        if (fd >= 0)
            serve(server, counters, scratch, fd);
    }
    return 0;
}

extern const struct server_model model_iterative;
const struct server_model model_iterative = {
    .name = "iterative",
    .summary = "one client at a time",
    .tunings = TUNING_REQUESTS_PER_TURN,
    .capacity = CAPACITY_ONE,
    .run = iterative_run,
};
