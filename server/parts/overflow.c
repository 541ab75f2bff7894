/* SPDX-License-Identifier: MIT */
#include "server/parts/overflow.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/accept.h"

/* How many are in the listen queue. */
static uint64_t queue_length(int listen_fd)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;

    /* Of a listener, this is what the field counts. */
    return getsockopt(listen_fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_unacked : 0;
}

static uint64_t count_accepted(struct server *server)
{
    uint64_t totals[COUNTERS_COUNT];

    counters_sum(&server->counters, totals);
    return totals[COUNTER_ACCEPTS];
}

void overflow_init(struct overflow *overflow, struct server *server, struct counters *counters)
{
    *overflow = (struct overflow){.server = server, .counters = counters};
}

static void overflow_refuse(struct overflow *overflow, uint64_t count)
{
    struct server *server = overflow->server;

    server_accept_blocks(server, false);
    while (count-- > 0) {
        int fd = server_accept(server, server->listen_fd, overflow->counters, false);

        if (fd < 0)
            break;
        server_refuse(server, overflow->counters, fd);
    }
    server_accept_blocks(server, true);
}

/* Without one, nobody can take a client, free or not. */
static bool have_descriptor(const struct server *server)
{
    int fd = fcntl(server->listen_fd, F_DUPFD_CLOEXEC, 0);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* Somebody has waited too long. False while workers who are free may still take him. */
static bool is_hopeless(struct overflow *overflow, unsigned workers, uint64_t now_ns)
{
    const struct server *server = overflow->server;

    if (overflow->overdue_ns == 0)
        overflow->overdue_ns = now_ns;
    return atomic_load(server->clients_served) >= workers ||
           now_ns - overflow->overdue_ns >= OVERFLOW_PATIENCE_NS || !have_descriptor(server);
}

void overflow_look(struct overflow *overflow, unsigned workers, uint64_t now_ns)
{
    uint64_t *come = &overflow->come[overflow->looks % OVERFLOW_LOOKS];

    if (now_ns < overflow->next_look_ns)
        return;
    overflow->next_look_ns = now_ns + OVERFLOW_LOOK_NS;
    /* In this order: who is accepted in between is overlooked until the next look; the other way
     * round they would count twice, and somebody else would be refused for them. */
    uint64_t accepted = count_accepted(overflow->server);
    uint64_t waiting = queue_length(overflow->server->listen_fd);

    /* What is there still is from a round before: the oldest look. */
    uint64_t come_then = overflow->looks++ >= OVERFLOW_LOOKS ? *come : 0;

    *come = accepted + waiting;
    if (waiting == 0 || come_then <= accepted)
        overflow->overdue_ns = 0;
    else if (is_hopeless(overflow, workers, now_ns))
        overflow_refuse(overflow, come_then - accepted);
}
