/* SPDX-License-Identifier: MIT */
/*
 * overflow.h: refuses whom nobody can serve, where the workers take clients from the listen queue
 * themselves.
 *
 * When all of them are occupied, those who come wait in the kernel's queue, where nobody would ever
 * answer them. So somebody who is idle otherwise looks at it now and then. How long the kernel's
 * clients have waited cannot be asked, but it follows from two numbers: those in the queue
 * (TCP_INFO tells) and those ever accepted together are those that had ever come. The queue is
 * first in, first out; so of whom had come OVERFLOW_TIME_NS ago, as many as have not been accepted
 * by now have waited too long. The workers, be they threads or processes, know nothing of all this.
 *
 * Where workers are not occupied they will take who waits, though it may take them some time to get
 * up on a busy machine; that much more time they are given.
 */
#ifndef MUELLE_SERVER_PARTS_OVERFLOW_H
#define MUELLE_SERVER_PARTS_OVERFLOW_H

#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "server/server.h"

#define OVERFLOW_TIME_NS     (500 * NS_PER_MS)
#define OVERFLOW_PATIENCE_NS (5 * NS_PER_S)
enum { OVERFLOW_LOOKS = 5 }; /* within that time */
#define OVERFLOW_LOOK_NS (OVERFLOW_TIME_NS / OVERFLOW_LOOKS)

/* Owned by the one who looks. */
struct overflow {
    struct server *server;
    struct counters *counters;     /* of the one who looks */
    uint64_t come[OVERFLOW_LOOKS]; /* by the last looks, and of all before; a ring */
    size_t looks;
    uint64_t next_look_ns; /* there is no need to look before */
    uint64_t overdue_ns;   /* since when somebody is, though a worker is free; 0: nobody is */
};

void overflow_init(struct overflow *overflow, struct server *server, struct counters *counters);

/* Looks, if it is time to, and refuses who has waited too long for one of `workers` workers; does
 * not block. The listener blocks (server_accept_blocks()) and this is the only thread of all
 * processes that switches it. */
void overflow_look(struct overflow *overflow, unsigned workers, uint64_t now_ns);

#endif
