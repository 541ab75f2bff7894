/* SPDX-License-Identifier: MIT */
/*
 * floor: the least a client can do, to hold the generator's CPU time against.
 *
 * One thread, one epoll, echo requests of a fixed size on N connections in a closed loop. Nothing
 * is checked, timed per request or recorded: what is left is the kernel's share. Prints one line:
 *     cpu_us_per_request=4.812 user_share=0.031 requests=1234567 seconds=3.000
 * A benchmark target (scripts/benchmarks/floor), not a tool: it dies at the first problem.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/descriptors.h"
#include "common/socket_address.h"
#include "protocol/native.h"

enum { EVENTS_PER_WAIT = 1024, BUFFER_SIZE = 64 * 1024 };

struct floor {
    int epoll_fd;
    uint8_t request[BUFFER_SIZE], reply[BUFFER_SIZE];
    size_t request_size;
    uint64_t replies;
    size_t *received; /* bytes of the present reply, by descriptor */
};

static void die(const char *what)
{
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void send_request(struct floor *floor, int fd)
{
    if (send(fd, floor->request, floor->request_size, MSG_NOSIGNAL) != (ssize_t)floor->request_size)
        die("send");
}

/* Blocking until it is greeted, then watched. */
static void open_connection(struct floor *floor, const struct socket_address *address)
{
    struct epoll_event event = {.events = EPOLLIN};
    uint8_t hello[NATIVE_GREETING_SIZE];
    int fd = socket(address->generic.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, &address->generic, address->size) < 0)
        die("connect");
    protocol_native.encode_greeting((struct space){hello, sizeof hello});
    if (send(fd, hello, sizeof hello, 0) != sizeof hello ||
        recv(fd, hello, sizeof hello, MSG_WAITALL) != sizeof hello)
        die("handshake");
    event.data.fd = fd;
    if (epoll_ctl(floor->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
        die("epoll_ctl");
    send_request(floor, fd);
}

static void loop_until(struct floor *floor, uint64_t end_ns)
{
    struct epoll_event events[EVENTS_PER_WAIT];

    while (clock_now_ns() < end_ns) {
        int count = epoll_wait(floor->epoll_fd, events, EVENTS_PER_WAIT, 100);

        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            ssize_t size = recv(fd, floor->reply, sizeof floor->reply, MSG_DONTWAIT);

            if (size <= 0)
                die("recv");
            floor->received[fd] += (size_t)size;
            if (floor->received[fd] == floor->request_size) {
                floor->received[fd] = 0;
                floor->replies++;
                send_request(floor, fd);
            }
        }
    }
}

static uint64_t timeval_us(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

static void measure(struct floor *floor, double seconds)
{
    struct rusage before, after;
    uint64_t replies_before = floor->replies, start_ns = clock_now_ns();

    getrusage(RUSAGE_SELF, &before);
    loop_until(floor, start_ns + (uint64_t)(seconds * (double)NS_PER_S));
    getrusage(RUSAGE_SELF, &after);
    double taken = (double)(clock_now_ns() - start_ns) / (double)NS_PER_S;
    double replies = (double)(floor->replies - replies_before);
    double user_us = (double)(timeval_us(after.ru_utime) - timeval_us(before.ru_utime));
    double system_us = (double)(timeval_us(after.ru_stime) - timeval_us(before.ru_stime));

    printf("cpu_us_per_request=%.3f user_share=%.3f requests=%.0f seconds=%.3f\n",
           (user_us + system_us) / replies, user_us / (user_us + system_us), replies, taken);
}

int main(int argc, char **argv)
{
    static struct floor floor;
    static uint8_t payload[BUFFER_SIZE - NATIVE_HEADER_SIZE];
    struct socket_address address;
    size_t count;
    const char *problem = "usage: floor HOST:PORT CONNECTIONS SIZE WARMUP_S SECONDS";

    if (argc != 6 || socket_address_resolve(argv[1], &address, 1, &count, &problem) < 0) {
        fprintf(stderr, "floor: %s\n", problem);
        return 2;
    }
    int connections = atoi(argv[2]);
    size_t size = strtoul(argv[3], NULL, 10);
    struct message request = {OPERATION_ECHO, {payload, size}};

    if (connections < 1 || size > sizeof payload) {
        fprintf(stderr, "floor: CONNECTIONS from 1, SIZE up to %zu\n", sizeof payload);
        return 2;
    }
    floor.received = calloc(descriptors_raise_limit() + 1, sizeof *floor.received);
    floor.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (!floor.received || floor.epoll_fd < 0)
        die("start");
    floor.request_size = (size_t)protocol_native.encode_request(
        &request, (struct space){floor.request, sizeof floor.request});
    for (int i = 0; i < connections; i++)
        open_connection(&floor, &address);
    loop_until(&floor, clock_now_ns() + (uint64_t)(atof(argv[4]) * (double)NS_PER_S));
    measure(&floor, atof(argv[5]));
    free(floor.received);
    return 0;
}
