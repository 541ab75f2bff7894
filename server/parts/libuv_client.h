/* SPDX-License-Identifier: MIT */
/*
 * libuv_client.h: one client of a libuv loop: a uv_tcp_t and the callbacks that move its session.
 *
 * It is always reading, unless it has to be answered first: libuv asks for memory (the scratch),
 * reads, and hands over what came. A reply is tried to be sent at once, and what the socket does
 * not take is left to libuv, which sends it when it can.
 */
#ifndef MUELLE_SERVER_PARTS_LIBUV_CLIENT_H
#define MUELLE_SERVER_PARTS_LIBUV_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "server/parts/clients.h"

struct libuv_loop;

/* Frees itself, when libuv has let go of `stream`. */
struct libuv_client {
    struct client client; /* first: the list hands back this */
    struct libuv_loop *loop;
    uv_tcp_t stream;
    uv_write_t write; /* what the socket did not take at once */
    uv_work_t work;   /* its request while it is away */
    size_t unsent;    /* of the write, when the client was last looked at */
    bool reads, writes, is_away, left_over, broken, closing;
    struct libuv_client *next_left_over;
};

/* A client for `fd`, from server_accept(); who cannot be had is refused. */
void libuv_client_take(struct libuv_loop *loop, int fd);

/* Moves its session as far as it goes, and says to libuv what is waited for; it may close. Not
 * while its request is away. */
void libuv_client_move(struct libuv_client *client);

/* Not while its request is away. */
void libuv_client_close(struct libuv_client *client);

#endif
