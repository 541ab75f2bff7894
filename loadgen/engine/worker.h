/* SPDX-License-Identifier: MIT */
/*
 * worker.h: one thread of the generator: a uv_loop, its share of the connections and of the load,
 * its recorder.
 *
 * Nothing is shared with other workers. A tick every few milliseconds does what must not cost
 * anything per request: opening connections (a bounded number at once, so that no listen queue
 * overflows), finding what has timed out, following the clock and the phases of the run. Its cost
 * does not depend on how many connections wait.
 *
 * An open connection that could send is, by the kind of loop: never idle (closed), in `thinking`
 * (think), or in `idle`, longest first, until something is due (open).
 */
#ifndef MUELLE_LOADGEN_WORKER_H
#define MUELLE_LOADGEN_WORKER_H

#include <pthread.h>
#include <stdint.h>
#include <uv.h>

#include "loadgen/engine/connection.h"
#include "loadgen/engine/due_queue.h"
#include "loadgen/engine/pacer.h"
#include "loadgen/engine/thread_time.h"
#include "loadgen/load/gap_sample.h"
#include "loadgen/load/load.h"
#include "loadgen/phase.h"
#include "loadgen/record/recorder.h"
#include "loadgen/run_shared.h"

struct worker {
    struct run *run;
    const struct plan *plan;
    unsigned index;
    pthread_t thread;
    bool started;

    uv_loop_t loop;
    uv_timer_t tick;
    struct pacer pacer;

    struct connection *connections; /* owned */
    unsigned connections_count;     /* of those, the last `silent_count` never send a request */
    unsigned silent_count;
    uint32_t first_id;
    unsigned settled;    /* established or given up */
    unsigned connecting; /* attempts in flight */
    unsigned connecting_max;
    struct connection_list waiting, attempting, idle;
    struct due_queue retries, thinking;
    uint64_t next_connect_ns;     /* with --connect-rate: not before */
    uint64_t connect_deadline_ns; /* who is not established by then is given up */

    struct flight *flights;                    /* owned; plan->pipeline for each connection */
    struct flight *first_flight, *last_flight; /* those in flight, in the order of their sending */
    unsigned in_flight;

    enum run_phase phase;
    bool told_connected, told_stop;
    uint64_t alive_ns; /* when a connection was last seen established, since the begin */
    uint64_t drain_deadline_ns, last_tick_ns;
    uint64_t last_end_ns; /* when the last request came to its end */

    struct load load;
    struct recorder recorder;
    struct request_source source;
    struct random random;    /* of think times */
    int64_t stamp_offset_ns; /* CLOCK_REALTIME, of the kernel's stamps, minus our clock */
    uint8_t *read_buffer;    /* one a thread: what was read is judged before the next read */
    uint8_t *send_buffer;
    size_t send_buffer_size, send_used, request_size_max;

    bool samples_gaps; /* the arrivals are random */
    struct gap_sample gaps;
    struct thread_time before; /* at the beginning of the measured window */
    struct thread_use use;     /* over it; when it has ended */
    double in_flight_sum;      /* sampled at each tick of the window */
    uint64_t in_flight_samples;
    uint64_t queue_left; /* due requests that waited for a connection when the window ended */
};

enum { READ_BUFFER_SIZE = 64 * 1024, WORKER_TICK_MS = 5 };

/* Takes `count` connections and `silent_count` more that never send, numbered from `first_id`. 0 or
 * -errno. */
int worker_init(struct worker *worker, struct run *run, unsigned index, uint32_t first_id,
                unsigned count, unsigned silent_count) MUST_CHECK;
void worker_release(struct worker *worker);

int worker_start(struct worker *worker) MUST_CHECK;
void worker_join(struct worker *worker);

/* For connections: */

/* Where to, and from where. */
struct link_route worker_route(const struct worker *worker, const struct connection *connection);
/* An attempt began; goes on, from connect to greeting; is over, one way or the other. */
void worker_attempt_begun(struct worker *worker, struct connection *connection);
void worker_attempt_goes_on(struct worker *worker, struct connection *connection);
void worker_attempt_ended(struct worker *worker);
/* Nobody listens there, or there is no way there. */
void worker_cannot_reach(struct worker *worker, int error);
/* It is established, and can send. */
void worker_established(struct worker *worker, struct connection *connection, uint64_t now_ns);
/* One more, or one less, is established. */
void worker_count_live(struct worker *worker, int change);
/* It has closed and will be tried again, or not. */
void worker_closed(struct worker *worker, struct connection *connection);

/* A request went out. */
void worker_request_sent(struct worker *worker, struct flight *flight);
/* How the oldest request of a connection ended. */
struct ending {
    uint64_t now_ns, arrived_ns;
    enum request_end end;
    enum failure failure;
};
void worker_request_ended(struct worker *worker, struct connection *connection,
                          const struct ending *ending);
/* It may send again: all its replies that were there are judged. */
void worker_answered(struct worker *worker, struct connection *connection, uint64_t now_ns);

/* A kernel's stamp on our clock. */
uint64_t worker_clock_of_stamp(const struct worker *worker, uint64_t stamp_ns);

/* Between the parts of the worker: */

/* Sends what is due, as far as there are connections for it, and is woken for the next. */
void worker_dispatch(struct worker *worker, uint64_t now_ns);
/* Opens as many connections as may be under way at once. */
void worker_open_connections(struct worker *worker, uint64_t now_ns);
/* Begins with the load when its instant has come, or is woken when it does. */
void worker_follow_begin(struct worker *worker, uint64_t now_ns);
/* The phases of the run; on_tick of the timer. */
void worker_on_tick(uv_timer_t *timer);
/* Learns the measured window, once it is known. */
void worker_learn_window(struct worker *worker, uint64_t now_ns);

#endif
