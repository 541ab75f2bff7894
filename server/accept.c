/* SPDX-License-Identifier: MIT */
#include "server/accept.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Where only time helps, and a readable listener must not become a busy loop. */
enum { PAUSE_MS = 10 };

static void say_refused(const struct server *server, int fd)
{
    uint8_t welcome[WELCOME_SIZE_MAX];
    ssize_t size =
        server->protocol->encode_welcome(WELCOME_ERROR, (struct space){welcome, sizeof welcome});

    if (size > 0) {
        /* A fresh socket has room; who is gone already need not be told. */
        ssize_t ignored = send(fd, welcome, (size_t)size, MSG_NOSIGNAL | MSG_DONTWAIT);
        (void)ignored;
    }
}

static void turn_away(struct server *server, struct counters *counters, int fd)
{
    counters_add(counters, COUNTER_REJECTS, 1);
    say_refused(server, fd);
    farewell_close(&server->farewell, fd);
}

void server_refuse(struct server *server, struct counters *counters, int fd)
{
    server_client_left(server);
    turn_away(server, counters, fd);
}

/* On the descriptor that is to be the reserve the client cannot linger. With what it has said read,
 * at least that does not turn the close into a reset. */
static void refuse_at_once(struct server *server, struct counters *counters, int fd)
{
    char dropped[4096];

    counters_add(counters, COUNTER_REJECTS, 1);
    say_refused(server, fd);
    ssize_t ignored = recv(fd, dropped, sizeof dropped, MSG_DONTWAIT);
    (void)ignored;
    close(fd);
}

/* True when there is a descriptor in reserve, if need be a new one. */
static bool have_reserve(struct server *server)
{
    int none = -1, fd;

    if (atomic_load(&server->reserve_fd) >= 0)
        return true;
    fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    if (!atomic_compare_exchange_strong(&server->reserve_fd, &none, fd))
        close(fd); /* another thread was faster */
    return true;
}

/* No descriptor is left. The reserved one is given up for a moment, so that whoever waits at the
 * head of the queue can be told instead of waiting for ever, and a level-triggered listener does
 * not report the same client again and again. True when somebody was refused. */
static bool refuse_with_reserve(struct server *server, int listen_fd, struct counters *counters)
{
    int reserve_fd = atomic_exchange(&server->reserve_fd, -1), fd = -1;

    if (reserve_fd < 0) {
        /* Another thread is just refusing somebody. */
        poll(NULL, 0, PAUSE_MS);
    } else {
        close(reserve_fd);
        fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            counters_add(counters, COUNTER_ACCEPTS, 1);
            refuse_at_once(server, counters, fd);
        }
    }
    have_reserve(server);
    return fd >= 0;
}

/* While the reserve is given up, the client on `fd` may have got the descriptor of it in another
 * thread. Served, it would be the last one that is answered: nobody after it could even be refused.
 * So the reserve comes first; true when this client was refused for it. */
static bool refuse_for_reserve(struct server *server, struct counters *counters, int fd)
{
    if (have_reserve(server))
        return false;
    refuse_at_once(server, counters, fd);
    have_reserve(server);
    return true;
}

static void prepare_client(const struct server *server, int fd, bool blocks)
{
    int on = 1;
    struct timeval patience = {
        .tv_sec = (time_t)(server->config->idle_timeout_ns / NS_PER_S),
        .tv_usec = (suseconds_t)(server->config->idle_timeout_ns % NS_PER_S / NS_PER_US)};

    /* A client that is gone already fails here and is noticed at its first read. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (blocks && server->config->idle_timeout_ns > 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    }
}

int server_admit(struct server *server, struct counters *counters, int fd, bool blocks)
{
    counters_add(counters, COUNTER_ACCEPTS, 1);
    if (refuse_for_reserve(server, counters, fd))
        return -EAGAIN;

    size_t served = atomic_fetch_add_explicit(server->clients_served, 1, memory_order_relaxed) + 1;

    if (server->config->connections_max > 0 && served > server->config->connections_max) {
        server_client_left(server);
        turn_away(server, counters, fd);
        return -EAGAIN;
    }
    prepare_client(server, fd, blocks);
    return fd;
}

int server_accept(struct server *server, int listen_fd, struct counters *counters, bool blocks)
{
    for (int turned_away = 0; turned_away < ACCEPTS_PER_TURN; turned_away++) {
        int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | (blocks ? 0 : SOCK_NONBLOCK));

        if (fd >= 0) {
            if (server_admit(server, counters, fd, blocks) >= 0)
                return fd;
            continue;
        }
        switch (errno) {
        case EAGAIN:
            return -EAGAIN;
        case EMFILE:
        case ENFILE:
            if (!refuse_with_reserve(server, listen_fd, counters))
                return -EAGAIN;
            break;
        case ENOBUFS:
        case ENOMEM:
            poll(NULL, 0, PAUSE_MS);
            return -EAGAIN;
        default:
            /* EINTR, ECONNABORTED and the network errors of accept(2): that client is gone, the
             * next one may be well. */
            break;
        }
    }
    return -EAGAIN;
}

/* --- waiting in accept(2) --------------------------------------------------------------------- */

/* accept(2) takes its descriptor before it waits, so without one it fails whether anybody is in the
 * queue or not. Who is there is left to the workers that have one. False when the listener is shut
 * down. */
static bool wait_without_descriptor(const struct server *server)
{
    struct pollfd listener = {.fd = server->listen_fd, .events = POLLIN};

    poll(&listener, 1, -1);
    poll(NULL, 0, PAUSE_MS);
    return !(listener.revents & POLLHUP);
}

int server_accept_waiting(struct server *server, struct counters *counters)
{
    for (;;) {
        int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC);

        counters_add(counters, COUNTER_WAKEUPS, 1);
        if (fd >= 0) {
            if (server_admit(server, counters, fd, true) >= 0)
                return fd;
            continue;
        }
        counters_add(counters, COUNTER_EMPTY_WAKEUPS, 1);
        switch (errno) {
        case EINVAL: /* it listens no more */
            return -ECANCELED;
        case EAGAIN: /* just now it does not block */
            poll(&(struct pollfd){.fd = server->listen_fd, .events = POLLIN}, 1, -1);
            break;
        case EMFILE:
        case ENFILE:
            if (!wait_without_descriptor(server))
                return -ECANCELED;
            break;
        case ENOBUFS:
        case ENOMEM:
            poll(NULL, 0, PAUSE_MS);
            break;
        default: /* as in server_accept() */
            break;
        }
    }
}

void server_accept_blocks(struct server *server, bool blocks)
{
    int flags = fcntl(server->listen_fd, F_GETFL);

    fcntl(server->listen_fd, F_SETFL, blocks ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

void server_accept_stop(struct server *server)
{
    shutdown(server->listen_fd, SHUT_RDWR);
}

bool server_wait(struct server *server, struct counters *counters, uint64_t deadline_ns)
{
    struct pollfd waited[] = {{.fd = server->stop_fd, .events = POLLIN},
                              {.fd = server->listen_fd, .events = POLLIN}};
    uint64_t now_ns = deadline_ns > 0 ? clock_now_ns() : 0;
    struct timespec left = timespec_from_ns(deadline_ns > now_ns ? deadline_ns - now_ns : 0);
    int ready = ppoll(waited, 2, deadline_ns > 0 ? &left : NULL, NULL);

    counters_add(counters, COUNTER_WAKEUPS, 1);
    if (ready <= 0)
        counters_add(counters, COUNTER_EMPTY_WAKEUPS, 1);
    return ready <= 0 || !waited[0].revents;
}
