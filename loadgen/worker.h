/* SPDX-License-Identifier: MIT */
/*
 * worker.h: one thread of the generator: a uv_loop, its share of the connections, its recorder.
 *
 * Nothing is shared with other workers. A tick every few milliseconds does what must not cost
 * anything per request: opening connections (a bounded number at once, so that no listen queue
 * overflows), finding what has timed out, and following the phases of the run.
 */
#ifndef MUELLE_LOADGEN_WORKER_H
#define MUELLE_LOADGEN_WORKER_H

#include <pthread.h>
#include <stdint.h>
#include <uv.h>

#include "loadgen/connection.h"
#include "loadgen/phase.h"
#include "loadgen/recorder.h"
#include "loadgen/run_shared.h"

struct worker {
    struct run *run;
    const struct plan *plan;
    unsigned index;
    pthread_t thread;
    bool started;

    uv_loop_t loop;
    uv_timer_t tick;
    struct connection *connections; /* owned */
    unsigned connections_count;
    unsigned settled;    /* established or given up */
    unsigned connecting; /* attempts in flight */
    unsigned connecting_max;
    struct connection_list waiting, pending;
    uint64_t connect_deadline_ns; /* who is not established by then is given up */

    enum run_phase phase;
    bool told_connected;
    bool sending;
    uint64_t requests_left; /* measured requests this thread may still send; given at the begin */
    uint64_t alive_ns;      /* when a connection was last seen established, since the begin */
    uint64_t drain_deadline_ns, last_tick_ns;
    uint64_t last_end_ns; /* when the last request came to its end */

    struct recorder recorder;
    struct request_source source;
    uint8_t *read_buffer; /* one a thread: what was read is judged before the next read */
    uint8_t *send_buffer;
    size_t send_buffer_size;
    double busy_share; /* of a core, over the measured window; when it has ended */
    uint64_t busy_start_ns, busy_cpu_ns;
};

enum { READ_BUFFER_SIZE = 64 * 1024 };

/* Takes `count` connections, numbered from `first_id`. 0 or -errno. */
int worker_init(struct worker *worker, struct run *run, unsigned index, uint32_t first_id,
                unsigned count) MUST_CHECK;
void worker_release(struct worker *worker);

int worker_start(struct worker *worker) MUST_CHECK;
void worker_join(struct worker *worker);

/* For connections: */

/* May another request be sent at `now_ns`? Takes it from what is left. */
bool worker_take_request(struct worker *worker, uint64_t now_ns);
/* The connection waits for something since now. */
void worker_expect(struct worker *worker, struct connection *connection, uint64_t now_ns);
void worker_expect_nothing(struct worker *worker, struct connection *connection);
/* It is established. */
void worker_established(struct worker *worker, struct connection *connection);
/* It has closed and will be tried again, or not. */
void worker_closed(struct worker *worker, struct connection *connection);
/* An attempt is over, one way or the other: there is room for the next. */
void worker_attempt_ended(struct worker *worker);
/* Nobody listens there, or there is no way there. */
void worker_cannot_reach(struct worker *worker, int error);
/* The request in flight came to its end. */
void worker_request_ended(struct worker *worker, struct connection *connection, uint64_t now_ns,
                          enum request_end end, enum failure failure);

#endif
