/* SPDX-License-Identifier: MIT */
/*
 * epoll_floor: the least a server can do, to hold the `epoll` model's CPU time against.
 *
 * One thread, one epoll, and what was read is written back as it came: no framing, no session, no
 * counters, no limits, no memory for a client but one bit, whether it was greeted. What is left is
 * the kernel's share. A benchmark target (scripts/benchmarks/models), not a server: a client that
 * does not read, or breaks a message in two, ends it or is ended. It lives until SIGTERM.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/descriptors.h"
#include "common/socket_address.h"
#include "protocol/native.h"

enum { EVENTS_PER_WAIT = 256, BUFFER_SIZE = 64 * 1024, CLIENTS_MAX = 1 << 20, BACKLOG = 4096 };

static bool greeted[CLIENTS_MAX]; /* by descriptor */

static void die(const char *what)
{
    fprintf(stderr, "epoll_floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int open_listener(void)
{
    struct socket_address address;
    char text[64];

    if (socket_address_parse_numeric("127.0.0.1", 0, &address) < 0)
        die("address");
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, &address.generic, address.size) < 0 || listen(fd, BACKLOG) < 0 ||
        getsockname(fd, &address.generic, &address.size) < 0)
        die("listen");
    socket_address_format(&address, text, sizeof text);
    printf("listening %s model=floor\n", text);
    fflush(stdout);
    return fd;
}

static void watch(int epoll_fd, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
        die("epoll_ctl");
}

static void accept_all(int epoll_fd, int listen_fd)
{
    int fd, on = 1;

    while ((fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= CLIENTS_MAX)
            die("too many clients");
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        greeted[fd] = false;
        watch(epoll_fd, fd);
    }
}

static void serve(int fd)
{
    static uint8_t buffer[BUFFER_SIZE];
    ssize_t size = recv(fd, buffer, sizeof buffer, 0);

    if (size > 0 && !greeted[fd]) {
        size = protocol_native.encode_welcome(WELCOME_OK, (struct space){buffer, sizeof buffer});
        greeted[fd] = true;
    }
    if (size <= 0 || send(fd, buffer, (size_t)size, MSG_NOSIGNAL) != size)
        close(fd);
}

int main(void)
{
    struct epoll_event events[EVENTS_PER_WAIT];
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC), listen_fd;

    descriptors_raise_limit();
    listen_fd = open_listener();
    watch(epoll_fd, listen_fd);
    for (;;) {
        int count = epoll_wait(epoll_fd, events, EVENTS_PER_WAIT, -1);

        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == listen_fd)
                accept_all(epoll_fd, listen_fd);
            else
                serve(events[i].data.fd);
        }
    }
}
