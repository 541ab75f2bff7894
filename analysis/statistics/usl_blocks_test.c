/* SPDX-License-Identifier: MIT */
/* Made-up campaigns of a known law: what is found, how surely, and what is not shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>

#include "analysis/statistics/usl.h"
#include "common/random.h"

#define assert_near(value, expected, tolerance)                                                    \
    assert_true(fabs((value) - (expected)) <= (tolerance))

enum { LEVELS = 11, BLOCKS = 10, TRIALS = BLOCKS * LEVELS };

static double law(double lambda, double sigma, double kappa, double clients)
{
    return lambda * clients / (1 + sigma * (clients - 1) + kappa * clients * (clients - 1));
}

/* `noise`: standard deviation of the logarithm. */
struct campaign {
    double clients[LEVELS];
    double throughputs[TRIALS];
};

static void campaign_make(struct campaign *campaign, double sigma, double kappa, double noise,
                          uint64_t seed)
{
    struct random random = random_seeded(seed);

    for (size_t i = 0; i < LEVELS; i++)
        campaign->clients[i] = (double)(1 << i);
    for (size_t i = 0; i < TRIALS; i++) {
        double sum = 0;

        for (unsigned j = 0; j < 12; j++)
            sum += random_unit(&random) - 0.5; /* of variance 1, and nearly normal */
        campaign->throughputs[i] =
            law(1000, sigma, kappa, campaign->clients[i % LEVELS]) * exp(noise * sum);
    }
}

static struct usl usl_of(const struct campaign *campaign, size_t levels, size_t blocks)
{
    struct usl usl;
    double throughputs[TRIALS];

    for (size_t i = 0; i < levels * blocks; i++)
        throughputs[i] = campaign->throughputs[i / levels * LEVELS + i % levels];
    assert_int_equal(usl_of_blocks(campaign->clients, levels, throughputs, blocks, 1, &usl), 0);
    return usl;
}

static void a_peak_and_its_interval(void **state)
{
    struct campaign campaign;

    (void)state;
    campaign_make(&campaign, 0.05, 0.0005, 0.02, 1);
    struct usl usl = usl_of(&campaign, LEVELS, BLOCKS);
    assert_int_equal(usl.verdict, USL_SHOWN);
    assert_true(usl.has_peak);
    assert_near(usl.fit.peak, sqrt(0.95 / 0.0005), 1.5);
    assert_true(usl.peak.coverage > 0);
    assert_true(usl.peak.low < usl.fit.peak && usl.fit.peak < usl.peak.high);
    assert_true(usl.peak.high - usl.peak.low < 4);
    assert_near(usl.peak.value, usl.fit.peak, 0);
    assert_near(usl.kappa.value, usl.fit.kappa, 0);
    assert_true(usl.kappa.low > 0);
    assert_true(usl.sigma.low > 0 && usl.sigma.high < 0.06);
    assert_near(usl.lambda.value, 1000, 20);
    assert_true(usl.lambda.high > usl.lambda.low);
}

/* Ten campaigns of a law without kappa: by chance some fit a peak, none may be sure of it. */
static void no_peak_in_the_range(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 10; seed++) {
        struct campaign campaign;

        campaign_make(&campaign, 0.05, 0, 0.02, 100 + seed);
        struct usl usl = usl_of(&campaign, LEVELS, BLOCKS);
        assert_int_equal(usl.verdict, USL_SHOWN);
        assert_false(usl.has_peak);
    }
    /* A law whose peak, 1,378 clients, is beyond the largest level. */
    struct campaign campaign;
    campaign_make(&campaign, 0.05, 5e-7, 0.0001, 1);
    struct usl usl = usl_of(&campaign, LEVELS, BLOCKS);
    assert_true(usl.fit.kappa > 0 && usl.kappa.low > 0);
    assert_false(usl.has_peak);
}

/* Both are needed: an interval, and that it excludes 0. */
static void a_peak_that_noise_may_have_made(void **state)
{
    struct campaign campaign;
    unsigned fitted_count = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 12; seed++) {
        campaign_make(&campaign, 0.2, 2e-6, 0.1, seed);
        struct usl usl = usl_of(&campaign, LEVELS, BLOCKS);

        if (usl.fit.kappa > 0 && usl.fit.peak <= 1024 && usl.kappa.low == 0) {
            assert_false(usl.has_peak);
            fitted_count++;
        }
    }
    assert_true(fitted_count > 0);
}

static void few_blocks_have_no_intervals(void **state)
{
    struct campaign campaign;

    (void)state;
    campaign_make(&campaign, 0.05, 0.0005, 0.01, 2);
    for (size_t blocks = 1; blocks <= 6; blocks += 4) {
        struct usl usl = usl_of(&campaign, LEVELS, blocks);

        assert_int_equal(usl.verdict, USL_SHOWN);
        assert_true(usl.has_peak);
        assert_near(usl.kappa.coverage, 0, 0);
        assert_near(usl.kappa.low, usl.fit.kappa, 0);
        assert_near(usl.fit.peak, sqrt(0.95 / 0.0005), 3);
    }
    assert_true(usl_of(&campaign, LEVELS, 6).kappa.coverage > 0);
}

static void what_is_not_shown(void **state)
{
    struct campaign campaign;
    struct usl usl;

    (void)state;
    campaign_make(&campaign, 0.05, 0.0005, 0.01, 3);
    assert_int_equal(usl_of(&campaign, 5, BLOCKS).verdict, USL_TOO_FEW);
    campaign.clients[5] = campaign.clients[4];
    assert_int_equal(usl_of(&campaign, 6, BLOCKS).verdict, USL_TOO_FEW);
    /* The knee of sigma alone is at 1 / 0.002 = 500: with up to 256 clients nothing is above, with
     * up to 1,024 one level too little. */
    campaign_make(&campaign, 0.002, 0, 0.001, 3);
    assert_int_equal(usl_of(&campaign, 9, BLOCKS).verdict, USL_ONE_SIDED);
    campaign_make(&campaign, 0.0012, 0, 0.001, 3);
    assert_int_equal(usl_of(&campaign, LEVELS, BLOCKS).verdict, USL_ONE_SIDED);
    /* At 1 / 0.7 there is one level below. */
    campaign_make(&campaign, 0.7, 0, 0.001, 3);
    assert_int_equal(usl_of(&campaign, LEVELS, BLOCKS).verdict, USL_ONE_SIDED);
    /* A step is no law. */
    campaign_make(&campaign, 0.05, 0.0005, 0.001, 3);
    for (size_t i = 0; i < TRIALS; i++)
        campaign.throughputs[i] *= i % LEVELS == 4 ? 1.4 : 1;
    usl = usl_of(&campaign, LEVELS, BLOCKS);
    assert_int_equal(usl.verdict, USL_POOR_FIT);
    assert_true(usl.fit.residual_max > USL_RESIDUAL_MAX);
    /* Levels far out, N / X rising through 0 before them. */
    for (size_t i = 0; i < LEVELS; i++)
        campaign.clients[i] = 100 + 10 * (double)i;
    for (size_t i = 0; i < TRIALS; i++)
        campaign.throughputs[i] = pow((double)(i % LEVELS + 1), -3);
    assert_int_equal(usl_of(&campaign, LEVELS, BLOCKS).verdict, USL_NO_FIT);
}

/* Blocks that agree to the last digit at one level do not decide the fit alone. */
static void a_level_without_spread(void **state)
{
    struct campaign campaign;

    (void)state;
    campaign_make(&campaign, 0.05, 0.0005, 0.02, 4);
    double before = usl_of(&campaign, LEVELS, BLOCKS).fit.sigma;
    for (size_t i = 0; i < BLOCKS; i++)
        campaign.throughputs[i * LEVELS + 3] = 1.03 * law(1000, 0.05, 0.0005, 8);
    struct usl usl = usl_of(&campaign, LEVELS, BLOCKS);
    assert_int_equal(usl.verdict, USL_SHOWN);
    assert_near(usl.fit.sigma, before, 0.004);
    assert_true(fabs(usl_throughput(&usl.fit, 8) / campaign.throughputs[3] - 1) > 0.005);
}

static void bad_blocks(void **state)
{
    struct campaign campaign;
    struct usl usl;

    (void)state;
    campaign_make(&campaign, 0.05, 0.0005, 0.02, 4);
    assert_int_equal(usl_of_blocks(campaign.clients, LEVELS, campaign.throughputs, 0, 1, &usl),
                     -EINVAL);
    assert_int_equal(
        usl_of_blocks(campaign.clients, USL_POINTS_MAX + 1, campaign.throughputs, 1, 1, &usl),
        -E2BIG);
    assert_int_equal(
        usl_of_blocks(campaign.clients, LEVELS, campaign.throughputs, USL_BLOCKS_MAX + 1, 1, &usl),
        -E2BIG);
    campaign.throughputs[17] = 0;
    assert_int_equal(usl_of_blocks(campaign.clients, LEVELS, campaign.throughputs, BLOCKS, 1, &usl),
                     -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peak_and_its_interval),
        cmocka_unit_test(no_peak_in_the_range),
        cmocka_unit_test(a_peak_that_noise_may_have_made),
        cmocka_unit_test(few_blocks_have_no_intervals),
        cmocka_unit_test(what_is_not_shown),
        cmocka_unit_test(a_level_without_spread),
        cmocka_unit_test(bad_blocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
