/* SPDX-License-Identifier: MIT */
/* Poisson arrivals pass for what they are, others do not, and what waited says nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/random.h"
#include "loadgen/load/gap_sample.h"

static struct gap_sample sample;

static double p_of_arrivals(double mean_ns, double asked_ns, bool exponential, unsigned count)
{
    struct random random = random_seeded(3);
    double now_ns = 1e9;

    sample = (struct gap_sample){0};
    for (unsigned i = 0; i < count; i++) {
        now_ns += exponential ? random_exponential(&random) * mean_ns : mean_ns;
        gap_sample_add(&sample, (uint64_t)now_ns, false);
    }
    return gap_sample_p(&sample, asked_ns);
}

static void test_poisson_arrivals_pass(void **state)
{
    (void)state;
    assert_true(p_of_arrivals(1e5, 1e5, true, 5000) > 0.01);
    assert_int_equal(sample.count, GAP_SAMPLE_MAX);
}

static void test_what_is_not_poisson_or_has_another_rate_does_not(void **state)
{
    (void)state;
    double p = p_of_arrivals(1e5, 1e5, false, 5000);

    assert_true(p >= 0 && p < 0.001);
    p = p_of_arrivals(1e5, 1.2e5, true, 5000);
    assert_true(p >= 0 && p < 0.001);
}

static void test_too_few_or_any_that_waited_tell_nothing(void **state)
{
    (void)state;
    assert_true(p_of_arrivals(1e5, 1e5, true, 40) < 0);
    p_of_arrivals(1e5, 1e5, true, 500);
    gap_sample_add(&sample, UINT64_C(1) << 60, true);
    assert_true(gap_sample_p(&sample, 1e5) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_poisson_arrivals_pass),
        cmocka_unit_test(test_what_is_not_poisson_or_has_another_rate_does_not),
        cmocka_unit_test(test_too_few_or_any_that_waited_tell_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
