/* SPDX-License-Identifier: MIT */
/*
 * findings_test.c: made-up runs whose findings are known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/findings.h"
#include "analysis/limit.h"
#include "analysis/synthetic.h"

enum { TRIALS_IN_TEST_MAX = 64 };

static struct run run;
static struct trial trials[TRIALS_IN_TEST_MAX];
static struct summary summary;
static struct findings findings;

static int run_make(void **state)
{
    (void)state;
    run = (struct run){.path = strdup("run"), .manifest = json_object(), .trials = trials};
    return !run.path || !run.manifest;
}

static int run_unmake(void **state)
{
    (void)state;
    findings_release(&findings);
    summary_release(&summary);
    for (size_t i = 0; i < run.trial_count; i++)
        trial_release(&trials[i]);
    json_decref(run.manifest);
    free(run.path);
    return 0;
}

static void add(struct synthetic_trial trial)
{
    char problem[160];

    trial.duration_s = 1;
    if (trial.connections == 0)
        trial.connections = 64;
    if (trial.latency_us <= 0)
        trial.latency_us = 100;
    if (trial.cpu_us <= 0)
        trial.cpu_us = 10;
    char *text = synthetic_trial_text(&trial);
    assert_non_null(text);
    if (trial_parse(text, strlen(text), "t", &trials[run.trial_count++], problem, sizeof problem))
        fail_msg("%s", problem);
    free(text);
}

/* Two trials, a hundredth above and below. */
static void add_two(struct synthetic_trial trial, double throughput)
{
    for (unsigned block = 1; block <= 2; block++) {
        trial.block = block;
        trial.throughput_per_s = throughput * (block == 1 ? 0.99 : 1.01);
        add(trial);
    }
}

static void find(void)
{
    assert_int_equal(summary_init(&summary, &run), 0);
    assert_int_equal(findings_init(&findings, &summary), 0);
}

static const char *finding_with(const char *words)
{
    for (size_t i = 0; i < findings.count; i++) {
        if (strstr(findings.list[i].text, words))
            return findings.list[i].text;
    }
    return NULL;
}

static void assert_finding(const char *text)
{
    if (finding_with(text))
        return;
    for (size_t i = 0; i < findings.count; i++)
        print_error("found: %s\n", findings.list[i].text);
    fail_msg("not found: %s", text);
}

static void who_leads_and_by_how_much(void **state)
{
    (void)state;
    add_two((struct synthetic_trial){.model = "fast"}, 3000);
    add_two((struct synthetic_trial){.model = "also"}, 2990);
    add_two((struct synthetic_trial){.model = "slow"}, 1000);
    find();
    assert_finding("At 64 connections fast and also lead together: fast answers 3,000 "
                   "(2,970\xE2\x80\x93"
                   "3,030) replies a second, 2.9\xE2\x80\x93"
                   "3.1 \xC3\x97 "
                   "those of slow, the last.");
    assert_non_null(strstr(findings.basis, "describe these trials and infer nothing"));
    for (size_t i = 1; i < findings.count; i++)
        assert_true(findings.list[i - 1].strength >= findings.list[i].strength);
}

/* What is there to show the machine's noise has not won or lost. */
static void a_model_run_again_is_not_compared(void **state)
{
    (void)state;
    add_two((struct synthetic_trial){.model = "one", .cpu_us = 10}, 1000);
    add_two((struct synthetic_trial){.model = "one'", .cpu_us = 20}, 2000);
    find();
    assert_int_equal(findings.count, 0);
}

static void overlap_says_nothing(void **state)
{
    (void)state;
    add_two((struct synthetic_trial){.model = "one"}, 1000);
    add_two((struct synthetic_trial){.model = "other"}, 1005);
    find();
    assert_null(finding_with("lead"));
}

static void one_trial_says_nothing(void **state)
{
    (void)state;
    add((struct synthetic_trial){.model = "one", .throughput_per_s = 1000});
    add((struct synthetic_trial){.model = "other", .throughput_per_s = 9000});
    find();
    assert_int_equal(findings.count, 0);
    assert_non_null(strstr(findings.basis, "no interval"));
}

static void what_is_not_trusted_says_nothing(void **state)
{
    const struct synthetic_trial untrusted = {
        .model = "doubtful", .trust = TRUST_NONE, .code = "I1", .text = "The generator."};

    (void)state;
    add_two((struct synthetic_trial){.model = "one"}, 1000);
    add_two(untrusted, 9000);
    find();
    assert_null(finding_with("doubtful"));
    assert_non_null(strstr(findings.basis, "Left out: 1 of 2 cells"));
    assert_int_equal(cell_limit(&summary, summary_cell(&summary, 0, 0)), LIMIT_GENERATOR);
    assert_int_equal(cell_limit(&summary, summary_cell(&summary, 0, 1)), LIMIT_UNKNOWN);
}

static void who_collapses_and_who_does_not(void **state)
{
    const struct synthetic_trial none = {
        .model = "loop", .varies = "blocking-percent", .level = "0"};
    struct synthetic_trial some = none;
    struct synthetic_trial thread = none;

    (void)state;
    some.level = "5";
    add_two(none, 10000);
    add_two(some, 200);
    thread.model = "thread";
    add_two(thread, 8000);
    thread.level = "5";
    add_two(thread, 8100);
    find();
    assert_finding("At 5 % blocking less than half is left of the throughput at 0 % blocking: loop "
                   "0.020 \xC3\x97; it holds with thread 0.99\xE2\x80\x93"
                   "1.03 \xC3\x97.");
    assert_finding("loop and thread change places between 0 % and 5 % blocking: first loop carries "
                   "1.23\xE2\x80\x93"
                   "1.28 \xC3\x97 as much, then thread");
}

static void what_light_requests_wait(void **state)
{
    struct synthetic_trial trial = {.model = "loop",
                                    .varies = "blocking-percent",
                                    .level = "5",
                                    .latency_us = 5000,
                                    .light_latency_us = 4000};

    (void)state;
    add_two(trial, 1000);
    trial.model = "offload";
    trial.light_latency_us = 40;
    add_two(trial, 1000);
    find();
    assert_string_equal(summary.light_class, "echo:64");
    assert_finding("At 5 % blocking the p99 of the light requests is least with offload, ");
    assert_finding(", and most with loop, ");
}

static void who_refuses(void **state)
{
    (void)state;
    add_two((struct synthetic_trial){.model = "pool", .connections = 1000, .served_max = 200},
            1000);
    add_two((struct synthetic_trial){.model = "open", .connections = 1000}, 1000);
    find();
    assert_finding("At 1,000 connections pool refused clients: it served 200 of 1,000.");
    assert_int_equal(cell_limit(&summary, summary_cell(&summary, 0, 1)), LIMIT_CLIENTS);
}

/* An open loop: offered and served alike, but for the p99. */
static void add_offered(const char *model, const char *level, double rate_per_s, double latency_us)
{
    struct synthetic_trial trial = {.model = model,
                                    .varies = "rate",
                                    .level = level,
                                    .rate_per_s = rate_per_s,
                                    .latency_us = latency_us};

    add_two(trial, rate_per_s);
}

static void what_load_is_carried(void **state)
{
    (void)state;
    add_offered("strong", "1k", 1000, 100);
    add_offered("strong", "2k", 2000, 100);
    add_offered("strong", "4k", 4000, 90000);
    add_offered("weak", "1k", 1000, 100);
    add_offered("weak", "2k", 2000, 90000);
    add_offered("none", "1k", 1000, 90000);
    add_offered("none", "2k", 2000, 90000);
    find();
    /* Of the last level carried the least reply rate, of the first failed what was offered. */
    assert_finding(
        "strong carries at least 1.98 \xC3\x97 the load of none at p99 < 10 ms: 1,980 to "
        "4,000 replies a second against less than 1,000.");
    assert_null(finding_with("the load of weak"));
}

/* A level above the limit that a higher one is below again is not carried, nor what follows. */
static void a_load_is_carried_from_the_first_level_on(void **state)
{
    (void)state;
    add_offered("strong", "1k", 1000, 90000);
    add_offered("strong", "2k", 2000, 100);
    add_offered("weak", "1k", 1000, 90000);
    add_offered("weak", "2k", 2000, 90000);
    find();
    assert_null(finding_with("carries at least"));
    assert_null(finding_with("the load of"));
}

static void counters_and_memory_are_metrics(void **state)
{
    static const double requests[] = {300, 100};
    const struct synthetic_trial trial = {.model = "one",
                                          .requests_per_connection = 4,
                                          .pss_mib = 4,
                                          .page_tables_mib = 2,
                                          .worker_requests = requests,
                                          .workers = 2};

    (void)state;
    add_two(trial, 1000);
    find();
    const struct cell_metric *metrics = summary.cells[0].metrics;
    assert_true(metrics[METRIC_IO_CALLS].estimate.median == 2);
    assert_true(metrics[METRIC_WAKEUPS].estimate.median == 0.5);
    assert_true(metrics[METRIC_BALANCE].estimate.median == 0.8);
    assert_true(metrics[METRIC_HANDOFFS].estimate.median == 0.16);
    assert_true(metrics[METRIC_QUEUE_MAX].estimate.median == 7);
    assert_true(metrics[METRIC_CONNECTION_RATE].estimate.median == 250);
    assert_true(metrics[METRIC_CPU_CONNECTION].estimate.median == 40000);
    assert_true(metrics[METRIC_USER_MEMORY_CONNECTION].estimate.median == 98304);
    assert_false(summary_shows_metric(&summary, METRIC_LIGHT_P99));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_leads_and_by_how_much, run_make, run_unmake),
        cmocka_unit_test_setup_teardown(a_model_run_again_is_not_compared, run_make, run_unmake),
        cmocka_unit_test_setup_teardown(overlap_says_nothing, run_make, run_unmake),
        cmocka_unit_test_setup_teardown(one_trial_says_nothing, run_make, run_unmake),
        cmocka_unit_test_setup_teardown(what_is_not_trusted_says_nothing, run_make, run_unmake),
        cmocka_unit_test_setup_teardown(who_collapses_and_who_does_not, run_make, run_unmake),
        cmocka_unit_test_setup_teardown(what_light_requests_wait, run_make, run_unmake),
        cmocka_unit_test_setup_teardown(who_refuses, run_make, run_unmake),
        cmocka_unit_test_setup_teardown(what_load_is_carried, run_make, run_unmake),
        cmocka_unit_test_setup_teardown(a_load_is_carried_from_the_first_level_on, run_make,
                                        run_unmake),
        cmocka_unit_test_setup_teardown(counters_and_memory_are_metrics, run_make, run_unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
