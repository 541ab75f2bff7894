/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <float.h>
#include <math.h>

#include "analysis/statistics/fairness.h"

#define assert_near(value, expected, tolerance)                                                    \
    assert_true(fabs((value) - (expected)) <= (tolerance))

static struct fairness measured(const double *shares, size_t count)
{
    struct fairness fairness;

    assert_int_equal(fairness_of(shares, count, &fairness), 0);
    return fairness;
}

/* DEC-TR-301: when k of n get the same and the others nothing, the index is k / n. */
static void k_of_n_served(void **state)
{
    (void)state;
    for (size_t served = 1; served <= 100; served++) {
        double shares[100] = {0};

        for (size_t i = 0; i < served; i++)
            shares[(i * 37) % 100] = 0.2;
        struct fairness fairness = measured(shares, 100);
        assert_near(fairness.jain, (double)served / 100, 1e-12);
        assert_near(fairness.gini, 1 - (double)served / 100, 1e-12);
    }
}

/* By hand: 1, 3, 5: 9^2 / (3 * 35) = 0.771; (-2 * 1 + 0 * 3 + 2 * 5) / (3 * 9) = 8 / 27. */
static void shares_by_hand(void **state)
{
    static const double shares[] = {5, 1, 3};
    static const double large[] = {5 * (DBL_MAX / 8), DBL_MAX / 8, 3 * (DBL_MAX / 8)};
    static const double none[] = {0, 0, 0};

    (void)state;
    assert_near(measured(shares, 3).jain, 81.0 / 105, 1e-15);
    assert_near(measured(shares, 3).gini, 8.0 / 27, 1e-15);
    assert_near(measured(large, 3).jain, 81.0 / 105, 1e-15);
    assert_near(measured(none, 3).jain, 1, 0);
    assert_near(measured(none, 3).gini, 0, 0);
    assert_near(shares[0], 5, 0); /* left as they were */
}

static void the_curve_is_that_of_the_least_served(void **state)
{
    static const double shares[] = {4, 0, 1, 3};
    static const double none[] = {0, 0};
    double curve[9];

    (void)state;
    assert_int_equal(fairness_lorenz(shares, 4, curve, 5), 0);
    assert_near(curve[0], 0, 0);
    assert_near(curve[1], 0, 0);
    assert_near(curve[2], 1.0 / 8, 1e-15);
    assert_near(curve[3], 4.0 / 8, 1e-15);
    assert_near(curve[4], 1, 0);
    /* Half a client has half its share; fewer points skip clients. */
    assert_int_equal(fairness_lorenz(shares, 4, curve, 9), 0);
    assert_near(curve[3], 0.5 / 8, 1e-15);
    assert_near(curve[7], 6.0 / 8, 1e-15);
    assert_int_equal(fairness_lorenz(shares, 4, curve, 3), 0);
    assert_near(curve[1], 1.0 / 8, 1e-15);
    assert_int_equal(fairness_lorenz(none, 2, curve, 3), 0);
    assert_near(curve[1], 0.5, 1e-15);
}

/* Gini's coefficient is twice the area between the diagonal and the curve. */
static void the_curve_and_gini_agree(void **state)
{
    enum { COUNT = 17 };
    double shares[COUNT];
    double curve[COUNT + 1];
    double area = 0;

    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        shares[i] = (double)((i * 7) % COUNT * (i % 5));
    assert_int_equal(fairness_lorenz(shares, COUNT, curve, COUNT + 1), 0);
    for (size_t i = 0; i < COUNT; i++)
        area += (curve[i] + curve[i + 1]) / 2 / COUNT;
    assert_near(measured(shares, COUNT).gini, 1 - 2 * area, 1e-12);
}

static void bad_input(void **state)
{
    static const double bad[] = {-1, NAN, INFINITY};
    struct fairness fairness;
    double curve[2];

    (void)state;
    assert_int_equal(fairness_of(NULL, 0, &fairness), -EINVAL);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const double shares[] = {1, bad[i]};

        assert_int_equal(fairness_of(shares, 2, &fairness), -EINVAL);
        assert_int_equal(fairness_lorenz(shares, 2, curve, 2), -EINVAL);
    }
    assert_int_equal(fairness_lorenz(curve, 2, curve, 1), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(k_of_n_served),
        cmocka_unit_test(shares_by_hand),
        cmocka_unit_test(the_curve_is_that_of_the_least_served),
        cmocka_unit_test(the_curve_and_gini_agree),
        cmocka_unit_test(bad_input),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
