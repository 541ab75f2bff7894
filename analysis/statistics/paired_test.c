/* SPDX-License-Identifier: MIT */
/* Worked examples from the literature, every sign flip one by one, and what has no interval. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>

#include "analysis/statistics/paired.h"
#include "analysis/statistics/rank_sums.h"
#include "common/random.h"

#define assert_near(value, expected, tolerance)                                                    \
    assert_true(fabs((value) - (expected)) <= (tolerance))

static struct paired compared(const double *differences, size_t count)
{
    struct paired paired;

    assert_int_equal(paired_compare(differences, count, &paired), 0);
    assert_int_equal(paired.count, count);
    return paired;
}

/* Hamilton's depression scale before and after a tranquilizer: Hollander, Wolfe and Chicken,
 * example 3.1: T+ = 40, p (one-sided) 0.0195, estimate 0.46, interval (0.010, 0.786) of 96.1 %. */
static void the_depression_scale_example(void **state)
{
    static const double before[] = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
    static const double after[] = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
    double differences[9];

    (void)state;
    for (size_t i = 0; i < 9; i++)
        differences[i] = before[i] - after[i];
    struct paired paired = compared(differences, 9);
    assert_near(paired.median, 0.46, 1e-9);
    assert_near(paired.low, 0.010, 1e-9);
    assert_near(paired.high, 0.786, 1e-9);
    assert_near(paired.coverage, 0.9609375, 1e-15);
    assert_near(paired.p, 5.0 / 128, 1e-15);
    /* The other way round everything is the other way round. */
    for (size_t i = 0; i < 9; i++)
        differences[i] = -differences[i];
    paired = compared(differences, 9);
    assert_near(paired.median, -0.46, 1e-9);
    assert_near(paired.low, -0.786, 1e-9);
    assert_near(paired.p, 5.0 / 128, 1e-15);
}

/* Social perceptiveness of twins, Siegel, "Nonparametric Statistics" (1956), as in the manual of
 * the NAG library for g08agc: T+ = 32, two-sided p 0.0547. */
static void the_twins_example(void **state)
{
    static const double differences[] = {19, 27, -1, 6, 7, 13, -4, 3};

    (void)state;
    assert_near(compared(differences, 8).p, 0.0547, 5e-5);
}

/* Darwin's maize, crossed minus self-fertilized in eighths of an inch, from Fisher, "The Design of
 * Experiments" (1935), section 17. Signed ranks: 1,352 of the 2^15 flips are as extreme. */
static void darwins_maize(void **state)
{
    static const double differences[] = {49, -67, 8,  16, 6,  23, 28, 41,
                                         14, 29,  56, 24, 75, 60, -48};
    struct paired paired = compared(differences, 15);

    (void)state;
    assert_near(paired.p, 1352.0 / 32768, 1e-15);
    assert_near(paired.median, 25, 1e-12);
    assert_near(paired.low, 4, 1e-12);
    assert_near(paired.high, 41.5, 1e-12);
    assert_near(paired.deviation, 37.744, 5e-4);
}

/* Twice the positive ranks minus all, by the definition: a rank is 1 + those below + half the
 * others that are equal. */
static double signed_ranks(const double *differences, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++) {
        double rank = 0.5;

        for (size_t j = 0; j < count; j++) {
            double distance = fabs(differences[i]) - fabs(differences[j]);

            rank += distance > 0 ? 1 : 0;
            rank += distance == 0 ? 0.5 : 0;
        }
        if (differences[i] != 0)
            sum += differences[i] > 0 ? rank : -rank;
    }
    return sum;
}

static void p_is_the_share_of_all_flips(void **state)
{
    enum { COUNT = 9, ROUNDS = 40 };
    struct random random = random_seeded(7);

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        double differences[COUNT];
        double flipped[COUNT];
        double as_extreme = 0;

        /* Few different values: ties and zeros in nearly every round. */
        for (size_t i = 0; i < COUNT; i++)
            differences[i] = (double)random_below(&random, 9) - 3;
        double observed = fabs(signed_ranks(differences, COUNT));
        for (size_t flips = 0; flips < 1U << COUNT; flips++) {
            for (size_t i = 0; i < COUNT; i++)
                flipped[i] = flips >> i & 1 ? -differences[i] : differences[i];
            as_extreme += fabs(signed_ranks(flipped, COUNT)) >= observed;
        }
        assert_near(compared(differences, COUNT).p, as_extreme / (1U << COUNT), 1e-12);
    }
}

static void p_and_interval_agree(void **state)
{
    enum { ROUNDS = 2000 };
    struct random random = random_seeded(8);
    unsigned excluded = 0;

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t count = 6 + (size_t)random_below(&random, 15);
        double differences[20];

        for (size_t i = 0; i < count; i++)
            differences[i] = random_exponential(&random) - 0.4;
        struct paired paired = compared(differences, count);
        int excludes = paired.low > 0 || paired.high < 0;

        assert_int_equal(excludes, paired.p <= 1 - paired.coverage + 1e-12);
        assert_true(paired.low <= paired.median && paired.median <= paired.high);
        excluded += (unsigned)excludes;
    }
    assert_in_range(excluded, ROUNDS / 10, ROUNDS * 9 / 10);
}

static void five_blocks_have_a_range(void **state)
{
    static const double differences[] = {0.3, 0.1, 0.2, 0.5, 0.4, 0.6};
    struct paired paired = compared(differences, 5);

    (void)state;
    assert_near(paired.coverage, 0, 0);
    assert_near(paired.low, 0.1, 1e-15);
    assert_near(paired.high, 0.5, 1e-15);
    assert_near(paired.median, 0.3, 1e-15);
    assert_near(paired.p, 0.0625, 1e-15);
    paired = compared(differences, 6);
    assert_near(paired.coverage, 0.96875, 1e-15);
    assert_near(paired.p, 0.03125, 1e-15);
    paired = compared(differences, 1);
    assert_near(paired.median, 0.3, 0);
    assert_near(paired.p, 1, 0);
    assert_near(paired.deviation, 0, 0);
}

static void no_difference_at_all(void **state)
{
    static const double differences[10] = {0};
    struct paired paired = compared(differences, 10);

    (void)state;
    assert_near(paired.p, 1, 0);
    assert_near(paired.low, 0, 0);
    assert_near(paired.high, 0, 0);
}

/* Differences of 1 … n in size, every other one negative. */
static void fill_alternating(double *differences, size_t count)
{
    for (size_t i = 0; i < count; i++)
        differences[i] = (i % 2 ? 1.0 : -1.0) * (double)(i + 1);
}

static void the_largest_and_too_many(void **state)
{
    static double differences[PAIRED_MAX + 1];
    struct paired paired;

    (void)state;
    fill_alternating(differences, PAIRED_MAX + 1);
    /* T+, the even ranks, is n / 4 above half of all. */
    paired = compared(differences, PAIRED_MAX);
    double z = (500 - 0.5) / sqrt(2000.0 * 2001 * 4001 / 24);
    assert_near(paired.p, erfc(z / sqrt(2)), 1e-9);
    assert_near(paired.coverage, 0.95, 1e-4);
    assert_int_equal(paired_compare(differences, PAIRED_MAX + 1, &paired), -E2BIG);
}

/* Where counting ends and the normal distribution begins, nothing jumps. */
static void the_normal_distribution_takes_over(void **state)
{
    enum { COUNT = PAIRED_EXACT_MAX + 1, TOTAL = COUNT * (COUNT + 1) / 2 };
    static double differences[COUNT], probability[TOTAL + 1];
    size_t ranks[COUNT];
    double coverage;
    double tail = 0;

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        ranks[i] = i + 1;
        /* Those that are negative sum up to what is improbable, but not absurd. */
        differences[i] = (i % 5 < 2 ? -1.0 : 1.0) * (double)(i + 1);
        tail += differences[i] < 0 ? (double)ranks[i] : 0;
    }
    rank_sums_of_any(ranks, COUNT, probability);
    size_t negative = (size_t)tail;
    tail = 0;
    for (size_t sum = 0; sum <= negative; sum++)
        tail += probability[sum];
    rank_sums_interval(probability, TOTAL + 1, &coverage);

    struct paired paired = compared(differences, COUNT);
    assert_true(tail > 1e-4 && tail < 0.05);
    /* The sum has lighter tails than the normal distribution, which is the safe side. */
    assert_true(paired.p >= 2 * tail && paired.p <= 1.02 * 2 * tail);
    assert_near(paired.coverage, coverage, 1e-4);
}

/* Zeros have no sign to flip; with nothing but zeros nothing speaks against chance. */
static void zeros_in_many_blocks(void **state)
{
    static double differences[2 * PAIRED_EXACT_MAX];
    const size_t count = sizeof differences / sizeof differences[0];
    struct paired paired = compared(differences, count);

    (void)state;
    assert_near(paired.p, 1, 0);
    assert_near(paired.low, 0, 0);
    assert_near(paired.high, 0, 0);
    differences[0] = 1;
    paired = compared(differences, count);
    assert_near(paired.p, 1, 0);
}

static void bad_input(void **state)
{
    static const double bad[] = {NAN, INFINITY, -INFINITY};
    struct paired paired;

    (void)state;
    assert_int_equal(paired_compare(NULL, 0, &paired), -EINVAL);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const double differences[] = {1, bad[i], 2};

        assert_int_equal(paired_compare(differences, 3, &paired), -EINVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_depression_scale_example),
        cmocka_unit_test(the_twins_example),
        cmocka_unit_test(darwins_maize),
        cmocka_unit_test(p_is_the_share_of_all_flips),
        cmocka_unit_test(p_and_interval_agree),
        cmocka_unit_test(five_blocks_have_a_range),
        cmocka_unit_test(no_difference_at_all),
        cmocka_unit_test(the_largest_and_too_many),
        cmocka_unit_test(the_normal_distribution_takes_over),
        cmocka_unit_test(zeros_in_many_blocks),
        cmocka_unit_test(bad_input),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
