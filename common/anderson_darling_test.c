/* SPDX-License-Identifier: MIT */
/* Published critical values, rows worked out by hand, and how often chance is called a difference.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/anderson_darling.h"
#include "common/random.h"

/* The library's own comparison is one of floats, and those hold only seven digits. */
#define assert_near(value, expected, tolerance)                                                    \
    assert_true(fabs((value) - (expected)) <= (tolerance))

enum { VALUES_MAX = 100000 };

static double *values;

static int setup(void **state)
{
    (void)state;
    values = malloc(VALUES_MAX * sizeof *values);
    return values ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    free(values);
    return 0;
}

static void fill_exponential(struct random *random, size_t count, double mean)
{
    for (size_t i = 0; i < count; i++)
        values[i] = mean * random_exponential(random);
}

static struct anderson_darling tested(size_t count, double mean, double tick)
{
    struct anderson_darling result;

    assert_int_equal(anderson_darling_exponential(values, count, mean, tick, &result), 0);
    return result;
}

/* The percentage points for a distribution that is fully known: Stephens, "EDF statistics for
 * goodness of fit and some comparisons", JASA 69 (1974); D'Agostino and Stephens, "Goodness-of-fit
 * techniques" (1986), table 4.2. They hold from five values on. */
static void test_critical_values(void **state)
{
    (void)state;
    static const double points[][2] = {
        {1.248, 0.25}, {1.933, 0.10}, {2.492, 0.05}, {3.070, 0.025}, {3.880, 0.01}};

    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        assert_near(anderson_darling_p(points[i][0], 100000), points[i][1], 3e-4);
        assert_near(anderson_darling_p(points[i][0], 10), points[i][1], 2e-3);
    }
    assert_near(anderson_darling_p(6.000, 100000), 0.001, 5e-5);
    assert_near(anderson_darling_p(0.1, 1000), 1, 1e-4);
}

static void test_p_is_a_probability_that_falls(void **state)
{
    (void)state;
    static const size_t counts[] = {1, 2, 5, 100, 100000};

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        double before = 1;

        for (unsigned j = 0; j < 1200; j++) {
            double p = anderson_darling_p(0.05 * j, counts[i]);

            assert_true(p >= 0 && p <= before + 1e-4);
            before = p;
        }
        assert_near(anderson_darling_p(0, counts[i]), 1, 1e-12);
        assert_near(anderson_darling_p(INFINITY, counts[i]), 0, 1e-3);
    }
    assert_near(anderson_darling_p(7, 0), 1, 0);
}

static void test_rows_by_hand(void **state)
{
    (void)state;
    /* F = 1/2: -1 - (ln 1/2 + ln 1/2). */
    values[0] = 3 * log(2);
    assert_near(tested(1, 3, 0).statistic, 2 * log(2) - 1, 1e-12);
    /* F = 1/4 and 3/4, out of order: -2 - 1/2 (1 (ln 1/4 + ln 1/4) + 3 (ln 3/4 + ln 3/4)). */
    values[0] = -log(0.25);
    values[1] = -log(0.75);
    assert_near(tested(2, 1, 0).statistic, -2 - log(0.25) - 3 * log(0.75), 1e-12);
    assert_true(values[0] > values[1]); /* left as they were */
    /* F = 0.1 and 0.2: -2 - 1/2 ((ln .1 + ln .8) + 3 (ln .2 + ln .9)). */
    values[0] = -log(0.9);
    values[1] = -log(0.8);
    assert_near(tested(2, 1, 0).statistic,
                -2 - (log(0.1) + log(0.8) + 3 * (log(0.2) + log(0.9))) / 2, 1e-12);
}

static void test_false_alarms(void **state)
{
    (void)state;
    static const size_t counts[] = {5, 30, 1000};
    enum { ROUNDS = 4000 };

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct random random = random_seeded(counts[i]);
        unsigned at_5 = 0;
        unsigned at_1 = 0;

        for (unsigned round = 0; round < ROUNDS; round++) {
            fill_exponential(&random, counts[i], 20000);
            double p = tested(counts[i], 20000, 0).p;

            at_5 += p < 0.05;
            at_1 += p < 0.01;
        }
        assert_in_range(at_5, ROUNDS * 40 / 1000, ROUNDS * 60 / 1000);
        assert_in_range(at_1, ROUNDS * 5 / 1000, ROUNDS * 15 / 1000);
    }
}

static void test_what_is_not_exponential(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    struct random random = random_seeded(1);

    /* Uniform pacing. */
    for (size_t i = 0; i < COUNT; i++)
        values[i] = 1000;
    assert_true(tested(COUNT, 1000, 1).p < 1e-3);
    /* The right shape at the wrong rate. */
    fill_exponential(&random, COUNT, 800);
    assert_true(tested(COUNT, 1000, 1).p < 1e-3);
    assert_true(tested(COUNT, 800, 1).p > 0.01);
    /* The right mean: a timer that fires every millisecond and sends what is due. */
    fill_exponential(&random, COUNT, 1000);
    for (size_t i = 0; i < COUNT; i++)
        values[i] = floor(values[i] / 1000) * 1000;
    assert_true(tested(COUNT, 1000, 1).p < 1e-3);
    /* The right mean: too even, the sum of two halves. */
    fill_exponential(&random, COUNT, 500);
    for (size_t i = 0; i < COUNT; i++)
        values[i] += 500 * random_exponential(&random);
    assert_true(tested(COUNT, 1000, 1).p < 1e-3);
}

/* A clock that counts nanoseconds yields gaps of 0, and some hundred thousand gaps have several. */
static void test_ticks(void **state)
{
    (void)state;
    enum { ROUNDS = 100, MEAN = 20000 };
    struct random random = random_seeded(2);
    unsigned zeros = 0;
    unsigned alarms = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        fill_exponential(&random, VALUES_MAX / 5, MEAN);
        for (size_t j = 0; j < VALUES_MAX / 5; j++) {
            values[j] = nearbyint(values[j]);
            zeros += values[j] < 1;
        }
        alarms += tested(VALUES_MAX / 5, MEAN, 1).p < 0.05;
    }
    assert_true(zeros > 10);
    assert_in_range(alarms, 1, ROUNDS * 12 / 100);
    /* Without the tick one gap of 0 decides. */
    values[0] = 0;
    assert_true(isinf(tested(VALUES_MAX / 5, MEAN, 0).statistic));
    assert_near(tested(VALUES_MAX / 5, MEAN, 0).p, 0, 1e-6);
}

static void test_many_values(void **state)
{
    (void)state;
    struct random random = random_seeded(3);

    fill_exponential(&random, VALUES_MAX, 20000);
    assert_true(tested(VALUES_MAX, 20000, 1).p > 0.01);
    assert_true(tested(VALUES_MAX, 20400, 1).p < 1e-3);
    /* Far in the tail nothing overflows. */
    values[7] = 1e9 * 20000;
    assert_true(isfinite(tested(VALUES_MAX, 20000, 1).statistic));
}

static void test_bad_input(void **state)
{
    (void)state;
    static const double means[] = {0, -1, NAN, INFINITY};
    static const double bad[] = {-1, NAN, INFINITY};
    struct anderson_darling result;

    values[0] = 1;
    values[1] = 2;
    for (size_t i = 0; i < sizeof means / sizeof *means; i++)
        assert_int_equal(anderson_darling_exponential(values, 2, means[i], 0, &result), -EINVAL);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        values[1] = 2;
        assert_int_equal(anderson_darling_exponential(values, 2, 1, bad[i], &result), -EINVAL);
        values[1] = bad[i];
        assert_int_equal(anderson_darling_exponential(values, 2, 1, 0, &result), -EINVAL);
    }
    assert_near(tested(0, 1, 0).p, 1, 0);
    assert_near(tested(0, 1, 0).statistic, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_critical_values),
        cmocka_unit_test(test_p_is_a_probability_that_falls),
        cmocka_unit_test(test_rows_by_hand),
        cmocka_unit_test(test_false_alarms),
        cmocka_unit_test(test_what_is_not_exponential),
        cmocka_unit_test(test_ticks),
        cmocka_unit_test(test_many_values),
        cmocka_unit_test(test_bad_input),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
