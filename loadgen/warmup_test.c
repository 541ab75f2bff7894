/* SPDX-License-Identifier: MIT */
/* When warm-up ends: made-up windows by hand, and the study behind the rule, which is
 * docs/decisions/0009-warm-up-is-found.md: thousands of made-up runs from fixed seeds, with bounds
 * on how often the end is found in time and how often too early. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "common/random.h"
#include "loadgen/warmup.h"

enum { ROUNDS = 2000, PER_CENT = ROUNDS / 100, PLATEAU = 100000 };

/* A level, as a fraction of the plateau, in the middle of the window that begins at `time_s`. */
typedef double level_function(double time_s, double parameter);

/* A kind of run. */
struct runs {
    level_function *level;
    double parameter;
    double noise;       /* standard deviation of a window, a fraction */
    double correlation; /* of the noise of neighbouring windows */
    double dips;        /* share of the windows that lose 30 % of their replies */
};

/* How many of ROUNDS ended, and how many of these more than 10 % away from the plateau. */
struct ends {
    unsigned by_8, by_12, by_20, ever, early;
};

static double steady(double time_s, double parameter)
{
    (void)time_s;
    return parameter;
}

/* From half the plateau, with a time constant. */
static double approach(double time_s, double constant_s)
{
    return 1 - 0.5 * exp(-time_s / constant_s);
}

/* From a fraction of the plateau to the whole in 30 s. */
static double ramp(double time_s, double from)
{
    return from + (1 - from) * time_s / WARMUP_WINDOWS_MAX;
}

static double step(double time_s, double at_s)
{
    return time_s < at_s ? 0.6 : 1;
}

/* Throughput that begins too high. */
static double fall(double time_s, double constant_s)
{
    return 1 + 0.5 * exp(-time_s / constant_s);
}

/* Box and Muller. */
static double random_normal(struct random *random)
{
    double radius = sqrt(2 * random_exponential(random));

    return radius * cos(2 * M_PI * random_unit(random));
}

static struct ends ends_of(struct runs runs)
{
    struct random random = random_seeded(1);
    struct ends ends = {0};

    for (unsigned round = 0; round < ROUNDS; round++) {
        struct warmup warmup;
        double noise = random_normal(&random);
        double correlation = runs.correlation;
        double level = 0;

        warmup_init(&warmup, false);
        while (warmup.state == WARMUP_GOING_ON) {
            level = runs.level(warmup.windows + 0.5, runs.parameter);
            double window = PLATEAU * level * (1 + runs.noise * noise);
            if (random_unit(&random) < runs.dips)
                window *= 0.7;
            warmup_add(&warmup, window);
            noise =
                correlation * noise + sqrt(1 - correlation * correlation) * random_normal(&random);
        }
        if (warmup.state == WARMUP_NEVER)
            continue;
        ends.ever++;
        ends.by_8 += warmup.windows <= 8;
        ends.by_12 += warmup.windows <= 12;
        ends.by_20 += warmup.windows <= 20;
        ends.early += fabs(level - 1) > 0.1;
    }
    return ends;
}

/* --- the study -------------------------------------------------------------------------------- */

static void test_steady_runs_end_soon(void **state)
{
    (void)state;
    assert_int_equal(ends_of((struct runs){steady, 1, 0, 0, 0}).by_8, ROUNDS);
    assert_true(ends_of((struct runs){steady, 1, 0.01, 0, 0}).by_8 >= 99 * PER_CENT);
    assert_true(ends_of((struct runs){steady, 1, 0.02, 0, 0}).by_8 >= 95 * PER_CENT);
    assert_true(ends_of((struct runs){steady, 1, 0.03, 0, 0}).by_12 >= 99 * PER_CENT);
    assert_true(ends_of((struct runs){steady, 1, 0.05, 0, 0}).by_12 >= 90 * PER_CENT);
    assert_true(ends_of((struct runs){steady, 1, 0.05, 0.3, 0}).by_12 >= 92 * PER_CENT);
    assert_true(ends_of((struct runs){steady, 1, 0.05, 0.6, 0}).by_12 >= 92 * PER_CENT);
    assert_true(ends_of((struct runs){steady, 1, 0.10, 0, 0}).ever >= 99 * PER_CENT);
}

static void test_dips_delay_the_end(void **state)
{
    (void)state;
    assert_true(ends_of((struct runs){steady, 1, 0.01, 0, 0.05}).by_12 >= 93 * PER_CENT);
    struct ends noisy = ends_of((struct runs){steady, 1, 0.03, 0, 0.05});
    assert_true(noisy.by_12 >= 65 * PER_CENT);
    assert_true(noisy.ever >= 99 * PER_CENT);
}

static void test_an_approach_ends_when_it_is_there(void **state)
{
    (void)state;
    static const double noises[] = {0.005, 0.01, 0.02, 0.03, 0.05};

    for (unsigned i = 0; i < sizeof noises / sizeof *noises; i++) {
        struct ends quick = ends_of((struct runs){approach, 1, noises[i], 0, 0});
        struct ends slow = ends_of((struct runs){approach, 3, noises[i], 0, 0});
        struct ends slower = ends_of((struct runs){approach, 10, noises[i], 0, 0});

        assert_true(quick.by_20 >= 97 * PER_CENT);
        assert_true(slow.ever >= 99 * PER_CENT);
        assert_int_equal(quick.early, 0);
        assert_int_equal(slow.early, 0);
        assert_true(slower.early <= 5 * PER_CENT);
        assert_true(slower.by_12 <= 2 * PER_CENT);
        assert_true(slower.ever >= 50 * PER_CENT);
    }
}

static void test_a_ramp_does_not_end(void **state)
{
    (void)state;
    static const double noises[] = {0, 0.005, 0.01, 0.02, 0.03, 0.05};

    for (unsigned i = 0; i < sizeof noises / sizeof *noises; i++) {
        struct ends ends = ends_of((struct runs){ramp, 0.5, noises[i], 0, 0});

        assert_true(ends.early <= 5 * PER_CENT);
        assert_true(ends.ever <= 10 * PER_CENT);
    }
    assert_true(ends_of((struct runs){ramp, 0.7, 0.005, 0, 0}).early <= PER_CENT);
}

/* What the rule cannot do, so that nobody believes it can: noise that hides a ramp. */
static void test_noise_may_hide_a_ramp(void **state)
{
    (void)state;
    struct ends correlated = ends_of((struct runs){ramp, 0.5, 0.05, 0.3, 0});
    struct ends gentle = ends_of((struct runs){ramp, 0.7, 0.05, 0, 0});

    assert_in_range(correlated.early, 5 * PER_CENT, 15 * PER_CENT);
    assert_in_range(gentle.early, 40 * PER_CENT, 75 * PER_CENT);
}

static void test_a_step_is_left_behind(void **state)
{
    (void)state;
    static const double noises[] = {0.01, 0.03, 0.05};

    for (unsigned i = 0; i < sizeof noises / sizeof *noises; i++) {
        for (unsigned at = 1; at <= 4; at++) {
            struct ends ends = ends_of((struct runs){step, at, noises[i], 0, 0});

            assert_int_equal(ends.early, 0);
            assert_true(ends.ever >= 99 * PER_CENT);
        }
    }
}

static void test_falling_is_not_level(void **state)
{
    (void)state;
    struct ends quick = ends_of((struct runs){fall, 3, 0.02, 0, 0});
    struct ends slow = ends_of((struct runs){fall, 12, 0.01, 0, 0});

    assert_true(quick.early <= 5 * PER_CENT);
    assert_true(quick.ever >= 99 * PER_CENT);
    assert_true(slow.by_12 <= 5 * PER_CENT);
}

/* --- by hand ---------------------------------------------------------------------------------- */

static enum warmup_state feed(struct warmup *warmup, const double *windows, unsigned count)
{
    enum warmup_state state = WARMUP_GOING_ON;

    for (unsigned i = 0; i < count; i++)
        state = warmup_add(warmup, windows[i]);
    return state;
}

static void test_five_equal_windows_are_enough(void **state)
{
    (void)state;
    const double windows[] = {1000, 1000, 1000, 1000, 1000};
    struct warmup warmup;

    warmup_init(&warmup, false);
    assert_int_equal(feed(&warmup, windows, 4), WARMUP_GOING_ON);
    assert_int_equal(warmup_add(&warmup, 1000), WARMUP_OVER);
    assert_int_equal(warmup.windows, 5);
    assert_true(warmup.level >= 1000 && warmup.level <= 1000);
    assert_true(warmup.variation <= 0);
    assert_true(fabs(warmup.variation_limit - 0.02) < 1e-12);
    /* Final: what comes later is the measurement's. */
    assert_int_equal(warmup_add(&warmup, 1), WARMUP_OVER);
    assert_int_equal(warmup.windows, 5);
}

static void test_little_variation_that_grows_goes_on(void **state)
{
    (void)state;
    /* The variation is 1.9 %, but all of it is growth. */
    const double windows[] = {1000, 1012, 1024, 1036, 1048};
    struct warmup warmup;

    warmup_init(&warmup, false);
    assert_int_equal(feed(&warmup, windows, 5), WARMUP_GOING_ON);
    assert_true(warmup.variation < warmup.variation_limit);
    assert_int_equal(warmup.looked_back, 5);
    assert_true(fabs(warmup.growth - 12.0 / 1024) < 1e-12);
}

static void test_a_wild_start_is_forgotten(void **state)
{
    (void)state;
    struct warmup warmup;

    warmup_init(&warmup, false);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(warmup_add(&warmup, i % 2 ? 1800 : 200), WARMUP_GOING_ON);
    while (warmup_add(&warmup, warmup.windows % 2 ? 1030 : 970) == WARMUP_GOING_ON)
        continue;
    assert_int_equal(warmup.state, WARMUP_OVER);
    assert_in_range(warmup.windows, 13, 22);
}

static void test_it_ends_never_after_thirty(void **state)
{
    (void)state;
    struct warmup warmup;

    warmup_init(&warmup, false);
    for (unsigned i = 1; i < WARMUP_WINDOWS_MAX; i++)
        assert_int_equal(warmup_add(&warmup, 1000.0 * i), WARMUP_GOING_ON);
    assert_int_equal(warmup_add(&warmup, 30000), WARMUP_NEVER);
    assert_int_equal(warmup.windows, WARMUP_WINDOWS_MAX);
    assert_true(warmup.growth > 0.03);
    assert_true(warmup.looked_back >= 15);
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(warmup_add(&warmup, 30000), WARMUP_NEVER);
    assert_int_equal(warmup.windows, WARMUP_WINDOWS_MAX);
    assert_false(warmup_ended_below(&warmup, 1e9, 1));
}

static void test_silence_is_no_steady_state(void **state)
{
    (void)state;
    struct warmup warmup;

    warmup_init(&warmup, true);
    for (unsigned i = 1; i < WARMUP_WINDOWS_MAX; i++)
        assert_int_equal(warmup_add(&warmup, 0), WARMUP_GOING_ON);
    assert_int_equal(warmup_add(&warmup, 0), WARMUP_NEVER);
    /* What a verdict prints is a number. */
    assert_true(isfinite(warmup.variation) && isfinite(warmup.variation_limit));
    assert_true(isfinite(warmup.noise) && isfinite(warmup.growth));
}

static void test_random_arrivals_may_vary(void **state)
{
    (void)state;
    /* Mean 400, whose square root is 20: a variation of 5.7 % is what a Poisson process makes. */
    const double windows[] = {380, 425, 400, 420, 375};
    struct warmup warmup;

    warmup_init(&warmup, false);
    assert_int_equal(feed(&warmup, windows, 5), WARMUP_GOING_ON);
    assert_true(fabs(warmup.variation_limit - 0.02) < 1e-12);
    warmup_init(&warmup, true);
    assert_int_equal(feed(&warmup, windows, 5), WARMUP_OVER);
    assert_true(fabs(warmup.variation_limit - 0.1) < 1e-12);
    assert_true(fabs(warmup.variation - sqrt(512.5) / 400) < 1e-9);
    /* But not this much. */
    const double wild[] = {300, 500, 350, 450, 400};
    warmup_init(&warmup, true);
    assert_int_equal(feed(&warmup, wild, 5), WARMUP_GOING_ON);
    /* At 40,000 a second chance adds 1 %: no more is allowed than otherwise. */
    const double many[] = {38000, 42500, 40000, 42000, 37500};
    warmup_init(&warmup, true);
    assert_int_equal(feed(&warmup, many, 5), WARMUP_GOING_ON);
    assert_true(fabs(warmup.variation_limit - 0.02) < 1e-12);
}

static void test_poisson_windows_end_soon(void **state)
{
    (void)state;
    static const double rates[] = {100, 1000, 10000};

    for (unsigned i = 0; i < sizeof rates / sizeof *rates; i++) {
        struct random random = random_seeded(i);
        unsigned by_8 = 0;

        for (unsigned round = 0; round < ROUNDS; round++) {
            struct warmup warmup;

            warmup_init(&warmup, true);
            while (warmup.state == WARMUP_GOING_ON)
                warmup_add(&warmup, rates[i] + sqrt(rates[i]) * random_normal(&random));
            by_8 += warmup.state == WARMUP_OVER && warmup.windows <= 8;
        }
        assert_true(by_8 >= 90 * PER_CENT);
    }
}

static void test_hindsight(void **state)
{
    (void)state;
    const double windows[] = {1000, 1000, 1000, 1000, 1000};
    struct warmup warmup;

    warmup_init(&warmup, false);
    assert_false(warmup_ended_below(&warmup, 2000, 1));
    feed(&warmup, windows, 5);
    assert_false(warmup_ended_below(&warmup, 1000, 0));
    assert_false(warmup_ended_below(&warmup, 1019, 0)); /* below, but by less than 2 % */
    assert_true(warmup_ended_below(&warmup, 1021, 0));
    assert_false(warmup_ended_below(&warmup, 1150, 51)); /* three times 51 is more than 150 */
    assert_true(warmup_ended_below(&warmup, 1150, 49));
    assert_false(warmup_ended_below(&warmup, 500, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steady_runs_end_soon),
        cmocka_unit_test(test_dips_delay_the_end),
        cmocka_unit_test(test_an_approach_ends_when_it_is_there),
        cmocka_unit_test(test_a_ramp_does_not_end),
        cmocka_unit_test(test_noise_may_hide_a_ramp),
        cmocka_unit_test(test_a_step_is_left_behind),
        cmocka_unit_test(test_falling_is_not_level),
        cmocka_unit_test(test_five_equal_windows_are_enough),
        cmocka_unit_test(test_little_variation_that_grows_goes_on),
        cmocka_unit_test(test_a_wild_start_is_forgotten),
        cmocka_unit_test(test_it_ends_never_after_thirty),
        cmocka_unit_test(test_silence_is_no_steady_state),
        cmocka_unit_test(test_random_arrivals_may_vary),
        cmocka_unit_test(test_poisson_windows_end_soon),
        cmocka_unit_test(test_hindsight),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
