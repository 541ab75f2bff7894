/* SPDX-License-Identifier: MIT */
/* Known answers, worked out by hand or published, and how often the tests flag by chance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/random.h"
#include "common/series.h"

#define LENGTH_OF(array) (sizeof(array) / sizeof *(array))
/* The library's own comparison is one of floats, and those hold only seven digits. */
#define assert_near(value, expected, tolerance)                                                    \
    assert_true(fabs((value) - (expected)) <= (tolerance))

/* Box and Muller. */
static double random_normal(struct random *random)
{
    double radius = sqrt(-2 * log(random_unit(random)));

    return radius * cos(2 * M_PI * random_unit(random));
}

static double median(const double *values, size_t count)
{
    double result = -1;

    assert_int_equal(series_median(values, count, &result), 0);
    return result;
}

static double mad(const double *values, size_t count)
{
    double result = -1;

    assert_int_equal(series_mad(values, count, &result), 0);
    return result;
}

static struct series_trend spearman(const double *values, size_t count)
{
    struct series_trend trend;

    assert_int_equal(series_spearman(values, count, &trend), 0);
    return trend;
}

static void test_level_and_spread(void **state)
{
    (void)state;
    const double values[] = {9, 2, 4, 4, 4, 5, 5, 7};
    double kept[LENGTH_OF(values)];

    memcpy(kept, values, sizeof values);
    assert_near(series_mean(values, 8), 5, 1e-12);
    assert_near(series_variance(values, 8), 32.0 / 7, 1e-12);
    assert_near(series_cov(values, 8), sqrt(32.0 / 7) / 5, 1e-12);
    assert_near(median(values, 8), 4.5, 1e-12);
    assert_near(median(values, 7), 4, 1e-12);
    /* Distances from 4.5: .5 .5 .5 .5 .5 2.5 2.5 4.5. */
    assert_near(mad(values, 8), 0.5 * 1.4826, 1e-4);
    assert_memory_equal(values, kept, sizeof values);
}

static void test_too_few_values_are_no_accident(void **state)
{
    (void)state;
    const double one[] = {3};

    assert_near(series_mean(one, 0), 0, 0);
    assert_near(series_variance(one, 0), 0, 0);
    assert_near(series_variance(one, 1), 0, 0);
    assert_near(series_cov(one, 0), 0, 0);
    assert_near(median(one, 0), 0, 0);
    assert_near(median(one, 1), 3, 0);
    assert_near(mad(one, 0), 0, 0);
    assert_near(mad(one, 1), 0, 0);
    assert_near(series_kpss(one, 0), 0, 0);
    assert_near(series_kpss(one, 1), 0, 0);
    for (size_t count = 0; count < SERIES_TREND_MIN; count++) {
        const double rising[] = {1, 2, 3, 4};
        struct series_trend trend = spearman(rising, count);

        assert_near(trend.rho, 0, 0);
        assert_near(trend.p, 1, 0);
    }
}

static void test_equal_values_show_nothing(void **state)
{
    (void)state;
    double values[50];

    for (size_t i = 0; i < LENGTH_OF(values); i++)
        values[i] = 1234.1;
    assert_near(series_cov(values, 50), 0, 1e-12);
    assert_near(mad(values, 50), 0, 0);
    assert_near(spearman(values, 50).rho, 0, 0);
    assert_near(spearman(values, 50).p, 1, 0);
    assert_near(series_kpss(values, 50), 0, 0);
    memset(values, 0, sizeof values);
    assert_near(series_cov(values, 50), 0, 0);
    assert_near(series_kpss(values, 50), 0, 0);
}

static void test_spearman_of_known_ranks(void **state)
{
    (void)state;
    /* d = 1 1 -1 -1 … by hand: 1 - 6 * 8 / (8 * 63). */
    const double swapped[] = {2, 1, 4, 3, 6, 5, 8, 7};
    /* Ranks 1.5 1.5 3 4.5 4.5 6, whose covariance with 1 … 6 is 16.5 and squares 16.5. */
    const double ties[] = {10, 10, 20, 30, 30, 40};
    const double rising[] = {1, 2, 3, 5, 8};
    const double falling[] = {50, 40, 30, 20, 10, 9, 8, 7, 6, 5};
    double rho = 1 - 6.0 * 8 / (8 * 63);

    assert_near(spearman(swapped, 8).rho, rho, 1e-12);
    /* t = 0.9048 sqrt(6 / (1 - 0.9048^2)) = 5.2050 with 6 degrees of freedom: Student's table has
     * 5.208 at 0.002, two-sided. */
    assert_near(spearman(swapped, 8).p, 0.002, 1e-5);
    assert_near(spearman(ties, 6).rho, 16.5 / sqrt(17.5 * 16.5), 1e-12);
    /* A perfect order is not impossible by chance: 2 of the 5! orders, 2 of the 10!. */
    assert_near(spearman(rising, 5).rho, 1, 1e-12);
    assert_near(spearman(rising, 5).p, 2.0 / 120, 1e-12);
    assert_near(spearman(falling, 10).rho, -1, 1e-12);
    assert_near(spearman(falling, 10).p, 2.0 / 3628800, 1e-12);
}

static void test_kpss_of_a_known_row(void **state)
{
    (void)state;
    /* Mean 0; running sums 1 0 1 0, so their squares add up to 2. The lag is floor(4 * 0.04^(1/4))
     * = 1 with the weight 1/2: n s^2 = 4 + 2 * 1/2 * -3 = 1. eta = 2 / (4 * 1). */
    const double alternating[] = {1, -1, 1, -1};
    /* Sums 1 2 1 0; n s^2 = 4 + 2 * 1/2 * (1 - 1 + 1) = 5. eta = 6 / (4 * 5). */
    const double step[] = {1, 1, -1, -1};

    assert_near(series_kpss(alternating, 4), 0.5, 1e-12);
    assert_near(series_kpss(step, 4), 0.3, 1e-12);
    /* The level of the values does not matter. */
    const double high[] = {1001, 1001, 999, 999};
    assert_near(series_kpss(high, 4), 0.3, 1e-9);
}

/* The lag grows with the length: at 100 windows it is 4, and the weights are 4/5 … 1/5. */
static void test_kpss_lag(void **state)
{
    (void)state;
    double values[100] = {0};

    /* Impulses at 0 and 3, and their counterweights far away, five apart. */
    values[0] = 1;
    values[3] = 1;
    values[50] = -1;
    values[55] = -1;
    /* Products of neighbours: lag 3 once, weight 2/5; lag 5 is beyond. n s^2 = 4 + 2 * 2/5. */
    double squares = 3 * 1 + 47 * 4 + 5 * 1;
    assert_near(series_kpss(values, 100), squares / (100 * (4 + 0.8)), 1e-12);
}

static void fill_normal(struct random *random, double *values, size_t count, double slope)
{
    for (size_t i = 0; i < count; i++)
        values[i] = 1000 + 30 * random_normal(random) + slope * (double)i;
}

static void test_flags_by_chance_and_by_trend(void **state)
{
    (void)state;
    enum { ROUNDS = 4000, WINDOWS = 60 };
    struct random random = random_seeded(7);
    double values[WINDOWS];
    unsigned trends = 0;
    unsigned wandering = 0;
    unsigned trends_missed = 0;
    unsigned wandering_missed = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        fill_normal(&random, values, WINDOWS, 0);
        trends += spearman(values, WINDOWS).p < 0.05;
        wandering += series_kpss(values, WINDOWS) > SERIES_KPSS_LIMIT;
        fill_normal(&random, values, WINDOWS, 1.5);
        trends_missed += spearman(values, WINDOWS).p > 0.01;
        wandering_missed += series_kpss(values, WINDOWS) <= SERIES_KPSS_LIMIT;
    }
    assert_in_range(trends, ROUNDS * 4 / 100, ROUNDS * 6 / 100);
    /* KPSS is somewhat conservative on short rows. */
    assert_in_range(wandering, ROUNDS * 2 / 1000, ROUNDS * 13 / 1000);
    assert_in_range(trends_missed, 0, ROUNDS / 100);
    assert_in_range(wandering_missed, 0, ROUNDS * 10 / 100);
}

static void test_a_day_of_windows(void **state)
{
    (void)state;
    enum { WINDOWS = 100000 };
    struct random random = random_seeded(8);
    double *values = malloc(WINDOWS * sizeof *values);

    assert_non_null(values);
    fill_normal(&random, values, WINDOWS, 0);
    assert_true(spearman(values, WINDOWS).p > 0.01);
    assert_true(series_kpss(values, WINDOWS) < SERIES_KPSS_LIMIT);
    assert_near(mad(values, WINDOWS), 30, 0.5);
    /* 30 in all, one standard deviation of a window. */
    for (size_t i = 0; i < WINDOWS; i++)
        values[i] += 30.0 * (double)i / WINDOWS;
    assert_true(spearman(values, WINDOWS).p < 1e-6);
    assert_true(series_kpss(values, WINDOWS) > SERIES_KPSS_LIMIT);
    free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_level_and_spread),
        cmocka_unit_test(test_too_few_values_are_no_accident),
        cmocka_unit_test(test_equal_values_show_nothing),
        cmocka_unit_test(test_spearman_of_known_ranks),
        cmocka_unit_test(test_kpss_of_a_known_row),
        cmocka_unit_test(test_kpss_lag),
        cmocka_unit_test(test_flags_by_chance_and_by_trend),
        cmocka_unit_test(test_a_day_of_windows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
