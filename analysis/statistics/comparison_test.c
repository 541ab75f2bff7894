/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>

#include "analysis/statistics/comparison.h"
#include "analysis/statistics/paired.h"
#include "analysis/statistics/two_samples.h"

#define assert_near(value, expected, tolerance)                                                    \
    assert_true(fabs((value) - (expected)) <= (tolerance))

enum { BLOCKS = 10 };

/* The machine drifts by a factor of two over the blocks, both alike; of `spread`, the log ratios
 * are evenly spaced around `effect`. */
static void campaign_make(double effect, double spread, double *candidate, double *baseline)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        baseline[i] = 1000 * (1 + (double)i / BLOCKS);
        candidate[i] = baseline[i] * exp(effect + spread * ((double)((i * 7) % BLOCKS) - 4.5) / 9);
    }
}

static struct comparison interleaved(double effect, double spread, enum comparison_better better,
                                     double equivalence)
{
    double candidate[BLOCKS];
    double baseline[BLOCKS];
    struct comparison comparison;

    campaign_make(effect, spread, candidate, baseline);
    assert_int_equal(
        comparison_interleaved(candidate, baseline, BLOCKS, better, equivalence, &comparison), 0);
    assert_true(comparison.is_interleaved);
    assert_string_equal(comparison_caveat(&comparison), "");
    return comparison;
}

/* Of ten evenly spaced differences the ninth smallest Walsh average is 2 steps (of 1/9 of the
 * spread) from the smallest: averages of the steps 0 … 9 are 0, 1/2, 1 1, 3/2 3/2, 2 2 2. */
static void the_numbers_of_a_comparison(void **state)
{
    struct comparison comparison = interleaved(0.2, 0.09, COMPARISON_MORE, 0.01);

    (void)state;
    assert_near(comparison.ratio, exp(0.2), 1e-12);
    assert_near(comparison.low, exp(0.2 - 0.025), 1e-12);
    assert_near(comparison.high, exp(0.2 + 0.025), 1e-12);
    assert_near(comparison.coverage, 0.951171875, 1e-12);
    assert_near(comparison.p, 2.0 / 1024, 1e-12);
    assert_near(comparison.p_adjusted, 2.0 / 1024, 1e-12);
    assert_near(comparison.equivalence, 0.01, 0);
    assert_int_equal(comparison.count, BLOCKS);
    assert_int_equal(comparison.needed, 0);
}

/* The interval is effect -+ 0.025; the border of 5 % is at 0.0488. */
static void the_interval_decides(void **state)
{
    static const struct {
        double effect;
        enum comparison_verdict more, less;
    } known[] = {
        {0.075, COMPARISON_FASTER, COMPARISON_SLOWER},
        {0.073, COMPARISON_UNDECIDED, COMPARISON_UNDECIDED}, /* and p is 0.002 */
        {0.025, COMPARISON_UNDECIDED, COMPARISON_UNDECIDED},
        {0.023, COMPARISON_EQUIVALENT, COMPARISON_EQUIVALENT},
        {0, COMPARISON_EQUIVALENT, COMPARISON_EQUIVALENT},
        {-0.023, COMPARISON_EQUIVALENT, COMPARISON_EQUIVALENT},
        {-0.025, COMPARISON_UNDECIDED, COMPARISON_UNDECIDED},
        {-0.073, COMPARISON_UNDECIDED, COMPARISON_UNDECIDED},
        {-0.075, COMPARISON_SLOWER, COMPARISON_FASTER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct comparison more = interleaved(known[i].effect, 0.09, COMPARISON_MORE, 0.05);
        struct comparison less = interleaved(known[i].effect, 0.09, COMPARISON_LESS, 0.05);

        assert_int_equal(more.verdict, known[i].more);
        assert_int_equal(less.verdict, known[i].less);
        assert_int_equal(more.needed > 0, more.verdict == COMPARISON_UNDECIDED);
    }
    assert_string_equal(comparison_verdict_text(COMPARISON_FASTER), "faster");
    assert_string_equal(comparison_verdict_text(COMPARISON_SLOWER), "slower");
    assert_string_equal(comparison_verdict_text(COMPARISON_EQUIVALENT), "equivalent");
    assert_string_equal(comparison_verdict_text(COMPARISON_UNDECIDED), "undecided");
}

/* Ten differences a step apart have a standard deviation of sqrt(55 / 6) steps. */
static void undecided_says_how_many_blocks(void **state)
{
    double deviation = 0.1 / 9 * sqrt(55.0 / 6);
    double border = log(1.01);

    (void)state;
    assert_int_equal(interleaved(0.03, 0.1, COMPARISON_MORE, 0.01).needed,
                     (size_t)ceil(7.85 * pow(deviation / (0.03 - border), 2)));
    assert_int_equal(interleaved(-0.03, 0.1, COMPARISON_MORE, 0.01).needed,
                     (size_t)ceil(7.85 * pow(deviation / (0.03 - border), 2)));
    assert_int_equal(interleaved(0.001, 0.1, COMPARISON_MORE, 0.01).needed,
                     (size_t)ceil(7.85 * pow(deviation / (border - 0.001), 2)));
    /* Never as few as there are already: of two clumps the interval reaches from one to the other,
     * which is wide for their standard deviation, and the formula says 9. */
    double candidate[BLOCKS];
    double baseline[BLOCKS];
    struct comparison comparison;
    for (size_t i = 0; i < BLOCKS; i++) {
        baseline[i] = 1000;
        candidate[i] = 1000 * exp(border + 0.0999 + (i % 2 ? 0.1 : -0.1));
    }
    assert_int_equal(
        comparison_interleaved(candidate, baseline, BLOCKS, COMPARISON_MORE, 0.01, &comparison), 0);
    assert_int_equal(comparison.verdict, COMPARISON_UNDECIDED);
    assert_int_equal(comparison.needed, BLOCKS + 1);
    /* Nor more than can be said. */
    assert_int_equal(interleaved(border + 1e-7, 0.1, COMPARISON_MORE, 0.01).needed,
                     COMPARISON_NEEDED_MAX);
}

static void under_six_blocks_nothing_is_decided(void **state)
{
    static const double candidate[] = {2, 2, 2, 2, 2, 2};
    static const double baseline[] = {1, 1, 1, 1, 1, 1};
    struct comparison comparison;

    (void)state;
    for (size_t blocks = 1; blocks <= 6; blocks++) {
        assert_int_equal(
            comparison_interleaved(candidate, baseline, blocks, COMPARISON_MORE, 0.01, &comparison),
            0);
        assert_int_equal(comparison.verdict, blocks < 6 ? COMPARISON_UNDECIDED : COMPARISON_FASTER);
        assert_int_equal(comparison.needed, blocks < 6 ? 6 : 0);
    }
}

/* The same trials, as if nothing paired them: the drift that the blocks cancelled is noise now. */
static void separate_sessions_are_weaker(void **state)
{
    double candidate[BLOCKS];
    double baseline[BLOCKS];
    double logarithms[2][BLOCKS];
    struct comparison comparison;
    struct two_samples samples;

    (void)state;
    campaign_make(0.1, 0.02, candidate, baseline);
    assert_int_equal(interleaved(0.1, 0.02, COMPARISON_MORE, 0.01).verdict, COMPARISON_FASTER);
    assert_int_equal(comparison_separate(candidate, BLOCKS, baseline, BLOCKS, COMPARISON_MORE, 0.01,
                                         &comparison),
                     0);
    assert_int_equal(comparison.verdict, COMPARISON_UNDECIDED);
    assert_false(comparison.is_interleaved);
    assert_string_equal(comparison_caveat(&comparison), "not interleaved: weaker");
    for (size_t i = 0; i < BLOCKS; i++) {
        logarithms[0][i] = log(candidate[i]);
        logarithms[1][i] = log(baseline[i]);
    }
    assert_int_equal(two_samples_compare(logarithms[0], BLOCKS, logarithms[1], BLOCKS, &samples),
                     0);
    assert_near(comparison.ratio, exp(samples.shift), 1e-12);
    assert_near(comparison.low, exp(samples.shift_low), 1e-12);
    assert_near(comparison.high, exp(samples.shift_high), 1e-12);
    assert_near(comparison.coverage, samples.shift_coverage, 0);
    assert_near(comparison.p, samples.p, 0);
    assert_near(comparison.delta, samples.delta, 0);
    assert_near(comparison.delta_low, samples.delta_low, 0);
    assert_near(comparison.delta_high, samples.delta_high, 0);
    double distance = fabs(fabs(samples.shift) - log(1.01));
    assert_int_equal(comparison.needed,
                     (size_t)ceil(2 * 7.85 * pow(samples.deviation / distance, 2)));
    /* A difference well above the drift is seen. */
    for (size_t i = 0; i < BLOCKS; i++)
        candidate[i] *= 3;
    assert_int_equal(comparison_separate(candidate, BLOCKS, baseline, BLOCKS, COMPARISON_LESS, 0.01,
                                         &comparison),
                     0);
    assert_int_equal(comparison.verdict, COMPARISON_SLOWER);
    /* Of 5 and 10 trials the test could have an interval; it infers nothing all the same. */
    assert_int_equal(
        comparison_separate(candidate, 5, baseline, BLOCKS, COMPARISON_LESS, 0.01, &comparison), 0);
    assert_int_equal(comparison.verdict, COMPARISON_UNDECIDED);
    assert_int_equal(comparison.count, 5);
}

static void the_noise_floor_is_the_larger_end(void **state)
{
    double candidate[BLOCKS];
    double baseline[BLOCKS];
    struct noise_floor floor;

    (void)state;
    campaign_make(-0.01, 0.09, candidate, baseline);
    assert_int_equal(comparison_noise_floor(baseline, candidate, BLOCKS, &floor), 0);
    assert_near(floor.ratio, exp(-0.01), 1e-12);
    assert_near(floor.low, exp(-0.035), 1e-12);
    assert_near(floor.high, exp(0.015), 1e-12);
    assert_near(floor.equivalence, exp(0.035) - 1, 1e-12);
    assert_false(floor.differs);
    /* A quiet machine: 1 %. */
    campaign_make(0.001, 0.009, candidate, baseline);
    assert_int_equal(comparison_noise_floor(baseline, candidate, BLOCKS, &floor), 0);
    assert_near(floor.equivalence, 0.01, 0);
    assert_false(floor.differs);
    /* The same thing twice, and they differ. */
    campaign_make(0.005, 0.009, candidate, baseline);
    assert_int_equal(comparison_noise_floor(baseline, candidate, BLOCKS, &floor), 0);
    assert_near(floor.equivalence, 0.01, 0);
    assert_true(floor.differs);
    assert_int_equal(comparison_noise_floor(candidate, baseline, BLOCKS, &floor), 0);
    assert_true(floor.differs);
    /* Three blocks: the range, and no word about a difference. */
    assert_int_equal(comparison_noise_floor(candidate, baseline, 3, &floor), 0);
    assert_near(floor.coverage, 0, 0);
    assert_false(floor.differs);
}

static void many_comparisons_are_adjusted(void **state)
{
    struct comparison comparisons[3] = {{.p = 0.03}, {.p = 0.001}, {.p = 0.02}};

    (void)state;
    assert_int_equal(comparison_adjust(comparisons, 3), 0);
    assert_near(comparisons[0].p_adjusted, 0.04, 1e-15);
    assert_near(comparisons[1].p_adjusted, 0.003, 1e-15);
    assert_near(comparisons[2].p_adjusted, 0.04, 1e-15);
    assert_near(comparisons[0].p, 0.03, 0);
    assert_int_equal(comparison_adjust(comparisons, 0), 0);
}

static void bad_input(void **state)
{
    static const double bad[] = {0, -1, NAN, INFINITY};
    static const double good[] = {1, 2};
    static const double many[TWO_SAMPLES_MAX + 1] = {0};
    struct comparison comparison;
    struct noise_floor floor;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const double values[] = {1, bad[i]};

        assert_int_equal(
            comparison_interleaved(values, good, 2, COMPARISON_MORE, 0.01, &comparison), -EINVAL);
        assert_int_equal(
            comparison_interleaved(good, values, 2, COMPARISON_MORE, 0.01, &comparison), -EINVAL);
        assert_int_equal(
            comparison_separate(values, 2, good, 2, COMPARISON_MORE, 0.01, &comparison), -EINVAL);
        assert_int_equal(
            comparison_separate(good, 2, values, 2, COMPARISON_MORE, 0.01, &comparison), -EINVAL);
        assert_int_equal(comparison_noise_floor(good, values, 2, &floor), -EINVAL);
        if (bad[i] == 0)
            continue; /* R = 0: any difference counts */
        assert_int_equal(
            comparison_interleaved(good, good, 2, COMPARISON_MORE, bad[i], &comparison), -EINVAL);
        assert_int_equal(
            comparison_separate(good, 2, good, 2, COMPARISON_MORE, bad[i], &comparison), -EINVAL);
    }
    assert_int_equal(comparison_interleaved(good, good, 0, COMPARISON_MORE, 0.01, &comparison),
                     -EINVAL);
    assert_int_equal(
        comparison_interleaved(many, many, PAIRED_MAX + 1, COMPARISON_MORE, 0.01, &comparison),
        -E2BIG);
    assert_int_equal(
        comparison_separate(good, 2, many, TWO_SAMPLES_MAX + 1, COMPARISON_MORE, 0.01, &comparison),
        -E2BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_numbers_of_a_comparison),
        cmocka_unit_test(the_interval_decides),
        cmocka_unit_test(undecided_says_how_many_blocks),
        cmocka_unit_test(under_six_blocks_nothing_is_decided),
        cmocka_unit_test(separate_sessions_are_weaker),
        cmocka_unit_test(the_noise_floor_is_the_larger_end),
        cmocka_unit_test(many_comparisons_are_adjusted),
        cmocka_unit_test(bad_input),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
