/* SPDX-License-Identifier: MIT */
/*
 * socket_address.h: where a socket is bound or connected, as text and as the kernel wants it.
 */
#ifndef MUELLE_COMMON_SOCKET_ADDRESS_H
#define MUELLE_COMMON_SOCKET_ADDRESS_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/compiler.h"

struct socket_address {
    union {
        struct sockaddr generic;
        struct sockaddr_in ip4;
        struct sockaddr_in6 ip6;
        struct sockaddr_un local;
        struct sockaddr_storage storage;
    };
    socklen_t size;
};

/* "127.0.0.1" or "::1", no names. 0 or -EINVAL. */
int socket_address_parse_numeric(const char *text, uint16_t port,
                                 struct socket_address *address) MUST_CHECK;

/* "127.0.0.1:4444", "[::1]:4444", "localhost:4444", "unix:/run/server.sock": all addresses it
 * stands for, in the order of the resolver, `max` at most. A name is resolved, which may block. 0
 * or -EINVAL, and then *problem is one sentence about it that needs no release. */
int socket_address_resolve(const char *text, struct socket_address *addresses, size_t max,
                           size_t *count, const char **problem) MUST_CHECK;

/* "127.0.0.2", "127.0.0.2-127.0.0.9", "fd00::1-fd00::20": the addresses of a range, both ends
 * included, without a port. As above; more than `max` are a problem. */
int socket_address_parse_range(const char *text, struct socket_address *addresses, size_t max,
                               size_t *count, const char **problem) MUST_CHECK;

/* 0 for a Unix socket, which has none. */
uint16_t socket_address_port(const struct socket_address *address);

/* As socket_address_resolve() reads it; always NUL-terminated. SOCKET_ADDRESS_TEXT_SIZE is enough.
 */
enum { SOCKET_ADDRESS_TEXT_SIZE = 128 };
void socket_address_format(const struct socket_address *address, char *text, size_t size);

#endif
