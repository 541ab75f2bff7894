/* SPDX-License-Identifier: MIT */
#include "common/socket_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int socket_address_parse_numeric(const char *text, uint16_t port, struct socket_address *address)
{
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, text, &address->ip4.sin_addr) == 1) {
        address->ip4.sin_family = AF_INET;
        address->ip4.sin_port = htons(port);
        address->size = sizeof address->ip4;
        return 0;
    }
    if (inet_pton(AF_INET6, text, &address->ip6.sin6_addr) == 1) {
        address->ip6.sin6_family = AF_INET6;
        address->ip6.sin6_port = htons(port);
        address->size = sizeof address->ip6;
        return 0;
    }
    return -EINVAL;
}

/* Splits "HOST:PORT" or "[HOST]:PORT"; `host` has room for NI_MAXHOST. */
static int split_host_port(const char *text, char *host, const char **port)
{
    const char *colon = strrchr(text, ':');
    size_t size;

    if (!colon || colon == text)
        return -EINVAL;
    *port = colon + 1;
    if (*text == '[') {
        if (colon[-1] != ']')
            return -EINVAL;
        text++;
        colon--;
    } else if (memchr(text, ':', (size_t)(colon - text))) {
        return -EINVAL;
    }
    size = (size_t)(colon - text);
    if (size == 0 || size >= NI_MAXHOST)
        return -EINVAL;
    memcpy(host, text, size);
    host[size] = '\0';
    return 0;
}

static int parse_port(const char *text, uint16_t *port)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end != '\0' || value == 0 || value > UINT16_MAX)
        return -EINVAL;
    *port = (uint16_t)value;
    return 0;
}

static int parse_unix(const char *path, struct socket_address *address, const char **problem)
{
    size_t size = strlen(path);

    memset(address, 0, sizeof *address);
    if (size == 0 || size >= sizeof address->local.sun_path) {
        *problem = "expected unix:PATH with a path of 1 to 107 characters";
        return -EINVAL;
    }
    address->local.sun_family = AF_UNIX;
    memcpy(address->local.sun_path, path, size + 1);
    address->size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + 1);
    return 0;
}

static int resolve_name(const char *host, const char *port, struct socket_address *addresses,
                        size_t max, size_t *count, const char **problem)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    int failed = getaddrinfo(host, port, &hints, &found);

    if (failed) {
        *problem = gai_strerror(failed);
        return -EINVAL;
    }
    *count = 0;
    for (const struct addrinfo *each = found; each && *count < max; each = each->ai_next) {
        struct socket_address *address = &addresses[*count];

        memset(address, 0, sizeof *address);
        memcpy(&address->storage, each->ai_addr, each->ai_addrlen);
        address->size = each->ai_addrlen;
        (*count)++;
    }
    freeaddrinfo(found);
    return 0;
}

int socket_address_resolve(const char *text, struct socket_address *addresses, size_t max,
                           size_t *count, const char **problem)
{
    char host[NI_MAXHOST];
    const char *port_text;
    uint16_t port;

    *count = 1;
    if (strncmp(text, "unix:", 5) == 0)
        return parse_unix(text + 5, &addresses[0], problem);
    if (split_host_port(text, host, &port_text) < 0) {
        *problem = "expected HOST:PORT or unix:PATH, such as 127.0.0.1:4444 or [::1]:4444";
        return -EINVAL;
    }
    if (parse_port(port_text, &port) < 0) {
        *problem = "the port must be a number from 1 to 65535";
        return -EINVAL;
    }
    if (socket_address_parse_numeric(host, port, &addresses[0]) == 0)
        return 0;
    return resolve_name(host, port_text, addresses, max, count, problem);
}

static uint8_t *address_head(struct socket_address *address)
{
    return address->generic.sa_family == AF_INET ? (uint8_t *)&address->ip4.sin_addr
                                                 : (uint8_t *)&address->ip6.sin6_addr;
}

/* The last four bytes of an address: what a range counts. */
static uint8_t *address_tail(struct socket_address *address)
{
    return address_head(address) + (address->generic.sa_family == AF_INET ? 0 : 12);
}

static uint32_t tail_number(struct socket_address *address)
{
    uint32_t number;

    memcpy(&number, address_tail(address), sizeof number);
    return ntohl(number);
}

static void tail_set(struct socket_address *address, uint32_t number)
{
    number = htonl(number);
    memcpy(address_tail(address), &number, sizeof number);
}

int socket_address_parse_range(const char *text, struct socket_address *addresses, size_t max,
                               size_t *count, const char **problem)
{
    char first_text[NI_MAXHOST];
    const char *dash = strchr(text, '-');
    size_t size = dash ? (size_t)(dash - text) : strlen(text);
    struct socket_address first, last;

    *problem = "expected ADDRESS or ADDRESS-ADDRESS of one family, such as 127.0.0.2-127.0.0.9";
    if (size >= sizeof first_text)
        return -EINVAL;
    memcpy(first_text, text, size);
    first_text[size] = '\0';
    if (socket_address_parse_numeric(first_text, 0, &first) < 0 ||
        socket_address_parse_numeric(dash ? dash + 1 : first_text, 0, &last) < 0 ||
        first.generic.sa_family != last.generic.sa_family)
        return -EINVAL;

    uint32_t from = tail_number(&first), to = tail_number(&last);

    /* All that stands before the part that is counted has to be the same. */
    if (to < from || memcmp(address_head(&first), address_head(&last),
                            (size_t)(address_tail(&first) - address_head(&first))) != 0)
        return -EINVAL;
    if ((size_t)(to - from) >= max) {
        *problem = "too many addresses in this range: at most 256";
        return -EINVAL;
    }
    *count = 0;
    for (uint32_t number = from; *count <= to - from; number++) {
        addresses[*count] = first;
        tail_set(&addresses[*count], number);
        (*count)++;
    }
    return 0;
}

uint16_t socket_address_port(const struct socket_address *address)
{
    /* The port stands at the same place in both families. */
    return address->generic.sa_family == AF_UNIX ? 0 : ntohs(address->ip4.sin_port);
}

void socket_address_format(const struct socket_address *address, char *text, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "?";
    bool is_ip6 = address->generic.sa_family == AF_INET6;
    const void *from =
        is_ip6 ? (const void *)&address->ip6.sin6_addr : (const void *)&address->ip4.sin_addr;

    if (address->generic.sa_family == AF_UNIX) {
        snprintf(text, size, "unix:%s", address->local.sun_path);
        return;
    }
    inet_ntop(address->generic.sa_family, from, host, sizeof host);
    snprintf(text, size, is_ip6 ? "[%s]:%u" : "%s:%u", host, socket_address_port(address));
}
