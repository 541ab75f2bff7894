/* SPDX-License-Identifier: MIT */
/* The Poisson schedule: whether its gaps are what they should be, and whose they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "loadgen/load/schedule.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static struct arrival arrival_of(const char *text, double rate_per_s)
{
    struct arrival arrival;
    const char *problem;

    if (arrival_parse(text, rate_per_s, 0, &arrival, &problem) < 0)
        fail_msg("%s: %s", text, problem ? problem : "cannot be read");
    return arrival;
}

static struct due next_of(struct schedule *schedule)
{
    struct due due;

    assert_true(schedule_next(schedule, &due));
    return due;
}

enum { GAPS_COUNT = 20000 };

static int compare_doubles(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

/* The Anderson-Darling statistic of `gaps` against the exponential distribution of a mean that is
 * known, not fitted: case 0 of Stephens, "EDF statistics for goodness of fit and some comparisons",
 * Journal of the American Statistical Association 69 (1974), where 2.492 is exceeded by 5 % and
 * 3.857 by 1 % of the samples that do come from it. Sorts `gaps`. */
static double anderson_darling(double *gaps, double mean)
{
    double sum = 0;

    qsort(gaps, GAPS_COUNT, sizeof *gaps, compare_doubles);
    for (unsigned i = 0; i < GAPS_COUNT; i++) {
        /* ln F and ln (1 - F) of F(x) = 1 - exp(-x / mean). */
        double below = log(-expm1(-gaps[i] / mean));
        double above = -gaps[GAPS_COUNT - 1 - i] / mean;

        sum += (2.0 * i + 1) * (below + above);
    }
    return -GAPS_COUNT - sum / GAPS_COUNT;
}

/* The gaps of all threads' arrivals in order of time. */
static double gaps_statistic(const char *text, double rate_per_s, uint64_t seed, unsigned count,
                             double mean_ns)
{
    static double gaps[GAPS_COUNT];
    struct arrival arrival = arrival_of(text, rate_per_s);
    struct schedule schedules[7];
    uint64_t next_ns[7];
    uint64_t last_ns = 0;

    for (unsigned i = 0; i < count; i++) {
        schedule_init(&schedules[i], &arrival, seed, i, count);
        next_ns[i] = next_of(&schedules[i]).at_ns;
    }
    for (unsigned k = 0; k < GAPS_COUNT; k++) {
        unsigned first = 0;

        for (unsigned i = 1; i < count; i++)
            if (next_ns[i] < next_ns[first])
                first = i;
        /* In the middle of the nanosecond it was rounded to, for 0 has no logarithm. */
        gaps[k] = (double)(next_ns[first] - last_ns) + 0.5;
        last_ns = next_ns[first];
        next_ns[first] = next_of(&schedules[first]).at_ns;
    }
    return anderson_darling(gaps, mean_ns);
}

static void poisson_gaps_are_exponential(void **state)
{
    static const unsigned counts[] = {1, 2, 7};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        unsigned above_five_percent = 0;

        for (uint64_t seed = 0; seed < 40; seed++) {
            double statistic = gaps_statistic("poisson", 1000, seed, counts[i], 1e6);

            /* One in ten thousand exceeds 8; one in twenty exceeds 2.492: 2 of 40, and 7 or more
             * once in 300. */
            assert_true(statistic < 8);
            above_five_percent += statistic > 2.492;
        }
        assert_in_range(above_five_percent, 0, 6);
    }
}

/* The test above must be able to fail. */
static void other_gaps_are_not(void **state)
{
    (void)state;
    assert_true(gaps_statistic("uniform", 1000, 1, 1, 1e6) > 1000);
    assert_true(gaps_statistic("burst:on=100ms,off=900ms", 10000, 1, 1, 1e6) > 1000);
    /* Poisson, but 5 % too fast. */
    assert_true(gaps_statistic("poisson", 1050, 1, 1, 1e6) > 3.857);
    assert_true(gaps_statistic("poisson", 1050, 1, 3, 1e6) > 3.857);
}

/* Exponential gaps that depend on each other would still pass: of independent ones, the counts of
 * equal stretches have a variance equal to their mean. */
static void poisson_counts_are_independent(void **state)
{
    enum { STRETCHES = 20000 };

    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        static double counts[STRETCHES];
        struct arrival arrival = arrival_of("poisson", 5000);
        double squares = 0;
        double lagged = 0;

        memset(counts, 0, sizeof counts);
        for (unsigned i = 0; i < 3; i++) {
            struct schedule schedule;
            struct due due;

            schedule_init(&schedule, &arrival, seed, i, 3);
            while ((due = next_of(&schedule)).at_ns < 2 * NS_PER_MS * STRETCHES)
                counts[due.at_ns / (2 * NS_PER_MS)]++;
        }
        for (unsigned i = 0; i < STRETCHES; i++) {
            squares += (counts[i] - 10) * (counts[i] - 10);
            lagged += i > 0 ? (counts[i] - 10) * (counts[i - 1] - 10) : 0;
        }
        /* Four standard errors: sqrt(2 / 20000) and sqrt(1 / 20000). */
        assert_true(fabs(squares / STRETCHES / 10 - 1) < 0.04);
        assert_true(fabs(lagged / squares) < 0.028);
    }
}

static void a_seed_decides(void **state)
{
    struct arrival arrival = arrival_of("poisson", 1000);
    struct schedule a;
    struct schedule b;

    (void)state;
    schedule_init(&a, &arrival, 42, 1, 3);
    schedule_init(&b, &arrival, 42, 1, 3);
    for (unsigned i = 0; i < 1000; i++) {
        struct due due = next_of(&a);

        assert_int_equal(due.at_ns, next_of(&b).at_ns);
        assert_int_equal(due.number, 1 + 3 * i);
        assert_int_equal(due.class_index, -1);
    }
    /* Neighbouring seeds and threads have no gap in common, at no offset. */
    for (unsigned other = 0; other < 2; other++) {
        uint64_t previous_ns = 0;
        unsigned in_common = 0;

        schedule_init(&a, &arrival, 42, 1, 3);
        for (unsigned i = 0; i < 100; i++) {
            uint64_t at_ns = next_of(&a).at_ns;
            uint64_t other_previous_ns = 0;

            schedule_init(&b, &arrival, other ? 43 : 42, other ? 1 : 2, 3);
            for (unsigned k = 0; k < 100; k++) {
                uint64_t other_ns = next_of(&b).at_ns;

                /* To a nanosecond, which is what rounding may take from either end of a gap. */
                in_common += other_ns - other_previous_ns + 1 - (at_ns - previous_ns) <= 2;
                other_previous_ns = other_ns;
            }
            previous_ns = at_ns;
        }
        /* By chance, one of 10^4 pairs is within 1 of 3 * 10^6 ns with a probability below 10^-2.
         */
        assert_in_range(in_common, 0, 1);
    }
}

static void poisson_of_hardly_any_rate_saturates(void **state)
{
    struct arrival arrival = arrival_of("poisson", 1e-18);
    struct schedule schedule;

    (void)state;
    schedule_init(&schedule, &arrival, 1, 0, 1);
    for (unsigned i = 0; i < 3; i++)
        assert_true(next_of(&schedule).at_ns == UINT64_MAX);
    struct arrival slow = arrival_of("poisson", 1e-9);
    uint64_t last_ns = 0;
    schedule_init(&schedule, &slow, 1, 0, 1);
    for (unsigned i = 0; i < 100; i++) {
        struct due due = next_of(&schedule);

        assert_true(due.at_ns >= last_ns);
        last_ns = due.at_ns;
    }
    assert_true(last_ns == UINT64_MAX);
}

/* The sum of the gaps is kept apart from the gaps: nothing is lost when it is large. */
static void poisson_does_not_drift(void **state)
{
    struct arrival arrival = arrival_of("poisson", 3900);
    struct schedule schedule;
    struct random random;
    long double exact_ns = 0;

    (void)state;
    schedule_init(&schedule, &arrival, 5, 0, 1);
    random = schedule.random;
    for (unsigned i = 0; i < 3900 * 3600; i++) {
        struct due due = next_of(&schedule);

        exact_ns += (long double)random_exponential(&random) * 1e9L / 3900;
        if (fabsl((long double)due.at_ns - floorl(exact_ns)) > 1)
            fail_msg("arrival %u is due at %ju instead of %.3Lf ns", i, (uintmax_t)due.at_ns,
                     exact_ns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(poisson_gaps_are_exponential),
        cmocka_unit_test(other_gaps_are_not),
        cmocka_unit_test(poisson_counts_are_independent),
        cmocka_unit_test(a_seed_decides),
        cmocka_unit_test(poisson_of_hardly_any_rate_saturates),
        cmocka_unit_test(poisson_does_not_drift),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
