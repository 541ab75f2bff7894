/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "analysis/statistics/estimate.h"
#include "common/quantile_interval.h"

static void assert_close(double actual, double expected)
{
    assert_true(fabs(actual - expected) <= 1e-9 * fmax(1, fabs(expected)));
}

static struct estimate estimate_values(const double *values, size_t count)
{
    struct observation observations[32];

    for (size_t i = 0; i < count; i++)
        observations[i] = (struct observation){.value = values[i]};
    return estimate_of(observations, count);
}

/* Ranks and coverages that tables of the sign test give. */
static void median_ranks_have_their_known_values(void **state)
{
    static const struct {
        size_t count, low, high;
        double coverage;
    } known[] = {
        {1, 1, 1, 0},
        {5, 1, 5, 0},
        {6, 1, 6, 0.96875},
        {7, 1, 7, 0.984375},
        {8, 1, 8, 0.9921875},
        {9, 2, 8, 0.9609375},
        {10, 2, 9, 0.978515625},
        {20, 6, 15, 0.958610534667968},
    };

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t low;
        size_t high;

        assert_close(median_ranks(known[i].count, &low, &high), known[i].coverage);
        assert_int_equal(low, known[i].low);
        assert_int_equal(high, known[i].high);
    }
}

static void few_trials_have_a_range(void **state)
{
    const double values[] = {30, 10, 20};
    struct estimate estimate = estimate_values(values, 3);

    (void)state;
    assert_int_equal(estimate.count, 3);
    assert_close(estimate.median, 20);
    assert_close(estimate.low, 10);
    assert_close(estimate.high, 30);
    assert_close(estimate.coverage, 0);
}

static void ten_trials_have_an_interval(void **state)
{
    const double values[] = {10, 1, 9, 2, 8, 3, 7, 4, 6, 5};
    struct estimate estimate = estimate_values(values, 10);

    (void)state;
    assert_close(estimate.median, 5.5);
    assert_close(estimate.low, 2);
    assert_close(estimate.high, 9);
    assert_close(estimate.coverage, 0.978515625);
}

static void nothing_has_no_estimate(void **state)
{
    (void)state;
    assert_int_equal(estimate_of(NULL, 0).count, 0);
}

/* A bound at rank r leaves every rank below r exact and makes the others bounds. */
static void bounds_reach_as_far_as_they_matter(void **state)
{
    struct observation above[] = {{5, true}, {1, false}, {2, false}};
    struct observation below[] = {{1, true}, {5, false}, {2, false}};
    struct observation equal[] = {{5, true}, {5, false}, {5, false}};
    struct estimate estimate = estimate_of(above, 3);

    (void)state;
    assert_false(estimate.low_at_least);
    assert_false(estimate.median_at_least);
    assert_true(estimate.high_at_least);
    assert_close(estimate.median, 2);

    estimate = estimate_of(below, 3);
    assert_true(estimate.low_at_least);
    assert_true(estimate.median_at_least);
    assert_close(estimate.median, 2);

    estimate = estimate_of(equal, 3);
    assert_false(estimate.median_at_least);
    assert_true(estimate.high_at_least);
}

static void an_even_median_is_a_bound_when_either_half_is(void **state)
{
    struct observation observations[] = {{1, false}, {4, true}, {2, false}, {3, true}};
    struct estimate estimate = estimate_of(observations, 4);

    (void)state;
    assert_close(estimate.median, 2.5);
    assert_true(estimate.median_at_least);
    assert_false(estimate.low_at_least);
}

static void what_is_carried_is_what_is_needed(void **state)
{
    const double quantiles[] = {0.5, 0.9, 0.99, 0.999, 0.9999};

    (void)state;
    for (size_t i = 0; i < sizeof quantiles / sizeof quantiles[0]; i++) {
        double needs = (double)quantile_needs(quantiles[i]);

        assert_true(quantile_carried(needs) >= quantiles[i]);
        assert_true(quantile_carried(needs - 1) < quantiles[i]);
    }
    assert_close(quantile_carried(0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(median_ranks_have_their_known_values),
        cmocka_unit_test(few_trials_have_a_range),
        cmocka_unit_test(ten_trials_have_an_interval),
        cmocka_unit_test(nothing_has_no_estimate),
        cmocka_unit_test(bounds_reach_as_far_as_they_matter),
        cmocka_unit_test(an_even_median_is_a_bound_when_either_half_is),
        cmocka_unit_test(what_is_carried_is_what_is_needed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
