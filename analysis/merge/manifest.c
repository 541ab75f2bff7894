/* SPDX-License-Identifier: MIT */
#include "analysis/merge/manifest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/model_name.h"

/* Of one run, even where another's is the same by chance: `runs` has them. */
static const char *const own_members[] = {"started_utc", "finished_utc",   "command", "seed",
                                          "blocks",      "planned_trials", "machine"};

/* What the first states and the others do not, or otherwise. */
static void delete_differences(json_t *manifest, const struct part *parts, size_t count)
{
    const char *name;
    json_t *value;
    void *next;

    for (size_t i = 1; i < count; i++) {
        json_object_foreach_safe(manifest, next, name, value)
        {
            if (!json_equal(value, json_object_get(parts[i].run.manifest, name)))
                json_object_del(manifest, name);
        }
    }
}

static bool has_text(const json_t *array, const char *text)
{
    json_t *element;
    size_t i;

    json_array_foreach(array, i, element)
    {
        if (strcmp(json_string_value(element), text) == 0)
            return true;
    }
    return false;
}

/* All strings of the parts' arrays of that name, in the order in which they come. */
static json_t *unite(const struct part *parts, size_t count, const char *name)
{
    json_t *all = json_array();

    for (size_t part = 0; part < count && all; part++) {
        json_t *element;
        size_t i;

        json_array_foreach(json_object_get(parts[part].run.manifest, name), i, element)
        {
            if (json_is_string(element) && !has_text(all, json_string_value(element)))
                json_array_append(all, element);
        }
    }
    return all;
}

/* A model's machines stand beside each other, in legends and tables. */
static json_t *models_on_machines(json_t *models, size_t machine_count)
{
    json_t *all = json_array();
    json_t *model;
    size_t i;

    json_array_foreach(models, i, model)
    {
        for (unsigned machine = 1; machine <= machine_count; machine++) {
            char *name = model_name_on_machine(json_string_value(model), machine);

            if (name)
                json_array_append_new(all, json_string(name));
            free(name);
        }
    }
    json_decref(models);
    return all;
}

/* The model that others are held against is one of the first machine; which one ran twice is told
 * by its name alone. 0 or -1. */
static int place_on_machines(json_t *manifest)
{
    const char *baseline = json_string_value(json_object_get(manifest, "baseline"));
    char *name = baseline ? model_name_on_machine(baseline, 1) : NULL;
    int error = name ? json_object_set_new(manifest, "baseline", json_string(name)) : 0;

    free(name);
    json_object_del(manifest, "again");
    return baseline && !name ? -1 : error;
}

static json_t *machine_list(const struct part *parts, size_t count)
{
    json_t *machines = json_array();

    for (size_t i = 0; i < count && machines; i++) {
        if (parts[i].machine > json_array_size(machines))
            json_array_append(machines, run_machine(&parts[i].run));
    }
    return machines;
}

static const char *earliest_start(const struct part *parts, size_t count)
{
    const char *earliest = run_started_utc(&parts[0].run);

    for (size_t i = 1; i < count; i++) {
        const char *started = run_started_utc(&parts[i].run);

        if (strcmp(started, earliest) < 0)
            earliest = started;
    }
    return earliest;
}

json_t *manifest_merge(const struct part *parts, size_t count, size_t machine_count)
{
    json_t *manifest = json_deep_copy(parts[0].run.manifest);
    json_t *models = unite(parts, count, "models");
    int failed = !manifest;

    if (manifest) {
        delete_differences(manifest, parts, count);
        for (size_t i = 0; i < sizeof own_members / sizeof own_members[0]; i++)
            json_object_del(manifest, own_members[i]);
    }
    if (machine_count > 1) {
        failed |= place_on_machines(manifest);
        models = models_on_machines(models, machine_count);
    }
    failed |= json_object_set_new(manifest, "format", json_string("muelle-merge/1"));
    failed |=
        json_object_set_new(manifest, "experiment", json_string(run_experiment(&parts[0].run)));
    failed |= json_object_set_new(manifest, "title", json_string(run_title(&parts[0].run)));
    failed |=
        json_object_set_new(manifest, "started_utc", json_string(earliest_start(parts, count)));
    failed |= json_object_set_new(manifest, "models", models);
    failed |= json_object_set_new(manifest, "levels", unite(parts, count, "levels"));
    failed |= json_object_set_new(manifest, "cautions", unite(parts, count, "cautions"));
    failed |= json_object_set_new(manifest, "machines", machine_list(parts, count));
    if (machine_count == 1)
        failed |= json_object_set(manifest, "machine", run_machine(&parts[0].run));
    if (!failed)
        return manifest;
    json_decref(manifest);
    return NULL;
}

/* NULL, which json_pack() takes for "leave it out", where it is not stated. */
static json_t *stated(const struct part *part, const char *name)
{
    return json_object_get(part->run.manifest, name);
}

int manifest_add_runs(json_t *manifest, const struct part *parts, size_t count)
{
    json_t *runs = json_array();

    for (size_t i = 0; i < count; i++) {
        const struct part *part = &parts[i];
        char machine[] = {machine_letter(part->machine), '\0'};

        json_array_append_new(
            runs, json_pack("{ss ss ss sI s[ii] ss sO* sO* sO* sO*}", "name", part->label, "path",
                            part->run.path, "machine", machine, "trials",
                            (json_int_t)part->run.trial_count, "blocks", (int)part->block_first,
                            (int)part->block_last, "started_utc", run_started_utc(&part->run),
                            "finished_utc", stated(part, "finished_utc"), "preset",
                            stated(part, "preset"), "seed", stated(part, "seed"), "revision",
                            json_object_get(run_machine(&part->run), "revision")));
    }
    if (json_array_size(runs) != count) {
        json_decref(runs);
        return -ENOMEM;
    }
    return json_object_set_new(manifest, "runs", runs) < 0 ? -ENOMEM : 0;
}
