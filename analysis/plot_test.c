/* SPDX-License-Identifier: MIT */
/*
 * plot_test.c: what the charts of ratios, of the law and of latency against throughput say of runs
 * whose answers are known.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/document.h"
#include "analysis/plot.h"
#include "analysis/ratios.h"
#include "analysis/scaling.h"
#include "analysis/synthetic.h"

enum { TRIALS_IN_TEST_MAX = 256 };

static struct run run;
static struct trial trials[TRIALS_IN_TEST_MAX];
static struct summary summary;

static int run_make(void **state)
{
    (void)state;
    run = (struct run){.path = strdup("run"), .manifest = json_object(), .trials = trials};
    return !run.path || !run.manifest;
}

static int run_unmake(void **state)
{
    (void)state;
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

    trial.duration_s = 0.2;
    if (trial.latency_us <= 0)
        trial.latency_us = 100;
    if (trial.cpu_us <= 0)
        trial.cpu_us = 10;
    assert_true(run.trial_count < TRIALS_IN_TEST_MAX);
    char *text = synthetic_trial_text(&trial);
    assert_non_null(text);
    if (trial_parse(text, strlen(text), "t", &trials[run.trial_count++], problem, sizeof problem))
        fail_msg("%s", problem);
    free(text);
}

static void sum_up(void)
{
    assert_int_equal(summary_init(&summary, &run), 0);
}

static const struct chart *chart_named(const char *name)
{
    for (size_t i = 0; i < plot_charts_count; i++) {
        if (strcmp(plot_charts[i].name, name) == 0)
            return &plot_charts[i];
    }
    fail_msg("no chart is called %s", name);
    return NULL;
}

static bool applies(const char *name)
{
    return chart_named(name)->applies(&summary);
}

static char *text_by(void (*write)(const struct plot *, FILE *), const struct plot *plot)
{
    struct document document;

    assert_int_equal(document_open(&document), 0);
    write(plot, document.out);
    return document_text(&document);
}

/* A chart's texts; all owned. */
struct drawn {
    struct plot plot;
    char *data, *description, *table;
};

static struct drawn draw(const char *name)
{
    const struct chart *chart = chart_named(name);
    struct drawn drawn = {.plot = {.chart = chart, .summary = &summary}};
    struct document document;

    snprintf(drawn.plot.title, sizeof drawn.plot.title, "%s", chart->title);
    snprintf(drawn.plot.reading, sizeof drawn.plot.reading, "%s", chart->reading);
    assert_true(applies(name));
    assert_int_equal(document_open(&document), 0);
    assert_int_equal(chart->write(&drawn.plot, document.out), 0);
    drawn.data = document_text(&document);
    drawn.description = text_by(chart->describe, &drawn.plot);
    if (chart->write_table)
        drawn.table = text_by(chart->write_table, &drawn.plot);
    return drawn;
}

static void drawn_release(struct drawn *drawn)
{
    plot_release(&drawn->plot);
    free(drawn->data);
    free(drawn->description);
    free(drawn->table);
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in\n%s", part, text);
}

/* The law itself, with a little of its own in each block. */
static double law(double clients, double sigma, double kappa, unsigned block)
{
    double exact = 1000 * clients / (1 + sigma * (clients - 1) + kappa * clients * (clients - 1));

    return exact * (1 + 0.002 * (block % 3) * (block % 2 ? 1 : -1));
}

static void add_law(const char *model, double sigma, double kappa, unsigned levels, unsigned blocks)
{
    for (unsigned block = 1; block <= blocks; block++) {
        for (unsigned level = 0; level < levels; level++) {
            uint64_t clients = (uint64_t)1 << level;

            add((struct synthetic_trial){.model = model,
                                         .connections = clients,
                                         .block = block,
                                         .throughput_per_s =
                                             law((double)clients, sigma, kappa, block)});
        }
    }
}

static void the_law_is_found_again(void **state)
{
    static struct scaling scaling;
    char text[SCALING_TEXT_SIZE];

    (void)state;
    add_law("bends", 0.02, 0.001, 8, 6);
    add_law("flat", 0.05, 0, 8, 6);
    sum_up();
    assert_int_equal(scaling_init(&scaling, &summary), 0);
    assert_int_equal(scaling.shown, 2);
    const struct usl *bends = &scaling.fits[0].usl;
    assert_true(fabs(bends->fit.lambda - 1000) < 10);
    assert_true(fabs(bends->fit.sigma - 0.02) < 0.002);
    assert_true(fabs(bends->fit.kappa - 0.001) < 0.0001);
    assert_true(bends->has_peak && fabs(bends->fit.peak - 31.3) < 1);
    assert_true(bends->kappa.coverage > 0 && bends->kappa.low > 0);
    assert_string_equal(scaling_text(&scaling.fits[0], text), "");
    assert_false(scaling.fits[1].usl.has_peak);
    assert_has(scaling_text(&scaling.fits[1], text), "No peak in the range was shown.");

    struct drawn drawn = draw("scaling");
    assert_has(drawn.data, "\n1\t1\t1\t");
    assert_has(drawn.data, "\n1\t0\t1\t");
    assert_has(drawn.table, ">flat<");
    assert_has(drawn.plot.reading, "95 % interval");
    assert_has(drawn.description, "bends: one client gets ");
    drawn_release(&drawn);
}

static void few_blocks_describe(void **state)
{
    (void)state;
    add_law("one", 0.02, 0.001, 8, 5);
    sum_up();
    struct drawn drawn = draw("scaling");
    assert_has(drawn.plot.reading, "Fewer than 6 blocks");
    assert_null(strstr(drawn.table, "<small>"));
    drawn_release(&drawn);
}

/* Five levels are enough for the question, and too few for the answer. */
static void what_has_no_fit_says_why(void **state)
{
    (void)state;
    add_law("one", 0.02, 0.001, 5, 6);
    add_law("other", 0.03, 0.001, 5, 6);
    sum_up();
    struct drawn drawn = draw("scaling");
    assert_int_equal(drawn.plot.row_count, 0);
    /* Once for both, and no table of dashes. */
    assert_string_equal(drawn.table,
                        "<p class=\"note\"><b>one, other</b>: No fit: three numbers from "
                        "5 levels say nothing, it takes 6.</p>\n");
    assert_has(drawn.description, "one: no fit.");
    drawn_release(&drawn);
}

static void three_levels_have_no_law(void **state)
{
    (void)state;
    add_law("one", 0.02, 0.001, 3, 6);
    sum_up();
    assert_false(applies("scaling"));
}

/* Where not all were served, or the generator was the limit, the law is not asked. */
static void untrusted_levels_are_left_out(void **state)
{
    static struct scaling scaling;
    char text[SCALING_TEXT_SIZE];

    (void)state;
    add_law("one", 0.02, 0.001, 8, 6);
    for (unsigned block = 1; block <= 6; block++)
        add((struct synthetic_trial){.model = "one",
                                     .connections = 256,
                                     .block = block,
                                     .throughput_per_s = 1,
                                     .trust = TRUST_NONE,
                                     .code = "I1",
                                     .text = "The generator was the limit."});
    sum_up();
    assert_int_equal(scaling_init(&scaling, &summary), 0);
    assert_int_equal(scaling.fits[0].levels, 8);
    assert_has(scaling_text(&scaling.fits[0], text), "Left out: 1 level, not trusted");
    struct drawn drawn = draw("scaling");
    assert_true(drawn.plot.any_untrusted);
    drawn_release(&drawn);
}

/* Blocks that differ by a factor of three, which pairing takes out. */
static void add_blocks(const char *model, uint64_t connections, unsigned blocks, double factor,
                       enum trust trust)
{
    for (unsigned block = 1; block <= blocks; block++)
        add((struct synthetic_trial){.model = model,
                                     .connections = connections,
                                     .block = block,
                                     .throughput_per_s =
                                         1000 * factor * (block % 2 ? 3 : 1) * (1 + 0.0005 * block),
                                     .cpu_us = 10 / factor,
                                     .trust = trust,
                                     .code = trust == TRUST_NONE ? "I1" : NULL,
                                     .text = trust == TRUST_NONE ? "The generator." : NULL});
}

static void ratios_are_taken_block_by_block(void **state)
{
    struct ratios ratios;

    (void)state;
    json_object_set_new(run.manifest, "baseline", json_string("middle"));
    add_blocks("fast", 10, 6, 2, TRUST_FULL);
    add_blocks("middle", 10, 6, 1, TRUST_FULL);
    add_blocks("grey", 10, 6, 0.5, TRUST_NONE);
    sum_up();
    assert_int_equal(ratios_init(&ratios, &summary), 0);
    assert_string_equal(summary.models[ratios.baseline], "middle");
    const struct cell *fast = summary_cell(&summary, 0, 0);
    const struct pair_metric *metric = ratios_of(&ratios, fast, COMPARED_THROUGHPUT);
    assert_non_null(metric);
    assert_true(fabs(metric->comparison.ratio - 2) < 0.01);
    assert_true(metric->comparison.coverage > 0);
    assert_true(ratios_are_trusted(&ratios, fast));
    const struct cell *grey = summary_cell(&summary, 0, 1);
    assert_non_null(ratios_of(&ratios, grey, COMPARED_THROUGHPUT));
    assert_false(ratios_are_trusted(&ratios, grey));
    ratios_release(&ratios);

    struct drawn drawn = draw("ratio-throughput");
    assert_int_equal(drawn.plot.row_count, 2);
    assert_true(drawn.plot.any_untrusted);
    assert_has(drawn.plot.conditions, "block by block");
    assert_has(drawn.plot.conditions, "95 % interval");
    assert_has(drawn.data, "1\t-");
    assert_has(drawn.table, "not trusted");
    assert_has(drawn.description, "fast 2.000, ");
    drawn_release(&drawn);
    drawn = draw("ratio-cpu");
    assert_has(drawn.description, "fast 0.500, ");
    drawn_release(&drawn);
}

/* A and A' differ by two hundredths: so much counts as equal, and no bar is drawn for A'. */
static void the_band_is_the_noise(void **state)
{
    (void)state;
    add_blocks("one", 10, 6, 1, TRUST_FULL);
    add_blocks("one'", 10, 6, 1.02, TRUST_FULL);
    add_blocks("other", 10, 6, 1.015, TRUST_FULL);
    sum_up();
    struct drawn drawn = draw("ratio-throughput");
    assert_int_equal(drawn.plot.row_count, 1);
    assert_has(drawn.table, "within");
    assert_has(drawn.data, "equivalent");
    drawn_release(&drawn);
}

static void a_model_alone_has_no_ratio(void **state)
{
    (void)state;
    add_blocks("one", 10, 2, 1, TRUST_FULL);
    add_blocks("one'", 10, 2, 1, TRUST_FULL);
    sum_up();
    assert_false(applies("ratio-throughput") || applies("ratio-cpu"));
    assert_false(applies("hockey-p99"));
}

static void add_offered(const char *model, const char *level, double rate_per_s, double served)
{
    for (unsigned block = 1; block <= 2; block++)
        add((struct synthetic_trial){.model = model,
                                     .connections = 64,
                                     .block = block,
                                     .varies = "rate",
                                     .level = level,
                                     .rate_per_s = rate_per_s,
                                     .throughput_per_s = served,
                                     .latency_us = served < rate_per_s ? 50000 : 100});
}

static void latency_goes_up_where_the_room_ends(void **state)
{
    (void)state;
    add_offered("strong", "10k", 10000, 10000);
    add_offered("strong", "20k", 20000, 20000);
    add_offered("weak", "10k", 10000, 10000);
    add_offered("weak", "20k", 20000, 12000);
    sum_up();
    struct drawn drawn = draw("hockey-p99");
    assert_int_equal(drawn.plot.row_count, 4);
    assert_true(drawn.plot.y.is_log && drawn.plot.x.high >= 20000);
    /* The number at the end would stick out of the narrow drawing. */
    assert_string_equal(drawn.plot.x.ticks[drawn.plot.x.tick_count - 1].text_narrow, "");
    assert_has(drawn.plot.title, "against throughput");
    assert_has(drawn.description, "weak: ");
    assert_has(drawn.description, " at 12,000 a second");
    assert_null(drawn.table);
    drawn_release(&drawn);
    /* What is offered is no merit, but what it costs is one. */
    assert_false(applies("ratio-throughput"));
    assert_true(applies("ratio-cpu"));
    assert_false(applies("scaling"));
}

/* Ticks are where 1 is, and inside. */
/* One that is run again at the first level alone is no reason to show that one in depth. */
static void the_level_in_depth_is_the_largest_that_shows_all(void **state)
{
    (void)state;
    for (uint64_t connections = 10; connections <= 1000; connections *= 10) {
        add_blocks("one", connections, 2, 1, TRUST_FULL);
        add_blocks("two", connections, 2, 2, connections == 1000 ? TRUST_NONE : TRUST_FULL);
    }
    add_blocks("one'", 10, 2, 1, TRUST_FULL);
    sum_up();
    assert_int_equal(summary.level_count, 3);
    assert_int_equal(plot_common_level(&summary), 1);
}

static void what_is_not_trusted_stands_behind_what_is(void **state)
{
    static const char *const order[] = {"two", "one", "four", "three"};
    const struct plot plot = {.chart = chart_named("throughput"), .summary = &summary};
    const struct cell *cells[MODELS_MAX];

    (void)state;
    add_blocks("one", 10, 2, 1, TRUST_FULL);
    add_blocks("two", 10, 2, 2, TRUST_FULL);
    add_blocks("three", 10, 2, 3, TRUST_NONE);
    add_blocks("four", 10, 2, 4, TRUST_NONE);
    json_object_set_new(run.manifest, "baseline", json_string("one"));
    sum_up();
    assert_int_equal(plot_sorted(&plot, 0, cells), 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(summary.models[cells[i]->model], order[i]);
    struct drawn drawn = draw("ratio-throughput");
    const char *last = strstr(strstr(drawn.data, "two"), "four");
    assert_non_null(last);
    assert_non_null(strstr(last, "three"));
    drawn_release(&drawn);
}

static void an_axis_of_ratios_is_around_one(void **state)
{
    static const double ranges[][2] = {{1, 1}, {0.98, 1.03}, {0.9, 1.2}, {0.4, 1},
                                       {1, 3}, {0.1, 7},     {0.002, 50}};

    (void)state;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        struct axis axis = axis_ratio(ranges[i][0], ranges[i][1]);
        bool has_one = false;

        assert_true(axis.is_log && axis.low < ranges[i][0] && axis.high > ranges[i][1]);
        assert_true(axis.tick_count >= 1 && axis.tick_count <= AXIS_TICKS_MAX);
        for (size_t j = 0; j < axis.tick_count; j++) {
            assert_true(axis.ticks[j].at >= axis.low && axis.ticks[j].at <= axis.high);
            has_one |= axis.ticks[j].at == 1;
        }
        assert_true(has_one);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, run_make, run_unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_law_is_found_again),
        TEST(few_blocks_describe),
        TEST(what_has_no_fit_says_why),
        TEST(three_levels_have_no_law),
        TEST(untrusted_levels_are_left_out),
        TEST(ratios_are_taken_block_by_block),
        TEST(the_band_is_the_noise),
        TEST(a_model_alone_has_no_ratio),
        TEST(latency_goes_up_where_the_room_ends),
        TEST(the_level_in_depth_is_the_largest_that_shows_all),
        TEST(what_is_not_trusted_stands_behind_what_is),
        cmocka_unit_test(an_axis_of_ratios_is_around_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
