/* SPDX-License-Identifier: MIT */
/* Which trials are held against which, and what is said when they cannot be. */
#include "analysis/compare/pair.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/compare/condition.h"

enum { OBSERVED_MAX = 64 };

static void assert_close(double value, double expected, double tolerance)
{
    assert_true(fabs(value - expected) <= tolerance);
}

/* A side made by hand; nothing is owned by the heap but what side.h frees, which is never called.
 */
struct made {
    struct side side;
    struct observed observed[OBSERVED_MAX];
};

static void made_init(struct made *made, const char *path)
{
    *made = (struct made){.side = {.path = (char *)path,
                                   .origin = (char *)path,
                                   .varies = (char *)"connections",
                                   .baseline = (char *)""}};
    made->side.observed = made->observed;
}

static struct observed *made_add(struct made *made, const char *model, const char *level,
                                 unsigned block, double throughput)
{
    assert_true(made->side.count < OBSERVED_MAX);
    struct observed *observed = &made->observed[made->side.count++];

    *observed = (struct observed){
        .file = (char *)"trial.json",
        .model = (char *)model,
        .level = (char *)level,
        .load = (char *)"echo",
        .machine = (char *)"",
        .block = block,
        .is_complete = true,
    };
    for (enum compared c = 0; c < COMPARED_METRICS; c++)
        observed->readings[c].value = NAN;
    observed->readings[COMPARED_THROUGHPUT].value = throughput;
    return observed;
}

/* Blocks that differ by a factor of ten, which pairing must take out. */
static void made_blocks(struct made *made, const char *model, unsigned blocks, double factor)
{
    for (unsigned block = 1; block <= blocks; block++)
        made_add(made, model, "10", block,
                 1000 * factor * (block % 2 ? 10 : 1) * (1 + 0.001 * block));
}

struct scene {
    struct made a, b;
    struct pairs pairs;
    struct notes notes;
};

static int setup(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);

    *state = scene;
    if (!scene)
        return -1;
    made_init(&scene->a, "a");
    made_init(&scene->b, "b");
    return 0;
}

static int teardown(void **state)
{
    struct scene *scene = *state;

    pairs_release(&scene->pairs);
    notes_release(&scene->notes);
    free(scene);
    return 0;
}

static void compare_one(struct scene *scene, const char *baseline, const char *candidate)
{
    char *models[] = {(char *)baseline, (char *)candidate};

    assert_int_equal(
        pairs_init(&scene->pairs, &scene->a.side, &scene->a.side, models, 2, 0.01, &scene->notes),
        0);
}

static void compare_both(struct scene *scene)
{
    assert_int_equal(
        pairs_init(&scene->pairs, &scene->a.side, &scene->b.side, NULL, 0, 0.01, &scene->notes), 0);
}

static const struct pair_metric *throughput(const struct scene *scene, size_t pair)
{
    assert_true(pair < scene->pairs.count);
    return &scene->pairs.list[pair].metrics[COMPARED_THROUGHPUT];
}

static bool noted(const struct scene *scene, const char *part)
{
    for (size_t i = 0; i < scene->notes.count; i++) {
        if (strstr(scene->notes.list[i], part))
            return true;
    }
    return false;
}

static void one_campaign_is_paired_by_block(void **state)
{
    struct scene *scene = *state;

    made_blocks(&scene->a, "x", 8, 1);
    made_blocks(&scene->a, "y", 8, 0.9);
    compare_one(scene, "x", "y");
    assert_int_equal(scene->pairs.count, 1);
    assert_true(scene->pairs.is_interleaved);
    const struct comparison *comparison = &throughput(scene, 0)->comparison;
    assert_true(comparison->is_interleaved);
    assert_int_equal(comparison->count, 8);
    assert_close(comparison->ratio, 0.9, 1e-9);
    assert_int_equal(comparison->verdict, COMPARISON_SLOWER);
    assert_string_equal(scene->pairs.list[0].metrics[COMPARED_CPU].missing, "not measured");
}

static void two_runs_are_separate_sessions(void **state)
{
    struct scene *scene = *state;

    made_blocks(&scene->a, "x", 8, 1);
    made_blocks(&scene->b, "x", 8, 0.9);
    compare_both(scene);
    assert_false(scene->pairs.is_interleaved);
    assert_false(throughput(scene, 0)->comparison.is_interleaved);
    /* The same numbers, but nothing takes the blocks out. */
    assert_int_equal(throughput(scene, 0)->comparison.verdict, COMPARISON_UNDECIDED);
}

static void a_block_that_is_there_twice_pairs_nothing(void **state)
{
    struct scene *scene = *state;

    made_blocks(&scene->a, "x", 8, 1);
    made_blocks(&scene->a, "y", 8, 0.9);
    made_add(&scene->a, "y", "10", 4, 900);
    compare_one(scene, "x", "y");
    assert_false(scene->pairs.is_interleaved);
    assert_int_equal(scene->pairs.list[0].used[CANDIDATE], 9);
}

static void two_files_of_one_campaign_are_paired_too(void **state)
{
    struct scene *scene = *state;

    made_blocks(&scene->a, "x", 8, 1);
    made_blocks(&scene->b, "y", 8, 0.9);
    scene->b.side.origin = scene->a.side.origin;
    compare_both(scene);
    assert_true(scene->pairs.is_interleaved);
    assert_string_equal(scene->pairs.list[0].models[CANDIDATE], "y");
}

static void what_is_not_trusted_or_alone_in_its_block_is_left_out(void **state)
{
    struct scene *scene = *state;

    made_blocks(&scene->a, "x", 10, 1);
    made_blocks(&scene->a, "y", 9, 1);
    scene->a.observed[2].trust = TRUST_NONE;       /* x, block 3 */
    scene->a.observed[10 + 6].is_complete = false; /* y, block 7 */
    compare_one(scene, "x", "y");
    const struct pair *pair = &scene->pairs.list[0];
    assert_int_equal(pair->left_out[BASELINE], 1);
    assert_int_equal(pair->left_out[CANDIDATE], 1);
    assert_int_equal(pair->used[BASELINE], 7);
    assert_int_equal(pair->unpaired, 3); /* x 7, x 10, y 3 */
    assert_close(throughput(scene, 0)->comparison.ratio, 1, 1e-12);
    assert_true(noted(scene, "not trusted or not complete: 1 of x at 10"));
    assert_true(noted(scene, "without the other one of its block: 3"));
}

static void only_what_both_sides_have_is_compared(void **state)
{
    struct scene *scene = *state;

    made_add(&scene->a, "x", "10", 1, 5);
    made_add(&scene->a, "x", "9", 1, 5);
    made_add(&scene->a, "y", "10", 1, 5);
    made_add(&scene->b, "x", "10", 1, 5);
    made_add(&scene->b, "x", "100", 1, 5);
    made_add(&scene->b, "z", "10", 1, 5);
    compare_both(scene);
    assert_int_equal(scene->pairs.count, 1);
    assert_string_equal(scene->pairs.list[0].level, "10");
    assert_true(noted(scene, "only A has connections 9 of x"));
    assert_true(noted(scene, "only B has connections 100 of x"));
    assert_true(noted(scene, "only A has y"));
    assert_true(noted(scene, "only B has z"));
}

static void levels_come_in_their_order(void **state)
{
    struct scene *scene = *state;
    const char *levels[] = {"100", "9", "1e1", "none"};

    for (size_t i = 0; i < 4; i++) {
        made_add(&scene->a, "x", levels[i], 1, 5);
        made_add(&scene->b, "x", levels[i], 1, 5);
    }
    compare_both(scene);
    assert_int_equal(scene->pairs.count, 4);
    assert_string_equal(scene->pairs.list[0].level, "9");
    assert_string_equal(scene->pairs.list[1].level, "1e1");
    assert_string_equal(scene->pairs.list[2].level, "100");
    assert_string_equal(scene->pairs.list[3].level, "none");
}

static void a_result_without_a_level_takes_the_other_one(void **state)
{
    struct scene *scene = *state;

    made_blocks(&scene->a, "epoll", 6, 1);
    made_add(&scene->b, "wrk", "", 0, 900)->is_foreign = true;
    compare_both(scene);
    assert_int_equal(scene->pairs.count, 1);
    assert_string_equal(scene->pairs.list[0].level, "10");
    assert_null(throughput(scene, 0)->missing);
    assert_true(throughput(scene, 0)->comparison.coverage == 0);
    assert_true(noted(scene, "not measured by the same tool"));
}

static void a_trial_with_too_few_requests_leaves_no_number(void **state)
{
    struct scene *scene = *state;

    made_blocks(&scene->a, "x", 6, 1);
    made_blocks(&scene->a, "y", 6, 1);
    for (size_t i = 0; i < 12; i++)
        scene->a.observed[i].readings[COMPARED_P99].value = 1e6;
    scene->a.observed[4].readings[COMPARED_P99] = (struct reading){.value = NAN, .needs = 368};
    compare_one(scene, "x", "y");
    const struct pair_metric *metric = &scene->pairs.list[0].metrics[COMPARED_P99];
    assert_non_null(metric->missing);
    assert_int_equal(metric->needs, 368);
}

static void time_outs_show_slower_but_never_faster_or_equivalent(void **state)
{
    struct scene *scene = *state;
    const struct pair_metric *metric;
    struct condition condition;

    made_blocks(&scene->a, "x", 8, 1);
    made_blocks(&scene->a, "y", 8, 1);
    for (size_t i = 0; i < 16; i++)
        scene->a.observed[i].readings[COMPARED_P99] =
            (struct reading){.value = i < 8 ? 1e6 : 5e9, .at_least = i == 9};
    compare_one(scene, "x", "y");
    metric = &scene->pairs.list[0].metrics[COMPARED_P99];
    assert_true(metric->ratio_at_least && !metric->ratio_at_most);
    assert_int_equal(metric->comparison.verdict, COMPARISON_SLOWER);
    assert_int_equal(condition_parse("p99.slower=5%", &condition), 0);
    assert_int_equal(condition_judge(&condition, COMPARED_P99, metric), CONDITION_SHOWN);

    pairs_release(&scene->pairs);
    for (size_t i = 0; i < 16; i++)
        scene->a.observed[i].readings[COMPARED_P99].value = i < 8 ? 5e9 : 4e9;
    compare_one(scene, "x", "y");
    metric = &scene->pairs.list[0].metrics[COMPARED_P99];
    assert_int_equal(metric->comparison.verdict, COMPARISON_UNDECIDED);
    assert_int_equal(condition_judge(&condition, COMPARED_P99, metric), CONDITION_UNKNOWN);

    pairs_release(&scene->pairs);
    scene->a.observed[0].readings[COMPARED_P99].at_least = true;
    compare_one(scene, "x", "y");
    assert_string_equal(scene->pairs.list[0].metrics[COMPARED_P99].missing,
                        "requests of both timed out");
}

static void a_configuration_measured_twice_widens_what_counts_as_equal(void **state)
{
    struct scene *scene = *state;

    made_blocks(&scene->a, "x", 8, 1);
    made_blocks(&scene->a, "y", 8, 0.97);
    for (unsigned block = 1; block <= 8; block++)
        made_add(&scene->a, "x'", "10", block,
                 scene->a.observed[block - 1].readings[COMPARED_THROUGHPUT].value *
                     (block % 2 ? 0.97 : 1.04));
    compare_one(scene, "x", "y");
    const struct comparison *comparison = &throughput(scene, 0)->comparison;
    assert_true(comparison->equivalence > 0.035 && comparison->equivalence < 0.045);
    assert_int_equal(comparison->verdict, COMPARISON_EQUIVALENT);

    /* By itself it is not among the others. */
    pairs_release(&scene->pairs);
    assert_int_equal(
        pairs_init(&scene->pairs, &scene->a.side, &scene->a.side, NULL, 0, 0.01, &scene->notes), 0);
    assert_int_equal(scene->pairs.count, 1);
    assert_string_equal(scene->pairs.list[0].models[CANDIDATE], "y");
    assert_false(noted(scene, "differs from itself"));
}

/* A machine that differs from itself by a third calls nothing the same that differs by less. */
static void noise_makes_nothing_equivalent(void **state)
{
    struct scene *scene = *state;
    char *models[] = {(char *)"x", (char *)"y"};

    made_blocks(&scene->a, "x", 8, 1);
    made_blocks(&scene->a, "x'", 8, 1.33);
    made_blocks(&scene->a, "y", 8, 1.1);
    compare_one(scene, "x", "y");
    assert_int_equal(throughput(scene, 0)->comparison.verdict, COMPARISON_UNDECIDED);
    assert_true(throughput(scene, 0)->is_noisy);
    assert_int_equal(throughput(scene, 0)->comparison.needed, 0);

    /* Whoever asks for so wide a region gets it. */
    pairs_release(&scene->pairs);
    assert_int_equal(
        pairs_init(&scene->pairs, &scene->a.side, &scene->a.side, models, 2, 0.4, &scene->notes),
        0);
    assert_int_equal(throughput(scene, 0)->comparison.verdict, COMPARISON_EQUIVALENT);
    assert_false(throughput(scene, 0)->is_noisy);
}

static void a_configuration_that_differs_from_itself_is_said(void **state)
{
    struct scene *scene = *state;

    made_blocks(&scene->a, "x", 8, 1);
    made_blocks(&scene->a, "y", 8, 1);
    made_blocks(&scene->a, "x'", 8, 0.9);
    compare_one(scene, "x", "y");
    assert_true(noted(scene, "differs from itself at 10"));
}

static void unequal_loads_and_machines_are_said(void **state)
{
    struct scene *scene = *state;

    made_add(&scene->a, "x", "10", 1, 5)->machine = (char *)"big";
    struct observed *other = made_add(&scene->b, "x", "10", 1, 5);
    other->load = (char *)"persona";
    other->machine = (char *)"small";
    other->is_limited = true;
    compare_both(scene);
    assert_true(noted(scene, "not the same load: A had echo; B had persona"));
    assert_true(noted(scene, "not the same machine"));
    assert_true(noted(scene, "unequal work: x refused connections at 10"));
}

static void a_model_that_is_not_there_is_an_error(void **state)
{
    struct scene *scene = *state;
    char *models[] = {(char *)"x", (char *)"nobody"};

    made_blocks(&scene->a, "x", 6, 1);
    assert_int_equal(
        pairs_init(&scene->pairs, &scene->a.side, &scene->a.side, models, 2, 0.01, &scene->notes),
        -22);
}

static void conditions_are_read_or_refused(void **state)
{
    (void)state;
    struct condition condition;
    const char *wrong[] = {
        "",           "slower",      "slower=",     "slower=5",      "faster=5%",    "slower=-5%",
        "slower=5%%", "slower=0x5%", "slower=100%", "p98.slower=5%", "p99slower=5%", "slower=nan%"};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(condition_parse(wrong[i], &condition), -22);
    assert_int_equal(condition_parse("slower=2.5%", &condition), 0);
    assert_close(condition.limit, 0.025, 1e-12);
    assert_true(condition.applies[COMPARED_THROUGHPUT] && condition.applies[COMPARED_P99] &&
                condition.applies[COMPARED_CPU]);
    assert_false(condition.applies[COMPARED_P50] || condition.applies[COMPARED_P999]);
    assert_int_equal(condition_parse("p99.9.slower=10%", &condition), 0);
    assert_true(condition.applies[COMPARED_P999]);
    assert_false(condition.applies[COMPARED_P99] || condition.applies[COMPARED_CPU]);
}

static void conditions_look_at_the_whole_interval(void **state)
{
    (void)state;
    struct condition condition;
    const struct {
        enum compared compared;
        double low, high;
        enum condition_outcome outcome;
    } cases[] = {
        {COMPARED_THROUGHPUT, 0.90, 0.949, CONDITION_SHOWN},
        {COMPARED_THROUGHPUT, 0.90, 0.951, CONDITION_UNKNOWN},
        {COMPARED_THROUGHPUT, 0.951, 1.2, CONDITION_EXCLUDED},
        {COMPARED_P99, 1.051, 1.3, CONDITION_SHOWN},
        {COMPARED_P99, 1.049, 1.3, CONDITION_UNKNOWN},
        {COMPARED_P99, 0.5, 1.049, CONDITION_EXCLUDED},
    };

    assert_int_equal(condition_parse("slower=5%", &condition), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pair_metric metric = {
            .comparison = {.low = cases[i].low, .high = cases[i].high, .coverage = 0.95}};

        assert_int_equal(condition_judge(&condition, cases[i].compared, &metric), cases[i].outcome);
        metric.comparison.coverage = 0; /* below 6 blocks, a range */
        assert_int_equal(condition_judge(&condition, cases[i].compared, &metric),
                         CONDITION_UNKNOWN);
    }
}

static void a_bound_shows_one_end_of_the_interval(void **state)
{
    (void)state;
    struct pair_metric metric = {.comparison = {.low = 1.2, .high = 1.3, .coverage = 0.95}};
    struct condition condition;

    assert_int_equal(condition_parse("slower=5%", &condition), 0);
    metric.ratio_at_most = true;
    assert_int_equal(condition_judge(&condition, COMPARED_P99, &metric), CONDITION_UNKNOWN);
    metric.comparison.low = 0.8;
    metric.comparison.high = 0.9;
    assert_int_equal(condition_judge(&condition, COMPARED_P99, &metric), CONDITION_EXCLUDED);
    metric.ratio_at_most = false;
    metric.ratio_at_least = true;
    assert_int_equal(condition_judge(&condition, COMPARED_P99, &metric), CONDITION_UNKNOWN);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_campaign_is_paired_by_block),
        TEST(two_runs_are_separate_sessions),
        TEST(a_block_that_is_there_twice_pairs_nothing),
        TEST(two_files_of_one_campaign_are_paired_too),
        TEST(what_is_not_trusted_or_alone_in_its_block_is_left_out),
        TEST(only_what_both_sides_have_is_compared),
        TEST(levels_come_in_their_order),
        TEST(a_result_without_a_level_takes_the_other_one),
        TEST(a_trial_with_too_few_requests_leaves_no_number),
        TEST(time_outs_show_slower_but_never_faster_or_equivalent),
        TEST(a_configuration_measured_twice_widens_what_counts_as_equal),
        TEST(noise_makes_nothing_equivalent),
        TEST(a_configuration_that_differs_from_itself_is_said),
        TEST(unequal_loads_and_machines_are_said),
        TEST(a_model_that_is_not_there_is_an_error),
        cmocka_unit_test(conditions_are_read_or_refused),
        cmocka_unit_test(conditions_look_at_the_whole_interval),
        cmocka_unit_test(a_bound_shows_one_end_of_the_interval),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
