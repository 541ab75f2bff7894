/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/synthetic.h"
#include "analysis/verdict.h"

enum { TRIALS_IN_TEST_MAX = 64 };

/* A run in memory, made of trials that go through the real parser. */
struct made_run {
    struct run run;
    struct trial trials[TRIALS_IN_TEST_MAX];
    struct summary summary;
    struct verdict verdict;
};

static void add(struct made_run *made, struct synthetic_trial trial)
{
    char problem[160];

    if (trial.duration_s <= 0)
        trial.duration_s = 1;
    if (trial.latency_us <= 0)
        trial.latency_us = 100;
    char *text = synthetic_trial_text(&trial);
    assert_non_null(text);
    assert_int_equal(trial_parse(text, strlen(text), trial.model,
                                 &made->trials[made->run.trial_count++], problem, sizeof problem),
                     0);
    free(text);
}

/* One trial a value, of `model` at `connections`. */
static void add_many(struct made_run *made, const char *model, uint64_t connections,
                     const double *throughputs, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        add(made, (struct synthetic_trial){.model = model,
                                           .connections = connections,
                                           .block = i + 1,
                                           .throughput_per_s = throughputs[i]});
}

static struct made_run *made_run_new(void)
{
    struct made_run *made = calloc(1, sizeof *made);

    assert_non_null(made);
    made->run.path = strdup("run");
    made->run.manifest = json_object();
    made->run.trials = made->trials;
    return made;
}

static void sum_up(struct made_run *made)
{
    assert_int_equal(summary_init(&made->summary, &made->run), 0);
    assert_int_equal(verdict_init(&made->verdict, &made->summary), 0);
}

static void made_run_free(struct made_run *made)
{
    verdict_release(&made->verdict);
    summary_release(&made->summary);
    for (size_t i = 0; i < made->run.trial_count; i++)
        trial_release(&made->trials[i]);
    json_decref(made->run.manifest);
    free(made->run.path);
    free(made);
}

static const struct cell *find(const struct made_run *made, const char *model, uint64_t connections)
{
    const struct summary *summary = &made->summary;

    for (size_t i = 0; i < summary->level_count * summary->model_count; i++) {
        const struct cell *cell = &summary->cells[i];

        if (strcmp(summary->models[cell->model], model) == 0 &&
            summary->levels[cell->level].value == (double)connections)
            return cell;
    }
    fail_msg("no cell of %s", model);
    return NULL;
}

static void groups_by_model_and_level(void **state)
{
    const double throughputs[] = {1000, 3000, 2000};
    struct made_run *made = made_run_new();

    (void)state;
    add_many(made, "b", 10, throughputs, 3);
    add_many(made, "a", 100, throughputs, 2);
    sum_up(made);
    assert_int_equal(made->summary.model_count, 2);
    assert_int_equal(made->summary.level_count, 2);
    assert_string_equal(made->summary.models[0], "a");
    assert_string_equal(made->summary.levels[1].text, "100");
    assert_int_equal(find(made, "b", 10)->trial_count, 3);
    assert_int_equal(find(made, "b", 100)->trial_count, 0);
    assert_true(find(made, "b", 10)->metrics[METRIC_THROUGHPUT].estimate.median == 2000);
    assert_int_equal(made->summary.block_count, 3);
    made_run_free(made);
}

static void keeps_the_order_of_the_manifest(void **state)
{
    const double throughput = 1000;
    struct made_run *made = made_run_new();

    (void)state;
    json_object_set_new(made->run.manifest, "models", json_pack("[sss]", "c", "absent", "a"));
    add_many(made, "a", 1, &throughput, 1);
    add_many(made, "b", 1, &throughput, 1);
    add_many(made, "c", 1, &throughput, 1);
    sum_up(made);
    assert_string_equal(made->summary.models[0], "c");
    assert_string_equal(made->summary.models[1], "a");
    assert_string_equal(made->summary.models[2], "b");
    made_run_free(made);
}

static void overlapping_models_share_a_rank(void **state)
{
    const double best[] = {1000, 1010, 1020};
    const double second[] = {900, 950, 960};
    const double also_second[] = {880, 890, 905};
    const double last[] = {700, 710, 720};
    struct made_run *made = made_run_new();
    char text[NUMBER_TEXT_SIZE];

    (void)state;
    add_many(made, "a", 1, last, 3);
    add_many(made, "b", 1, also_second, 3);
    add_many(made, "c", 1, second, 3);
    add_many(made, "d", 1, best, 3);
    sum_up(made);
    assert_int_equal(find(made, "d", 1)->rank, 1);
    assert_int_equal(find(made, "c", 1)->rank, 2);
    assert_int_equal(find(made, "b", 1)->rank, 2);
    assert_int_equal(find(made, "a", 1)->rank, 4);
    assert_string_equal(cell_rank_text(&made->summary, find(made, "c", 1), text), "2=");
    assert_string_equal(cell_rank_text(&made->summary, find(made, "d", 1), text), "1");

    const struct cell *cells[MODELS_MAX];
    assert_int_equal(summary_level_cells(&made->summary, 0, cells), 4);
    assert_ptr_equal(cells[0], find(made, "d", 1));
    assert_ptr_equal(cells[1], find(made, "c", 1));
    assert_ptr_equal(cells[3], find(made, "a", 1));
    made_run_free(made);
}

/* One wide interval bridges two that do not touch: then no two overlapping ones may differ. */
static void a_wide_interval_joins_its_neighbours(void **state)
{
    const double high[] = {1000, 1010, 1020};
    const double low[] = {800, 810, 820};
    const double wide[] = {790, 795, 1015};
    struct made_run *made = made_run_new();

    (void)state;
    add_many(made, "high", 1, high, 3);
    add_many(made, "low", 1, low, 3);
    add_many(made, "wide", 1, wide, 3);
    sum_up(made);
    assert_int_equal(find(made, "high", 1)->rank, 1);
    assert_int_equal(find(made, "low", 1)->rank, 1);
    assert_int_equal(find(made, "wide", 1)->rank, 1);
    made_run_free(made);
}

static void untrusted_limited_and_null_are_not_ranked(void **state)
{
    const double throughput = 500;
    struct made_run *made = made_run_new();
    char text[NUMBER_TEXT_SIZE];

    (void)state;
    add_many(made, "epoll", 1000, &throughput, 1);
    add_many(made, "null", 1000, &throughput, 1);
    add_many(made, "epoll'", 1000, &throughput, 1);
    add(made, (struct synthetic_trial){.model = "thread-pool",
                                       .connections = 1000,
                                       .served_max = 200,
                                       .throughput_per_s = 900});
    add(made, (struct synthetic_trial){.model = "select",
                                       .connections = 1000,
                                       .throughput_per_s = 900,
                                       .trust = TRUST_NONE,
                                       .code = "I1",
                                       .text = "The generator was the limit."});
    sum_up(made);
    assert_int_equal(find(made, "epoll", 1000)->rank, 1);
    assert_int_equal(find(made, "null", 1000)->rank, 0);
    assert_int_equal(find(made, "epoll'", 1000)->rank, 0);
    assert_int_equal(find(made, "select", 1000)->rank, 0);
    assert_int_equal(find(made, "thread-pool", 1000)->rank, 0);
    assert_true(find(made, "thread-pool", 1000)->is_limited);
    assert_string_equal(cell_level_text(&made->summary, find(made, "thread-pool", 1000), text),
                        "200 of 1,000");
    assert_string_equal(cell_level_text(&made->summary, find(made, "epoll", 1000), text), "1,000");
    made_run_free(made);
}

/* Both serve what is offered to them: whoever is a little below is not worse. */
static void open_loops_are_not_ranked(void **state)
{
    struct synthetic_trial offered = {.model = "a", .connections = 10, .rate_per_s = 1000};
    struct made_run *made = made_run_new();

    (void)state;
    offered.throughput_per_s = 1000;
    add(made, offered);
    offered.model = "b";
    offered.throughput_per_s = 999;
    add(made, offered);
    add(made, (struct synthetic_trial){.model = "c", .connections = 10, .throughput_per_s = 900});
    sum_up(made);
    assert_true(find(made, "a", 10)->is_open);
    assert_int_equal(find(made, "a", 10)->rank, 0);
    assert_int_equal(find(made, "b", 10)->rank, 0);
    assert_false(find(made, "c", 10)->is_open);
    assert_int_equal(find(made, "c", 10)->rank, 1);
    made_run_free(made);
}

/* Service time where it differs from response time, wire time where it was measured. */
static void columns_are_those_that_say_something(void **state)
{
    struct synthetic_trial trial = {
        .model = "a", .connections = 10, .throughput_per_s = 1000, .is_older = true};
    struct made_run *made = made_run_new();

    (void)state;
    add(made, trial);
    sum_up(made);
    assert_true(summary_shows_metric(&made->summary, METRIC_RESPONSE_P99));
    assert_false(summary_shows_metric(&made->summary, METRIC_SERVICE_P99));
    assert_false(summary_shows_metric(&made->summary, METRIC_SEND_LAG_P99));
    assert_false(summary_shows_metric(&made->summary, METRIC_WIRE_P50));
    made_run_free(made);

    made = made_run_new();
    trial.is_older = false;
    add(made, trial);
    sum_up(made);
    assert_false(summary_shows_metric(&made->summary, METRIC_SERVICE_P99));
    assert_true(summary_shows_metric(&made->summary, METRIC_WIRE_P50));
    made_run_free(made);

    made = made_run_new();
    trial.rate_per_s = 1000;
    add(made, trial);
    sum_up(made);
    assert_true(summary_shows_metric(&made->summary, METRIC_SERVICE_P99));
    assert_true(summary_shows_metric(&made->summary, METRIC_SEND_LAG_P99));
    made_run_free(made);
}

/* Leaving out the trials with few requests would leave out the slow ones. */
static void a_percentile_needs_every_trial(void **state)
{
    const double throughputs[] = {5000, 5000, 300};
    struct made_run *made = made_run_new();
    char text[NUMBER_TEXT_SIZE];

    (void)state;
    add_many(made, "epoll", 1, throughputs, 3);
    sum_up(made);
    const struct cell *cell = find(made, "epoll", 1);
    assert_int_equal(cell->metrics[METRIC_RESPONSE_P99].estimate.count, 0);
    assert_string_equal(cell_metric_text(cell, METRIC_RESPONSE_P99, text), "needs 368");
    assert_string_equal(cell_metric_text(cell, METRIC_RESPONSE_P999, text), "needs 3,688");
    assert_int_equal(cell->metrics[METRIC_RESPONSE_P50].estimate.count, 3);
    made_run_free(made);
}

static void incomplete_trials_are_not_used(void **state)
{
    const double throughput = 1000;
    struct made_run *made = made_run_new();

    (void)state;
    add_many(made, "epoll", 1, &throughput, 1);
    add(made, (struct synthetic_trial){
                  .model = "epoll", .connections = 1, .throughput_per_s = 9, .incomplete = true});
    sum_up(made);
    assert_int_equal(find(made, "epoll", 1)->trial_count, 1);
    assert_int_equal(made->summary.used_count, 1);
    made_run_free(made);
}

static void few_blocks_are_a_caution(void **state)
{
    const double throughputs[] = {1000, 1001, 1002};
    struct made_run *made = made_run_new();
    char text[NUMBER_TEXT_SIZE];

    (void)state;
    add_many(made, "epoll", 1, throughputs, 3);
    sum_up(made);
    assert_int_equal(made->verdict.trust, TRUST_CAUTION);
    assert_string_equal(made->verdict.reasons[0].code, "C8");
    assert_string_equal(made->verdict.sentence, "CAUTION \xE2\x80\x94 3 blocks describe only; "
                                                "6 are needed to infer.");
    assert_string_equal(summary_interval_text(&made->summary, text), "range of 3 trials");
    made_run_free(made);
}

static void enough_trusted_blocks_are_trusted(void **state)
{
    const double throughputs[] = {1000, 1001, 1002, 1003, 1004, 1005};
    struct made_run *made = made_run_new();
    char text[NUMBER_TEXT_SIZE];

    (void)state;
    add_many(made, "epoll", 1, throughputs, 6);
    sum_up(made);
    assert_int_equal(made->verdict.trust, TRUST_FULL);
    assert_int_equal(made->verdict.reason_count, 0);
    assert_string_equal(made->verdict.sentence,
                        "TRUSTED \xE2\x80\x94 all 6 trials passed every check.");
    assert_string_equal(summary_interval_text(&made->summary, text), "95 % interval of 6 trials");
    made_run_free(made);
}

static void reasons_are_counted_and_placed(void **state)
{
    const double throughputs[] = {1000, 1001, 1002, 1003, 1004, 1005};
    struct synthetic_trial bad = {.model = "select",
                                  .connections = 10,
                                  .throughput_per_s = 10,
                                  .trust = TRUST_NONE,
                                  .code = "I1",
                                  .text = "The generator was the limit."};
    struct made_run *made = made_run_new();

    (void)state;
    add_many(made, "epoll", 10, throughputs, 6);
    add_many(made, "select", 1, throughputs, 6);
    for (bad.block = 1; bad.block <= 2; bad.block++)
        add(made, bad);
    sum_up(made);
    assert_int_equal(made->verdict.trust, TRUST_NONE);
    assert_int_equal(made->verdict.reason_count, 1);
    assert_int_equal(made->verdict.reasons[0].trial_count, 2);
    assert_string_equal(made->verdict.reasons[0].where, "select at 10");
    assert_string_equal(made->verdict.sentence, "NOT TRUSTED \xE2\x80\x94 2 of 14 trials. The "
                                                "generator was the limit.");
    made_run_free(made);
}

static void too_many_models_are_refused(void **state)
{
    struct made_run *made = made_run_new();
    struct trial *trials = calloc(MODELS_MAX + 1, sizeof *trials);
    char names[MODELS_MAX + 1][8];
    char one[] = "1";

    (void)state;
    for (size_t i = 0; i <= MODELS_MAX; i++) {
        snprintf(names[i], sizeof names[i], "m%zu", i);
        trials[i] = (struct trial){.model = names[i],
                                   .connections = 1,
                                   .varies = "connections",
                                   .level = one,
                                   .light_class = ""};
    }
    made->run.trials = trials;
    made->run.trial_count = MODELS_MAX + 1;
    assert_true(summary_init(&made->summary, &made->run) < 0);
    made->run.trial_count = 0;
    made_run_free(made);
    free(trials);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_by_model_and_level),
        cmocka_unit_test(keeps_the_order_of_the_manifest),
        cmocka_unit_test(overlapping_models_share_a_rank),
        cmocka_unit_test(a_wide_interval_joins_its_neighbours),
        cmocka_unit_test(untrusted_limited_and_null_are_not_ranked),
        cmocka_unit_test(open_loops_are_not_ranked),
        cmocka_unit_test(columns_are_those_that_say_something),
        cmocka_unit_test(a_percentile_needs_every_trial),
        cmocka_unit_test(incomplete_trials_are_not_used),
        cmocka_unit_test(few_blocks_are_a_caution),
        cmocka_unit_test(enough_trusted_blocks_are_trusted),
        cmocka_unit_test(reasons_are_counted_and_placed),
        cmocka_unit_test(too_many_models_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
