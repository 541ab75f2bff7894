/* SPDX-License-Identifier: MIT */
/*
 * finding_rules.c: the rules that find something to say.
 *
 * Each is about one kind of difference and gives at most a few sentences, so that one kind does not
 * crowd out the others.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/finding.h"

enum {
    LEADERS_MAX = 4, /* sentences of a kind */
    CROSSINGS_MAX = 3,
    REFUSALS_MAX = 3,
};

/* What has fallen below half has collapsed, what is above nine tenths has not noticed. */
static const double COLLAPSED = 0.5;
static const double KEPT = 0.9;

/* Ranked cells of a level with an interval, best first. */
static size_t ranked_cells(const struct summary *summary, size_t level,
                           const struct cell *cells[MODELS_MAX])
{
    size_t count = summary_level_cells(summary, level, cells);
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (cells[i]->rank > 0 && finding_is_based(cells[i], METRIC_THROUGHPUT))
            cells[kept++] = cells[i];
    }
    return kept;
}

static void find_leader(struct candidates *candidates, size_t level)
{
    const struct summary *summary = candidates->summary;
    const struct cell *cells[MODELS_MAX];
    size_t count = ranked_cells(summary, level, cells);
    struct document document;
    char text[NUMBER_TEXT_SIZE];
    size_t leaders = 0;

    while (leaders < count && cells[leaders]->rank == cells[0]->rank)
        leaders++;
    if (leaders == count || !finding_open(candidates, &document))
        return;
    const struct estimate *best = &cells[0]->metrics[METRIC_THROUGHPUT].estimate;
    const struct cell *next = cells[leaders];
    const struct cell *last = cells[count - 1];
    struct ratio to_last = ratio_of(best, &last->metrics[METRIC_THROUGHPUT].estimate);

    fprintf(document.out, "At %s ", summary_level_text(summary, level, text));
    finding_write_names(document.out, summary, cells, leaders);
    fprintf(document.out, " %s: ", leaders > 1 ? "lead together" : "leads");
    if (leaders > 1)
        fprintf(document.out, "%s answers ", summary->models[cells[0]->model]);
    finding_write_value(document.out, cells[0], METRIC_THROUGHPUT);
    fputs(" replies a second, ", document.out);
    if (next != last)
        fprintf(document.out, "%s those of %s, the next, and ",
                ratio_text(ratio_of(best, &next->metrics[METRIC_THROUGHPUT].estimate), text),
                summary->models[next->model]);
    fprintf(document.out, "%s those of %s, the last.", ratio_text(to_last, text),
            summary->models[last->model]);
    finding_add(candidates, &document, log(fmax(to_last.low, 1)));
}

/* Of many levels the first and the last ones, and what lies evenly between. */
void find_leaders(struct candidates *candidates)
{
    size_t levels = candidates->summary->level_count;
    size_t count = levels < LEADERS_MAX ? levels : LEADERS_MAX;

    for (size_t i = 0; i < count; i++)
        find_leader(candidates, count > 1 ? i * (levels - 1) / (count - 1) : 0);
}

/* Least and most of a metric at a level, when they differ. `what` is the quantity in the words of
 * "what a request costs epoll ...". */
static void find_extreme(struct candidates *candidates, size_t level, enum metric metric,
                         const char *what)
{
    const struct summary *summary = candidates->summary;
    const struct cell *least = NULL;
    const struct cell *most = NULL;
    struct document document;
    char text[NUMBER_TEXT_SIZE];

    for (size_t model = 0; model < summary->model_count; model++) {
        const struct cell *cell = summary_cell(summary, level, model);

        if (!finding_is_based(cell, metric) || !summary_compares(summary, model))
            continue;
        if (!least ||
            cell->metrics[metric].estimate.median < least->metrics[metric].estimate.median)
            least = cell;
        if (!most || cell->metrics[metric].estimate.median > most->metrics[metric].estimate.median)
            most = cell;
    }
    if (!least)
        return;
    struct ratio ratio =
        ratio_of(&most->metrics[metric].estimate, &least->metrics[metric].estimate);
    if (ratio.low <= 1 || !finding_open(candidates, &document))
        return;
    fprintf(document.out, "At %s %s is least with %s, ", summary_level_text(summary, level, text),
            what, summary->models[least->model]);
    finding_write_value(document.out, least, metric);
    fprintf(document.out, ", and most with %s, ", summary->models[most->model]);
    finding_write_value(document.out, most, metric);
    fprintf(document.out, ": %s as much.", ratio_text(ratio, text));
    finding_add(candidates, &document, log(ratio.low));
}

void find_extremes(struct candidates *candidates)
{
    const struct summary *summary = candidates->summary;
    size_t last = summary->level_count - 1;

    if (*summary->light_class) {
        for (size_t level = last > 1 ? last - 1 : last; level <= last; level++)
            find_extreme(candidates, level, METRIC_LIGHT_P99, "the p99 of the light requests");
    } else {
        find_extreme(candidates, last, METRIC_RESPONSE_P99, "the p99 of response time");
    }
    if (summary_shows_metric(summary, METRIC_CPU_CONNECTION))
        find_extreme(candidates, last, METRIC_CPU_CONNECTION, "the CPU time of a connection");
    else
        find_extreme(candidates, last, METRIC_CPU, "the CPU time of a request");
    find_extreme(candidates, last, METRIC_USER_MEMORY_CONNECTION, "the memory of a connection");
    if (strcmp(run_experiment(summary->run), "balance") == 0) {
        for (size_t level = 0; level <= last; level += last > 0 ? last : 1)
            find_extreme(candidates, level, METRIC_BALANCE, "Jain's index of the workers");
    }
}

/* A cell against the same model's at the first level. */
struct change {
    const struct cell *cell;
    struct ratio ratio;
};

static int compare_changes(const void *left, const void *right)
{
    const struct change *a = left;
    const struct change *b = right;

    if (a->ratio.high != b->ratio.high)
        return a->ratio.high < b->ratio.high ? -1 : 1;
    return a->cell->model < b->cell->model ? -1 : a->cell->model > b->cell->model;
}

static void write_changes(FILE *out, const struct summary *summary, const struct change *changes,
                          size_t count)
{
    size_t said = count > NAMES_SAID_MAX + 1 ? NAMES_SAID_MAX : count;
    char text[NUMBER_TEXT_SIZE];

    for (size_t i = 0; i < said; i++)
        fprintf(out, "%s%s %s",
                i == 0           ? ""
                : i + 1 == count ? " and "
                                 : ", ",
                summary->models[changes[i].cell->model], ratio_text(changes[i].ratio, text));
    if (said < count)
        fprintf(out, " and %zu others", count - said);
}

/* Against its own first level, every closed loop's model that has an interval at both. */
static size_t collect_changes(const struct summary *summary, size_t level,
                              struct change changes[MODELS_MAX])
{
    size_t count = 0;

    for (size_t model = 0; model < summary->model_count; model++) {
        const struct cell *first = summary_cell(summary, 0, model);
        const struct cell *cell = summary_cell(summary, level, model);

        if (first->rank == 0 || cell->rank == 0 || !finding_is_based(first, METRIC_THROUGHPUT) ||
            !finding_is_based(cell, METRIC_THROUGHPUT))
            continue;
        changes[count++] =
            (struct change){cell, ratio_of(&cell->metrics[METRIC_THROUGHPUT].estimate,
                                           &first->metrics[METRIC_THROUGHPUT].estimate)};
    }
    if (count > 0)
        qsort(changes, count, sizeof changes[0], compare_changes);
    return count;
}

static void find_collapse(struct candidates *candidates, size_t level)
{
    const struct summary *summary = candidates->summary;
    struct change changes[MODELS_MAX];
    size_t count = collect_changes(summary, level, changes);
    struct document document;
    char text[NUMBER_TEXT_SIZE];
    size_t fallen = 0;
    size_t kept = 0;

    while (fallen < count && changes[fallen].ratio.high < COLLAPSED)
        fallen++;
    /* Those that kept theirs, gathered at the end. */
    for (size_t i = count; i-- > fallen;) {
        if (changes[i].ratio.low >= KEPT) {
            struct change change = changes[i];

            memmove(&changes[i], &changes[i + 1], (count - kept - 1 - i) * sizeof change);
            changes[count - ++kept] = change;
        }
    }
    if (fallen == 0 || !finding_open(candidates, &document))
        return;
    fprintf(document.out, "At %s less than half is left of the throughput at ",
            summary_level_text(summary, level, text));
    fprintf(document.out, "%s: ", summary_level_text(summary, 0, text));
    write_changes(document.out, summary, changes, fallen);
    if (kept > 0) {
        fputs("; it holds with ", document.out);
        write_changes(document.out, summary, changes + count - kept, kept);
    }
    fputc('.', document.out);
    finding_add(candidates, &document, -log(changes[0].ratio.high));
}

/* At the first level where anybody has collapsed, and at the last. */
void find_collapses(struct candidates *candidates)
{
    const struct summary *summary = candidates->summary;
    struct change changes[MODELS_MAX];

    for (size_t level = 1; level < summary->level_count; level++) {
        if (collect_changes(summary, level, changes) == 0 || changes[0].ratio.high >= COLLAPSED)
            continue;
        find_collapse(candidates, level);
        if (level + 1 < summary->level_count)
            find_collapse(candidates, summary->level_count - 1);
        return;
    }
}

/* One model leads another at one level and is led by it at a later one. */
struct crossing {
    size_t leader, follower; /* at `before` */
    size_t before, after;
    double strength;
};

static double lead(const struct summary *summary, size_t level, size_t one, size_t other)
{
    const struct cell *a = summary_cell(summary, level, one);
    const struct cell *b = summary_cell(summary, level, other);

    if (a->rank == 0 || b->rank == 0 || !finding_is_based(a, METRIC_THROUGHPUT) ||
        !finding_is_based(b, METRIC_THROUGHPUT))
        return 0;
    return log(
        ratio_of(&a->metrics[METRIC_THROUGHPUT].estimate, &b->metrics[METRIC_THROUGHPUT].estimate)
            .low);
}

/* The last level at which the first leads before the first at which the second does; their distance
 * is where the two cross. */
static bool find_crossing(const struct summary *summary, struct crossing *crossing)
{
    bool led = false;

    crossing->strength = 0;
    for (size_t level = 0; level < summary->level_count; level++) {
        if (lead(summary, level, crossing->leader, crossing->follower) > 0) {
            crossing->before = level;
            led = true;
        } else if (led && lead(summary, level, crossing->follower, crossing->leader) > 0) {
            crossing->after = level;
            crossing->strength =
                fmin(lead(summary, crossing->before, crossing->leader, crossing->follower),
                     lead(summary, level, crossing->follower, crossing->leader));
            return true;
        }
    }
    return false;
}

static void say_crossing(struct candidates *candidates, const struct crossing *crossing)
{
    const struct summary *summary = candidates->summary;
    const char *leader = summary->models[crossing->leader];
    const char *follower = summary->models[crossing->follower];
    const struct cell *before[2] = {summary_cell(summary, crossing->before, crossing->leader),
                                    summary_cell(summary, crossing->before, crossing->follower)};
    const struct cell *after[2] = {summary_cell(summary, crossing->after, crossing->follower),
                                   summary_cell(summary, crossing->after, crossing->leader)};
    struct document document;
    char text[NUMBER_TEXT_SIZE];

    if (!finding_open(candidates, &document))
        return;
    fprintf(document.out, "%s and %s change places between ", leader, follower);
    fprintf(document.out, "%s and ", summary->levels[crossing->before].name);
    fprintf(document.out, "%s: ", summary_level_text(summary, crossing->after, text));
    fprintf(document.out, "first %s carries %s as much, then %s ", leader,
            ratio_text(ratio_of(&before[0]->metrics[METRIC_THROUGHPUT].estimate,
                                &before[1]->metrics[METRIC_THROUGHPUT].estimate),
                       text),
            follower);
    fprintf(document.out, "%s.",
            ratio_text(ratio_of(&after[0]->metrics[METRIC_THROUGHPUT].estimate,
                                &after[1]->metrics[METRIC_THROUGHPUT].estimate),
                       text));
    finding_add(candidates, &document, crossing->strength);
}

void find_crossings(struct candidates *candidates)
{
    struct crossing best[CROSSINGS_MAX + 1];
    size_t count = 0;

    for (size_t pair = 0;
         pair < candidates->summary->model_count * candidates->summary->model_count; pair++) {
        struct crossing crossing = {.leader = pair / candidates->summary->model_count,
                                    .follower = pair % candidates->summary->model_count};
        size_t at = count;

        if (crossing.leader == crossing.follower || !find_crossing(candidates->summary, &crossing))
            continue;
        while (at > 0 && best[at - 1].strength < crossing.strength) {
            best[at] = best[at - 1];
            at--;
        }
        best[at] = crossing;
        count += count < CROSSINGS_MAX;
    }
    for (size_t i = 0; i < count; i++)
        say_crossing(candidates, &best[i]);
}

/* Who was refused is a fact of each trial: it needs no interval. */
static bool find_refusal(struct candidates *candidates, size_t level)
{
    const struct summary *summary = candidates->summary;
    const struct cell *cells[MODELS_MAX];
    struct document document;
    char text[NUMBER_TEXT_SIZE];
    double least = INFINITY;
    size_t count = 0;

    for (size_t model = 0; model < summary->model_count; model++) {
        const struct cell *cell = summary_cell(summary, level, model);

        if (cell->trial_count > 0 && cell->is_limited && *cell_served_text(cell, text))
            cells[count++] = cell;
    }
    if (count == 0 || !finding_open(candidates, &document))
        return false;
    fprintf(document.out, "At %s ", summary_level_text(summary, level, text));
    finding_write_names(document.out, summary, cells, count);
    fputs(" refused clients:", document.out);
    for (size_t i = 0; i < count && i < NAMES_SAID_MAX; i++) {
        const struct trial *first = cells[i]->trials[0];
        double served = cells[i]->metrics[METRIC_ESTABLISHED].estimate.median;

        fprintf(document.out, "%s %s served %s", i ? "," : "",
                count > 1 ? summary->models[cells[i]->model] : "it",
                cell_served_text(cells[i], text));
        least =
            fmin(least, fmax(served, 1) / (double)(first->connections + first->idle_connections));
    }
    fputc('.', document.out);
    finding_add(candidates, &document, -log(fmin(least, 1)));
    return true;
}

/* The largest levels, where most are refused. */
void find_refusals(struct candidates *candidates)
{
    size_t said = 0;

    for (size_t level = candidates->summary->level_count; level-- > 0 && said < REFUSALS_MAX;)
        said += find_refusal(candidates, level);
}
