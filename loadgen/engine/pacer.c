/* SPDX-License-Identifier: MIT */
#include "loadgen/engine/pacer.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/clock.h"

/* From here on hybrid pacing does not sleep: a timer's wake is some 30 to 70 us late. */
#define SPIN_NS (100 * NS_PER_US)

/* Sets the timer, which also forgets that it has expired. */
static void pacer_arm(struct pacer *pacer, uint64_t at_ns)
{
    struct itimerspec when = {0};

    if (at_ns != UINT64_MAX)
        when.it_value = timespec_from_ns(at_ns > 0 ? at_ns : 1); /* zero would disarm it */
    /* Fails only for what cannot be here: a bad descriptor, a bad time. */
    int failed = timerfd_settime(pacer->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
    (void)failed;
    pacer->armed_ns = at_ns;
}

static bool pacer_should_spin(const struct pacer *pacer, uint64_t now_ns)
{
    if (pacer->wanted_ns == UINT64_MAX || pacer->pacing == PACING_SLEEP)
        return false;
    return pacer->pacing == PACING_SPIN || pacer->wanted_ns <= now_ns + SPIN_NS;
}

static void on_turn(uv_idle_t *spin);

static void pacer_follow(struct pacer *pacer, uint64_t now_ns)
{
    bool spin = pacer_should_spin(pacer, now_ns);
    uint64_t wake_ns = pacer->wanted_ns;

    if (spin != pacer->spinning) {
        pacer->spinning = spin;
        pacer->last_turn_ns = now_ns;
        pacer->active = true;
        if (spin)
            uv_idle_start(&pacer->spin, on_turn);
        else
            uv_idle_stop(&pacer->spin);
    }
    if (spin || wake_ns == UINT64_MAX)
        return; /* a timer that is still set only wakes us once for nothing */
    if (pacer->pacing == PACING_HYBRID)
        wake_ns -= SPIN_NS;
    if (wake_ns < pacer->armed_ns)
        pacer_arm(pacer, wake_ns);
}

static void pacer_look(struct pacer *pacer, uint64_t now_ns)
{
    if (now_ns >= pacer->wanted_ns) {
        pacer->wanted_ns = UINT64_MAX;
        pacer->active = true;
        pacer->on_due(pacer, now_ns);
    } else {
        pacer_follow(pacer, now_ns);
    }
}

/* Once a turn of the loop, before it looks at its descriptors without waiting for them. */
static void on_turn(uv_idle_t *spin)
{
    struct pacer *pacer = spin->data;
    uint64_t now_ns = clock_now_ns();

    if (!pacer->active)
        pacer->spun_ns += now_ns - pacer->last_turn_ns;
    pacer->active = false;
    pacer->last_turn_ns = now_ns;
    pacer_look(pacer, now_ns);
    if (pacer->wanted_ns == UINT64_MAX)
        pacer_follow(pacer, now_ns);
}

static void on_timer(uv_poll_t *timer, int status, int events)
{
    struct pacer *pacer = timer->data;

    (void)status;
    (void)events;
    pacer->armed_ns = UINT64_MAX;
    pacer_look(pacer, clock_now_ns());
    if (pacer->armed_ns == UINT64_MAX)
        pacer_arm(pacer, UINT64_MAX); /* nobody set it anew: it must not stay expired */
}

void pacer_wake_at(struct pacer *pacer, uint64_t at_ns)
{
    pacer->wanted_ns = at_ns;
    /* While it spins the next turn looks anyway, and it need not be asked whether to go on. */
    if (!pacer->spinning && at_ns != UINT64_MAX)
        pacer_follow(pacer, clock_now_ns());
}

int pacer_init(struct pacer *pacer, uv_loop_t *loop, enum pacing pacing, pacer_callback *on_due)
{
    int failed;

    *pacer = (struct pacer){
        .pacing = pacing, .on_due = on_due, .wanted_ns = UINT64_MAX, .armed_ns = UINT64_MAX};
    pacer->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (pacer->timer_fd < 0)
        return -errno;
    failed = uv_poll_init(loop, &pacer->timer, pacer->timer_fd);
    if (failed < 0) {
        close(pacer->timer_fd);
        return failed;
    }
    uv_idle_init(loop, &pacer->spin);
    pacer->timer.data = pacer->spin.data = pacer;
    uv_poll_start(&pacer->timer, UV_READABLE, on_timer);
    return 0;
}

void pacer_close(struct pacer *pacer)
{
    uv_close((uv_handle_t *)&pacer->timer, NULL);
    uv_close((uv_handle_t *)&pacer->spin, NULL);
}

void pacer_release(struct pacer *pacer)
{
    close(pacer->timer_fd);
}
