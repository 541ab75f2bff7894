/* SPDX-License-Identifier: MIT */
/*
 * ring_multishot.h: the loop round an io_uring whose operations are asked for once and go on.
 *
 * One request to accept yields client after client, and each client's one request to receive
 * yields whatever comes, in buffers the kernel takes from a common store when there is something to
 * put into them. So a client that waits costs no buffer, and one that talks costs an operation only
 * for its reply. When the store is empty the receive of whoever was unlucky ends (ENOBUFS) and is
 * asked for again: buffers are given back as soon as they are looked at, so none is ever held by a
 * client that does not listen.
 *
 * What arrives while a reply is still being sent waits in memory of the client's own, and if that
 * gets more than BACKLOG_MAX the receive is cancelled until it is consumed: the kernel's own
 * buffers fill up, and the client is slowed down.
 */
#ifndef MUELLE_SERVER_PARTS_RING_MULTISHOT_H
#define MUELLE_SERVER_PARTS_RING_MULTISHOT_H

#include "server/parts/ring_loop.h"

/* The scratch of a session is the loop's: an input that all share, and one of the outputs. What
 * lies in an output while the kernel sends it stays there; the next session gets another. Only when
 * more sends are in flight is output copied to memory of the session's own: as many as turns
 * usually have. */
enum { RING_SCRATCH_SIZE = 64 * 1024, RING_OUTPUTS_COUNT = 64 };

/* One thread ever uses the ring, and results are delivered only when it waits for them: that spares
 * the kernel interrupting it. */
enum { RING_MULTISHOT_FLAGS = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN };

struct ring_multishot {
    struct ring_loop loop; /* first */
    struct ring_buffers buffers;
    uint8_t input[RING_SCRATCH_SIZE];
    uint8_t *outputs_free[RING_OUTPUTS_COUNT]; /* the last one is lent next; used memory is warm */
    unsigned outputs_free_count;               /* the first is never set aside */
    uint8_t outputs[RING_OUTPUTS_COUNT][RING_SCRATCH_SIZE];
};

/* For `probe` of a model. */
bool ring_multishot_probe(const char **reason);

/* From any thread; ring_multishot_run() makes the ring the property of the one that calls it. Too
 * large for a stack. 0 or -errno. */
int ring_multishot_init(struct ring_multishot *multishot, struct server *server,
                        int listen_fd) MUST_CHECK;
void ring_multishot_release(struct ring_multishot *multishot);

/* Serves until the stop, and drains. */
void ring_multishot_run(struct ring_multishot *multishot, struct counters *counters);

#endif
