/* SPDX-License-Identifier: MIT */
/*
 * summary_text.c: the cells of a summary in the order and the words of every table.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/summary.h"

static int compare_cells(const void *left, const void *right)
{
    const struct cell *a = *(const struct cell *const *)left;
    const struct cell *b = *(const struct cell *const *)right;
    unsigned a_rank = a->rank ? a->rank : MODELS_MAX + 1;
    unsigned b_rank = b->rank ? b->rank : MODELS_MAX + 1;
    double a_median = a->metrics[METRIC_THROUGHPUT].estimate.median;
    double b_median = b->metrics[METRIC_THROUGHPUT].estimate.median;

    if (a->trials[0]->machine != b->trials[0]->machine)
        return a->trials[0]->machine < b->trials[0]->machine ? -1 : 1;
    if (a_rank != b_rank)
        return a_rank < b_rank ? -1 : 1;
    if (a_median != b_median)
        return a_median > b_median ? -1 : 1;
    return a->model < b->model ? -1 : a->model > b->model;
}

size_t summary_level_cells(const struct summary *summary, size_t level,
                           const struct cell *cells[MODELS_MAX])
{
    size_t count = 0;

    for (size_t model = 0; model < summary->model_count; model++) {
        const struct cell *cell = summary_cell(summary, level, model);

        if (cell->trial_count > 0)
            cells[count++] = cell;
    }
    qsort(cells, count, sizeof(const struct cell *), compare_cells);
    return count;
}

bool summary_has_own_response(const struct summary *summary)
{
    for (size_t i = 0; i < summary->used_count; i++) {
        if (trial_has_own_response(summary->members[i]))
            return true;
    }
    return false;
}

/* It has a number, or says what it needs, in some cell. */
static bool is_measured(const struct summary *summary, enum metric metric)
{
    for (size_t i = 0; i < summary->level_count * summary->model_count; i++) {
        const struct cell *cell = &summary->cells[i];

        if (cell->trial_count > 0 &&
            (cell->metrics[metric].estimate.count > 0 || cell->metrics[metric].needs > 0))
            return true;
    }
    return false;
}

bool summary_shows_metric(const struct summary *summary, enum metric metric)
{
    switch (metric) {
    case METRIC_SERVICE_P50:
    case METRIC_SERVICE_P99:
    case METRIC_SERVICE_P999:
    case METRIC_SEND_LAG_P99:
        return summary_has_own_response(summary);
    case METRIC_LIGHT_P50:
    case METRIC_LIGHT_P99:
        return *summary->light_class != '\0';
    case METRIC_WIRE_P50:
    case METRIC_WIRE_P99:
    case METRIC_CONNECTION_RATE:
    case METRIC_CPU_CONNECTION:
    case METRIC_PROCESSES:
    case METRIC_IO_CALLS:
    case METRIC_WAKEUPS:
    case METRIC_EMPTY_WAKEUPS:
    case METRIC_HANDOFFS:
    case METRIC_WAKEUPS_ACCEPT:
    case METRIC_RUN_QUEUE:
    case METRIC_QUEUE_MAX:
    case METRIC_BALANCE:
    case METRIC_USER_MEMORY_CONNECTION:
    case METRIC_PSS_CONNECTION:
    case METRIC_PAGE_TABLES_CONNECTION:
        return is_measured(summary, metric);
    default:
        return true;
    }
}

char *cell_metric_text(const struct cell *cell, enum metric metric, char *text)
{
    const struct cell_metric *value = &cell->metrics[metric];
    char needs[NUMBER_TEXT_SIZE];

    if (value->estimate.count > 0)
        return number_median_text(metric_unit(metric), &value->estimate, text);
    if (value->needs > 0)
        snprintf(text, NUMBER_TEXT_SIZE, "needs %.60s", number_count_text(value->needs, needs));
    else
        snprintf(text, NUMBER_TEXT_SIZE, "\xE2\x80\x94");
    return text;
}

char *cell_range_text(const struct cell *cell, enum metric metric, char *text)
{
    const struct estimate *estimate = &cell->metrics[metric].estimate;

    text[0] = '\0';
    if (estimate->count > 1)
        number_range_text(metric_unit(metric), estimate, text);
    return text;
}

char *cell_served_text(const struct cell *cell, char *text)
{
    const struct estimate *established = &cell->metrics[METRIC_ESTABLISHED].estimate;
    const struct trial *first = cell->trial_count > 0 ? cell->trials[0] : NULL;
    uint64_t asked = first ? first->connections + first->idle_connections : 0;
    char served_text[NUMBER_TEXT_SIZE];
    char asked_text[NUMBER_TEXT_SIZE];

    text[0] = '\0';
    if (established->low < (double)asked)
        snprintf(text, NUMBER_TEXT_SIZE, "%.40s of %.40s",
                 number_text(UNIT_COUNT, established->median, served_text),
                 number_count_text(asked, asked_text));
    return text;
}

char *cell_level_text(const struct summary *summary, const struct cell *cell, char *text)
{
    const char *name = summary->levels[cell->level].name;
    char served[NUMBER_TEXT_SIZE];

    if (!*cell_served_text(cell, served))
        snprintf(text, NUMBER_TEXT_SIZE, "%s", name);
    else if (strcmp(summary->varies, "connections") == 0)
        snprintf(text, NUMBER_TEXT_SIZE, "%s", served);
    else
        snprintf(text, NUMBER_TEXT_SIZE, "%.50s (%.40s)", name, served);
    return text;
}

char *summary_quantity_text(const struct summary *summary, char *text)
{
    return level_quantity_text(summary->varies, text);
}

char *summary_level_text(const struct summary *summary, size_t level, char *text)
{
    return level_phrase(summary->varies, summary->level_kind, &summary->levels[level], text);
}

char *cell_rank_text(const struct summary *summary, const struct cell *cell, char *text)
{
    size_t sharing = 0;

    for (size_t model = 0; model < summary->model_count; model++)
        sharing += summary->machines[model] == summary->machines[cell->model] &&
                   summary_cell(summary, cell->level, model)->rank == cell->rank;
    if (cell->rank == 0)
        snprintf(text, NUMBER_TEXT_SIZE, "\xE2\x80\x93");
    else
        snprintf(text, NUMBER_TEXT_SIZE, "%u%s", cell->rank, sharing > 1 ? "=" : "");
    return text;
}

char *summary_interval_text(const struct summary *summary, char *text)
{
    size_t least = SIZE_MAX;
    size_t most = 0;

    for (size_t i = 0; i < summary->level_count * summary->model_count; i++) {
        size_t count = summary->cells[i].trial_count;

        least = count > 0 && count < least ? count : least;
        most = count > most ? count : most;
    }
    const char *kind = least >= TRIALS_TO_INFER ? "95 % interval"
                       : most < TRIALS_TO_INFER ? "range"
                                                : "range or 95 % interval";
    if (most == 0)
        snprintf(text, NUMBER_TEXT_SIZE, "no complete trial");
    else if (least == most)
        snprintf(text, NUMBER_TEXT_SIZE, "%s of %zu trial%s", kind, most, most == 1 ? "" : "s");
    else
        snprintf(text, NUMBER_TEXT_SIZE, "%s of %zu to %zu trials", kind, least, most);
    return text;
}
