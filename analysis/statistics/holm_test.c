/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>

#include "analysis/statistics/holm.h"

#define assert_near(value, expected, tolerance)                                                    \
    assert_true(fabs((value) - (expected)) <= (tolerance))

/* The fifteen p values of the thrombolysis trial in Benjamini and Hochberg, "Controlling the false
 * discovery rate", JRSS B 57 (1995), section 4, here out of order: controlling the familywise error
 * at 5 % rejects the first three. */
static void the_thrombolysis_example(void **state)
{
    static const double p[] = {0.3240, 0.0001, 0.0201, 0.0004, 0.0019, 0.0095, 0.0278, 0.0298,
                               0.0344, 0.0459, 1.000,  0.4262, 0.5719, 0.6528, 0.7590};
    static const double expected[] = {
        1, 0.0015, 0.2211, 0.0056, 0.0247, 0.1140, 0.2780, 0.2780, 0.2780, 0.3213, 1, 1, 1, 1, 1};
    double adjusted[15];
    unsigned rejected = 0;

    (void)state;
    assert_int_equal(holm_adjust(p, 15, adjusted), 0);
    for (size_t i = 0; i < 15; i++) {
        assert_near(adjusted[i], expected[i], 1e-9);
        rejected += adjusted[i] <= 0.05;
    }
    assert_int_equal(rejected, 3);
}

/* In place; a larger p never gets a smaller adjusted one; equal ones the same. */
static void adjusted_values_never_fall(void **state)
{
    double p[] = {0.01, 0.04, 0.03, 0.005, 0.03};

    (void)state;
    assert_int_equal(holm_adjust(p, 5, p), 0);
    assert_near(p[3], 0.025, 1e-15);
    assert_near(p[0], 0.04, 1e-15);
    assert_near(p[2], 0.09, 1e-15);
    assert_near(p[4], 0.09, 1e-15);
    assert_near(p[1], 0.09, 1e-15);
}

static void one_alone_and_none(void **state)
{
    double p = 0.03;

    (void)state;
    assert_int_equal(holm_adjust(&p, 1, &p), 0);
    assert_near(p, 0.03, 0);
    assert_int_equal(holm_adjust(NULL, 0, NULL), 0);
}

static void bad_input(void **state)
{
    static const double bad[] = {-0.1, 1.1, NAN};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const double p[] = {0.5, bad[i]};
        double adjusted[] = {7, 7};

        assert_int_equal(holm_adjust(p, 2, adjusted), -EINVAL);
        assert_near(adjusted[0], 7, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_thrombolysis_example),
        cmocka_unit_test(adjusted_values_never_fall),
        cmocka_unit_test(one_alone_and_none),
        cmocka_unit_test(bad_input),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
