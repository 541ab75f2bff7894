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

int socket_address_parse(const char *text, struct socket_address *address, const char **problem)
{
    char host[NI_MAXHOST];
    const char *port_text;
    uint16_t port;

    if (split_host_port(text, host, &port_text) < 0) {
        *problem = "expected HOST:PORT, such as 127.0.0.1:4444 or [::1]:4444";
        return -EINVAL;
    }
    if (parse_port(port_text, &port) < 0) {
        *problem = "the port must be a number from 1 to 65535";
        return -EINVAL;
    }
    if (socket_address_parse_numeric(host, port, address) == 0)
        return 0;

    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    int failed = getaddrinfo(host, port_text, &hints, &found);

    if (failed) {
        *problem = gai_strerror(failed);
        return -EINVAL;
    }
    memcpy(&address->storage, found->ai_addr, found->ai_addrlen);
    address->size = found->ai_addrlen;
    freeaddrinfo(found);
    return 0;
}

uint16_t socket_address_port(const struct socket_address *address)
{
    /* The port stands at the same place in both families. */
    return ntohs(address->ip4.sin_port);
}

void socket_address_format(const struct socket_address *address, char *text, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "?";
    bool is_ip6 = address->generic.sa_family == AF_INET6;
    const void *from =
        is_ip6 ? (const void *)&address->ip6.sin6_addr : (const void *)&address->ip4.sin_addr;

    inet_ntop(address->generic.sa_family, from, host, sizeof host);
    snprintf(text, size, is_ip6 ? "[%s]:%u" : "%s:%u", host, socket_address_port(address));
}
