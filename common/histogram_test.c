/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/histogram.h"

enum { SAMPLE_COUNT = 4000 };

/* splitmix64: the same values in every run. */
static uint64_t random_next(uint64_t *seed)
{
    uint64_t value = *seed += UINT64_C(0x9E3779B97F4A7C15);

    value = (value ^ value >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ value >> 27) * UINT64_C(0x94D049BB133111EB);
    return value ^ value >> 31;
}

/* In (0, 1]. */
static double random_fraction(uint64_t *seed)
{
    return ((double)(random_next(seed) >> 11) + 1) * 0x1p-53;
}

static uint64_t draw_constant(uint64_t *seed)
{
    (void)seed;
    return 123456789;
}

static uint64_t draw_small(uint64_t *seed)
{
    return random_next(seed) % 3000;
}

static uint64_t draw_uniform(uint64_t *seed)
{
    return random_next(seed) % (HISTOGRAM_HIGHEST_NS + 1);
}

static uint64_t draw_exponential(uint64_t *seed)
{
    return (uint64_t)(-100e3 * log(random_fraction(seed)));
}

/* Every magnitude as often as every other. */
static uint64_t draw_log_uniform(uint64_t *seed)
{
    return (uint64_t)pow((double)HISTOGRAM_HIGHEST_NS, random_fraction(seed));
}

/* Heavy tail: Pareto with an infinite variance, cut off at the highest. */
static uint64_t draw_pareto(uint64_t *seed)
{
    double value = 20e3 / pow(random_fraction(seed), 1 / 1.1);

    return value > (double)HISTOGRAM_HIGHEST_NS ? HISTOGRAM_HIGHEST_NS : (uint64_t)value;
}

static uint64_t draw_bimodal(uint64_t *seed)
{
    uint64_t mode = random_next(seed) % 10 < 9 ? 50000 : 40000000;

    return mode + random_next(seed) % (mode / 10);
}

static uint64_t (*const distributions[])(uint64_t *) = {
    draw_constant,    draw_small,  draw_uniform, draw_exponential,
    draw_log_uniform, draw_pareto, draw_bimodal,
};

enum { DISTRIBUTION_COUNT = sizeof distributions / sizeof distributions[0] };

static int compare_values(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

static void assert_same_contents(const struct histogram *a, const struct histogram *b)
{
    assert_true(histogram_same_layout(a, b));
    assert_int_equal(a->counts_length, b->counts_length);
    assert_memory_equal(a->counts, b->counts, a->counts_length * sizeof *a->counts);
    assert_int_equal(a->total_count, b->total_count);
    assert_int_equal(a->above_count, b->above_count);
    assert_int_equal(a->min, b->min);
    assert_int_equal(a->max, b->max);
    assert_true(fabs(a->sum - b->sum) <= 1e-12 * a->sum);
}

static void layouts_have_their_known_sizes(void **state)
{
    static const struct {
        uint64_t lowest, highest;
        unsigned digits;
        unsigned unit_magnitude, sub_magnitude;
        size_t counts_length;
    } layouts[] = {
        {1, UINT64_C(3600000000000), 3, 0, 11, 33792}, /* 2^42 is the first above it: 32 + 1 */
        {1, UINT64_C(60000000000), 3, 0, 11, 27648},
        {1, 2, 1, 0, 5, 32},
        {1, 2047, 3, 0, 11, 2048},
        {1, 2048, 3, 0, 11, 3072},
        {1000, UINT64_C(3600000000), 3, 9, 11, 14336},
        {1, (UINT64_C(1) << 53) - 1, 5, 0, 18, (size_t)37 * 131072},
        {UINT64_C(1) << 51, (UINT64_C(1) << 53) - 1, 1, 51, 5, 32},
    };

    (void)state;
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        struct histogram histogram;

        assert_int_equal(
            histogram_init(&histogram, layouts[i].lowest, layouts[i].highest, layouts[i].digits),
            0);
        assert_int_equal(histogram.unit_magnitude, layouts[i].unit_magnitude);
        assert_int_equal(histogram.sub_magnitude, layouts[i].sub_magnitude);
        assert_int_equal(histogram.counts_length, layouts[i].counts_length);
        assert_true(histogram_index(&histogram, layouts[i].highest) < histogram.counts_length);
        assert_true(histogram_index_highest(&histogram, histogram.counts_length - 1) >=
                    layouts[i].highest);
        histogram_release(&histogram);
    }
}

static void refuses_impossible_layouts(void **state)
{
    static const struct {
        uint64_t lowest, highest;
        unsigned digits;
    } layouts[] = {
        {0, 1000, 3},
        {1, 1, 3},
        {1000, 1999, 3},
        {1, UINT64_C(1) << 53, 3},
        {1, UINT64_MAX, 3},
        {UINT64_MAX, UINT64_MAX, 3},
        {1, 1000, 0},
        {1, 1000, 6},
        {1, 1000, UINT32_MAX},
        {UINT64_C(1) << 52, (UINT64_C(1) << 53) - 1, 4},
        {UINT64_C(1) << 50, (UINT64_C(1) << 53) - 1, 5},
    };

    (void)state;
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        struct histogram histogram;

        assert_int_equal(
            histogram_init(&histogram, layouts[i].lowest, layouts[i].highest, layouts[i].digits),
            -EINVAL);
        assert_null(histogram.counts);
    }
}

/* By hand, for 2048 sub-buckets: widths 1 below 2048, 2 below 4096, 4 below 8192, … */
static void indexes_have_their_known_values(void **state)
{
    static const struct {
        uint64_t value;
        size_t index;
        uint64_t lowest, highest;
    } examples[] = {
        {0, 0, 0, 0},
        {1, 1, 1, 1},
        {2047, 2047, 2047, 2047},
        {2048, 2048, 2048, 2049},
        {2049, 2048, 2048, 2049},
        {4095, 3071, 4094, 4095},
        {4096, 3072, 4096, 4099},
        {10007, 4 * 1024 + 226, 10000, 10007}, /* bucket 3: 10007 / 8 = 1250, 3 * 1024 + 1250 */
        {1000000, 9 * 1024 + 1953, 999936, 1000447},
        {HISTOGRAM_HIGHEST_NS, 33420, UINT64_C(3599182594048), UINT64_C(3601330077695)},
    };
    struct histogram histogram;

    (void)state;
    assert_int_equal(histogram_init_latency(&histogram), 0);
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        assert_int_equal(histogram_index(&histogram, examples[i].value), examples[i].index);
        assert_int_equal(histogram_index_lowest(&histogram, examples[i].index), examples[i].lowest);
        assert_int_equal(histogram_index_highest(&histogram, examples[i].index),
                         examples[i].highest);
    }
    histogram_release(&histogram);
}

/* The counters follow each other without a gap, each holds its own ends, and none is wider than the
 * digits allow. */
static void counters_tile_the_range(void **state)
{
    static const uint64_t lowests[] = {1, 2, 1000, 1024, 1000000};

    (void)state;
    for (size_t i = 0; i < sizeof lowests / sizeof lowests[0]; i++) {
        for (unsigned digits = 1; digits <= 4; digits++) {
            struct histogram histogram;
            uint64_t next = 0;
            uint64_t precision = (uint64_t)pow(10, digits);

            assert_int_equal(histogram_init(&histogram, lowests[i], HISTOGRAM_HIGHEST_NS, digits),
                             0);
            for (size_t index = 0; index < histogram.counts_length; index++) {
                uint64_t lowest = histogram_index_lowest(&histogram, index);
                uint64_t highest = histogram_index_highest(&histogram, index);
                uint64_t width = highest - lowest + 1;

                assert_true(lowest == next && highest >= lowest);
                assert_true(histogram_index(&histogram, lowest) == index);
                assert_true(histogram_index(&histogram, highest) == index);
                assert_true(histogram_index_middle(&histogram, index) == lowest + width / 2);
                assert_true(width <= lowests[i] || width * precision <= lowest);
                next = highest + 1;
            }
            assert_true(next > HISTOGRAM_HIGHEST_NS);
            histogram_release(&histogram);
        }
    }
}

static void index_is_monotone_and_holds_its_value(void **state)
{
    struct histogram histogram;
    uint64_t seed = 1;

    (void)state;
    assert_int_equal(histogram_init_latency(&histogram), 0);
    for (size_t i = 0; i < 100000; i++) {
        uint64_t value = draw_log_uniform(&seed);
        uint64_t other = i % 2 == 0 ? draw_log_uniform(&seed) : value + random_next(&seed) % 4096;
        size_t index = histogram_index(&histogram, value);

        assert_true(histogram_index_lowest(&histogram, index) <= value);
        assert_true(histogram_index_highest(&histogram, index) >= value);
        assert_true(index < histogram.counts_length);
        if (other >= value)
            assert_true(histogram_index(&histogram, other) >= index);
        else
            assert_true(histogram_index(&histogram, other) <= index);
    }
    histogram_release(&histogram);
}

/* The rank `histogram_quantile` should look at, told by whole numbers: ceil(thousandths * n /
 * 1000), at least 1. */
static uint64_t rank_of(uint64_t thousandths, uint64_t count)
{
    uint64_t rank = (thousandths * count + 999) / 1000;

    return rank > 0 ? rank : 1;
}

static void check_against_sorted(const struct histogram *histogram, const uint64_t *sorted)
{
    for (size_t rank = 1; rank <= SAMPLE_COUNT; rank += rank % 1000 > 990 ? 1 : 7) {
        uint64_t value = sorted[rank - 1];
        uint64_t told = histogram_value_at_rank(histogram, rank);

        assert_true(told >= value);
        assert_true((told - value) * 1000 <= value);
    }
    assert_int_equal(histogram_value_at_rank(histogram, SAMPLE_COUNT), sorted[SAMPLE_COUNT - 1]);
    assert_int_equal(histogram->min, sorted[0]);
    assert_int_equal(histogram->max, sorted[SAMPLE_COUNT - 1]);
    for (uint64_t thousandths = 0; thousandths <= 1000; thousandths++)
        assert_int_equal(histogram_quantile(histogram, (double)thousandths / 1000),
                         histogram_value_at_rank(histogram, rank_of(thousandths, SAMPLE_COUNT)));
}

static void check_counts_below(const struct histogram *histogram, const uint64_t *sorted)
{
    for (size_t i = 0; i < SAMPLE_COUNT; i += 97) {
        size_t index = histogram_index(histogram, sorted[i]);
        uint64_t end = histogram_index_highest(histogram, index);
        size_t expected = i;

        while (expected < SAMPLE_COUNT && sorted[expected] <= end)
            expected++;
        assert_int_equal(histogram_count_at_or_below(histogram, sorted[i]), expected);
    }
}

static void agrees_with_a_sorted_array(void **state)
{
    static uint64_t values[SAMPLE_COUNT];

    (void)state;
    for (size_t i = 0; i < DISTRIBUTION_COUNT; i++) {
        struct histogram histogram;
        uint64_t seed = i + 1;
        double sum = 0;
        double squares = 0;

        assert_int_equal(histogram_init_latency(&histogram), 0);
        for (size_t j = 0; j < SAMPLE_COUNT; j++) {
            values[j] = distributions[i](&seed);
            histogram_record(&histogram, values[j]);
            sum += (double)values[j];
        }
        qsort(values, SAMPLE_COUNT, sizeof values[0], compare_values);
        assert_int_equal(histogram.total_count, SAMPLE_COUNT);
        assert_int_equal(histogram.above_count, 0);
        check_against_sorted(&histogram, values);
        check_counts_below(&histogram, values);

        double mean = sum / SAMPLE_COUNT;
        for (size_t j = 0; j < SAMPLE_COUNT; j++)
            squares += ((double)values[j] - mean) * ((double)values[j] - mean);
        double deviation = sqrt(squares / SAMPLE_COUNT);
        assert_true(fabs(histogram_mean(&histogram) - mean) <= 1e-12 * mean);
        assert_true(fabs(histogram_standard_deviation(&histogram) - deviation) <= 1e-3 * deviation);
        histogram_release(&histogram);
    }
}

/* Quantiles that are a little more than a fraction when multiplied out in binary. */
static void quantiles_are_not_a_rank_off(void **state)
{
    struct histogram histogram;

    (void)state;
    assert_int_equal(histogram_init_latency(&histogram), 0);
    for (uint64_t value = 1; value <= 1000; value++)
        histogram_record(&histogram, value);
    assert_int_equal(histogram_quantile(&histogram, 0.07), 70);
    assert_int_equal(histogram_quantile(&histogram, 0.5), 500);
    assert_int_equal(histogram_quantile(&histogram, 0.5001), 501);
    assert_int_equal(histogram_quantile(&histogram, 99.9 / 100), 999);
    assert_int_equal(histogram_quantile(&histogram, 0.9990001), 1000);
    assert_int_equal(histogram_quantile(&histogram, 1 - 0.9), 100);
    assert_int_equal(histogram_quantile(&histogram, 0.1 + 0.2), 300);
    assert_int_equal(histogram_quantile(&histogram, 0), 1);
    assert_int_equal(histogram_quantile(&histogram, 1e-300), 1);
    assert_int_equal(histogram_quantile(&histogram, 1), 1000);
    assert_int_equal(histogram_quantile(&histogram, -1), 1);
    assert_int_equal(histogram_quantile(&histogram, INFINITY), 1000);
    assert_int_equal(histogram_quantile(&histogram, NAN), 1);
    assert_int_equal(histogram_value_at_rank(&histogram, 0), 1);
    assert_int_equal(histogram_value_at_rank(&histogram, UINT64_MAX), 1000);
    histogram_release(&histogram);
}

static void an_empty_histogram_has_no_values(void **state)
{
    struct histogram histogram;

    (void)state;
    assert_int_equal(histogram_init_latency(&histogram), 0);
    assert_int_equal(histogram.min, UINT64_MAX);
    assert_int_equal(histogram.max, 0);
    assert_int_equal(histogram_value_at_rank(&histogram, 1), 0);
    assert_int_equal(histogram_quantile(&histogram, 0.5), 0);
    assert_int_equal(histogram_quantile(&histogram, 1), 0);
    assert_int_equal(histogram_count_at_or_below(&histogram, UINT64_MAX), 0);
    assert_true(histogram_mean(&histogram) == 0);
    assert_true(histogram_standard_deviation(&histogram) == 0);
    histogram_record_many(&histogram, 5, 0);
    assert_int_equal(histogram.min, UINT64_MAX);
    histogram_release(&histogram);
}

/* Never clamped: what is above is counted, and every quantile that falls among it says so. */
static void values_above_the_highest_are_counted(void **state)
{
    struct histogram histogram;

    (void)state;
    assert_int_equal(histogram_init(&histogram, 1, 1000000, 3), 0);
    histogram_record_many(&histogram, 100, 90);
    histogram_record(&histogram, 1000000);
    histogram_record(&histogram, 1000001);
    histogram_record_many(&histogram, UINT64_MAX, 8);
    assert_int_equal(histogram.total_count, 100);
    assert_int_equal(histogram.above_count, 9);
    assert_int_equal(histogram.max, UINT64_MAX);
    assert_int_equal(histogram.min, 100);
    assert_int_equal(histogram.counts[histogram_index(&histogram, 1000000)], 1);
    assert_int_equal(histogram_quantile(&histogram, 0.9), 100);
    assert_int_equal(histogram_quantile(&histogram, 0.91), 1000447);
    assert_int_equal(histogram_quantile(&histogram, 0.911), UINT64_MAX);
    assert_int_equal(histogram_quantile(&histogram, 1), UINT64_MAX);
    assert_int_equal(histogram_value_at_rank(&histogram, UINT64_MAX), UINT64_MAX);
    assert_int_equal(histogram_count_at_or_below(&histogram, 1000000), 91);
    assert_int_equal(histogram_count_at_or_below(&histogram, 2000000), 91);
    assert_int_equal(histogram_count_at_or_below(&histogram, UINT64_MAX), 100);
    histogram_clear(&histogram);
    histogram_record(&histogram, 2000000);
    assert_int_equal(histogram_quantile(&histogram, 0), UINT64_MAX);
    assert_true(histogram_standard_deviation(&histogram) == 0);
    histogram_release(&histogram);
}

static void a_merge_is_as_if_both_were_recorded(void **state)
{
    (void)state;
    for (size_t i = 0; i < DISTRIBUTION_COUNT; i++) {
        struct histogram left;
        struct histogram right;
        struct histogram both;
        uint64_t seed = i + 100;

        assert_int_equal(histogram_init(&left, 1, 100000000, 3), 0);
        assert_int_equal(histogram_init(&right, 1, 100000000, 3), 0);
        assert_int_equal(histogram_init(&both, 1, 100000000, 3), 0);
        for (size_t j = 0; j < SAMPLE_COUNT; j++) {
            uint64_t value = distributions[i](&seed);

            histogram_record(j % 3 == 0 ? &left : &right, value);
            histogram_record(&both, value);
        }
        assert_int_equal(histogram_merge(&left, &right), 0);
        assert_same_contents(&left, &both);
        /* Merging nothing into something and something into nothing. */
        histogram_clear(&right);
        assert_int_equal(histogram_merge(&left, &right), 0);
        assert_same_contents(&left, &both);
        assert_int_equal(histogram_merge(&right, &both), 0);
        assert_same_contents(&right, &both);
        histogram_release(&both);
        histogram_release(&right);
        histogram_release(&left);
    }
}

static void refuses_to_merge_another_layout(void **state)
{
    static const struct {
        uint64_t lowest, highest;
        unsigned digits;
    } layouts[] = {{1, 100000, 2}, {1, 100001, 3}, {2, 100000, 3}};

    (void)state;
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        struct histogram into;
        struct histogram other;

        assert_int_equal(histogram_init(&into, 1, 100000, 3), 0);
        assert_int_equal(
            histogram_init(&other, layouts[i].lowest, layouts[i].highest, layouts[i].digits), 0);
        histogram_record(&other, 5000);
        assert_false(histogram_same_layout(&into, &other));
        assert_int_equal(histogram_merge(&into, &other), -EINVAL);
        assert_int_equal(into.total_count, 0);
        assert_int_equal(into.max, 0);
        histogram_release(&other);
        histogram_release(&into);
    }
}

static void recording_many_is_recording_often(void **state)
{
    struct histogram once;
    struct histogram often;
    uint64_t seed = 7;

    (void)state;
    assert_int_equal(histogram_init(&once, 1000, 100000000, 2), 0);
    assert_int_equal(histogram_init(&often, 1000, 100000000, 2), 0);
    for (size_t i = 0; i < 300; i++) {
        uint64_t value = draw_log_uniform(&seed);
        uint64_t count = random_next(&seed) % 5;

        histogram_record_many(&once, value, count);
        for (uint64_t j = 0; j < count; j++)
            histogram_record(&often, value);
    }
    assert_true(once.above_count > 0);
    assert_same_contents(&once, &often);
    histogram_release(&often);
    histogram_release(&once);
}

static void clearing_forgets_everything(void **state)
{
    struct histogram histogram;
    struct histogram empty;

    (void)state;
    assert_int_equal(histogram_init(&histogram, 1, 100000, 3), 0);
    assert_int_equal(histogram_init(&empty, 1, 100000, 3), 0);
    histogram_record(&histogram, 5);
    histogram_record(&histogram, 99999);
    histogram_record(&histogram, 100001);
    histogram_clear(&histogram);
    assert_same_contents(&histogram, &empty);
    histogram_release(&histogram);
    histogram_release(&histogram);
    histogram_release(&empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts_have_their_known_sizes),
        cmocka_unit_test(refuses_impossible_layouts),
        cmocka_unit_test(indexes_have_their_known_values),
        cmocka_unit_test(counters_tile_the_range),
        cmocka_unit_test(index_is_monotone_and_holds_its_value),
        cmocka_unit_test(agrees_with_a_sorted_array),
        cmocka_unit_test(quantiles_are_not_a_rank_off),
        cmocka_unit_test(an_empty_histogram_has_no_values),
        cmocka_unit_test(values_above_the_highest_are_counted),
        cmocka_unit_test(a_merge_is_as_if_both_were_recorded),
        cmocka_unit_test(refuses_to_merge_another_layout),
        cmocka_unit_test(recording_many_is_recording_often),
        cmocka_unit_test(clearing_forgets_everything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
