/* SPDX-License-Identifier: MIT */
/* Schedules against known answers and exact arithmetic, over hours that nobody waits for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "loadgen/load/schedule.h"

#define HOUR_NS         (3600 * NS_PER_S)
#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

__extension__ typedef __int128 wide;

static struct arrival arrival_of(const char *text, double rate_per_s)
{
    struct arrival arrival;
    const char *problem;

    /* The duration is the ramps'. */
    if (arrival_parse(text, rate_per_s, 10 * NS_PER_S, &arrival, &problem) < 0)
        fail_msg("%s: %s", text, problem ? problem : "cannot be read");
    return arrival;
}

static struct due next_of(struct schedule *schedule)
{
    struct due due;

    assert_true(schedule_next(schedule, &due));
    return due;
}

/* When arrival `number` is due: that of a thread which starts there. */
static uint64_t instant_of(const struct arrival *arrival, unsigned number)
{
    struct schedule schedule;

    schedule_init(&schedule, arrival, 1, number, number + 1);
    return next_of(&schedule).at_ns;
}

/* A trace of `count` arrivals, 3 ns apart, with two at each instant. */
static struct arrival trace_of(unsigned count)
{
    char path[] = "/tmp/schedule_test.XXXXXX";
    int fd = mkstemp(path);
    char text[sizeof "trace:" + sizeof path];

    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);
    for (unsigned i = 0; i < count; i++)
        fprintf(file, "0.%09u,%s\n", i / 2 * 3, i % 3 == 0 ? "read" : "write");
    assert_int_equal(fclose(file), 0);
    snprintf(text, sizeof text, "trace:%s", path);
    struct arrival arrival = arrival_of(text, 0);
    unlink(path);
    return arrival;
}

/* --- known answers ---------------------------------------------------------------------------- */

struct known {
    unsigned number;
    uint64_t at_ns;
};

static void assert_known(const char *text, double rate_per_s, const struct known *known,
                         size_t known_count)
{
    struct arrival arrival = arrival_of(text, rate_per_s);

    for (size_t i = 0; i < known_count; i++)
        if (instant_of(&arrival, known[i].number) != known[i].at_ns)
            fail_msg("%s: arrival %u is due at %ju instead of %ju ns", text, known[i].number,
                     (uintmax_t)instant_of(&arrival, known[i].number), (uintmax_t)known[i].at_ns);
    arrival_release(&arrival);
}

static void uniform_known_answers(void **state)
{
    static const struct known thousand[] = {{0, 0}, {1, 1000000}, {3600000, HOUR_NS}};
    static const struct known third[] = {{1, 333333333}, {2, 666666667}, {3, NS_PER_S}};
    static const struct known slow[] = {{0, 0}, {1, 1428571429}, {7, 10 * NS_PER_S}};
    static const struct known fastest[] = {{0, 0}, {1, 1}, {4000000000, 4000000000}};
    /* A second arrival beyond all 64-bit times, and one within. */
    static const struct known slowest[] = {{0, 0}, {1, UINT64_MAX}, {4000000000, UINT64_MAX}};
    static const struct known very_slow[] = {{17, 17 * (NS_PER_S << 30)}, {18, UINT64_MAX}};

    (void)state;
    assert_known("uniform", 1000, thousand, COUNT_OF(thousand));
    assert_known("uniform", 3, third, COUNT_OF(third));
    assert_known("uniform", 0.7, slow, COUNT_OF(slow));
    assert_known("uniform", 1e9, fastest, COUNT_OF(fastest));
    assert_known("uniform", 1e-18, slowest, COUNT_OF(slowest));
    assert_known("uniform", 0x1p-30, very_slow, COUNT_OF(very_slow));
}

static void burst_known_answers(void **state)
{
    /* 100 in each 100 ms; the last at 99 ms, the next when it is on again. */
    static const struct known even[] = {
        {0, 0},
        {1, NS_PER_MS},
        {99, 99 * NS_PER_MS},
        {100, NS_PER_S},
        {199, NS_PER_S + 99 * NS_PER_MS},
        {360000, HOUR_NS},
    };
    /* 40 ms apart, of which the silences are no part: 0 40 80 | 120 160 | 200 … */
    static const struct known odd[] = {
        {2, 80 * NS_PER_MS},
        {3, 1020 * NS_PER_MS},
        {4, 1060 * NS_PER_MS},
        {5, 2000 * NS_PER_MS},
    };
    /* Three a second: rounding must not put one at the first silent nanosecond. */
    static const struct known thirds[] = {{3, 2 * NS_PER_S}, {6, 4 * NS_PER_S}, {9, 6 * NS_PER_S}};
    /* One in ten bursts. */
    static const struct known rare[] = {{1, 10 * NS_PER_S}, {2, 20 * NS_PER_S}};

    (void)state;
    assert_known("burst:on=100ms,off=900ms", 1000, even, COUNT_OF(even));
    assert_known("burst:off=900ms,on=100ms", 25, odd, COUNT_OF(odd));
    assert_known("burst:on=1s,off=1s", 3, thirds, COUNT_OF(thirds));
    assert_known("burst:on=100ms,off=900ms", 1, rare, COUNT_OF(rare));
}

static void ramp_known_answers(void **state)
{
    /* 10 s from 1 k/s to 50 k/s: after t seconds, 1000 t + 2450 t^2. */
    static const struct known up[] = {
        {0, 0},
        {3450, 1 * NS_PER_S},
        {66250, 5 * NS_PER_S},
        {255000, 10 * NS_PER_S},
        {255001, 10 * NS_PER_S + 20 * NS_PER_US},
        {305000, 11 * NS_PER_S},
    };
    /* And down: 50000 t - 2450 t^2. */
    static const struct known down[] = {
        {47550, 1 * NS_PER_S},
        {188750, 5 * NS_PER_S},
        {255000, 10 * NS_PER_S},
        {256000, 11 * NS_PER_S},
    };
    static const struct known flat[] = {
        {1, 250 * NS_PER_MS}, {40, 10 * NS_PER_S}, {41, 10250000000}};

    (void)state;
    assert_known("ramp:from=1k/s,to=50k/s", 0, up, COUNT_OF(up));
    assert_known("ramp:to=1k/s,from=50k/s", 0, down, COUNT_OF(down));
    assert_known("ramp:from=4/s,to=4/s", 0, flat, COUNT_OF(flat));
}

static void step_known_answers(void **state)
{
    static const struct known steps[] = {
        {0, 0},
        {1, NS_PER_MS},
        {4999, 4999 * NS_PER_MS},
        {5000, 5 * NS_PER_S},
        {5001, 5 * NS_PER_S + 500 * NS_PER_US},
        {15000, 10 * NS_PER_S},
        {15001, 10 * NS_PER_S + 250 * NS_PER_US},
        {35000, 15 * NS_PER_S},
        {75000, 25 * NS_PER_S},
    };
    /* 1.5 in the first level: the second arrival of it is half done when the second level begins,
     * and its other half goes three times as fast. */
    static const struct known half[] = {{1, NS_PER_S}, {2, 1500 * NS_PER_MS + 166666667}};
    static const struct known lone[] = {{9, 9 * NS_PER_S}, {3600, HOUR_NS}};
    static const struct known slowest[] = {{1, UINT64_MAX}};

    (void)state;
    assert_known("step:1k/s,2k/s,4k/s@5s", 0, steps, COUNT_OF(steps));
    assert_known("step:1/s,3/s@1.5s", 0, half, COUNT_OF(half));
    assert_known("step:1/s@2s", 0, lone, COUNT_OF(lone));
    assert_known("step:0.00000000001/s@1s", 0, slowest, COUNT_OF(slowest));
}

static void trace_is_read_off(void **state)
{
    struct arrival arrival = trace_of(7);
    static const uint64_t at_ns[] = {0, 0, 3, 3, 6, 6, 9};
    struct schedule schedule;
    struct due due;

    (void)state;
    schedule_init(&schedule, &arrival, 1, 0, 1);
    for (unsigned i = 0; i < 7; i++) {
        due = next_of(&schedule);
        assert_int_equal(due.number, i);
        assert_int_equal(due.at_ns, at_ns[i]);
        assert_int_equal(due.class_index, i % 3 == 0 ? 0 : 1);
    }
    assert_false(schedule_next(&schedule, &due));
    assert_false(schedule_next(&schedule, &due));
    /* A thread for which there is nothing. */
    schedule_init(&schedule, &arrival, 1, 7, 8);
    assert_false(schedule_next(&schedule, &due));
    arrival_release(&arrival);
}

/* --- no drift --------------------------------------------------------------------------------- */

/* Walks share `index` of `count` for two hours. The rate is a quotient of whole numbers, so that
 * the truth, number * q / p seconds, can be told in whole numbers, too: |at - truth| * p. */
static void assert_no_drift(uint64_t p, uint64_t q, unsigned index, unsigned count)
{
    struct arrival arrival = arrival_of("uniform", (double)p / (double)q);
    struct schedule schedule;
    struct due due;
    uint64_t number = index;

    schedule_init(&schedule, &arrival, 1, index, count);
    for (;;) {
        due = next_of(&schedule);
        wide error = (wide)due.at_ns * p - (wide)number * q * NS_PER_S;

        /* Half a nanosecond is rounding; the hundredth above it is what a double makes of p / q. */
        if (due.number != number || 100 * (error < 0 ? -error : error) > (wide)51 * p)
            fail_msg("%ju/%ju: arrival %ju is due at %ju ns", (uintmax_t)p, (uintmax_t)q,
                     (uintmax_t)number, (uintmax_t)due.at_ns);
        if (due.at_ns >= 2 * HOUR_NS)
            break;
        number += count;
    }
    assert_true(number >= 7200 * p / q - count);
}

static void uniform_does_not_drift_in_two_hours(void **state)
{
    (void)state;
    assert_no_drift(3900, 1, 0, 1);
    assert_no_drift(33333, 1, 2, 31);
    assert_no_drift(7, 10, 0, 1);
    assert_no_drift(1, 3, 1, 2);
    assert_no_drift(987654321, 1, 12345, 1000003);
    assert_no_drift(999983, 1000, 3, 4);
}

/* After its last change of rate, a ramp and a step are uniform and must be so for as long. */
static void the_last_rate_does_not_drift(void **state)
{
    static const char *const texts[] = {"ramp:from=100/s,to=3900/s", "step:100/s,3900/s@10s"};
    static const uint64_t before[] = {20000, 1000};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct arrival arrival = arrival_of(texts[i], 0);
        struct schedule schedule;
        struct due due;

        schedule_init(&schedule, &arrival, 1, 0, 13);
        do {
            due = next_of(&schedule);
            if (due.number < before[i])
                continue;
            wide error = ((wide)due.at_ns - 10 * (wide)NS_PER_S) * 3900 -
                         (wide)(due.number - before[i]) * NS_PER_S;
            assert_true(100 * (error < 0 ? -error : error) <= (wide)51 * 3900);
        } while (due.at_ns < 2 * HOUR_NS);
        assert_true(due.number - before[i] >= UINT64_C(3900) * 7189);
    }
}

/* --- shares ----------------------------------------------------------------------------------- */

enum { WHOLE_COUNT = 5040 };

static void assert_partitioned(const struct arrival *arrival)
{
    static struct due whole[WHOLE_COUNT];
    struct schedule schedule;

    schedule_init(&schedule, arrival, 1, 0, 1);
    for (unsigned i = 0; i < WHOLE_COUNT; i++) {
        whole[i] = next_of(&schedule);
        assert_int_equal(whole[i].number, i);
        assert_true(i == 0 || whole[i].at_ns >= whole[i - 1].at_ns);
    }
    for (unsigned count = 1; count <= 7; count++)
        for (unsigned index = 0; index < count; index++) {
            schedule_init(&schedule, arrival, 99, index, count);
            for (unsigned i = index; i < WHOLE_COUNT; i += count) {
                struct due due = next_of(&schedule);

                assert_int_equal(due.number, i);
                assert_int_equal(due.at_ns, whole[i].at_ns);
                assert_int_equal(due.class_index, whole[i].class_index);
            }
        }
}

static void shares_make_up_the_whole(void **state)
{
    static const struct {
        const char *text;
        double rate_per_s;
    } arrivals[] = {
        {"uniform", 3900},
        {"burst:on=7ms,off=13ms", 3900},
        /* 30 in 10 s: most of them come after the ramp. */
        {"ramp:from=1/s,to=5/s", 0},
        {"ramp:from=50k/s,to=1/s", 0},
        {"step:100/s,33/s,1k/s@1s", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(arrivals); i++) {
        struct arrival arrival = arrival_of(arrivals[i].text, arrivals[i].rate_per_s);

        assert_partitioned(&arrival);
        arrival_release(&arrival);
    }
    struct arrival trace = trace_of(WHOLE_COUNT);

    assert_partitioned(&trace);
    arrival_release(&trace);
}

static void time_never_goes_back(void **state)
{
    /* Steep ones, whose end is where rounding would show. */
    static const char *const texts[] = {
        "ramp:from=1000M/s,to=0.001/s", "ramp:from=0.001/s,to=1000M/s",
        "ramp:from=1M/s,to=0.000001/s", "step:1000M/s,0.1/s,333M/s,7/s@1.3us",
        "step:0.3/s,1000M/s@7ns",
    };
    static const unsigned counts[] = {1, 997, 9999991, 2000000011};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        for (size_t j = 0; j < COUNT_OF(counts); j++) {
            struct arrival arrival = arrival_of(texts[i], 0);
            struct schedule schedule;
            uint64_t before_ns = 0;

            schedule_init(&schedule, &arrival, 1, 0, counts[j]);
            for (unsigned k = 0; k < 100000; k++) {
                struct due due = next_of(&schedule);

                if (due.at_ns < before_ns)
                    fail_msg("%s: arrival %ju at %ju, after %ju ns", texts[i],
                             (uintmax_t)due.number, (uintmax_t)due.at_ns, (uintmax_t)before_ns);
                before_ns = due.at_ns;
            }
        }
}

/* Where the rate has all but reached 0, what is left of it is less than its rounding errors; the
 * last arrival before that is nevertheless due at the ramp's end. */
static void ramps_may_end_near_nothing(void **state)
{
    (void)state;
    for (unsigned from = 999000; from < 1000000; from++) {
        char text[64];

        snprintf(text, sizeof text, "ramp:from=%u/s,to=0.000000001/s", from);
        struct arrival arrival = arrival_of(text, 0);
        uint64_t at_ns = instant_of(&arrival, 5 * from);
        assert_in_range(at_ns, 10 * NS_PER_S - NS_PER_US, 10 * NS_PER_S);
    }
}

static void copies_walk_by_themselves(void **state)
{
    static const char *const texts[] = {"uniform", "poisson", "burst:on=1ms,off=1ms"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct arrival arrival = arrival_of(texts[i], 3900);
        struct schedule schedule;

        schedule_init(&schedule, &arrival, 1, 2, 3);
        next_of(&schedule);
        struct schedule copy = schedule;
        uint64_t at_ns[100];
        for (unsigned k = 0; k < 100; k++)
            at_ns[k] = next_of(&schedule).at_ns;
        for (unsigned k = 0; k < 100; k++)
            assert_int_equal(next_of(&copy).at_ns, at_ns[k]);
    }
}

/* --- what is offered is what is scheduled ----------------------------------------------------- */

static void mean_rates_are_met(void **state)
{
    static const struct {
        const char *text;
        double rate_per_s, mean_per_s, tolerance;
    } arrivals[] = {
        {"uniform", 3900, 3900, 1e-9},
        {"uniform", 0.7, 0.7, 1e-9},
        /* 97,500 of them in 25 s: four standard deviations. */
        {"poisson", 3900, 3900, 0.0129},
        /* On for 25 * 100 ms. */
        {"burst:on=100ms,off=900ms", 3900, 390, 1e-9},
        /* 24 whole cycles of a second and a half of the last, which is on. */
        {"burst:on=500ms,off=1s", 4000, 4000.0 * (16 * 0.5 + 0.5) / 25, 1e-9},
        /* 255,000 in 10 s and 750,000 in 15 s. */
        {"ramp:from=1k/s,to=50k/s", 0, 40200, 1e-9},
        {"step:1k/s,2k/s,4k/s@5s", 0, (5000 + 10000 + 60000) / 25.0, 1e-9},
        {"step:1k/s,2k/s,4k/s@20s", 0, (20000 + 10000) / 25.0, 1e-9},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(arrivals); i++) {
        struct arrival arrival = arrival_of(arrivals[i].text, arrivals[i].rate_per_s);
        double mean = arrivals[i].mean_per_s;
        double sent = 0;

        assert_true(fabs(arrival_mean_rate(&arrival, 25 * NS_PER_S) / mean - 1) < 1e-12);
        for (unsigned index = 0; index < 3; index++) {
            struct schedule schedule;

            schedule_init(&schedule, &arrival, 7, index, 3);
            while (next_of(&schedule).at_ns < 25 * NS_PER_S)
                sent++;
        }
        /* One may be on its way. */
        if (fabs(sent - 25 * mean) > 25 * mean * arrivals[i].tolerance + 1)
            fail_msg("%s: %.0f arrivals instead of %.1f", arrivals[i].text, sent, 25 * mean);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uniform_known_answers),
        cmocka_unit_test(burst_known_answers),
        cmocka_unit_test(ramp_known_answers),
        cmocka_unit_test(step_known_answers),
        cmocka_unit_test(trace_is_read_off),
        cmocka_unit_test(uniform_does_not_drift_in_two_hours),
        cmocka_unit_test(the_last_rate_does_not_drift),
        cmocka_unit_test(shares_make_up_the_whole),
        cmocka_unit_test(time_never_goes_back),
        cmocka_unit_test(ramps_may_end_near_nothing),
        cmocka_unit_test(copies_walk_by_themselves),
        cmocka_unit_test(mean_rates_are_met),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
