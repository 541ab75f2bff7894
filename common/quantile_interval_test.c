/* SPDX-License-Identifier: MIT */
/* Known ranks, and how often the interval covers the truth: of independent latencies, and of such
 * as come in clumps. All from fixed seeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "common/quantile_interval.h"
#include "common/random.h"

enum { ROUNDS = 2000, MEAN_NS = 1000000 };

static struct histogram histogram;

static int setup(void **state)
{
    (void)state;
    return histogram_init_latency(&histogram);
}

static int teardown(void **state)
{
    (void)state;
    histogram_release(&histogram);
    return 0;
}

static uint64_t random_latency(struct random *random)
{
    return (uint64_t)(MEAN_NS * random_exponential(random));
}

static uint64_t truth(double quantile)
{
    return (uint64_t)(-MEAN_NS * log(1 - quantile));
}

static bool covers(const struct quantile_interval *interval, uint64_t value)
{
    return interval->low_ns <= value && value <= interval->high_ns;
}

/* The values 1 … count, every one of which has a counter of its own. */
static void fill_consecutive(uint64_t count)
{
    histogram_clear(&histogram);
    for (uint64_t i = 1; i <= count; i++)
        histogram_record(&histogram, i);
}

static void test_needs(void **state)
{
    (void)state;
    assert_int_equal(quantile_needs(0.5), 6);
    assert_int_equal(quantile_needs(0.9), 36);
    assert_int_equal(quantile_needs(0.99), 368);
    assert_int_equal(quantile_needs(0.999), 3688);
    assert_int_equal(quantile_needs(0.9999), 36887);
    assert_int_equal(quantile_needs(0.99999), 368887);
    assert_int_equal(quantile_needs(0.01), 1);
    assert_int_equal(quantile_needs(0), 1);
    assert_int_equal(quantile_needs(-1), 1);
    assert_true(quantile_needs(1) == UINT64_MAX);
    assert_true(quantile_needs(1.5) == UINT64_MAX);
}

static void test_ranks(void **state)
{
    (void)state;
    struct quantile_interval interval;

    fill_consecutive(1000);
    /* 500 -+ 1.96 sqrt(250) = 469.01 … 530.99. */
    quantile_interval(&histogram, 0.5, 1, &interval);
    assert_int_equal(interval.value_ns, 500);
    assert_int_equal(interval.low_ns, 469);
    assert_int_equal(interval.high_ns, 532);
    assert_true(interval.effective_count >= 1000 && interval.effective_count <= 1000);
    assert_true(interval.sufficient);
    assert_false(interval.low_unbounded);
    assert_false(interval.high_unbounded);
    /* 990 -+ 1.96 sqrt(9.9) = 983.8 … 996.2. */
    quantile_interval(&histogram, 0.99, 1, &interval);
    assert_int_equal(interval.low_ns, 983);
    assert_int_equal(interval.high_ns, 998);
}

static void test_dispersion_makes_the_sample_smaller(void **state)
{
    (void)state;
    struct quantile_interval interval;

    fill_consecutive(1000);
    /* As of 100: 50 -+ 9.8 = 40.2 … 59.8, ranks 40 and 61, ten times as many here. */
    quantile_interval(&histogram, 0.5, 10, &interval);
    assert_int_equal(interval.value_ns, 500);
    assert_int_equal(interval.low_ns, 400);
    assert_int_equal(interval.high_ns, 610);
    assert_true(fabs(interval.effective_count - 100) < 1e-9);
    quantile_interval(&histogram, 0.99, 2, &interval);
    assert_true(interval.sufficient);
    quantile_interval(&histogram, 0.99, 3, &interval);
    assert_false(interval.sufficient);
    /* Less clumped than chance is no reason to claim more than there is. */
    quantile_interval(&histogram, 0.5, 0.1, &interval);
    assert_int_equal(interval.low_ns, 469);
    quantile_interval(&histogram, 0.5, NAN, &interval);
    assert_int_equal(interval.low_ns, 469);
}

static void test_ends_that_are_not_there(void **state)
{
    (void)state;
    struct quantile_interval interval;

    fill_consecutive(100);
    quantile_interval(&histogram, 0.99, 1, &interval);
    assert_int_equal(interval.value_ns, 99);
    assert_int_equal(interval.low_ns, 97);
    assert_true(interval.high_unbounded);
    assert_true(interval.high_ns == UINT64_MAX);
    assert_false(interval.low_unbounded);
    assert_false(interval.sufficient);
    quantile_interval(&histogram, 0.01, 1, &interval);
    assert_true(interval.low_unbounded);
    assert_int_equal(interval.low_ns, 1);
    assert_false(interval.high_unbounded);
    assert_true(interval.sufficient);
    fill_consecutive(367);
    quantile_interval(&histogram, 0.99, 1, &interval);
    assert_false(interval.sufficient);
    fill_consecutive(368);
    quantile_interval(&histogram, 0.99, 1, &interval);
    assert_true(interval.sufficient);
    /* 556.4 + 4.6, rounded up, and one more is 562 + 1. */
    fill_consecutive(562);
    quantile_interval(&histogram, 0.99, 1, &interval);
    assert_true(interval.high_unbounded);
    for (uint64_t count = 563; count < 1500; count++) {
        fill_consecutive(count);
        quantile_interval(&histogram, 0.99, 1, &interval);
        assert_false(interval.high_unbounded);
    }
}

static void test_an_empty_histogram_knows_nothing(void **state)
{
    (void)state;
    struct quantile_interval interval;

    histogram_clear(&histogram);
    quantile_interval(&histogram, 0.5, 1, &interval);
    assert_int_equal(interval.value_ns, 0);
    assert_int_equal(interval.low_ns, 0);
    assert_true(interval.high_ns == UINT64_MAX);
    assert_true(interval.low_unbounded);
    assert_true(interval.high_unbounded);
    assert_false(interval.sufficient);
}

static void test_values_above_the_range(void **state)
{
    (void)state;
    struct quantile_interval interval;

    histogram_clear(&histogram);
    histogram_record_many(&histogram, 500, 900);
    histogram_record_many(&histogram, HISTOGRAM_HIGHEST_NS + 1, 100);
    quantile_interval(&histogram, 0.9, 1, &interval);
    assert_int_equal(interval.value_ns, 500);
    assert_int_equal(interval.low_ns, 500);
    assert_true(interval.high_ns == UINT64_MAX);
    assert_false(interval.high_unbounded); /* the rank is there, its value is not known */
    quantile_interval(&histogram, 0.99, 1, &interval);
    assert_true(interval.value_ns == UINT64_MAX);
    assert_true(interval.low_ns == UINT64_MAX);
}

/* A counter spans a thousandth: the interval reaches to both of its ends, but not beyond what was
 * recorded. */
static void test_width_of_a_counter(void **state)
{
    (void)state;
    struct quantile_interval interval;

    histogram_clear(&histogram);
    histogram_record_many(&histogram, 10000, 1);
    histogram_record_many(&histogram, 1000003, 100000);
    histogram_record_many(&histogram, 5000000, 1);
    quantile_interval(&histogram, 0.5, 1, &interval);
    assert_true(interval.low_ns <= 1000003 && interval.low_ns > 999000);
    assert_true(interval.high_ns >= 1000003 && interval.high_ns < 1001100);
    assert_true(interval.high_ns > interval.low_ns);
    histogram_clear(&histogram);
    histogram_record_many(&histogram, 1000003, 100000);
    quantile_interval(&histogram, 0.5, 1, &interval);
    assert_int_equal(interval.low_ns, 1000003);
    assert_int_equal(interval.high_ns, 1000003);
}

static void test_dispersion_of_known_counts(void **state)
{
    (void)state;
    const uint64_t totals[] = {100, 100, 100, 100};
    const uint64_t even[] = {10, 10, 10, 10};
    /* p = 0.1: (100 + 100 + 100 + 100) / 9 / 3. */
    const uint64_t clumped[] = {20, 0, 20, 0};
    /* p = 40 / 400 with other totals: (30 - 20)^2 / 18 + (5 - 10)^2 / 9 + (5 - 10)^2 / 9, over 2;
     * the second without requests is no second. */
    const uint64_t other_totals[] = {200, 100, 0, 100};
    const uint64_t other[] = {30, 5, 0, 5};
    const uint64_t none[] = {0, 0, 0, 0};

    assert_true(fabs(quantile_dispersion(even, totals, 4) - 1) < 1e-12);
    assert_true(fabs(quantile_dispersion(clumped, totals, 4) - 400.0 / 27) < 1e-9);
    assert_true(fabs(quantile_dispersion(other, other_totals, 4) - (100.0 / 18 + 50.0 / 9) / 2) <
                1e-9);
    /* Where nothing can be told. */
    assert_true(fabs(quantile_dispersion(none, totals, 4) - 1) < 1e-12);
    assert_true(fabs(quantile_dispersion(totals, totals, 4) - 1) < 1e-12);
    assert_true(fabs(quantile_dispersion(none, none, 4) - 1) < 1e-12);
    assert_true(fabs(quantile_dispersion(clumped, totals, 1) - 1) < 1e-12);
    assert_true(fabs(quantile_dispersion(clumped, totals, 0) - 1) < 1e-12);
}

/* Rounds in thousandths in which the interval covers the truth, of samples of `count`. */
static unsigned coverage(double quantile, unsigned count)
{
    struct random random = random_seeded(count);
    unsigned covered = 0;

    for (unsigned round = 0; round < ROUNDS; round++) {
        struct quantile_interval interval;

        histogram_clear(&histogram);
        for (unsigned i = 0; i < count; i++)
            histogram_record(&histogram, random_latency(&random));
        quantile_interval(&histogram, quantile, 1, &interval);
        covered += covers(&interval, truth(quantile));
    }
    return 1000 * covered / ROUNDS;
}

static void test_coverage_of_independent_latencies(void **state)
{
    (void)state;
    assert_in_range(coverage(0.5, 1000), 940, 975);
    assert_in_range(coverage(0.9, 1000), 940, 975);
    /* Ranks are whole numbers, and few are left above: the interval is wider than it need be. */
    assert_in_range(coverage(0.99, 1000), 940, 990);
}

/* Seconds of 100 requests, in which runs of 20 share one latency: a stall everybody met. */
static void test_coverage_of_clumps(void **state)
{
    (void)state;
    enum { SECONDS = 60, CLUMPS = 5, CLUMP = 20 };
    struct random random = random_seeded(3);
    unsigned covered = 0;
    unsigned covered_without = 0;

    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t latencies[SECONDS][CLUMPS];
        uint64_t above[SECONDS] = {0};
        uint64_t totals[SECONDS];
        struct quantile_interval interval;

        histogram_clear(&histogram);
        for (unsigned i = 0; i < SECONDS; i++) {
            totals[i] = (uint64_t)CLUMPS * CLUMP;
            for (unsigned j = 0; j < CLUMPS; j++) {
                latencies[i][j] = random_latency(&random);
                histogram_record_many(&histogram, latencies[i][j], CLUMP);
            }
        }
        uint64_t value = histogram_quantile(&histogram, 0.9);
        for (unsigned i = 0; i < SECONDS; i++) {
            for (unsigned j = 0; j < CLUMPS; j++)
                above[i] += latencies[i][j] > value ? CLUMP : 0;
        }
        double dispersion = quantile_dispersion(above, totals, SECONDS);
        quantile_interval(&histogram, 0.9, 1, &interval);
        covered_without += covers(&interval, truth(0.9));
        quantile_interval(&histogram, 0.9, dispersion, &interval);
        covered += covers(&interval, truth(0.9));
    }
    assert_in_range(covered, ROUNDS * 93 / 100, ROUNDS * 98 / 100);
    assert_in_range(covered_without, 0, ROUNDS * 50 / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_needs),
        cmocka_unit_test(test_ranks),
        cmocka_unit_test(test_dispersion_makes_the_sample_smaller),
        cmocka_unit_test(test_ends_that_are_not_there),
        cmocka_unit_test(test_an_empty_histogram_knows_nothing),
        cmocka_unit_test(test_values_above_the_range),
        cmocka_unit_test(test_width_of_a_counter),
        cmocka_unit_test(test_dispersion_of_known_counts),
        cmocka_unit_test(test_coverage_of_independent_latencies),
        cmocka_unit_test(test_coverage_of_clumps),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
