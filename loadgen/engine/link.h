/* SPDX-License-Identifier: MIT */
/*
 * link.h: the socket of one connection on its thread's uv_loop: bytes out, bytes in, nothing else.
 *
 * A socket of our own under uv_poll rather than a uv_tcp_t: the reply is read by our own call, so
 * that a sampled link can ask the kernel when it arrived (SO_TIMESTAMPING), TCP and Unix sockets
 * are one thing, and an address to connect from costs nothing. What the socket does not take at
 * once is kept, and only then is anything allocated. docs/decisions/0008.
 */
#ifndef MUELLE_LOADGEN_LINK_H
#define MUELLE_LOADGEN_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#include "common/buffer.h"
#include "common/compiler.h"
#include "common/socket_address.h"

/* Owns the descriptor and `unsent`, from link_open() to link_close(). */
struct link {
    uv_poll_t poll; /* poll.data is for the owner of the link */
    int fd;
    int watched;  /* events uv_poll was asked for */
    bool stamped; /* the kernel says when its bytes arrived */
    struct buffer unsent;
};

struct link_route {
    const struct socket_address *target;
    const struct socket_address *source; /* to connect from; NULL: the kernel's choice */
};

/* Begins to connect; `on_event` is called when that is decided, and later when there is something
 * to read or room for what is unsent. 0 or -errno; after an error there is nothing to close. */
int link_open(struct link *link, uv_loop_t *loop, const struct link_route *route, bool stamped,
              uv_poll_cb on_event) MUST_CHECK;

/* The first event came: 0, and from now on reading is watched, or -errno of the connect. */
int link_connected(struct link *link) MUST_CHECK;

/* Bytes read, 0 at the end of the stream, -EAGAIN when there is nothing, else -errno. *arrived_ns
 * is when the kernel received the last of them, on CLOCK_REALTIME; 0: unknown. */
ssize_t link_read(struct link *link, struct space space, uint64_t *arrived_ns) MUST_CHECK;

/* Sends the bytes, or keeps what does not fit to send it as soon as it does. 0 or -errno. */
int link_write(struct link *link, struct bytes bytes) MUST_CHECK;
/* There is room again. 0 or -errno. */
int link_flush(struct link *link) MUST_CHECK;
static inline bool link_is_blocked(const struct link *link)
{
    return buffer_size(&link->unsent) > 0;
}

/* `on_closed` is called when the loop has let go of it. */
void link_close(struct link *link, uv_close_cb on_closed);

#endif
