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

#include "common/compiler.h"

struct socket_address {
    union {
        struct sockaddr generic;
        struct sockaddr_in ip4;
        struct sockaddr_in6 ip6;
        struct sockaddr_storage storage;
    };
    socklen_t size;
};

/* "127.0.0.1" or "::1", no names. 0 or -EINVAL. */
int socket_address_parse_numeric(const char *text, uint16_t port,
                                 struct socket_address *address) MUST_CHECK;

/* "127.0.0.1:4444", "[::1]:4444", "localhost:4444": a name is resolved, which may block. 0 or
 * -EINVAL, and then *problem is one sentence about it that needs no release. */
int socket_address_parse(const char *text, struct socket_address *address,
                         const char **problem) MUST_CHECK;

uint16_t socket_address_port(const struct socket_address *address);

/* The inverse of socket_address_parse(); always NUL-terminated. SOCKET_ADDRESS_TEXT_SIZE is
 * enough. */
enum { SOCKET_ADDRESS_TEXT_SIZE = 64 };
void socket_address_format(const struct socket_address *address, char *text, size_t size);

#endif
