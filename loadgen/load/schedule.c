/* SPDX-License-Identifier: MIT */
/*
 * schedule.c: instants from numbers.
 *
 * Arrival number k is due when the expected number of arrivals, the integral L(t) of the rate,
 * reaches k: at L^-1(k). For a constant rate R that is k / R, in 64.64 fixed point, since a double
 * has no room for nanoseconds of a long run; elsewhere it is solved for within a stretch of the
 * schedule. Only Poisson gaps have to be added up, in whole nanoseconds and a fraction below one.
 */
#include "loadgen/load/schedule.h"

#include <assert.h>
#include <math.h>

#include "common/clock.h"

/* Wider than any product of two 64-bit numbers. */
__extension__ typedef unsigned __int128 wide;

static uint64_t saturated(wide time_ns)
{
    return time_ns < UINT64_MAX ? (uint64_t)time_ns : UINT64_MAX;
}

/* number / rate, to the nearest nanosecond. Neither sum can overflow: (2^64 - 1)^2 leaves room for
 * two numbers below 2^64. */
static uint64_t uniform_instant(const struct arrival *arrival, uint64_t number)
{
    wide fraction = (wide)number * arrival->period_fraction + (UINT64_C(1) << 63);

    return saturated((wide)number * arrival->period_ns + (fraction >> 64));
}

/* The clock of a burst runs only while it is on: what is due at its very end opens the next one. */
static uint64_t burst_instant(const struct arrival *arrival, uint64_t number)
{
    uint64_t on_clock_ns = uniform_instant(arrival, number);
    wide cycles = on_clock_ns / arrival->on_ns;

    return saturated(cycles * (arrival->on_ns + arrival->off_ns) + on_clock_ns % arrival->on_ns);
}

/* Solves rate t + slope t^2 / 2 = number - before for t, in the form that has no difference of
 * nearly equal numbers. With slope 0 it is a plain division. */
static uint64_t segment_instant(const struct arrival_segment *segment, uint64_t number)
{
    double rate = segment->rate_per_s;
    double count = (double)number - segment->before;
    double squared = rate * rate + 2 * count * segment->slope_per_s2;
    /* Where a ramp ends near rate 0 it is all rounding error, whose sign nothing guarantees. */
    double after_ns = 2 * count / (rate + sqrt(squared > 0 ? squared : 0)) * (double)NS_PER_S;

    if (after_ns >= 0x1p63)
        return UINT64_MAX;
    return segment->start_ns + (uint64_t)(after_ns + 0.5);
}

/* As uniform arrivals, but that numbers only ever grow, which saves the search for the segment. */
static uint64_t segments_instant(struct schedule *schedule)
{
    const struct arrival *arrival = schedule->arrival;

    while (schedule->segment + 1 < arrival->segments_count &&
           arrival->segments[schedule->segment + 1].before <= (double)schedule->number)
        schedule->segment++;
    return segment_instant(&arrival->segments[schedule->segment], schedule->number);
}

/* A gap further on, of the exponential distribution. What is rounded away is a 2^-53rd of a gap or
 * of a nanosecond, so it stays below a 2^-53rd of the time that has passed, or of the number of
 * arrivals in nanoseconds. */
static uint64_t poisson_instant(struct schedule *schedule)
{
    double gap_ns =
        schedule->fraction_ns + random_exponential(&schedule->random) * schedule->gap_mean_ns;
    uint64_t whole_ns = gap_ns < 0x1p63 ? (uint64_t)gap_ns : UINT64_MAX;

    schedule->fraction_ns = whole_ns < UINT64_MAX ? gap_ns - (double)whole_ns : 0;
    schedule->elapsed_ns = saturated((wide)schedule->elapsed_ns + whole_ns);
    return schedule->elapsed_ns;
}

void schedule_init(struct schedule *schedule, const struct arrival *arrival, uint64_t seed,
                   unsigned index, unsigned count)
{
    assert(index < count);
    *schedule = (struct schedule){.arrival = arrival,
                                  .number = index,
                                  .count = count,
                                  .random = random_seeded(random_mix(seed, index))};
    if (arrival->kind == ARRIVAL_POISSON)
        schedule->gap_mean_ns = (double)NS_PER_S * (double)count / arrival->rate_per_s;
}

bool schedule_next(struct schedule *schedule, struct due *due)
{
    const struct arrival *arrival = schedule->arrival;

    due->number = schedule->number;
    due->class_index = -1;
    switch (arrival->kind) {
    case ARRIVAL_UNIFORM:
        due->at_ns = uniform_instant(arrival, schedule->number);
        break;
    case ARRIVAL_POISSON:
        due->at_ns = poisson_instant(schedule);
        break;
    case ARRIVAL_BURST:
        due->at_ns = burst_instant(arrival, schedule->number);
        break;
    case ARRIVAL_RAMP:
    case ARRIVAL_STEP:
        due->at_ns = segments_instant(schedule);
        break;
    case ARRIVAL_TRACE:
        if (schedule->number >= arrival->trace.entries_count)
            return false;
        due->at_ns = arrival->trace.entries[schedule->number].at_ns;
        due->class_index = arrival->trace.entries[schedule->number].class_index;
        break;
    }
    schedule->number += schedule->count;
    return true;
}
