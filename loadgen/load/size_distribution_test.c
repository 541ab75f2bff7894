/* SPDX-License-Identifier: MIT */
/* Sizes of payloads: what is understood, what is refused, and how often each size is drawn. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "loadgen/load/size_distribution.h"

enum { DRAWS = 1000000, CELLS = 10 };

/* Pearson's statistic for CELLS cells exceeds it once in a thousand when all is right. */
static const double CHI_SQUARE_MAX = 27.88;

static struct size_distribution parse(const char *text)
{
    struct size_distribution distribution;
    const char *problem;

    assert_int_equal(size_distribution_parse(text, &distribution, &problem), 0);
    return distribution;
}

static void test_distributions_are_parsed(void **state)
{
    (void)state;
    struct size_distribution distribution = parse("4KiB");

    assert_int_equal(distribution.kind, SIZE_FIXED);
    assert_int_equal(distribution.min, 4096);
    assert_int_equal(distribution.max, 4096);
    distribution = parse("0");
    assert_int_equal(distribution.max, 0);
    distribution = parse("1GiB");
    assert_int_equal(distribution.max, 1 << 30);
    distribution = parse("uniform(16,4KiB)");
    assert_int_equal(distribution.kind, SIZE_UNIFORM);
    assert_int_equal(distribution.min, 16);
    assert_int_equal(distribution.max, 4096);
    distribution = parse("zipf(0,1GiB,1.1)");
    assert_int_equal(distribution.kind, SIZE_ZIPF);
    assert_int_equal(distribution.min, 0);
    assert_int_equal(distribution.max, 1 << 30);
    assert_true(distribution.exponent == 1.1);
    assert_true(parse("zipf(1,2,0.000001)").exponent == 0.000001);
    assert_true(parse("zipf(1,2,100)").exponent == 100);
    assert_true(parse("zipf(1,2,01.50)").exponent == 1.5);
}

static void test_a_range_of_one_size_is_that_size(void **state)
{
    (void)state;
    assert_int_equal(parse("uniform(64,64)").kind, SIZE_FIXED);
    assert_int_equal(parse("zipf(64,64,2)").kind, SIZE_FIXED);
}

static const struct {
    const char *text, *reason;
} nonsense[] = {
    {"", "a size is"},
    {"-1", "a size is"},
    {"64x", "a size is"},
    {"1.5", "a size is"},
    {" 64", "a size is"},
    {"2GiB", "a size is"},
    {"1073741825", "a size is"},
    {"normal(1,2)", "a size is"},
    {"uniform", "a size is"},
    {"uniform(", "a size is"},
    {"uniform()", "a size is"},
    {"uniform(1)", "a size is"},
    {"uniform(1,2", "a size is"},
    {"uniform(1,2)x", "a size is"},
    {"uniform(1,2,3)", "a size is"},
    {"uniform(1,)", "a size is"},
    {"uniform(,2)", "a size is"},
    {"uniform((1,2))", "a size is"},
    {"uniform(1, 2)", "a size is"},
    {"uniform(1,2GiB)", "a size is"},
    {"uniformly(1,2)", "a size is"},
    {"Uniform(1,2)", "a size is"},
    {"uniform(2,1)", "MIN"},
    {"zipf(2,1,1)", "MIN"},
    {"zipf(1,2)", "a size is"},
    {"zipf(1,2,1,1)", "a size is"},
    {"zipf(1,zipf(1,2,1),1)", "a size is"},
    {"zipf(1,2,)", "the exponent"},
    {"zipf(1,2,0)", "the exponent"},
    {"zipf(1,2,0.0)", "the exponent"},
    {"zipf(1,2,-1)", "the exponent"},
    {"zipf(1,2,.5)", "the exponent"},
    {"zipf(1,2,1.)", "the exponent"},
    {"zipf(1,2,1.2.3)", "the exponent"},
    {"zipf(1,2,1e1)", "the exponent"},
    {"zipf(1,2,nan)", "the exponent"},
    {"zipf(1,2,100.1)", "the exponent"},
    {"zipf(1,2,1.123456789)", "the exponent"},
    {"zipf(5,5,0)", "the exponent"},
};

static void test_nonsense_is_refused_with_a_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        struct size_distribution distribution;
        const char *problem = "";

        assert_int_equal(size_distribution_parse(nonsense[i].text, &distribution, &problem),
                         -EINVAL);
        if (strncmp(problem, nonsense[i].reason, strlen(nonsense[i].reason)) != 0)
            fail_msg("%s: %s", nonsense[i].text, problem);
    }
}

static void test_a_fixed_size_draws_nothing(void **state)
{
    (void)state;
    struct size_distribution distribution = parse("100");
    struct random random = random_seeded(1);

    assert_int_equal(size_distribution_draw(&distribution, &random), 100);
    assert_true(random.state == 1);
}

static double chi_square(const unsigned *counts, const double *probabilities, unsigned draws)
{
    double sum = 0;

    for (unsigned i = 0; i < CELLS; i++) {
        double expected = probabilities[i] * draws;

        sum += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    return sum;
}

/* Pearson's statistic of sizes drawn from `text`, which are `min` to `min` + CELLS - 1. */
static double chi_square_of(const char *text, unsigned min, const double *probabilities)
{
    struct size_distribution distribution = parse(text);
    struct random random = random_seeded(11);
    unsigned counts[CELLS] = {0};

    for (int i = 0; i < DRAWS; i++) {
        uint32_t size = size_distribution_draw(&distribution, &random);

        assert_in_range(size, min, min + CELLS - 1);
        counts[size - min]++;
    }
    return chi_square(counts, probabilities, DRAWS);
}

static void test_uniform_sizes_are_equally_frequent(void **state)
{
    (void)state;
    double probabilities[CELLS];

    for (unsigned i = 0; i < CELLS; i++)
        probabilities[i] = 1.0 / CELLS;
    assert_true(chi_square_of("uniform(16,25)", 16, probabilities) < CHI_SQUARE_MAX);
}

static void zipf_probabilities(double exponent, double *probabilities)
{
    double sum = 0;

    for (unsigned i = 0; i < CELLS; i++)
        sum += probabilities[i] = pow(i + 1, -exponent);
    for (unsigned i = 0; i < CELLS; i++)
        probabilities[i] /= sum;
}

static void test_zipf_sizes_are_as_frequent_as_their_weights(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double exponent;
    } cases[] = {
        {"zipf(0,9,0.00001)", 0.00001}, {"zipf(0,9,0.5)", 0.5}, {"zipf(0,9,1)", 1},
        {"zipf(0,9,1.0000001)", 1},     {"zipf(0,9,1.1)", 1.1}, {"zipf(0,9,2)", 2},
        {"zipf(0,9,3.5)", 3.5},
    };
    double probabilities[CELLS];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        zipf_probabilities(cases[i].exponent, probabilities);
        assert_true(chi_square_of(cases[i].text, 0, probabilities) < CHI_SQUARE_MAX);
    }
    /* The statistic does tell: 1.1 is not 1.12. */
    zipf_probabilities(1.12, probabilities);
    assert_true(chi_square_of("zipf(0,9,1.1)", 0, probabilities) > CHI_SQUARE_MAX);
}

/* 2^30 ranks with S = 1: their weights sum to ln n + 0.5772… + 1 / 2n (Euler and Maclaurin). The
 * last cell is the whole rest. */
static void test_a_large_range_has_its_tail(void **state)
{
    (void)state;
    struct size_distribution distribution = parse("zipf(1,1GiB,1)");
    struct random random = random_seeded(12);
    double sum = 30 * log(2) + 0.57721566490153286 + 0x1p-31;
    double probabilities[CELLS], rest = 1;
    unsigned counts[CELLS] = {0}, above_half = 0;

    for (unsigned i = 0; i < CELLS - 1; i++)
        rest -= probabilities[i] = 1 / ((i + 1) * sum);
    probabilities[CELLS - 1] = rest;
    for (int i = 0; i < DRAWS; i++) {
        uint32_t size = size_distribution_draw(&distribution, &random);

        assert_in_range(size, 1, 1 << 30);
        counts[size < CELLS ? size - 1 : CELLS - 1]++;
        above_half += size > 1 << 29;
    }
    assert_true(chi_square(counts, probabilities, DRAWS) < CHI_SQUARE_MAX);

    /* The upper half of the range has ln 2 of the sum; five standard deviations. */
    double expected = DRAWS * log(2) / sum;

    assert_true(fabs(above_half - expected) < 5 * sqrt(expected));
}

/* Exponents at which a sum or a power leaves the doubles' range still draw sizes of the range. */
static void test_extremes_stay_in_range(void **state)
{
    (void)state;
    static const char *const texts[] = {"zipf(3,4,0.000001)",   "zipf(3,1GiB,0.000001)",
                                        "zipf(3,1GiB,100)",     "zipf(3,4,100)",
                                        "zipf(3,1GiB,1.00001)", "uniform(3,1GiB)"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct size_distribution distribution = parse(texts[i]);
        struct random random = random_seeded(13);

        for (int j = 0; j < DRAWS / 10; j++) {
            uint32_t size = size_distribution_draw(&distribution, &random);

            assert_in_range(size, distribution.min, distribution.max);
        }
    }
}

static void check_ends(const char *text)
{
    /* The seeds whose first number has no bit set, and all of them. */
    struct random zero = random_seeded(UINT64_C(0x61C8864680B583EB));
    struct random ones = random_seeded(UINT64_C(0x31628AF67B2131AB));
    struct size_distribution distribution = parse(text);

    assert_in_range(size_distribution_draw(&distribution, &zero), 3, distribution.max);
    assert_in_range(size_distribution_draw(&distribution, &ones), 3, distribution.max);
}

/* Where a draw lands on an end of the area, rounding leads out of the range. */
static void test_rounding_does_not_lead_out_of_the_range(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 500; i++) {
        char text[64];

        snprintf(text, sizeof text, "zipf(3,1GiB,%u.%02u)", i / 100, i % 100);
        check_ends(text);
        snprintf(text, sizeof text, "zipf(3,%u,0.00000001)", SIZE_DISTRIBUTION_MAX - i);
        check_ends(text);
    }
}

static void test_a_text_fits_or_is_refused(void **state)
{
    (void)state;
    struct size_distribution distribution;
    const char *problem;
    char text[65];

    snprintf(text, sizeof text, "uniform(1,%052d)", 2); /* 63 characters */
    assert_int_equal(parse(text).max, 2);
    snprintf(text, sizeof text, "uniform(1,%053d)", 2);
    assert_int_equal(size_distribution_parse(text, &distribution, &problem), -EINVAL);
}

static void test_both_ends_are_drawn(void **state)
{
    (void)state;
    static const char *const texts[] = {"uniform(3,5)", "zipf(3,5,1)", "zipf(3,5,0.1)"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct size_distribution distribution = parse(texts[i]);
        struct random random = random_seeded(14);
        unsigned seen = 0;

        for (int j = 0; j < 1000; j++)
            seen |= 1U << size_distribution_draw(&distribution, &random);
        assert_int_equal(seen, 1 << 3 | 1 << 4 | 1 << 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distributions_are_parsed),
        cmocka_unit_test(test_a_range_of_one_size_is_that_size),
        cmocka_unit_test(test_nonsense_is_refused_with_a_reason),
        cmocka_unit_test(test_a_fixed_size_draws_nothing),
        cmocka_unit_test(test_uniform_sizes_are_equally_frequent),
        cmocka_unit_test(test_zipf_sizes_are_as_frequent_as_their_weights),
        cmocka_unit_test(test_a_large_range_has_its_tail),
        cmocka_unit_test(test_extremes_stay_in_range),
        cmocka_unit_test(test_rounding_does_not_lead_out_of_the_range),
        cmocka_unit_test(test_a_text_fits_or_is_refused),
        cmocka_unit_test(test_both_ends_are_drawn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
