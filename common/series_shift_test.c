/* SPDX-License-Identifier: MIT */
/* Rows whose shifts are known; the statistic against its definition; shifts by chance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "common/random.h"
#include "common/series_shift.h"

#define LENGTH_OF(array) (sizeof(array) / sizeof *(array))
/* The library's own comparison is one of floats, and those hold only seven digits. */
#define assert_near(value, expected, tolerance)                                                    \
    assert_true(fabs((value) - (expected)) <= (tolerance))

/* The sum of twelve uniform numbers is near enough to normal here. */
static double random_normal(struct random *random)
{
    double sum = -6;

    for (unsigned i = 0; i < 12; i++)
        sum += random_unit(random);
    return sum;
}

static struct series_shift find(const double *values, size_t count)
{
    struct series_shift shift;

    assert_int_equal(series_shift_find(values, count, 42, &shift), 0);
    return shift;
}

static void test_a_step_is_found_where_it_is(void **state)
{
    (void)state;
    struct random random = random_seeded(1);
    double values[40];

    for (size_t i = 0; i < 40; i++)
        values[i] = (i < 26 ? 1000 : 900) + 10 * random_normal(&random);
    struct series_shift shift = find(values, 40);
    assert_true(shift.found);
    assert_int_equal(shift.at, 26);
    assert_near(shift.before_median, 1000, 10);
    assert_near(shift.after_median, 900, 10);
    assert_near(shift.p, 0.005, 1e-12);
}

static void test_medians_are_those_of_the_sides(void **state)
{
    (void)state;
    const double values[] = {5, 6, 7, 5, 6, 7, 5, 6, 7, 106, 107, 108, 109, 106, 107, 108, 109};
    struct series_shift shift = find(values, LENGTH_OF(values));

    assert_true(shift.found);
    assert_int_equal(shift.at, 9);
    assert_near(shift.before_median, 6, 1e-9);
    assert_near(shift.after_median, 107.5, 1e-9);
}

static void test_of_several_the_largest(void **state)
{
    (void)state;
    struct random random = random_seeded(2);
    double values[90];

    for (size_t i = 0; i < 90; i++)
        values[i] = (i < 30 ? 100 : i < 60 ? 110 : 180) + random_normal(&random);
    struct series_shift shift = find(values, 90);
    assert_int_equal(shift.at, 60);
    /* Not of all that lies before: of the level before. */
    assert_near(shift.before_median, 110, 1);
    assert_near(shift.after_median, 180, 1);

    for (size_t i = 0; i < 90; i++)
        values[i] = (i < 30 ? 100 : i < 60 ? 170 : 180) + random_normal(&random);
    shift = find(values, 90);
    assert_int_equal(shift.at, 30);
    assert_near(shift.after_median, 170, 1);
}

static void test_a_dip_has_two_sides(void **state)
{
    (void)state;
    struct random random = random_seeded(3);
    double values[60];

    for (size_t i = 0; i < 60; i++)
        values[i] = (i >= 25 && i < 35 ? 700 : 1000) + 20 * random_normal(&random);
    struct series_shift shift = find(values, 60);
    assert_true(shift.found);
    assert_true(shift.at == 25 || shift.at == 35);
    assert_near(fabs(shift.after_median - shift.before_median), 300, 30);
}

static void test_nothing_to_find(void **state)
{
    (void)state;
    double equal[30];
    const double tiny[] = {1, 1, 1, 9, 9, 9};
    const double one_outlier[] = {5, 6, 5, 6, 5, 900, 5, 6, 5, 6, 5, 6};

    for (size_t i = 0; i < 30; i++)
        equal[i] = 77.7;
    assert_false(find(equal, 30).found);
    assert_near(find(equal, 30).p, 1, 0);
    for (size_t count = 0; count < 6; count++) {
        assert_false(find(tiny, count).found);
        assert_near(find(tiny, count).p, 1, 0);
    }
    /* The best cut there is, but 2 of the 20 ways to choose three of six are as good. */
    assert_false(find(tiny, 6).found);
    assert_true(find(tiny, 6).p > 0.05);
    assert_false(find(one_outlier, LENGTH_OF(one_outlier)).found);
}

static void test_a_seed_decides(void **state)
{
    (void)state;
    struct random random = random_seeded(4);
    struct series_shift first;
    struct series_shift other;
    double values[20];
    unsigned different = 0;

    for (size_t i = 0; i < 20; i++)
        values[i] = (i < 10 ? 0 : 1) + random_normal(&random);
    assert_int_equal(series_shift_find(values, 20, 5, &first), 0);
    for (uint64_t seed = 0; seed < 10; seed++) {
        assert_int_equal(series_shift_find(values, 20, 5, &other), 0);
        assert_near(other.p, first.p, 0);
        assert_int_equal(other.at, first.at);
        assert_int_equal(series_shift_find(values, 20, seed, &other), 0);
        different += fabs(other.p - first.p) > 1e-9;
    }
    assert_true(different > 0);
}

/* Sum of |x - y| over the pairs of two ranges; within one range every pair counts twice. */
static double pairs(const double *values, size_t a, size_t a_end, size_t b, size_t b_end)
{
    double sum = 0;

    for (size_t i = a; i < a_end; i++) {
        for (size_t j = b; j < b_end; j++)
            sum += fabs(values[i] - values[j]);
    }
    return sum;
}

/* Weighted energy distance of [0, at) and [at, end). */
static double strength(const double *values, size_t at, size_t end)
{
    double n = (double)at;
    double m = (double)(end - at);
    double energy = 2 / (n * m) * pairs(values, 0, at, at, end) -
                    pairs(values, 0, at, 0, at) / (n * (n - 1)) -
                    pairs(values, at, end, at, end) / (m * (m - 1));

    return n * m / (n + m) * energy;
}

/* The best cut by the definition, O(n^3). */
static size_t cut_by_definition(const double *values, size_t count)
{
    size_t best = 0;
    double best_strength = -INFINITY;

    for (size_t quarter = 1; quarter <= 4; quarter++) {
        size_t end = count * quarter / 4;

        for (size_t at = SERIES_SHIFT_PART_MIN; at + SERIES_SHIFT_PART_MIN <= end; at++) {
            if (strength(values, at, end) > best_strength) {
                best_strength = strength(values, at, end);
                best = at;
            }
        }
    }
    return best;
}

static void test_cuts_are_those_of_the_definition(void **state)
{
    (void)state;
    struct random random = random_seeded(5);

    unsigned found = 0;

    for (unsigned round = 0; round < 200; round++) {
        double values[24];
        /* Near the ends, where the divisors of the parts count most. */
        size_t at = round % 2 ? 4 : 20;

        /* Small whole numbers: many are equal. */
        for (size_t i = 0; i < 24; i++)
            values[i] = floor(3 * random_normal(&random)) + (i < at ? 0 : 8);
        struct series_shift shift = find(values, 24);
        /* One that is found is the best, but where a second, weaker one made a larger step. */
        found += shift.found && shift.at == cut_by_definition(values, 24);
    }
    assert_true(found >= 188);
}

static void test_shifts_by_chance(void **state)
{
    (void)state;
    enum { ROUNDS = 1000 };
    struct random random = random_seeded(6);
    unsigned found = 0;

    for (unsigned round = 0; round < ROUNDS; round++) {
        double values[20];
        struct series_shift shift;

        for (size_t i = 0; i < 20; i++)
            values[i] = 1000 + 50 * random_normal(&random);
        assert_int_equal(series_shift_find(values, 20, round, &shift), 0);
        found += shift.found;
        assert_true(shift.found == (shift.p <= 0.05));
    }
    assert_in_range(found, ROUNDS * 3 / 100, ROUNDS * 7 / 100);
}

static void test_long_rows_are_put_together(void **state)
{
    (void)state;
    enum { WINDOWS = 100000, AT = 70050 };
    struct random random = random_seeded(9);
    double *values = malloc(WINDOWS * sizeof *values);

    assert_non_null(values);
    for (size_t i = 0; i < WINDOWS; i++)
        values[i] = (i < AT ? 1000 : 1010) + 20 * random_normal(&random);
    struct series_shift shift = find(values, WINDOWS);
    assert_true(shift.found);
    assert_in_range(shift.at, AT - 300, AT + 300);
    assert_int_equal(shift.at % 200, 0);
    assert_near(shift.before_median, 1000, 1);
    assert_near(shift.after_median, 1010, 1);

    /* The last of 251 points is one window alone; what lies behind it is not looked at. */
    for (size_t i = 0; i < SERIES_SHIFT_POINTS_MAX + 2; i++)
        values[i] = i < SERIES_SHIFT_POINTS_MAX - 4 ? (double)(i % 3) : 20;
    values[SERIES_SHIFT_POINTS_MAX - 4] = 10;
    values[SERIES_SHIFT_POINTS_MAX - 3] = 10;
    values[SERIES_SHIFT_POINTS_MAX - 2] = 10;
    shift = find(values, SERIES_SHIFT_POINTS_MAX + 1);
    assert_true(shift.found);
    assert_int_equal(shift.at, SERIES_SHIFT_POINTS_MAX - 4);
    assert_near(shift.after_median, 10, 1e-9);
    free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_step_is_found_where_it_is),
        cmocka_unit_test(test_medians_are_those_of_the_sides),
        cmocka_unit_test(test_of_several_the_largest),
        cmocka_unit_test(test_a_dip_has_two_sides),
        cmocka_unit_test(test_nothing_to_find),
        cmocka_unit_test(test_a_seed_decides),
        cmocka_unit_test(test_cuts_are_those_of_the_definition),
        cmocka_unit_test(test_shifts_by_chance),
        cmocka_unit_test(test_long_rows_are_put_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
