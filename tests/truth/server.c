/* SPDX-License-Identifier: MIT */
#include "tests/truth/server.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/descriptors.h"
#include "common/log.h"
#include "tests/truth/listener.h"

enum {
    EVENTS_PER_WAIT = 256,
    /* More would keep due replies waiting while thousands connect. */
    ACCEPTS_PER_TURN = 16,
    /* The server's own: standard ones, epoll, the listener, signals, and one to refuse with. */
    DESCRIPTORS_RESERVED = 16,
};

/* A wake-up comes later than asked for, by less than this on an idle core: what is left is spun. */
static const uint64_t wakeup_margin_ns = 200 * NS_PER_US;

/* No client has these: their slot would be beyond the last. */
static const uint64_t listener_id = UINT64_MAX;
static const uint64_t signal_id = UINT64_MAX - 1;

static int watch(struct server *server, int fd, uint64_t id)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = id};

    return epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

/* A descriptor that is readable when the server is told to stop. */
static int signals_open(void)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
        return -1;
    return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

int server_open(struct server *server, const struct options *options)
{
    size_t descriptors = descriptors_raise_limit();

    memset(server, 0, sizeof *server);
    server->options = options;
    server->timing = options->timing;
    server->clients_max = CLIENTS_MAX;
    if (descriptors < CLIENTS_MAX + DESCRIPTORS_RESERVED)
        server->clients_max =
            descriptors > DESCRIPTORS_RESERVED ? descriptors - DESCRIPTORS_RESERVED : 1;
    for (size_t i = server->clients_max; i-- > 0;) {
        server->clients[i].fd = -1;
        server->free_slots[server->free_count++] = (uint32_t)i;
    }
    if (histogram_init_latency(&server->lateness) < 0 ||
        (options->log_path && reply_log_init(&server->log) < 0)) {
        log_error("out of memory");
        return -1;
    }
    /* Timeouts of the kernel are by default rounded up by 50 us. */
    prctl(PR_SET_TIMERSLACK, 1);
    server->signal_fd = signals_open();
    server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (server->signal_fd < 0 || server->epoll_fd < 0) {
        log_error("cannot start: %s", strerror(errno));
        goto close_descriptors;
    }
    server->timing.start_ns = clock_now_ns();
    server->listen_fd = listener_open(options);
    if (server->listen_fd < 0)
        goto close_descriptors;
    if (watch(server, server->listen_fd, listener_id) == 0 &&
        watch(server, server->signal_fd, signal_id) == 0)
        return 0;
    log_error("cannot wait for clients: %s", strerror(errno));
    listener_close(server->listen_fd, options);
close_descriptors:
    if (server->epoll_fd >= 0)
        close(server->epoll_fd);
    if (server->signal_fd >= 0)
        close(server->signal_fd);
    histogram_release(&server->lateness);
    reply_log_release(&server->log);
    return -1;
}

void server_close(struct server *server)
{
    for (size_t i = 0; i < server->clients_max; i++)
        if (server->clients[i].fd >= 0)
            client_drop(server, &server->clients[i]);
    listener_close(server->listen_fd, server->options);
    close(server->epoll_fd);
    close(server->signal_fd);
    reply_queue_release(&server->queue);
    histogram_release(&server->lateness);
    reply_log_release(&server->log);
}

static void accept_some(struct server *server)
{
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        int fd = accept4(server->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0)
            return;
        if (server->free_count > 0) {
            client_add(server, fd);
        } else {
            server->counts.refused++;
            close(fd);
        }
    }
}

static void handle(struct server *server, const struct epoll_event *event)
{
    if (event->data.u64 == signal_id) {
        server->is_stopped = true;
        return;
    }
    if (event->data.u64 == listener_id) {
        accept_some(server);
        return;
    }
    struct client *client = client_find(server, event->data.u64);
    if (!client)
        return;
    if (client->is_ending && event->events & (EPOLLHUP | EPOLLERR))
        client_drop(server, client);
    else if (event->events & EPOLLOUT)
        client_send(server, client);
    else
        client_receive(server, client);
}

/* Stands still until `until_ns`, or until it is told to stop. */
static void stand_still(struct server *server, uint64_t until_ns)
{
    uint64_t spun_ns = server->options->sleep ? 0 : wakeup_margin_ns;
    struct pollfd polled = {.fd = server->signal_fd, .events = POLLIN};
    uint64_t now_ns;

    while ((now_ns = clock_now_ns()) < until_ns) {
        if (until_ns - now_ns <= spun_ns)
            continue;
        struct timespec timeout = timespec_from_ns(until_ns - now_ns - spun_ns);

        if (ppoll(&polled, 1, &timeout, NULL) > 0) {
            server->is_stopped = true;
            return;
        }
    }
}

/* How long the loop may wait for an event: not at all when it spins, else until a reply is due.
 * NULL: for ever. */
static const struct timespec *wait_timeout(const struct server *server, struct timespec *timeout)
{
    const struct due_reply *first = reply_queue_first(&server->queue);
    uint64_t now_ns = clock_now_ns();

    *timeout = (struct timespec){0};
    if (!server->options->sleep)
        return timeout;
    if (!first)
        return NULL;
    if (first->due_ns > now_ns)
        *timeout = timespec_from_ns(first->due_ns - now_ns);
    return timeout;
}

int server_run(struct server *server)
{
    struct epoll_event events[EVENTS_PER_WAIT];

    while (!server->is_stopped) {
        struct timespec timeout;
        uint64_t now_ns = clock_now_ns();
        uint64_t thaw_ns = timing_thaw_ns(&server->timing, now_ns);

        if (thaw_ns > now_ns) {
            stand_still(server, thaw_ns);
            continue;
        }
        clients_release_due(server);
        int count = epoll_pwait2(server->epoll_fd, events, EVENTS_PER_WAIT,
                                 wait_timeout(server, &timeout), NULL);
        if (count < 0 && errno != EINTR)
            return -errno;
        for (int i = 0; i < count; i++) {
            now_ns = clock_now_ns();
            /* What was not looked at before a freeze is told again after it. */
            if (timing_thaw_ns(&server->timing, now_ns) > now_ns)
                break;
            handle(server, &events[i]);
            clients_release_due(server);
        }
    }
    return 0;
}
