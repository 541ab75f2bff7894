/* SPDX-License-Identifier: MIT */
#include "analysis/summary.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/model_name.h"

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool has_model(const struct summary *summary, const char *model)
{
    for (size_t i = 0; i < summary->model_count; i++) {
        if (strcmp(summary->models[i], model) == 0)
            return true;
    }
    return false;
}

static bool has_level(const struct summary *summary, const char *level)
{
    for (size_t i = 0; i < summary->level_count; i++) {
        if (strcmp(summary->levels[i].text, level) == 0)
            return true;
    }
    return false;
}

/* The order of the manifest, which somebody chose; models it does not name follow by name. */
static void order_models(struct summary *summary)
{
    json_t *planned = json_object_get(summary->run->manifest, "models");
    size_t placed = 0;
    json_t *name;
    size_t i;

    qsort(summary->models, summary->model_count, sizeof *summary->models, compare_texts);
    json_array_foreach(planned, i, name)
    {
        for (size_t j = placed; json_is_string(name) && j < summary->model_count; j++) {
            const char *model = summary->models[j];

            if (strcmp(model, json_string_value(name)) != 0)
                continue;
            memmove(&summary->models[placed + 1], &summary->models[placed],
                    (j - placed) * sizeof *summary->models);
            summary->models[placed++] = model;
            break;
        }
    }
}

/* Levels that are names keep the order of the manifest, then that of the trials. */
static void order_levels(struct summary *summary)
{
    json_t *planned = json_object_get(summary->run->manifest, "levels");
    size_t placed = 0;
    json_t *name;
    size_t i;

    json_array_foreach(planned, i, name)
    {
        for (size_t j = placed; json_is_string(name) && j < summary->level_count; j++) {
            struct level level = summary->levels[j];

            if (strcmp(level.text, json_string_value(name)) != 0)
                continue;
            memmove(&summary->levels[placed + 1], &summary->levels[placed],
                    (j - placed) * sizeof level);
            summary->levels[placed++] = level;
            break;
        }
    }
    summary->level_kind = levels_order(summary->varies, summary->levels, summary->level_count);
}

/* A model's name has the machine in it: any of its trials will do. */
static void find_machines(struct summary *summary)
{
    const struct trial *trials = summary->run->trials;

    for (size_t model = 0; model < summary->model_count; model++) {
        size_t i = 0;

        while (strcmp(trials[i].model, summary->models[model]) != 0)
            i++;
        summary->machines[model] = trials[i].machine;
    }
}

static int collect_axes(struct summary *summary)
{
    summary->varies = summary->run->trials[0].varies;
    summary->light_class = "";
    for (size_t i = 0; i < summary->run->trial_count; i++) {
        const struct trial *trial = &summary->run->trials[i];
        bool new_model = !has_model(summary, trial->model);
        bool new_level = !has_level(summary, trial->level);

        if ((new_model && summary->model_count == MODELS_MAX) ||
            (new_level && summary->level_count == LEVELS_MAX))
            return -E2BIG;
        if (*trial->light_class && !*summary->light_class)
            summary->light_class = trial->light_class;
        if (new_model)
            summary->models[summary->model_count++] = trial->model;
        if (new_level)
            summary->levels[summary->level_count++] = (struct level){.text = trial->level};
    }
    order_models(summary);
    find_machines(summary);
    order_levels(summary);
    return 0;
}

static void sum_up_metric(struct cell *cell, enum metric metric, struct observation *observations)
{
    struct cell_metric *result = &cell->metrics[metric];
    size_t count = 0;

    for (size_t i = 0; i < cell->trial_count; i++) {
        struct reading reading = metric_read(metric, cell->trials[i]);

        if (reading.needs > result->needs)
            result->needs = reading.needs;
        if (!isnan(reading.value))
            observations[count++] = (struct observation){reading.value, reading.at_least};
    }
    result->estimate = estimate_of(observations, result->needs ? 0 : count);
}

static void sum_up(struct cell *cell, struct observation *observations)
{
    for (size_t i = 0; i < cell->trial_count; i++) {
        if (cell->trials[i]->trust > cell->trust)
            cell->trust = cell->trials[i]->trust;
        if (cell->trials[i]->refused > 0)
            cell->is_limited = true;
        if (cell->trials[i]->loop == LOOP_OPEN)
            cell->is_open = true;
    }
    for (enum metric metric = 0; metric < METRICS; metric++)
        sum_up_metric(cell, metric, observations);
}

/* The cell of a trial; NULL: it is not used. */
static struct cell *cell_of(const struct summary *summary, const struct trial *trial)
{
    size_t level = 0;
    size_t model = 0;

    if (!trial->complete)
        return NULL;
    while (strcmp(summary->levels[level].text, trial->level) != 0)
        level++;
    while (strcmp(summary->models[model], trial->model) != 0)
        model++;
    return summary_cell(summary, level, model);
}

/* Counts first, then places: each trial is looked up twice, however many cells there are. */
static void fill_cells(struct summary *summary, struct observation *observations)
{
    size_t cell_count = summary->level_count * summary->model_count;

    for (size_t i = 0; i < summary->run->trial_count; i++) {
        struct cell *cell = cell_of(summary, &summary->run->trials[i]);

        if (cell)
            cell->trial_count++;
    }
    for (size_t i = 0; i < cell_count; i++) {
        struct cell *cell = &summary->cells[i];

        cell->level = i / summary->model_count;
        cell->model = i % summary->model_count;
        cell->trials = summary->members + summary->used_count;
        summary->used_count += cell->trial_count;
        cell->trial_count = 0;
    }
    for (size_t i = 0; i < summary->run->trial_count; i++) {
        struct cell *cell = cell_of(summary, &summary->run->trials[i]);

        if (cell)
            cell->trials[cell->trial_count++] = &summary->run->trials[i];
    }
    for (size_t i = 0; i < cell_count; i++)
        sum_up(&summary->cells[i], observations);
}

bool summary_compares(const struct summary *summary, size_t model)
{
    const char *text = summary->models[model];
    struct model_name name = model_name_parse(text);
    bool is_null = name.length == strlen("null") && strncmp(text, "null", name.length) == 0;

    return !is_null && !name.is_again;
}

static bool is_ranked(const struct summary *summary, const struct cell *cell)
{
    return cell->trial_count > 0 && cell->trust != TRUST_NONE && !cell->is_limited &&
           !cell->is_open && summary_compares(summary, cell->model);
}

static int compare_highs(const void *left, const void *right)
{
    const struct cell *a = *(struct cell *const *)left;
    const struct cell *b = *(struct cell *const *)right;
    double a_high = a->metrics[METRIC_THROUGHPUT].estimate.high;
    double b_high = b->metrics[METRIC_THROUGHPUT].estimate.high;

    if (a_high != b_high)
        return a_high > b_high ? -1 : 1;
    return a->model < b->model ? -1 : a->model > b->model;
}

/* Sweeps the intervals from the highest upper end down. One that reaches up to the lowest end so
 * far overlaps somebody above and shares the rank; a gap begins the next, which is one more than
 * the number of models above it. Overlap is passed on from neighbour to neighbour: that is the only
 * ranking in which no two overlapping models differ. */
static void rank_level(struct summary *summary, size_t level, unsigned machine,
                       struct cell **ranked)
{
    double lowest = DBL_MAX;
    unsigned rank = 0;
    size_t count = 0;

    for (size_t model = 0; model < summary->model_count; model++) {
        struct cell *cell = summary_cell(summary, level, model);

        if (summary->machines[model] == machine && is_ranked(summary, cell))
            ranked[count++] = cell;
    }
    qsort(ranked, count, sizeof(struct cell *), compare_highs);
    for (size_t i = 0; i < count; i++) {
        const struct estimate *throughput = &ranked[i]->metrics[METRIC_THROUGHPUT].estimate;

        if (rank == 0 || throughput->high < lowest)
            rank = (unsigned)i + 1;
        ranked[i]->rank = rank;
        lowest = fmin(lowest, throughput->low);
    }
}

/* Blocks by their labels; where the trials have none, the most trials of a cell. 0 or -ENOMEM. */
static int count_blocks(struct summary *summary)
{
    unsigned highest = 0;
    size_t most = 0;

    for (size_t i = 0; i < summary->used_count; i++) {
        if (summary->members[i]->block > highest)
            highest = summary->members[i]->block;
    }
    bool *is_seen = calloc((size_t)highest + 1, sizeof *is_seen);
    if (!is_seen)
        return -ENOMEM;
    is_seen[0] = true; /* no label is no block */
    for (size_t i = 0; i < summary->used_count; i++) {
        summary->block_count += !is_seen[summary->members[i]->block];
        is_seen[summary->members[i]->block] = true;
    }
    free(is_seen);
    for (size_t i = 0; i < summary->level_count * summary->model_count; i++) {
        if (summary->cells[i].trial_count > most)
            most = summary->cells[i].trial_count;
    }
    if (summary->block_count == 0)
        summary->block_count = most;
    return 0;
}

/* A run that was merged may have models that were not in all of its parts: what few blocks of one
 * cannot show, many of another do not make up for. Each block has one trial of a cell. */
static void count_fewest_blocks(struct summary *summary)
{
    summary->block_count = SIZE_MAX;
    for (size_t model = 0; model < summary->model_count; model++) {
        size_t most = 0;

        for (size_t level = 0; level < summary->level_count; level++) {
            const struct cell *cell = summary_cell(summary, level, model);

            most = cell->trial_count > most ? cell->trial_count : most;
        }
        if (summary_compares(summary, model) && most < summary->block_count)
            summary->block_count = most;
    }
    if (summary->block_count == SIZE_MAX)
        summary->block_count = 0;
}

int summary_init(struct summary *summary, const struct run *run)
{
    struct cell *ranked[MODELS_MAX];

    *summary = (struct summary){.run = run};
    int error = collect_axes(summary);
    if (error)
        return error;
    struct observation *observations = calloc(run->trial_count, sizeof *observations);
    summary->members = calloc(run->trial_count, sizeof(const struct trial *));
    summary->cells = calloc(summary->level_count * summary->model_count, sizeof *summary->cells);
    if (!observations || !summary->members || !summary->cells) {
        free(observations);
        summary_release(summary);
        return -ENOMEM;
    }
    fill_cells(summary, observations);
    free(observations);
    for (size_t level = 0; level < summary->level_count; level++) {
        for (unsigned machine = 0; machine <= run->machine_count; machine++)
            rank_level(summary, level, machine, ranked);
    }
    error = count_blocks(summary);
    if (error)
        summary_release(summary);
    else if (run->merged_count > 0)
        count_fewest_blocks(summary);
    return error;
}

void summary_release(struct summary *summary)
{
    free(summary->members);
    free(summary->cells);
    *summary = (struct summary){0};
}

struct cell *summary_cell(const struct summary *summary, size_t level, size_t model)
{
    return &summary->cells[level * summary->model_count + model];
}
