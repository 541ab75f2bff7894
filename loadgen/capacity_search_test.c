/* SPDX-License-Identifier: MIT */
/* The search against made-up servers whose true capacity is known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/random.h"
#include "loadgen/capacity_search.h"

/* A server holds below its knee: always, or with the chance of a logistic curve of `width` around
 * it. Once overloaded, `recovers` is where it must come down to, unless it may rest. */
struct server {
    double knee, width, recovers;
    bool (*holds)(const struct server *server, double rate); /* instead, when set */
    struct random random;
    bool overloaded;
};

static bool server_holds(struct server *server, double rate, enum capacity_approach approach)
{
    if (server->holds)
        return server->holds(server, rate);
    if (approach == CAPACITY_FROM_BELOW || rate <= server->recovers)
        server->overloaded = false;
    if (server->width > 0) {
        double chance = 1 / (1 + exp((rate / server->knee - 1) / server->width));

        return (double)(random_next(&server->random) >> 11) * 0x1p-53 < chance;
    }
    if (rate > server->knee)
        server->overloaded = server->recovers > 0;
    return rate <= server->knee && !server->overloaded;
}

static const struct capacity_options usual = {.first_rate = 1000,
                                              .max_rate = 1e6,
                                              .resolution = 0.05,
                                              .trials_per_level = 3,
                                              .trials_max = CAPACITY_TRIALS_MAX};

static struct capacity_search search;

static struct capacity_answer searched(const struct capacity_options *options,
                                       struct server *server)
{
    enum capacity_approach approach;
    double rate;

    capacity_search_init(&search, options);
    while (capacity_search_next(&search, &rate, &approach)) {
        assert_true(rate >= 0.99 * options->first_rate / 1024 && rate <= options->max_rate);
        assert_true(search.trials_count < options->trials_max);
        capacity_search_report(&search, server_holds(server, rate, approach), rate);
    }
    return capacity_search_answer(&search);
}

/* Doubling or halving, two decisions of at most three trials, a bisection of a factor of two, six
 * trials at each end, and the way down. */
static unsigned trials_bound(const struct capacity_options *options, double knee)
{
    double doublings = fabs(log2(knee / options->first_rate));
    double bisections = ceil(log2(log(2) / log(1 + options->resolution))) + 1;

    return (unsigned)(2 * ceil(doublings) + 6 + 3 * bisections + 2 * 6 + 1 + 2 * 3);
}

static void test_a_sharp_knee_is_found_wherever_it_is(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) {
        double knee = 3.7 * pow(1.37, i); /* up to 795,000 */
        struct server server = {.knee = knee};
        struct capacity_answer answer = searched(&usual, &server);

        assert_true(answer.found);
        assert_null(answer.why_not);
        assert_true(answer.rate_per_s <= knee && answer.rate_per_s * 1.051 >= knee);
        assert_true(answer.low == answer.rate_per_s);
        assert_true(answer.high > knee && answer.high <= answer.low * 1.051);
        assert_true(answer.from_below == answer.rate_per_s);
        assert_true(answer.from_above_known && answer.from_above == answer.from_below);
        assert_true(answer.from_above_missed == 0);
        assert_false(answer.hysteresis || answer.above_max || answer.trials_ran_out);
        assert_int_equal(answer.below_first, knee < usual.first_rate);
        assert_true(answer.trials <= trials_bound(&usual, knee));
    }
}

static void test_the_resolution_and_the_trials_are_obeyed(void **state)
{
    static const double resolutions[] = {0.005, 0.01, 0.2, 1};

    (void)state;
    for (unsigned per_level = 1; per_level <= 7; per_level++) {
        for (size_t i = 0; i < sizeof resolutions / sizeof resolutions[0]; i++) {
            struct capacity_options options = usual;
            struct server server = {.knee = 34567};

            options.resolution = resolutions[i];
            options.trials_per_level = per_level;
            struct capacity_answer answer = searched(&options, &server);

            assert_true(answer.rate_per_s <= server.knee && answer.high > server.knee);
            assert_true(answer.high <= answer.rate_per_s * (1 + resolutions[i]) * 1.001);
            /* Not finer than asked either: that costs trials. */
            assert_true(answer.high >= answer.rate_per_s * (1 + resolutions[i] / 2) * 0.998);
        }
    }
}

static void test_every_trial_is_kept(void **state)
{
    struct server server = {.knee = 5000};
    unsigned held = 0, from_above = 0;

    (void)state;
    struct capacity_answer answer = searched(&usual, &server);

    assert_int_equal(search.trials_count, answer.trials);
    assert_true(search.trials[0].rate_per_s == 1000 && search.trials[0].held);
    assert_true(search.trials[1].rate_per_s == 2000 && search.trials[1].held);
    for (unsigned i = 0; i < search.trials_count; i++) {
        const struct capacity_trial *trial = &search.trials[i];

        assert_true(trial->held == (trial->rate_per_s <= 5000));
        assert_true(trial->achieved_rate == trial->rate_per_s);
        held += trial->held;
        if (trial->approach == CAPACITY_FROM_ABOVE && from_above++ == 0)
            assert_true(trial->rate_per_s >= 1.5 * 5000);
    }
    assert_true(held > 6 && answer.trials - held > 6);
    /* The overload, and a majority at the knee. */
    assert_int_equal(from_above, 3);
}

static bool always(const struct server *server, double rate)
{
    (void)server;
    (void)rate;
    return true;
}

static bool never(const struct server *server, double rate)
{
    (void)server;
    (void)rate;
    return false;
}

static void test_a_server_that_carries_everything(void **state)
{
    struct server server = {.holds = always};

    (void)state;
    struct capacity_answer answer = searched(&usual, &server);

    assert_true(answer.found && answer.above_max);
    assert_true(answer.rate_per_s == 1e6 && answer.low == 1e6);
    assert_true(isinf(answer.high));
    assert_false(answer.from_above_known || answer.hysteresis || answer.trials_ran_out);
    assert_true(answer.trials <= 10 + 6);

    /* The same when there is but one rate to try. */
    struct capacity_options options = usual;

    options.max_rate = options.first_rate;
    answer = searched(&options, &server);
    assert_true(answer.found && answer.above_max && answer.rate_per_s == 1000);
    assert_int_equal(answer.trials, 6);
}

static void test_a_server_that_carries_nothing(void **state)
{
    struct server server = {.holds = never};

    (void)state;
    struct capacity_answer answer = searched(&usual, &server);

    assert_false(answer.found || answer.above_max || answer.hysteresis || answer.from_above_known);
    assert_true(answer.below_first);
    assert_non_null(answer.why_not);
    assert_true(answer.rate_per_s == 0 && answer.low == 0);
    assert_true(answer.high <= 1.01 * 1000 / 1024);
    /* Two missed trials decide a level of three. */
    assert_int_equal(answer.trials, 11 * 2 + 4);
}

static bool has_a_hole(const struct server *server, double rate)
{
    return rate <= 3000 || (rate > server->knee && rate <= 20000);
}

static void test_the_first_knee_of_several_is_the_answer(void **state)
{
    struct server server = {.holds = has_a_hole, .knee = 6000};

    (void)state;
    struct capacity_answer answer = searched(&usual, &server);

    assert_true(answer.found && answer.rate_per_s <= 3000 && answer.rate_per_s * 1.051 > 3000);

    /* The doubling may step over a hole; what it finds then is a knee as well. */
    server.knee = 3500;
    answer = searched(&usual, &server);
    assert_true(answer.found && answer.rate_per_s <= 20000 && answer.rate_per_s * 1.051 > 20000);
}

static void test_hysteresis_is_shown(void **state)
{
    static const double recovers[] = {0.9, 0.7, 0.5, 0.2};

    (void)state;
    for (size_t i = 0; i < sizeof recovers / sizeof recovers[0]; i++) {
        struct server server = {.knee = 50000, .recovers = 50000 * recovers[i]};
        struct capacity_answer answer = searched(&usual, &server);

        /* The rest before each trial from below keeps the bisection out of its way. */
        assert_true(answer.from_below <= 50000 && answer.from_below * 1.051 > 50000);
        assert_true(answer.from_above_known && answer.hysteresis);
        assert_true(answer.from_above <= server.recovers && answer.from_above > 0);
        assert_true(answer.from_above_missed > server.recovers);
        assert_true(answer.low == answer.from_below && answer.high > 50000);
    }
    /* Within the resolution it is none. */
    struct server server = {.knee = 50000, .recovers = 49000};

    assert_false(searched(&usual, &server).hysteresis);
}

static void test_a_server_that_never_recovers_under_load(void **state)
{
    struct server server = {.knee = 50000, .recovers = 1};

    (void)state;
    struct capacity_answer answer = searched(&usual, &server);

    assert_true(answer.found && answer.from_above_known && answer.hysteresis);
    assert_true(answer.from_above == 0);
}

/* What chance does to the search, over many servers. */
static void test_the_interval_holds_the_knee_of_a_noisy_server(void **state)
{
    static const double widths[] = {0.01, 0.03, 0.1, 0.3};
    enum { SERVERS = 1000 };
    struct random random = random_seeded(7);

    (void)state;
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        unsigned covered = 0, near = 0, hysteresis = 0, ran_out = 0, bounded = 0;

        for (unsigned run = 0; run < SERVERS; run++) {
            double knee = 1500 * exp((double)(random_next(&random) >> 11) * 0x1p-53 * log(300));
            struct server server = {
                .knee = knee, .width = widths[i], .random = random_seeded(random_next(&random))};
            struct capacity_answer answer = searched(&usual, &server);

            covered += answer.low <= knee && knee <= answer.high;
            near += fabs(answer.rate_per_s / knee - 1) <= 0.05 + 2 * widths[i];
            hysteresis += answer.hysteresis;
            ran_out += answer.trials_ran_out;
            bounded += answer.low > 0 && isfinite(answer.high);
            assert_true(answer.found && answer.low <= answer.rate_per_s);
            assert_true(answer.rate_per_s < answer.high);
        }
        assert_true(covered >= SERVERS * 95 / 100);
        assert_true(near >= SERVERS * 90 / 100);
        /* The widest curve misses 3 % of the trials even at rest. */
        assert_true(bounded >= SERVERS * (widths[i] > 0.1 ? 75 : 99) / 100);
        assert_true(hysteresis <= SERVERS * 5 / 100);
        assert_int_equal(ran_out, 0);
    }
}

static void test_one_wrong_trial_does_not_matter(void **state)
{
    struct server server = {.knee = 30000};

    (void)state;
    unsigned trials = searched(&usual, &server).trials;

    for (unsigned wrong = 0; wrong < trials; wrong++) {
        enum capacity_approach approach;
        double rate;

        capacity_search_init(&search, &usual);
        while (capacity_search_next(&search, &rate, &approach))
            capacity_search_report(&search, (rate <= server.knee) != (search.trials_count == wrong),
                                   rate);
        struct capacity_answer answer = capacity_search_answer(&search);

        assert_true(answer.rate_per_s <= 30000 && answer.rate_per_s * 1.051 > 30000);
        assert_true(answer.low <= 30000 && answer.high > 30000);
        assert_true(answer.low > 0 && answer.high < 40000);
        assert_false(answer.hysteresis);
    }
}

/* While its upper end is confirmed, chance makes the first trial of every level hold. */
static void test_luck_above_the_knee_is_no_capacity(void **state)
{
    enum capacity_approach approach;
    double rate, last = 0;

    (void)state;
    capacity_search_init(&search, &usual);
    while (capacity_search_next(&search, &rate, &approach)) {
        bool lucky = search.phase == CAPACITY_CONFIRM_HIGH && rate > last;

        last = rate;
        capacity_search_report(&search, rate <= 30000 || lucky, rate);
    }
    struct capacity_answer answer = capacity_search_answer(&search);

    assert_true(answer.rate_per_s <= 30000 && answer.rate_per_s * 1.051 > 30000);
    assert_true(answer.low == answer.rate_per_s);
    assert_true(answer.high > 30000);
    assert_false(answer.hysteresis);
}

static void test_rates_without_a_meaning_are_not_tried(void **state)
{
    /* On the lowest rate there is, and it never comes back: there is nowhere to go. */
    struct server server = {.knee = 1.3, .recovers = 0.01};

    (void)state;
    struct capacity_answer answer = searched(&usual, &server);

    assert_true(answer.found && answer.rate_per_s <= 1.3 && answer.rate_per_s * 1.051 > 1.3);
    assert_true(answer.hysteresis && answer.from_above == 0);
}

static void test_the_trials_may_run_out_anywhere(void **state)
{
    struct server server = {.knee = 30000};
    unsigned needed = searched(&usual, &server).trials;

    (void)state;
    for (unsigned trials = 1; trials <= needed; trials++) {
        struct capacity_options options = usual;

        options.trials_max = trials;
        struct capacity_answer answer = searched(&options, &server);

        assert_int_equal(answer.trials, trials);
        assert_int_equal(answer.trials_ran_out, trials < needed);
        assert_true(answer.found && answer.rate_per_s <= server.knee);
        assert_true(answer.low <= server.knee && answer.high > server.knee);
        assert_int_equal(answer.from_above_known, trials == needed);
        assert_false(answer.hysteresis);
    }
    server.holds = never;
    struct capacity_options options = usual;

    options.trials_max = 3;
    struct capacity_answer answer = searched(&options, &server);

    assert_false(answer.found);
    assert_non_null(answer.why_not);
    assert_true(answer.trials_ran_out && isinf(answer.high));
}

static void test_before_the_first_trial(void **state)
{
    (void)state;
    capacity_search_init(&search, &usual);
    struct capacity_answer answer = capacity_search_answer(&search);

    assert_false(answer.found || answer.below_first || answer.above_max || answer.trials_ran_out);
    assert_true(answer.low == 0 && isinf(answer.high));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sharp_knee_is_found_wherever_it_is),
        cmocka_unit_test(test_the_resolution_and_the_trials_are_obeyed),
        cmocka_unit_test(test_every_trial_is_kept),
        cmocka_unit_test(test_a_server_that_carries_everything),
        cmocka_unit_test(test_a_server_that_carries_nothing),
        cmocka_unit_test(test_the_first_knee_of_several_is_the_answer),
        cmocka_unit_test(test_hysteresis_is_shown),
        cmocka_unit_test(test_a_server_that_never_recovers_under_load),
        cmocka_unit_test(test_the_interval_holds_the_knee_of_a_noisy_server),
        cmocka_unit_test(test_one_wrong_trial_does_not_matter),
        cmocka_unit_test(test_luck_above_the_knee_is_no_capacity),
        cmocka_unit_test(test_rates_without_a_meaning_are_not_tried),
        cmocka_unit_test(test_the_trials_may_run_out_anywhere),
        cmocka_unit_test(test_before_the_first_trial),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
