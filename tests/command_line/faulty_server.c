/* SPDX-License-Identifier: MIT */
/*
 * faulty-server: behaves well for a while, then fails in the way it is told, so that tests can see
 * what the generator makes of it.
 *
 *     faulty-server FAULT AFTER      AFTER: requests answered before it begins to fail
 *
 * Faults: die, hang, reset, close, cut (half a reply, then close), wrong (one bit), error (error
 * frames), noise (bytes nobody asked for), slow (each reply 50 ms late), refuse, hang-handshake,
 * break-handshake, break-later (the handshakes after the first AFTER). Speaks the native protocol,
 * handles small echoes only, prints "listening PORT". Ends when its standard input does, so that it
 * never outlives the test.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/native.h"

enum { CLIENTS_MAX = 256, BUFFER_SIZE = 4096 };

struct client {
    int fd;
    bool greeted;
    uint8_t data[BUFFER_SIZE];
    size_t size;
};

static const char *fault;
static long requests_left;
static struct client clients[CLIENTS_MAX];
static struct pollfd polled[CLIENTS_MAX + 2]; /* standard input, the listener, the clients */
static size_t clients_count;

static bool is_fault(const char *name)
{
    return strcmp(fault, name) == 0;
}

static void drop_client(size_t index)
{
    close(clients[index].fd);
    clients[index] = clients[--clients_count];
}

static void reset_client(size_t index)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    setsockopt(clients[index].fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    drop_client(index);
}

static void send_all(struct client *client, const void *data, size_t size)
{
    /* Small replies to clients that read: who does not is not our concern. */
    ssize_t ignored = send(client->fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)ignored;
}

/* Answers a request wrongly, or not at all. False when the client is gone. */
static bool fail(size_t index, uint8_t *reply, size_t size)
{
    struct client *client = &clients[index];

    if (is_fault("die"))
        exit(0);
    if (is_fault("hang"))
        return true;
    if (is_fault("reset") || is_fault("close")) {
        if (is_fault("reset"))
            reset_client(index);
        else
            drop_client(index);
        return false;
    }
    if (is_fault("cut")) {
        send_all(client, reply, size / 2);
        drop_client(index);
        return false;
    }
    if (is_fault("wrong"))
        reply[size - 1] ^= 1;
    if (is_fault("error")) {
        send_all(client, "\xff\x08\0\0\0\1\0\0\0\0\0\0\0", 13);
        return true;
    }
    if (is_fault("slow"))
        poll(NULL, 0, 50);
    send_all(client, reply, size);
    if (is_fault("noise"))
        send_all(client, "noise", 5);
    return true;
}

/* True when the greeting is dealt with and requests may follow. */
static bool greet(size_t index)
{
    struct client *client = &clients[index];

    if (client->size < NATIVE_GREETING_SIZE || is_fault("hang-handshake"))
        return false;
    if (is_fault("refuse") || is_fault("break-handshake") ||
        (is_fault("break-later") && requests_left-- <= 0)) {
        send_all(client, is_fault("refuse") ? "\xff\xff\xff\xff" : "HTTP", 4);
        drop_client(index);
        return false;
    }
    send_all(client, "\0\0\0\0", NATIVE_WELCOME_SIZE);
    client->size -= NATIVE_GREETING_SIZE;
    memmove(client->data, client->data + NATIVE_GREETING_SIZE, client->size);
    client->greeted = true;
    return true;
}

/* One read; false when the client is gone, and another one has its place. */
static bool serve(size_t index)
{
    struct client *client = &clients[index];
    struct message request;
    ssize_t size = recv(client->fd, client->data + client->size, BUFFER_SIZE - client->size, 0);

    if (size <= 0) {
        drop_client(index);
        return false;
    }
    client->size += (size_t)size;
    if (!client->greeted)
        return greet(index) || (index < clients_count && clients[index].fd == client->fd);
    while ((size = protocol_native.decode_request((struct bytes){client->data, client->size},
                                                  BUFFER_SIZE, &request)) > 0) {
        uint8_t reply[BUFFER_SIZE];

        memcpy(reply, client->data, (size_t)size);
        client->size -= (size_t)size;
        memmove(client->data, client->data + size, client->size);
        if (requests_left-- > 0)
            send_all(client, reply, (size_t)size);
        else if (!fail(index, reply, (size_t)size))
            return false;
    }
    return true;
}

static int listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, 1024) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
        perror("faulty-server");
        exit(1);
    }
    printf("listening %u\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static void serve_ready(void)
{
    for (size_t i = clients_count; i-- > 0;) {
        if (polled[i + 2].revents)
            serve(i);
    }
    if (polled[1].revents && clients_count < CLIENTS_MAX) {
        int fd = accept(polled[1].fd, NULL, NULL);

        if (fd >= 0)
            clients[clients_count++] = (struct client){.fd = fd};
    }
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: faulty-server FAULT AFTER\n");
        return 2;
    }
    fault = argv[1];
    requests_left = atol(argv[2]);
    polled[0] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    polled[1] = (struct pollfd){.fd = listen_on_loopback(), .events = POLLIN};
    for (;;) {
        for (size_t i = 0; i < clients_count; i++)
            polled[i + 2] = (struct pollfd){.fd = clients[i].fd, .events = POLLIN};
        if (poll(polled, clients_count + 2, -1) < 0 && errno != EINTR)
            return 1;
        if (polled[0].revents)
            return 0;
        serve_ready();
    }
}
