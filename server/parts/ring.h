/* SPDX-License-Identifier: MIT */
/*
 * ring.h: an io_uring: operations are asked for in memory shared with the kernel, and their results
 * come back the same way. One system call a turn hands over all that was asked for and waits.
 *
 *     ring_open -> (ring_next, io_uring_prep_…, ring_start)… and ring_turn, over and over ->
 * ring_close
 *
 * What an operation works on, its descriptor and its memory, belongs to the kernel from the turn it
 * is handed over until complete() is called and it is over. So whoever owns a `struct
 * ring_operation` keeps it, and all of that, until then; ring_cancel() hurries it, no more.
 *
 * Results are never lost: those that do not fit into the completion queue wait in the kernel
 * (IORING_FEAT_NODROP, which ring_open() insists on).
 */
#ifndef MUELLE_SERVER_PARTS_RING_H
#define MUELLE_SERVER_PARTS_RING_H

#include <liburing.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"

/* Something the kernel is asked to do. Its owner sets the first two once, zeroes the rest, and asks
 * for it again only when it is over. */
struct ring_operation {
    /* `result`: what the system call would have returned, or -errno; `flags`: IORING_CQE_F_…. A
     * multishot operation calls it many times and stays in flight until the last. Called with
     * -ECANCELED, too, if a cancellation came too late and outlasts the operation. */
    void (*complete)(struct ring_operation *operation, int result, unsigned flags);
    void *owner;
    bool in_flight;
    bool cancelling; /* a request to cancel it is in flight */
};

/* The kernel has nothing more to do with it: it may be asked for again, or freed. */
static inline bool ring_operation_is_over(const struct ring_operation *operation)
{
    return !operation->in_flight && !operation->cancelling;
}

/* Owned by the thread that runs it. */
struct ring {
    struct io_uring uring;
    size_t in_flight; /* operations, and requests to cancel one */
};

/* Can this machine open a ring with these `flags` (IORING_SETUP_…), and buffers for the kernel to
 * choose from? False with one sentence why not. */
bool ring_probe(unsigned flags, bool with_buffers, const char **reason);

/* `entries`: operations that fit into one turn's system call; more of them cost another. With
 * IORING_SETUP_R_DISABLED it works only after ring_enable(). 0 or -errno. */
int ring_open(struct ring *ring, unsigned entries, unsigned flags) MUST_CHECK;
/* The thread that calls it is the one that runs the ring. */
void ring_enable(struct ring *ring);
/* Nothing may be in flight. */
void ring_close(struct ring *ring);

/* The next entry of the submission queue, to be filled with io_uring_prep_… and started. */
struct io_uring_sqe *ring_next(struct ring *ring);
void ring_start(struct ring *ring, struct io_uring_sqe *entry, struct ring_operation *operation);
/* If it is in flight it soon ends: with -ECANCELED, or as it would have ended anyway. */
void ring_cancel(struct ring *ring, struct ring_operation *operation);

/* Hands over what was started, waits for results, at most `timeout_ns` (UINT64_MAX: for ever), and
 * completes what there is, within bounds: a flood of results does not keep the caller from looking
 * at the clock. Returns how many there were. */
unsigned ring_turn(struct ring *ring, uint64_t timeout_ns);

/* Is there a result of it that ring_turn() has not told yet? Looks at all of them. */
bool ring_has_result_of(const struct ring *ring, const struct ring_operation *operation);

/* --- buffers the kernel chooses from ---------------------------------------------------------- */

/* A receive that has a buffer of its own holds it as long as nothing arrives. These are given to
 * the kernel together; it takes one when there is something to put into it. */
struct ring_buffers {
    struct io_uring_buf_ring *free; /* mapped; read by the kernel */
    uint8_t *memory;
    unsigned count; /* a power of two */
    size_t size;    /* of each, in bytes */
};

enum { RING_BUFFERS_MAX = 1 << 15, RING_BUFFERS_GROUP = 0 };

/* `count`: a power of two, at most RING_BUFFERS_MAX. 0 or -errno. */
int ring_buffers_init(struct ring_buffers *buffers, struct ring *ring, unsigned count,
                      size_t size) MUST_CHECK;
/* After ring_close(): the kernel uses them until then. */
void ring_buffers_release(struct ring_buffers *buffers);

/* The buffer that came with a completion; NULL if none did. It is the caller's until it is given
 * back. */
const uint8_t *ring_buffers_taken(const struct ring_buffers *buffers, unsigned flags);
void ring_buffers_give_back(struct ring_buffers *buffers, unsigned flags);

#endif
