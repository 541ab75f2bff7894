/* SPDX-License-Identifier: MIT */
#include "analysis/merge/merge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/escape.h"
#include "analysis/merge/difference.h"
#include "analysis/merge/machine.h"
#include "analysis/merge/manifest.h"
#include "analysis/merge/workload.h"
#include "analysis/model_name.h"
#include "common/log.h"

/* 0, or -1 told on stderr where a run is there twice by the same name. */
static int check_paths(const struct part *parts, size_t count)
{
    for (size_t pair = 0; pair < count * count; pair++) {
        const char *one = parts[pair / count].run.path;

        if (pair / count < pair % count && strcmp(one, parts[pair % count].run.path) == 0) {
            log_error("%s is given twice: give each run once", one);
            return -1;
        }
    }
    return 0;
}

static const char *folder_name(const struct run *run)
{
    const char *slash = strrchr(run->path, '/');

    return slash && slash[1] ? slash + 1 : run->path;
}

static void label_parts(struct part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        parts[i].label = folder_name(&parts[i].run);
        for (size_t j = 0; j < count; j++) {
            if (i != j && strcmp(folder_name(&parts[i].run), folder_name(&parts[j].run)) == 0)
                parts[i].label = parts[i].run.path;
        }
    }
}

/* 0 and how many there are, or -1 told on stderr. */
static int find_machines(struct part *parts, size_t count, size_t *machine_count)
{
    *machine_count = 0;
    for (size_t i = 0; i < count; i++) {
        const json_t *machine = run_machine(&parts[i].run);
        size_t j = 0;

        if (!machine) {
            log_error("%s does not say on which machine it ran: it cannot be merged",
                      parts[i].run.path);
            return -1;
        }
        while (j < i && !machine_is_same(run_machine(&parts[j].run), machine))
            j++;
        if (j == i && *machine_count == MACHINES_MAX) {
            log_error("%s: more than %d machines", parts[i].run.path, MACHINES_MAX);
            return -1;
        }
        parts[i].machine = j < i ? parts[j].machine : (unsigned)++*machine_count;
    }
    return 0;
}

/* 0 where part `at` does the work of those before it, or -1 told on stderr. */
static int check_workload(const struct part *parts, size_t at)
{
    const struct run *run = &parts[at].run;
    bool shares_level = false;

    for (size_t i = 0; i < at; i++) {
        char *difference;
        int error = workload_compare(&parts[i].run, run, &difference);

        if (error || difference) {
            log_error("%s: not the same work, so not in one report; without --output each run "
                      "gets its own",
                      error ? strerror(-error) : difference);
            free(difference);
            return -1;
        }
        shares_level = shares_level || workload_shares_level(&parts[i].run, run);
    }
    if (at == 0 || shares_level)
        return 0;
    log_error("%s has no level in common with the runs before it, so nothing to stand beside; "
              "without --output each run gets its own report",
              run->path);
    return -1;
}

/* Every trial is moved into the merged run, which is ordered by machine and then as given. */
static int move_trials(struct part *parts, size_t count, struct run *merged)
{
    size_t trial_count = 0;

    for (size_t i = 0; i < count; i++)
        trial_count += parts[i].run.trial_count;
    merged->trials = calloc(trial_count, sizeof *merged->trials);
    if (!merged->trials)
        return -ENOMEM;
    for (unsigned machine = 1; machine <= merged->machine_count; machine++) {
        for (size_t i = 0; i < count; i++) {
            struct run *run = &parts[i].run;

            if (parts[i].machine != machine)
                continue;
            memcpy(&merged->trials[merged->trial_count], run->trials,
                   run->trial_count * sizeof *run->trials);
            merged->trial_count += run->trial_count;
            run->trial_count = 0;
        }
    }
    return 0;
}

static int set_label(struct trial *trial, const char *name, const char *text)
{
    json_t *labels = json_object_get(trial->document, "labels");

    return json_object_set_new(labels, name, json_string(text)) < 0 ? -ENOMEM : 0;
}

/* A name in which the run, the machine and the block are those of the merged run. */
static int rename_trial(struct trial *trial, const struct part *part, bool has_machines)
{
    char block[16];
    char *file;

    if (asprintf(&file, "%s/%s", part->label, trial->file) < 0)
        return -ENOMEM;
    free(trial->file);
    trial->file = file;
    if (trial->block > 0) {
        trial->block += part->block_first - 1;
        snprintf(block, sizeof block, "%u", trial->block);
        if (set_label(trial, "block", block) < 0)
            return -ENOMEM;
    }
    if (!has_machines)
        return 0;
    trial->machine = part->machine;
    char *model = model_name_on_machine(trial->model, part->machine);
    int error = model ? set_label(trial, "model", model) : -ENOMEM;
    free(model);
    if (!error)
        trial->model =
            json_string_value(json_object_get(json_object_get(trial->document, "labels"), "model"));
    return error;
}

static int rename_trials(struct part *parts, size_t count, bool has_machines)
{
    unsigned last = 0;
    int error = 0;

    for (size_t i = 0; i < count; i++) {
        struct run *run = &parts[i].run;
        unsigned highest = 0;

        for (size_t j = 0; j < run->trial_count; j++)
            highest = run->trials[j].block > highest ? run->trials[j].block : highest;
        if (highest > 0) {
            parts[i].block_first = last + 1;
            parts[i].block_last = last += highest;
        }
        for (size_t j = 0; j < run->trial_count && !error; j++)
            error = rename_trial(&run->trials[j], &parts[i], has_machines);
    }
    return error;
}

static int compare_trials(const void *left, const void *right)
{
    const struct trial *a = *(const struct trial *const *)left;
    const struct trial *b = *(const struct trial *const *)right;
    int order = strcmp(a->started_utc, b->started_utc);

    order = order ? order : strcmp(a->model, b->model);
    order = order ? order : strcmp(a->level, b->level);
    if (order == 0 && a->sent != b->sent)
        order = a->sent < b->sent ? -1 : 1;
    if (order == 0 && a->throughput_per_s != b->throughput_per_s)
        order = a->throughput_per_s < b->throughput_per_s ? -1 : 1;
    return order;
}

/* The label of a trial's part, which its name begins with. */
static size_t label_length(const struct trial *trial)
{
    return (size_t)(strrchr(trial->file, '/') - trial->file);
}

static bool is_same_run(const struct trial *one, const struct trial *other)
{
    size_t length = label_length(one);

    return length == label_length(other) && strncmp(one->file, other->file, length) == 0;
}

/* A run that is given twice, or a copy of one, would make an interval narrow without any further
 * measurement. 0, or -1 told on stderr. */
static int check_copies(const struct run *merged)
{
    const struct trial **sorted = calloc(merged->trial_count, sizeof(const struct trial *));
    size_t i = 1;

    if (!sorted) {
        log_error("%s", strerror(ENOMEM));
        return -1;
    }
    for (size_t j = 0; j < merged->trial_count; j++)
        sorted[j] = &merged->trials[j];
    qsort(sorted, merged->trial_count, sizeof(const struct trial *), compare_trials);
    while (i < merged->trial_count && (compare_trials(&sorted[i - 1], &sorted[i]) != 0 ||
                                       is_same_run(sorted[i - 1], sorted[i])))
        i++;
    bool found = i < merged->trial_count;
    if (found)
        log_error("%s and %s are one measurement: give each run once", sorted[i - 1]->file,
                  sorted[i]->file);
    free(sorted);
    return found ? -1 : 0;
}

/* What the parts had to say, each with its name. */
static void move_notes(struct part *parts, size_t count, struct run *merged)
{
    for (size_t i = 0; i < count; i++) {
        struct run *run = &parts[i].run;

        for (size_t j = 0; j < run->note_count; j++) {
            char *text;

            if (asprintf(&text, "%s: %s", parts[i].label, run->notes[j]) < 0)
                continue;
            escape_plain(text);
            run_keep_note(merged, text);
        }
    }
}

static void note_merge(const struct part *parts, size_t count, struct run *merged)
{
    char machines[MACHINES_TEXT_SIZE];
    char *text;
    int length;

    if (merged->machine_count > 1)
        length = asprintf(&text,
                          "%zu runs on %zu machines (%s), side by side, never pooled: ranks, "
                          "findings and blocks are of one machine each. A model keeps its colour "
                          "and point, another machine gives it another line.",
                          count, merged->machine_count,
                          machines_text(json_object_get(merged->manifest, "machines"), machines));
    else
        length = asprintf(&text,
                          "%zu runs of one machine, merged: sessions at different times, so "
                          "intervals are over all of them. A block is of one run.",
                          count);
    if (length >= 0)
        run_keep_note(merged, text);
    differences_note(parts, count, merged);
}

static int merge(struct part *parts, size_t count, struct run *merged)
{
    *merged = (struct run){.path = strdup(parts[0].run.path), .merged_count = count};
    label_parts(parts, count);
    if (!merged->path || check_paths(parts, count) < 0 ||
        find_machines(parts, count, &merged->machine_count) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (check_workload(parts, i) < 0)
            return -1;
    }
    merged->manifest = manifest_merge(parts, count, merged->machine_count);
    if (!merged->manifest) {
        log_error("%s", strerror(ENOMEM));
        return -1;
    }
    note_merge(parts, count, merged);
    move_notes(parts, count, merged);
    if (rename_trials(parts, count, merged->machine_count > 1) < 0 ||
        manifest_add_runs(merged->manifest, parts, count) < 0 ||
        move_trials(parts, count, merged) < 0) {
        log_error("%s", strerror(ENOMEM));
        return -1;
    }
    return check_copies(merged);
}

int runs_merge(char *const *paths, size_t count, struct run *run)
{
    struct part *parts = calloc(count, sizeof *parts);
    size_t loaded = 0;
    int error = parts ? 0 : -1;

    *run = (struct run){0};
    for (; loaded < count && !error; loaded += error == 0)
        error = run_load(paths[loaded], &parts[loaded].run);
    if (!error)
        error = merge(parts, count, run);
    if (error)
        run_release(run);
    for (size_t i = 0; i < loaded; i++)
        run_release(&parts[i].run);
    free(parts);
    return error;
}
