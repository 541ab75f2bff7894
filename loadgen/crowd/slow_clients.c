/* SPDX-License-Identifier: MIT */
/*
 * slow-clients ADDRESS COUNT [MANNER...]: clients that no server likes, until SIGTERM or the end of
 * its input.
 *
 * Of every four, one connects and says nothing (silent); one greets and then says nothing (idle);
 * one greets and says its requests a byte at a time (dribbling); one greets and asks for large
 * replies it never reads (deaf). With manners named, they are of these in turn. When all have
 * connected it prints "connected N"; at SIGUSR1 and at the end what became of them:
 *
 *     silent=250 idle=250 dribbling=250 deaf=250 refused=0 closed=0 echoes=1234
 *
 * `refused` were answered with ERROR, `closed` have ended without being told why.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/descriptors.h"
#include "common/socket_address.h"
#include "protocol/native.h"
#include "protocol/payload.h"

enum manner { SILENT, IDLE, DRIBBLING, DEAF, MANNERS };
enum { TICK_MS = 50, FRAME_SIZE = 64, FRAME_MAX = 256, LARGE_REPLY = 100000 };

struct client {
    int fd;
    enum manner manner;
    bool welcomed, refused, closed;
    size_t said; /* bytes of the present request */
    unsigned long heard;
};

static const char *const manner_names[MANNERS] = {"silent", "idle", "dribbling", "deaf"};
static volatile sig_atomic_t ended, asked;

static void on_signal(int number)
{
    if (number == SIGUSR1)
        asked = 1;
    else
        ended = 1;
}

static void die(const char *what)
{
    fprintf(stderr, "slow-clients: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void client_connect(struct client *client, const struct socket_address *address)
{
    uint8_t greeting[GREETING_SIZE_MAX];
    ssize_t size = protocol_native.encode_greeting((struct space){greeting, sizeof greeting});

    client->fd = socket(address->generic.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->fd < 0 || connect(client->fd, &address->generic, address->size) < 0)
        die("connect");
    fcntl(client->fd, F_SETFL, O_NONBLOCK);
    if (client->manner != SILENT && send(client->fd, greeting, (size_t)size, MSG_NOSIGNAL) < 0)
        client->closed = true;
}

static void client_hear(struct client *client)
{
    uint8_t bytes[4096];
    ssize_t size = recv(client->fd, bytes, sizeof bytes, 0);

    if (size == 0 || (size < 0 && errno != EAGAIN)) {
        client->closed = true;
        return;
    }
    if (size > 0 && !client->welcomed) {
        enum welcome welcome;

        client->refused =
            protocol_native.decode_welcome((struct bytes){bytes, (size_t)size}, &welcome) > 0 &&
            welcome != WELCOME_OK;
        client->welcomed = !client->refused;
    }
    if (size > 0)
        client->heard += (unsigned long)size;
}

static void client_say(struct client *client, const uint8_t *bytes, size_t size)
{
    ssize_t sent = send(client->fd, bytes, size, MSG_NOSIGNAL);

    if (sent < 0 && errno != EAGAIN)
        client->closed = true;
    if (sent > 0)
        client->said += (size_t)sent;
}

/* Each tick a byte, or as many requests as the socket takes. */
static void client_tick(struct client *client, const uint8_t *echo, size_t echo_size,
                        const uint8_t *large, size_t large_size)
{
    /* The deaf one hears its welcome and nothing more. */
    if (client->manner != DEAF || !client->welcomed)
        client_hear(client);
    if (client->closed || client->refused || !client->welcomed)
        return;
    if (client->manner == DRIBBLING)
        client_say(client, echo + client->said % echo_size, 1);
    else if (client->manner == DEAF)
        client_say(client, large + client->said % large_size,
                   large_size - client->said % large_size);
}

static size_t make_request(unsigned operation, const void *payload, size_t size, uint8_t *frame)
{
    const struct message request = {operation, {payload, size}};
    ssize_t made = protocol_native.encode_request(&request, (struct space){frame, FRAME_MAX});

    if (made < 0)
        die("request");
    return (size_t)made;
}

static void tell(const struct client *clients, size_t count)
{
    size_t alive[MANNERS] = {0}, refused = 0, closed = 0;
    unsigned long heard = 0;

    for (size_t i = 0; i < count; i++) {
        refused += clients[i].refused;
        closed += clients[i].closed && !clients[i].refused;
        alive[clients[i].manner] += !clients[i].closed && !clients[i].refused;
        heard += clients[i].manner == DRIBBLING ? clients[i].heard : 0;
    }
    for (int i = 0; i < MANNERS; i++)
        printf("%s=%zu ", manner_names[i], alive[i]);
    printf("refused=%zu closed=%zu echoes=%lu\n", refused, closed, heard / FRAME_SIZE);
    fflush(stdout);
}

/* Everybody has a tick, again and again. Returns when it is to end. */
static void clients_live(struct client *clients, size_t count)
{
    static const uint8_t payload[FRAME_SIZE];
    const struct work work = {.reply_size = LARGE_REPLY};
    uint8_t echo[FRAME_MAX], large[FRAME_MAX], work_payload[WORK_FIXED_SIZE];
    size_t echo_size = make_request(OPERATION_ECHO, payload, sizeof payload, echo), large_size;
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

    if (work_encode(&work, (struct space){work_payload, sizeof work_payload}) < 0)
        die("work");
    large_size = make_request(OPERATION_WORK, work_payload, sizeof work_payload, large);
    while (!ended) {
        for (size_t i = 0; i < count; i++) {
            if (!clients[i].closed)
                client_tick(&clients[i], echo, echo_size, large, large_size);
        }
        if (poll(&input, 1, TICK_MS) > 0)
            ended = 1;
        if (asked)
            tell(clients, count);
        asked = 0;
    }
}

static enum manner manner_parse(const char *name)
{
    for (int i = 0; i < MANNERS; i++) {
        if (strcmp(name, manner_names[i]) == 0)
            return (enum manner)i;
    }
    fprintf(stderr, "slow-clients: no manner '%s': silent, idle, dribbling or deaf\n", name);
    exit(2);
}

/* "127.0.0.1:4444"; cuts it in two. */
static struct socket_address address_parse(char *text)
{
    struct socket_address address;
    char *port = strrchr(text, ':');

    if (port)
        *port++ = '\0';
    if (!port ||
        socket_address_parse_numeric(text, (uint16_t)strtoul(port, NULL, 10), &address) < 0) {
        fprintf(stderr, "slow-clients: no address and port: '%s'\n", text);
        exit(2);
    }
    return address;
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = on_signal};
    size_t count = argc >= 3 ? strtoul(argv[2], NULL, 10) : 0;
    struct client *clients;

    if (count == 0) {
        fprintf(stderr, "usage: slow-clients ADDRESS:PORT COUNT [MANNER...]\n");
        return 2;
    }
    clients = calloc(count, sizeof *clients);
    if (!clients)
        die("memory");
    for (size_t i = 0; i < count; i++)
        clients[i].manner =
            argc > 3 ? manner_parse(argv[3 + i % (size_t)(argc - 3)]) : (enum manner)(i % MANNERS);
    struct socket_address address = address_parse(argv[1]);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    descriptors_raise_limit();
    for (size_t i = 0; i < count; i++)
        client_connect(&clients[i], &address);
    printf("connected %zu\n", count);
    fflush(stdout);
    clients_live(clients, count);
    tell(clients, count);
    free(clients);
    return 0;
}
