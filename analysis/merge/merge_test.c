/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/conditions.h"
#include "analysis/findings.h"
#include "analysis/merge/machine.h"
#include "analysis/merge/merge.h"
#include "analysis/model_name.h"
#include "analysis/palette.h"
#include "analysis/ratios.h"
#include "analysis/synthetic.h"

enum { PATHS_MAX = 4 };

/* What of a made-up run differs from test to test. */
struct made {
    const char *name;
    const char *experiment;    /* NULL: connections */
    const char *manifest;      /* NULL: none */
    const char *const *models; /* NULL: slow and fast */
    const char *started_utc;   /* of all trials; NULL: noon */
    uint64_t connections;      /* of its one level; 0: 100 */
    unsigned blocks;
    unsigned cores; /* of the machine; 0: 2 */
    double duration_s, rate_per_s, throughput_per_s;
    const char *request; /* NULL: as usual */
};

static char folder[] = "/tmp/merge_test.XXXXXX";

static char *path_of(const char *name)
{
    char *path;

    assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
    return path;
}

static void write_trial(const struct made *made, const char *model, unsigned block, double scale)
{
    struct synthetic_trial trial = {
        .model = model,
        .connections = made->connections ? made->connections : 100,
        .block = block,
        .duration_s = made->duration_s > 0 ? made->duration_s : 1,
        .rate_per_s = made->rate_per_s,
        .throughput_per_s =
            scale * (made->throughput_per_s > 0 ? made->throughput_per_s : 1000) + block,
        .latency_us = 100,
    };
    char *name;
    char *text = synthetic_trial_text(&trial);
    json_t *root = json_loads(text, 0, NULL);

    free(text);
    assert_non_null(root);
    json_object_set_new(
        root, "started_utc",
        json_string(made->started_utc ? made->started_utc : "2026-01-31T12:00:00Z"));
    json_object_set_new(json_object_get(root, "environment"), "cores",
                        json_integer(made->cores ? made->cores : 2));
    if (made->experiment)
        json_object_set_new(json_object_get(root, "labels"), "experiment",
                            json_string(made->experiment));
    if (made->request)
        json_object_set_new(json_object_get(root, "config"), "request", json_string(made->request));
    text = json_dumps(root, 0);
    assert_true(asprintf(&name, "%s/trials/%s-b%u.json", made->name, model, block) > 0);
    assert_int_equal(synthetic_write(folder, name, text), 0);
    json_decref(root);
    free(name);
    free(text);
}

static void make(const struct made *made)
{
    static const char *const usual[] = {"slow", "fast", NULL};
    const char *const *models = made->models ? made->models : usual;
    char *name;

    for (unsigned block = 1; block <= made->blocks; block++) {
        for (size_t i = 0; models[i]; i++)
            write_trial(made, models[i], block, (double)i + 1);
    }
    if (!made->manifest)
        return;
    assert_true(asprintf(&name, "%s/manifest.json", made->name) > 0);
    assert_int_equal(synthetic_write(folder, name, made->manifest), 0);
    free(name);
}

/* Makes the runs and merges them. */
static int merge_made(const struct made *made, size_t count, struct run *run)
{
    char *paths[PATHS_MAX] = {NULL};

    for (size_t i = 0; i < count; i++) {
        make(&made[i]);
        paths[i] = path_of(made[i].name);
    }
    int error = runs_merge(paths, count, run);
    for (size_t i = 0; i < count; i++)
        free(paths[i]);
    return error;
}

static bool has_note(const struct run *run, const char *part)
{
    for (size_t i = 0; i < run->note_count; i++) {
        if (strstr(run->notes[i], part))
            return true;
    }
    return false;
}

static const struct trial *trial_of(const struct run *run, const char *file)
{
    for (size_t i = 0; i < run->trial_count; i++) {
        if (strcmp(run->trials[i].file, file) == 0)
            return &run->trials[i];
    }
    fail_msg("%s is missing", file);
    return NULL;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/merge_test.XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void blocks_of_one_machine_follow_on_each_other(void **state)
{
    const struct made made[] = {
        {.name = "one", .blocks = 3},
        {.name = "two", .blocks = 4, .started_utc = "2026-01-31T13:00:00Z"},
    };
    char text[CONDITIONS_TEXT_SIZE];
    struct summary summary;
    struct run run;

    (void)state;
    assert_int_equal(merge_made(made, 2, &run), 0);
    assert_int_equal(run.trial_count, 14);
    assert_int_equal(run.machine_count, 1);
    assert_int_equal(trial_of(&run, "one/fast-b3.json")->block, 3);
    assert_int_equal(trial_of(&run, "two/fast-b1.json")->block, 4);
    assert_int_equal(trial_of(&run, "two/slow-b4.json")->block, 7);
    assert_string_equal(trial_of(&run, "two/slow-b4.json")->model, "slow");
    assert_non_null(run_machine(&run));
    assert_string_equal(run_started_utc(&run), "2026-01-31T12:00:00Z");
    assert_true(has_note(&run, "2 runs of one machine, merged"));

    json_t *second = json_array_get(json_object_get(run.manifest, "runs"), 1);
    assert_string_equal(json_string_value(json_object_get(second, "name")), "two");
    assert_int_equal(json_integer_value(json_array_get(json_object_get(second, "blocks"), 0)), 4);
    assert_int_equal(json_integer_value(json_array_get(json_object_get(second, "blocks"), 1)), 7);

    assert_int_equal(summary_init(&summary, &run), 0);
    assert_int_equal(summary.model_count, 2);
    assert_int_equal(summary.block_count, 7);
    assert_int_equal(summary_cell(&summary, 0, 0)->trial_count, 7);
    assert_non_null(strstr(conditions_text(&summary, text), "; 7 blocks or more of each model; "));
    summary_release(&summary);
    run_release(&run);
}

static void machines_stand_side_by_side(void **state)
{
    const struct made made[] = {
        {.name = "small",
         .blocks = 6,
         .manifest = "{\"models\":[\"slow\",\"fast\"],"
                     "\"baseline\":\"slow\"}"},
        {.name = "large",
         .blocks = 6,
         .cores = 8,
         .throughput_per_s = 9000,
         .manifest = "{\"baseline\":\"fast\"}"},
        {.name = "again", .blocks = 2, .started_utc = "2026-01-31T13:00:00Z"},
    };
    static const char *const models[] = {"slow @ A", "slow @ B", "fast @ A", "fast @ B"};
    static const size_t trials[] = {8, 6, 8, 6};
    static const unsigned ranks[] = {2, 2, 1, 1};
    const struct cell *cells[MODELS_MAX];
    char text[CONDITIONS_TEXT_SIZE];
    struct summary summary;
    struct run run;

    (void)state;
    assert_int_equal(merge_made(made, 3, &run), 0);
    assert_int_equal(run.machine_count, 2);
    assert_null(run_machine(&run));
    assert_int_equal(json_array_size(json_object_get(run.manifest, "machines")), 2);
    assert_null(json_object_get(run.manifest, "baseline"));
    assert_true(has_note(&run, "3 runs on 2 machines (A: 2 cores, B: 8 cores), side by side"));
    /* Ordered by machine, and no block is of two. */
    assert_string_equal(run.trials[0].file, "small/fast-b1.json");
    assert_string_equal(run.trials[15].file, "again/slow-b2.json");
    assert_int_equal(trial_of(&run, "large/fast-b1.json")->block, 7);
    assert_int_equal(trial_of(&run, "again/fast-b1.json")->block, 13);
    assert_int_equal(trial_of(&run, "large/fast-b1.json")->machine, 2);

    assert_int_equal(summary_init(&summary, &run), 0);
    assert_int_equal(summary.model_count, 4);
    assert_int_equal(summary.block_count, 6);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(summary.models[i], models[i]);
        assert_int_equal(summary_cell(&summary, 0, i)->trial_count, trials[i]);
        assert_int_equal(summary_cell(&summary, 0, i)->rank, ranks[i]);
        assert_string_equal(cell_rank_text(&summary, summary_cell(&summary, 0, i), text),
                            ranks[i] == 1 ? "1" : "2");
    }
    assert_int_equal(summary_level_cells(&summary, 0, cells), 4);
    assert_string_equal(summary.models[cells[0]->model], "fast @ A");
    assert_string_equal(summary.models[cells[1]->model], "slow @ A");
    assert_string_equal(summary.models[cells[2]->model], "fast @ B");
    assert_non_null(strstr(conditions_request(&summary, text), ", on A: 2 cores, B: 8 cores"));
    summary_release(&summary);
    run_release(&run);
}

static void findings_are_of_one_machine(void **state)
{
    const struct made made[] = {
        {.name = "small", .blocks = 6},
        {.name = "large", .blocks = 6, .cores = 8, .throughput_per_s = 9000},
    };
    struct findings findings;
    struct summary summary;
    struct run run;

    (void)state;
    assert_int_equal(merge_made(made, 2, &run), 0);
    assert_int_equal(summary_init(&summary, &run), 0);
    assert_int_equal(findings_init(&findings, &summary), 0);
    assert_true(findings.count >= 2);
    for (size_t i = 0; i < findings.count; i++)
        assert_true(!strstr(findings.list[i].text, "@ A") || !strstr(findings.list[i].text, "@ B"));
    findings_release(&findings);
    summary_release(&summary);
    run_release(&run);
}

static void ratios_are_of_one_machine(void **state)
{
    static const char manifest[] = "{\"baseline\":\"fast\",\"again\":{\"model\":\"fast'\"}}";
    const struct made made[] = {
        {.name = "small", .blocks = 6, .manifest = manifest},
        {.name = "large", .blocks = 6, .cores = 8, .manifest = manifest},
    };
    struct summary summary;
    struct ratios ratios;
    struct run run;

    (void)state;
    assert_int_equal(merge_made(made, 2, &run), 0);
    assert_null(json_object_get(run.manifest, "again"));
    assert_int_equal(summary_init(&summary, &run), 0);
    assert_int_equal(ratios_init(&ratios, &summary), 0);
    assert_string_equal(summary.models[ratios.baseline], "fast @ A");
    assert_int_equal(ratios.pairs.count, 1);
    assert_string_equal(ratios.pairs.list[0].models[1], "slow @ A");
    ratios_release(&ratios);
    summary_release(&summary);
    run_release(&run);
}

static void another_work_is_refused(void **state)
{
    static const char options[] =
        "{\"workers\":null,\"options\":{\"threads\":\"1\",\"queue\":\"%s\"}}";
    static const struct made usual = {.name = "usual", .blocks = 1};
    const struct made others[] = {
        {.name = "experiment", .blocks = 1, .experiment = "another"},
        {.name = "request", .blocks = 1, .request = "echo:1024"},
        {.name = "loop", .blocks = 1, .rate_per_s = 500},
        {.name = "level", .blocks = 1, .connections = 7},
    };
    struct run run;

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const struct made made[] = {usual, others[i]};

        assert_int_equal(merge_made(made, 2, &run), -1);
        assert_null(run.trials);
    }
    char *stated[2];
    assert_true(asprintf(&stated[0], options, "1") > 0 && asprintf(&stated[1], options, "9") > 0);
    const struct made queues[] = {
        {.name = "short", .blocks = 1, .manifest = stated[0]},
        {.name = "long", .blocks = 1, .manifest = stated[1], .started_utc = "2026-02-01T00:00:00Z"},
    };
    const struct made workers[] = {
        {.name = "two", .blocks = 1, .manifest = "{\"workers\":2}"},
        {.name = "four", .blocks = 1, .cores = 8, .manifest = "{\"workers\":4}"},
    };
    assert_int_equal(merge_made(queues, 2, &run), -1);
    assert_int_equal(merge_made(workers, 2, &run), -1);
    free(stated[0]);
    free(stated[1]);
}

static void a_rate_that_is_a_share_may_differ(void **state)
{
    static const char manifest[] = "{\"capacity_per_s\":{\"slow\":2000,\"fast\":4000}}";
    struct made made[] = {
        {.name = "one", .blocks = 1, .rate_per_s = 500, .throughput_per_s = 500},
        {.name = "two", .blocks = 1, .rate_per_s = 600, .throughput_per_s = 600},
    };
    struct run run;

    (void)state;
    assert_int_equal(merge_made(made, 2, &run), -1);
    made[0].manifest = made[1].manifest = manifest;
    assert_int_equal(merge_made(made, 2, &run), 0);
    run_release(&run);
}

static void a_run_counts_once(void **state)
{
    const struct made twice[] = {{.name = "one", .blocks = 2}, {.name = "one", .blocks = 2}};
    const struct made detour[] = {{.name = "one", .blocks = 2},
                                  {.name = "one/../one", .blocks = 2}};
    const struct made copy[] = {{.name = "one", .blocks = 2}, {.name = "copy", .blocks = 2}};
    const struct made later[] = {
        {.name = "one", .blocks = 2},
        {.name = "later", .blocks = 2, .started_utc = "2026-02-01T00:00:00Z"}};
    struct run run;

    (void)state;
    assert_int_equal(merge_made(twice, 2, &run), -1);
    assert_int_equal(merge_made(detour, 2, &run), -1);
    assert_int_equal(merge_made(copy, 2, &run), -1);
    assert_int_equal(merge_made(later, 2, &run), 0);
    run_release(&run);
}

static void what_differs_is_told(void **state)
{
    static const char *const three[] = {"slow", "fast", "third", NULL};
    const struct made made[] = {
        {.name = "short", .blocks = 7, .manifest = "{\"preset\":\"quick\",\"seed\":1,\"x\":1}"},
        {.name = "long",
         .blocks = 2,
         .duration_s = 2,
         .models = three,
         .started_utc = "2026-02-01T00:00:00Z",
         .manifest = "{\"preset\":\"default\",\"seed\":1,\"x\":1}"},
    };
    struct summary summary;
    struct run run;

    (void)state;
    assert_int_equal(synthetic_write(folder, "long/trials/broken.json", "{"), 0);
    assert_int_equal(merge_made(made, 2, &run), 0);
    assert_true(has_note(
        &run, "Not the same in all runs is the measured time in seconds: 1 (short); 2 (long)"));
    assert_true(has_note(&run, "the preset: quick (short); default (long)"));
    assert_true(has_note(&run, "Not in every run are the models third (1 of 2)"));
    assert_true(has_note(&run, "long: trials/broken.json skipped: not JSON"));
    assert_null(json_object_get(run.manifest, "preset"));
    assert_null(json_object_get(run.manifest, "seed"));
    assert_int_equal(json_integer_value(json_object_get(run.manifest, "x")), 1);
    /* What two blocks of one model cannot show, nine of another do not make up for. */
    assert_int_equal(summary_init(&summary, &run), 0);
    assert_int_equal(summary.block_count, 2);
    summary_release(&summary);
    run_release(&run);
}

static void a_name_says_what_it_is(void **state)
{
    static const struct {
        const char *text;
        struct model_name name;
    } cases[] = {
        {"epoll", {5, false, 0}},     {"epoll'", {5, true, 0}},
        {"epoll @ A", {5, false, 1}}, {"epoll' @ C", {5, true, 3}},
        {"'", {1, false, 0}},         {" @ B", {4, false, 0}},
        {"a @ b", {5, false, 0}},     {"mine @ home", {11, false, 0}},
        {"", {0, false, 0}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct model_name name = model_name_parse(cases[i].text);

        assert_int_equal(name.length, cases[i].name.length);
        assert_int_equal(name.is_again, cases[i].name.is_again);
        assert_int_equal(name.machine, cases[i].name.machine);
    }
    char *name = model_name_on_machine("epoll", 2);
    assert_string_equal(name, "epoll @ B");
    free(name);
}

static void a_model_looks_alike_on_every_machine(void **state)
{
    struct style one = palette_style("epoll");
    struct style here = palette_style("epoll @ A");
    struct style there = palette_style("epoll @ B");
    struct style again = palette_style("epoll' @ A");

    (void)state;
    assert_memory_equal(&one, &here, sizeof one);
    assert_int_equal(one.light, there.light);
    assert_int_equal(one.point_filled, there.point_filled);
    assert_int_not_equal(one.dash, there.dash);
    assert_int_equal(one.light, again.light);
    assert_int_not_equal(there.dash, again.dash);
}

static json_t *environment(const char *cpu, int cores, double memory_bytes, const char *kernel)
{
    return json_pack("{ss si sf ss ss}", "cpu", cpu, "cores", cores, "memory_bytes", memory_bytes,
                     "kernel", kernel, "machine", "x86_64");
}

static void machines_are_told_apart_by_what_is_recorded(void **state)
{
    json_t *machines =
        json_pack("[o o o]", environment("Fine CPU", 2, 8e9, "6.1"),
                  environment("Fine CPU", 8, 8e9, "6.1"), environment("Fine CPU", 8, 16e9, "6.1"));
    json_t *same = environment("Fine CPU", 2, 8.1e9, "6.1");
    json_t *upgraded = environment("Fine CPU", 2, 8e9, "6.2");
    const json_t *first = json_array_get(machines, 0);
    char text[MACHINES_TEXT_SIZE];

    (void)state;
    assert_true(machine_is_same(first, same));
    assert_false(machine_is_same(first, upgraded));
    assert_false(machine_is_same(first, json_array_get(machines, 1)));
    assert_string_equal(machines_text(machines, text),
                        "A: 2 cores 7.45 GiB, B: 8 cores 7.45 GiB, C: 8 cores 14.9 GiB");
    json_decref(machines);
    json_decref(same);
    json_decref(upgraded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(blocks_of_one_machine_follow_on_each_other, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(machines_stand_side_by_side, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(findings_are_of_one_machine, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(ratios_are_of_one_machine, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(another_work_is_refused, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_rate_that_is_a_share_may_differ, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_run_counts_once, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(what_differs_is_told, make_folder, remove_folder),
        cmocka_unit_test(a_name_says_what_it_is),
        cmocka_unit_test(a_model_looks_alike_on_every_machine),
        cmocka_unit_test(machines_are_told_apart_by_what_is_recorded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
