/* SPDX-License-Identifier: MIT */
/*
 * pacer.h: wakes one thread's uv_loop at an instant, as exactly as it is asked to.
 *
 * uv_timer counts milliseconds, so it is a timerfd of the loop, set to absolute instants: a wake
 * that comes late does not delay the ones after it. A sleeping thread wakes some tens of
 * microseconds late; who wants less spins: the loop goes round without waiting, and looks at its
 * sockets and at the clock.
 */
#ifndef MUELLE_LOADGEN_PACER_H
#define MUELLE_LOADGEN_PACER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "common/compiler.h"

enum pacing {
    PACING_SLEEP,  /* sleep until the instant */
    PACING_HYBRID, /* sleep until 100 us before it, then spin */
    PACING_SPIN,   /* never sleep while an instant is wanted */
};

struct pacer;
/* The instant that was wanted has come; none is wanted now. */
typedef void pacer_callback(struct pacer *pacer, uint64_t now_ns);

/* Owns the descriptor. */
struct pacer {
    uv_poll_t timer;
    uv_idle_t spin;
    int timer_fd;
    enum pacing pacing;
    pacer_callback *on_due;
    void *context;      /* for the owner */
    uint64_t wanted_ns; /* UINT64_MAX: none */
    uint64_t armed_ns;  /* what the timer is set to; UINT64_MAX: it is not */
    bool spinning;
    bool active;           /* the loop did something since the last turn of the spin */
    uint64_t last_turn_ns; /* of the spin */
    uint64_t spun_ns;      /* spent in turns in which there was nothing to do */
};

/* 0 or -errno; then there is nothing to close. */
int pacer_init(struct pacer *pacer, uv_loop_t *loop, enum pacing pacing,
               pacer_callback *on_due) MUST_CHECK;
/* Replaces the instant that is wanted; UINT64_MAX: none. */
void pacer_wake_at(struct pacer *pacer, uint64_t at_ns);
/* The loop did something that is no waiting. */
static inline void pacer_note_activity(struct pacer *pacer)
{
    pacer->active = true;
}
/* Closes its handles; the loop has to run once more. */
void pacer_close(struct pacer *pacer);
/* Then, on the thread that called pacer_init(): closes the descriptor, which the thread of the loop
 * may only have a copy of (unshare(2), CLONE_FILES). */
void pacer_release(struct pacer *pacer);

#endif
