/* SPDX-License-Identifier: MIT */
/* Random numbers: known answers, ranges, and that nothing is more likely than it should be. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/random.h"

enum { DRAWS = 300000 };

/* The seeds whose first number has no bit set, and all of them. */
#define SEED_OF_ZERO UINT64_C(0x61C8864680B583EB)
#define SEED_OF_ONES UINT64_C(0x31628AF67B2131AB)

/* The published generator's first numbers. */
static void test_the_sequence_is_splitmix64(void **state)
{
    (void)state;
    struct random random = random_seeded(1234567);

    assert_true(random_next(&random) == UINT64_C(6457827717110365317));
    assert_true(random_next(&random) == UINT64_C(3203168211198807973));
    assert_true(random_next(&random) == UINT64_C(9817491932198370423));
    random = random_seeded(0);
    assert_true(random_next(&random) == UINT64_C(0xE220A8397B1DCDAF));
}

static void test_a_unit_is_never_zero(void **state)
{
    (void)state;
    struct random zero = random_seeded(SEED_OF_ZERO), ones = random_seeded(SEED_OF_ONES);
    struct random random = random_seeded(3);
    double sum = 0;

    assert_true(random_unit(&zero) == 0x1p-53);
    assert_true(random_unit(&ones) == 1);
    for (int i = 0; i < DRAWS; i++) {
        double unit = random_unit(&random);

        assert_true(unit > 0 && unit <= 1);
        sum += unit;
    }
    /* Five standard errors: sqrt(1/12 / DRAWS) is 0.00053. */
    assert_true(fabs(sum / DRAWS - 0.5) < 0.0027);
}

static void test_an_exponential_has_mean_one_and_no_memory(void **state)
{
    (void)state;
    struct random zero = random_seeded(SEED_OF_ZERO), ones = random_seeded(SEED_OF_ONES);
    struct random random = random_seeded(4);
    unsigned above_1 = 0, above_2 = 0;
    double sum = 0;

    assert_true(fabs(random_exponential(&zero) - 53 * log(2)) < 1e-12);
    assert_true(random_exponential(&ones) == 0);
    for (int i = 0; i < DRAWS; i++) {
        double gap = random_exponential(&random);

        assert_true(gap >= 0);
        sum += gap;
        above_1 += gap > 1;
        above_2 += gap > 2;
    }
    /* Five standard errors each. */
    assert_true(fabs(sum / DRAWS - 1) < 0.0092);
    assert_true(fabs((double)above_1 / DRAWS - exp(-1)) < 0.0045);
    assert_true(fabs((double)above_2 / above_1 - exp(-1)) < 0.0073);
}

/* Pearson's statistic of `counts` that should be equal. */
static double chi_square_of_equals(const unsigned *counts, unsigned count)
{
    double expected = (double)DRAWS / count, sum = 0;

    for (unsigned i = 0; i < count; i++)
        sum += (counts[i] - expected) * (counts[i] - expected) / expected;
    return sum;
}

static void test_below_is_even(void **state)
{
    (void)state;
    struct random random = random_seeded(5);
    unsigned counts[10] = {0};

    for (int i = 0; i < DRAWS; i++) {
        uint64_t value = random_below(&random, 10);

        assert_true(value < 10);
        counts[value]++;
    }
    assert_true(chi_square_of_equals(counts, 10) < 27.88); /* 9 degrees of freedom, p = 0.001 */
    for (int i = 0; i < 100; i++)
        assert_int_equal(random_below(&random, 1), 0);
}

/* Three quarters of 2^64 is where a careless reduction is worst: a remainder makes the first third
 * twice as likely, a product without rejection does so with every third number. */
static void test_below_is_even_where_it_is_hard(void **state)
{
    (void)state;
    const uint64_t third = UINT64_C(1) << 62;
    struct random random = random_seeded(6);
    unsigned by_range[3] = {0}, by_remainder[3] = {0};

    for (int i = 0; i < DRAWS; i++) {
        uint64_t value = random_below(&random, 3 * third);

        assert_true(value < 3 * third);
        by_range[value / third]++;
        by_remainder[value % 3]++;
    }
    assert_true(chi_square_of_equals(by_range, 3) < 13.82); /* 2 degrees of freedom, p = 0.001 */
    assert_true(chi_square_of_equals(by_remainder, 3) < 13.82);
}

/* Consecutive indices: each bit differs in half of the neighbours, and no argument is the other. */
static void test_mixed_seeds_have_nothing_in_common(void **state)
{
    (void)state;
    unsigned differences[64] = {0};

    assert_true(random_mix(1, 2) == random_mix(1, 2));
    assert_true(random_mix(1, 2) != random_mix(2, 1));
    assert_true(random_mix(1, 2) != random_mix(0, 3));
    for (uint64_t i = 0; i < 10000; i++) {
        uint64_t changed = random_mix(7, i) ^ random_mix(7, i + 1);

        for (unsigned bit = 0; bit < 64; bit++)
            differences[bit] += (changed >> bit & 1) != 0;
    }
    for (unsigned bit = 0; bit < 64; bit++) /* five standard deviations */
        assert_in_range(differences[bit], 4750, 5250);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_sequence_is_splitmix64),
        cmocka_unit_test(test_a_unit_is_never_zero),
        cmocka_unit_test(test_an_exponential_has_mean_one_and_no_memory),
        cmocka_unit_test(test_below_is_even),
        cmocka_unit_test(test_below_is_even_where_it_is_hard),
        cmocka_unit_test(test_mixed_seeds_have_nothing_in_common),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
