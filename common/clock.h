/* SPDX-License-Identifier: MIT */
/*
 * clock.h: the one clock of everything that is measured.
 *
 * CLOCK_MONOTONIC: never set back, and read in the vDSO without a system call on the usual clock
 * sources (about 25 ns). Wall-clock time is only ever used to name a run, never to measure one.
 */
#ifndef MUELLE_COMMON_CLOCK_H
#define MUELLE_COMMON_CLOCK_H

#include <limits.h>
#include <stdint.h>
#include <time.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S  UINT64_C(1000000000)

static inline uint64_t timespec_ns(struct timespec time)
{
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

static inline struct timespec timespec_from_ns(uint64_t time_ns)
{
    return (struct timespec){.tv_sec = (time_t)(time_ns / NS_PER_S),
                             .tv_nsec = (long)(time_ns % NS_PER_S)};
}

/* Nanoseconds since an arbitrary start, the same for every process of this boot. */
static inline uint64_t clock_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return timespec_ns(now);
}

/* The same clock as it stood at the last tick of the kernel's timer, 1 to 10 ms ago at most: a
 * quarter of the price, for what must only know whether time passes. */
static inline uint64_t clock_last_tick_ns(void)
{
    struct timespec tick;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &tick);
    return timespec_ns(tick);
}

/* How long poll(2) and its like are to wait until `deadline_ns`, in milliseconds and rounded up, so
 * that afterwards it has come; -1, for ever, if it is 0. */
static inline int clock_timeout_ms(uint64_t deadline_ns)
{
    if (deadline_ns == 0)
        return -1;
    uint64_t now_ns = clock_now_ns();
    uint64_t left_ms = deadline_ns > now_ns ? (deadline_ns - now_ns) / NS_PER_MS + 1 : 0;

    return left_ms < INT_MAX ? (int)left_ms : INT_MAX;
}

#endif
