/* SPDX-License-Identifier: MIT */
/* Worked examples from the literature and from R, and the cases at the edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>

#include "analysis/statistics/two_samples.h"
#include "common/random.h"

#define assert_near(value, expected, tolerance)                                                    \
    assert_true(fabs((value) - (expected)) <= (tolerance))

static struct two_samples compared(const double *first, size_t first_count, const double *second,
                                   size_t second_count)
{
    struct two_samples samples;

    assert_int_equal(two_samples_compare(first, first_count, second, second_count, &samples), 0);
    return samples;
}

/* Permeability of the chorioamnion at term and before: Hollander, Wolfe and Chicken, example 4.1: U
 * = 35, p (one-sided) 0.1272, estimate 0.305, interval (-0.15, 0.76) of 96 %. */
static void the_permeability_example(void **state)
{
    static const double term[] = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
    static const double before[] = {1.15, 0.88, 0.90, 0.74, 1.21};
    struct two_samples samples = compared(term, 10, before, 5);

    (void)state;
    assert_true(samples.p_is_exact);
    assert_near(samples.u, 35, 0);
    assert_near(samples.p, 764.0 / 3003, 1e-12); /* 2 * 0.1272 */
    assert_near(samples.delta, 0.4, 1e-15);
    assert_near(samples.shift, 0.305, 1e-12);
    assert_near(samples.shift_low, -0.15, 1e-12);
    assert_near(samples.shift_high, 0.76, 1e-12);
    assert_near(samples.shift_coverage, 1 - 2.0 * 60 / 3003, 1e-12);
    /* The other way round. */
    samples = compared(before, 5, term, 10);
    assert_near(samples.u, 15, 0);
    assert_near(samples.p, 764.0 / 3003, 1e-12);
    assert_near(samples.shift, -0.305, 1e-12);
    assert_near(samples.shift_high, 0.15, 1e-12);
}

/* The example of cliff.delta() in the R package effsize 0.8.1, which prints -0.25 and the interval
 * -0.7265846 … 0.3890062. The ties leave 3,617 of the 8,008 choices as extreme. */
static void the_example_with_ties(void **state)
{
    static const double treatment[] = {10, 10, 20, 20, 20, 30, 30, 30, 40, 50};
    static const double control[] = {10, 20, 30, 40, 40, 50};
    struct two_samples samples = compared(treatment, 10, control, 6);

    (void)state;
    assert_near(samples.delta, -0.25, 1e-15);
    assert_near(samples.delta_low, -0.7265846, 5e-8);
    assert_near(samples.delta_high, 0.3890062, 5e-8);
    assert_near(samples.p, 3617.0 / 8008, 1e-12);
    assert_near(samples.u, 22.5, 0);
    assert_near(samples.shift, -10, 0);
}

/* Ozone in New York in May and in August, R's data set airquality: wilcox.test() prints W = 127.5
 * and p = 0.0001208 from the normal distribution with ties and continuity correction. */
static void the_ozone_example(void **state)
{
    static const double may[] = {41, 36, 12, 18, 28, 23, 19, 8, 7,  16, 11, 14,  18,
                                 14, 34, 6,  30, 11, 1,  11, 4, 32, 23, 45, 115, 37};
    static const double august[] = {39, 9,  16, 78, 35, 66, 122, 89,  110, 44, 28,  65, 22,
                                    59, 23, 31, 44, 21, 9,  45,  168, 73,  76, 118, 84, 85};
    struct two_samples samples = compared(may, 26, august, 26);

    (void)state;
    assert_false(samples.p_is_exact);
    assert_near(samples.u, 127.5, 0);
    assert_near(samples.p, 0.0001208, 5e-8);
    assert_near(samples.shift, -32, 0);
    assert_near(samples.shift_low, -53, 0);
    assert_near(samples.shift_high, -15, 0);
}

/* What is counted and what is approximated hardly differ where one takes over from the other. */
static void counting_and_the_normal_distribution_meet(void **state)
{
    enum { COUNT = TWO_SAMPLES_EXACT_MAX };
    struct random random = random_seeded(3);

    (void)state;
    for (unsigned round = 0; round < 50; round++) {
        double first[COUNT];
        double second[COUNT];

        for (size_t i = 0; i < COUNT; i++) {
            first[i] = random_exponential(&random) + 0.2;
            second[i] = random_exponential(&random);
        }
        struct two_samples exact = compared(first, COUNT, second, COUNT);
        double deviation = sqrt(COUNT * COUNT * (2.0 * COUNT + 1) / 12);
        double z = fmax(fabs(exact.u - COUNT * COUNT / 2.0) - 0.5, 0) / deviation;
        assert_true(exact.p_is_exact);
        assert_near(exact.p, erfc(z / sqrt(2)), 0.002 + 0.02 * exact.p);
        assert_near(exact.shift_coverage, 0.95, 0.004);
        /* Without ties p and the interval are the same test. */
        assert_int_equal(exact.shift_low > 0 || exact.shift_high < 0,
                         exact.p <= 1 - exact.shift_coverage + 1e-12);
    }
}

/* t of 18 degrees of freedom is 2.1009. */
static void samples_that_do_not_overlap(void **state)
{
    double low[10];
    double high[10];

    (void)state;
    for (size_t i = 0; i < 10; i++) {
        low[i] = (double)i;
        high[i] = 100 + (double)(i * i);
    }
    double bound = (10 - 2.1009 * 2.1009) / (10 + 2.1009 * 2.1009);
    struct two_samples samples = compared(high, 10, low, 10);
    assert_near(samples.p, 2.0 / 184756, 1e-15);
    assert_near(samples.delta, 1, 0);
    assert_near(samples.delta_low, bound, 1e-4);
    assert_near(samples.delta_high, 1, 0);
    samples = compared(low, 10, high, 10);
    assert_near(samples.delta, -1, 0);
    assert_near(samples.delta_low, -1, 0);
    assert_near(samples.delta_high, -bound, 1e-4);
}

static void few_values(void **state)
{
    static const double first[] = {3, 4, 5};
    static const double second[] = {1, 2, 0};
    struct two_samples samples = compared(first, 3, second, 3);

    (void)state;
    assert_near(samples.p, 0.1, 1e-15);
    assert_near(samples.shift_coverage, 0, 0);
    assert_near(samples.shift_low, 1, 0);
    assert_near(samples.shift_high, 5, 0);
    assert_near(samples.deviation, 1, 1e-15);
    samples = compared(first, 1, second, 1);
    assert_near(samples.p, 1, 0);
    assert_near(samples.delta, 1, 0);
    assert_near(samples.delta_low, -1, 0);
    assert_near(samples.delta_high, 1, 0);
    assert_near(samples.deviation, 0, 0);
}

static void nothing_differs(void **state)
{
    static const double same[60] = {0};
    struct two_samples samples = compared(same, 10, same, 10);

    (void)state;
    assert_near(samples.p, 1, 0);
    assert_near(samples.delta, 0, 0);
    assert_true(samples.delta_low < 0 && samples.delta_high > 0);
    assert_near(samples.shift_low, 0, 0);
    assert_near(compared(same, 60, same, 60).p, 1, 0);
}

static void bad_input(void **state)
{
    static const double values[TWO_SAMPLES_MAX + 1] = {1, NAN, INFINITY};
    struct two_samples samples;

    (void)state;
    assert_int_equal(two_samples_compare(values, 0, values, 1, &samples), -EINVAL);
    assert_int_equal(two_samples_compare(values, 1, values, 0, &samples), -EINVAL);
    assert_int_equal(two_samples_compare(values, 2, values, 1, &samples), -EINVAL);
    assert_int_equal(two_samples_compare(values, 1, values + 2, 1, &samples), -EINVAL);
    assert_int_equal(two_samples_compare(values, TWO_SAMPLES_MAX + 1, values, 1, &samples), -E2BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_permeability_example),
        cmocka_unit_test(the_example_with_ties),
        cmocka_unit_test(the_ozone_example),
        cmocka_unit_test(counting_and_the_normal_distribution_meet),
        cmocka_unit_test(samples_that_do_not_overlap),
        cmocka_unit_test(few_values),
        cmocka_unit_test(nothing_differs),
        cmocka_unit_test(bad_input),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
