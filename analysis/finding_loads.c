/* SPDX-License-Identifier: MIT */
/*
 * finding_loads.c: how much load does a model carry before its latency breaks, and how many times
 * as much is that as what another carries?
 *
 * Of an open loop. A model carries a level when the whole interval of its p99 there, and at all
 * lower levels, is below the limit; it fails one when the whole interval is above. So what it
 * carries lies between the replies a second of the last level carried and the load offered at the
 * first one failed, whatever is in between.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/finding.h"

enum { LOADS_MAX = 3 }; /* sentences */

/* Of p99 in ms. The first is what people ask for; another one only where it tells more apart. */
static const double limits_ms[] = {10, 20, 5, 50, 2, 100, 1, 200, 0.5, 500, 0.2, 1000};

/* Replies a second. */
struct carried {
    size_t model;
    double low, high; /* 0: not even the first level; INFINITY: all levels */
};

/* What was offered, by the trial that offered most. NAN where the schedule changes meanwhile. */
static double offered_at(const struct cell *cell)
{
    double most = 0;

    for (size_t i = 0; i < cell->trial_count; i++) {
        if (!isfinite(cell->trials[i]->rate_per_s))
            return NAN;
        most = fmax(most, cell->trials[i]->rate_per_s);
    }
    return most;
}

/* An open loop that is trusted, served everybody and has an interval; its upper end may be a bound:
 * requests that timed out are slow all the same. */
static bool is_based(const struct cell *cell)
{
    const struct estimate *p99 = &cell->metrics[METRIC_RESPONSE_P99].estimate;
    char served[NUMBER_TEXT_SIZE];

    return cell->trial_count > 1 && cell->is_open && cell->trust != TRUST_NONE && p99->count > 1 &&
           isfinite(offered_at(cell)) && *cell_served_text(cell, served) == '\0';
}

/* The cells of a model by what they were offered, lowest first. */
static int by_offer(const void *left, const void *right)
{
    const struct cell *a = *(const struct cell *const *)left;
    const struct cell *b = *(const struct cell *const *)right;
    double difference = offered_at(a) - offered_at(b);

    return difference != 0 ? (difference > 0) - (difference < 0)
                           : (a->level > b->level) - (a->level < b->level);
}

static struct carried carried_by(const struct summary *summary, size_t model, double limit_ns)
{
    const struct cell *cells[LEVELS_MAX];
    struct carried carried = {model, 0, INFINITY};
    size_t count = 0;
    bool is_unbroken = true;

    for (size_t level = 0; level < summary->level_count; level++) {
        const struct cell *cell = summary_cell(summary, level, model);

        if (is_based(cell))
            cells[count++] = cell;
    }
    if (count > 0)
        qsort(cells, count, sizeof(const struct cell *), by_offer);
    for (size_t i = 0; i < count; i++) {
        const struct estimate *p99 = &cells[i]->metrics[METRIC_RESPONSE_P99].estimate;

        if (p99->low >= limit_ns) {
            carried.high = offered_at(cells[i]);
            break;
        }
        is_unbroken &= !p99->high_at_least && p99->high < limit_ns;
        if (is_unbroken)
            carried.low = cells[i]->metrics[METRIC_THROUGHPUT].estimate.low;
    }
    return carried;
}

static size_t carry_all(const struct summary *summary, double limit_ns,
                        struct carried carried[MODELS_MAX])
{
    size_t count = 0;

    for (size_t model = 0; model < summary->model_count; model++) {
        if (summary_compares(summary, model))
            carried[count++] = carried_by(summary, model, limit_ns);
    }
    return count;
}

/* Most first. */
static int by_low(const void *left, const void *right)
{
    const struct carried *a = left;
    const struct carried *b = right;

    if (a->low != b->low)
        return a->low > b->low ? -1 : 1;
    return (a->model > b->model) - (a->model < b->model);
}

/* How many of the others certainly carry less than the first. */
static size_t beaten_by_first(struct carried carried[MODELS_MAX], size_t count)
{
    size_t beaten = 0;

    if (count > 0)
        qsort(carried, count, sizeof carried[0], by_low);
    for (size_t i = 1; i < count; i++)
        beaten += carried[i].high < carried[0].low;
    return beaten;
}

/* "12,000 or more", "3,900 to 4,400", "less than 500". */
static void write_load(FILE *out, const struct carried *carried)
{
    char low[NUMBER_TEXT_SIZE];
    char high[NUMBER_TEXT_SIZE];

    number_text(UNIT_RATE, carried->low, low);
    number_text(UNIT_RATE, carried->high, high);
    if (!isfinite(carried->high))
        fprintf(out, "%s or more", low);
    else if (carried->low > 0)
        fprintf(out, "%s to %s", low, high);
    else
        fprintf(out, "less than %s", high);
}

static void say_load(struct candidates *candidates, const struct carried *most,
                     const struct carried *less, double limit_ns)
{
    const char *const *models = candidates->summary->models;
    struct ratio ratio = {most->low / less->high, most->high / less->low};
    struct document document;
    char text[NUMBER_TEXT_SIZE];

    if (!finding_open(candidates, &document))
        return;
    if (isfinite(ratio.high))
        ratio_text(ratio, text);
    else
        snprintf(text, sizeof text,
                 ratio.low < 10 ? "at least %.2f \xC3\x97" : "at least %.0f \xC3\x97",
                 floor(ratio.low * 100) / 100);
    fprintf(document.out, "%s carries %s the load of %s", models[most->model], text,
            models[less->model]);
    fprintf(document.out, " at p99 < %s: ", number_short_text(UNIT_DURATION, limit_ns, text));
    write_load(document.out, most);
    fputs(" replies a second against ", document.out);
    write_load(document.out, less);
    fputc('.', document.out);
    finding_add(candidates, &document, log(ratio.low));
}

void find_carried_loads(struct candidates *candidates)
{
    struct carried carried[MODELS_MAX];
    double limit_ns = 0;
    size_t most = 0;

    for (size_t i = 0; i < sizeof limits_ms / sizeof limits_ms[0]; i++) {
        size_t count = carry_all(candidates->summary, limits_ms[i] * 1e6, carried);
        size_t beaten = beaten_by_first(carried, count);

        if (beaten > most) {
            most = beaten;
            limit_ns = limits_ms[i] * 1e6;
        }
    }
    if (most == 0)
        return;
    size_t count = carry_all(candidates->summary, limit_ns, carried);
    beaten_by_first(carried, count);
    /* From below: those that carry least. */
    for (size_t i = count, said = 0; i-- > 1 && said < LOADS_MAX;) {
        if (carried[i].high < carried[0].low) {
            say_load(candidates, &carried[0], &carried[i], limit_ns);
            said++;
        }
    }
}
