/* SPDX-License-Identifier: MIT */
#include "analysis/compare/pair_values.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/statistics/paired.h"
#include "analysis/statistics/two_samples.h"

static int by_block(const void *left, const void *right)
{
    const struct observed *a = *(const struct observed *const *)left;
    const struct observed *b = *(const struct observed *const *)right;

    if (a->block != b->block)
        return a->block < b->block ? -1 : 1;
    return strcmp(a->file, b->file);
}

static int collect_side(struct members *members, size_t which, const struct side *side,
                        struct pair *pair)
{
    const struct observed **list = calloc(side->count, sizeof(struct observed *));
    size_t count = 0;

    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < side->count; i++) {
        const struct observed *observed = &side->observed[i];

        if (strcmp(observed->model, pair->models[which]) != 0 ||
            (*observed->level && strcmp(observed->level, pair->level) != 0))
            continue;
        if (side_uses(side, observed))
            list[count++] = observed;
        else
            pair->left_out[which]++;
    }
    qsort(list, count, sizeof(struct observed *), by_block);
    members->list[which] = list;
    members->count[which] = count;
    return 0;
}

/* Every one has a block of its own. */
static bool has_blocks(const struct members *members, size_t which)
{
    for (size_t i = 0; i < members->count[which]; i++) {
        unsigned block = members->list[which][i]->block;

        if (block == 0 || (i > 0 && block == members->list[which][i - 1]->block))
            return false;
    }
    return members->count[which] > 0;
}

/* Keeps the blocks that both sides have. Returns how many observations had to go. */
static size_t keep_common_blocks(struct members *members)
{
    size_t total = members->count[BASELINE] + members->count[CANDIDATE];
    size_t kept = 0;
    size_t b = 0;
    size_t c = 0;

    while (b < members->count[BASELINE] && c < members->count[CANDIDATE]) {
        const struct observed *baseline = members->list[BASELINE][b];
        const struct observed *candidate = members->list[CANDIDATE][c];

        if (baseline->block == candidate->block) {
            members->list[BASELINE][kept] = baseline;
            members->list[CANDIDATE][kept++] = candidate;
        }
        b += baseline->block <= candidate->block;
        c += candidate->block <= baseline->block;
    }
    members->count[BASELINE] = members->count[CANDIDATE] = kept;
    return total - 2 * kept;
}

int members_collect(struct members *members, const struct side *const sides[2], struct pair *pair)
{
    *members = (struct members){0};
    for (size_t which = 0; which < 2; which++) {
        int error = collect_side(members, which, sides[which], pair);

        if (error)
            return error;
    }
    members->is_interleaved = sides[BASELINE]->origin && sides[CANDIDATE]->origin &&
                              strcmp(sides[BASELINE]->origin, sides[CANDIDATE]->origin) == 0 &&
                              has_blocks(members, BASELINE) && has_blocks(members, CANDIDATE);
    if (members->is_interleaved)
        pair->unpaired = keep_common_blocks(members);
    pair->used[BASELINE] = members->count[BASELINE];
    pair->used[CANDIDATE] = members->count[CANDIDATE];
    return 0;
}

void members_release(struct members *members)
{
    free(members->list[BASELINE]);
    free(members->list[CANDIDATE]);
    *members = (struct members){0};
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;

    return (a > b) - (a < b);
}

static double median_of(const double *values, size_t count)
{
    double sorted[TWO_SAMPLES_MAX];

    memcpy(sorted, values, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_value);
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

/* The values of one side, all of them or none: leaving out the trials with few requests would leave
 * out the slow ones. */
static bool read_side(const struct members *members, size_t which, enum compared compared,
                      double values[TWO_SAMPLES_MAX], struct pair_metric *out)
{
    bool any_bound = false;

    for (size_t i = 0; i < members->count[which]; i++) {
        const struct reading *reading = &members->list[which][i]->readings[compared];

        values[i] = reading->value;
        any_bound |= reading->at_least;
        if (reading->needs > 0) {
            out->needs = reading->needs;
            out->missing = "too few requests";
        } else if (!isfinite(reading->value)) {
            out->missing = "not measured";
        } else if (reading->value <= 0) {
            out->missing = "a trial has none";
        }
        if (out->missing)
            return false;
    }
    out->median[which] = median_of(values, members->count[which]);
    *(which == CANDIDATE ? &out->ratio_at_least : &out->ratio_at_most) = any_bound;
    return true;
}

/* A bound of the ratio shows a difference in one direction alone, and an equivalence never. */
static void limit_verdict(struct pair_metric *out)
{
    struct comparison *comparison = &out->comparison;
    bool is_known = (!out->ratio_at_least || comparison->verdict == COMPARISON_SLOWER) &&
                    (!out->ratio_at_most || comparison->verdict == COMPARISON_FASTER);

    if (!is_known) {
        comparison->verdict = COMPARISON_UNDECIDED;
        comparison->needed = 0;
    }
}

int members_compare(const struct members *members, enum compared compared, double equivalence,
                    struct pair_metric *out)
{
    double values[2][TWO_SAMPLES_MAX];
    size_t most = members->is_interleaved ? PAIRED_MAX : TWO_SAMPLES_MAX;
    int error;

    *out = (struct pair_metric){0};
    if (members->count[BASELINE] == 0 || members->count[CANDIDATE] == 0)
        out->missing = members->is_interleaved ? "no block has both" : "no trusted trial";
    else if (members->count[BASELINE] > most || members->count[CANDIDATE] > most)
        out->missing = "too many trials";
    if (out->missing || !read_side(members, BASELINE, compared, values[BASELINE], out) ||
        !read_side(members, CANDIDATE, compared, values[CANDIDATE], out))
        return 0;
    if (out->ratio_at_least && out->ratio_at_most) {
        out->missing = "requests of both timed out";
        return 0;
    }
    if (members->is_interleaved)
        error =
            comparison_interleaved(values[CANDIDATE], values[BASELINE], members->count[BASELINE],
                                   compared_better(compared), equivalence, &out->comparison);
    else
        error = comparison_separate(values[CANDIDATE], members->count[CANDIDATE], values[BASELINE],
                                    members->count[BASELINE], compared_better(compared),
                                    equivalence, &out->comparison);
    if (!error)
        limit_verdict(out);
    return error;
}

int members_noise(const struct members *members, enum compared compared, double *equivalence,
                  bool *differs)
{
    double values[2][TWO_SAMPLES_MAX];
    struct pair_metric unused = {0};
    struct noise_floor noise;

    if (!members->is_interleaved || members->count[BASELINE] == 0 ||
        members->count[BASELINE] > PAIRED_MAX ||
        !read_side(members, BASELINE, compared, values[BASELINE], &unused) ||
        !read_side(members, CANDIDATE, compared, values[CANDIDATE], &unused))
        return 0;
    int error = comparison_noise_floor(values[BASELINE], values[CANDIDATE],
                                       members->count[BASELINE], &noise);
    if (error)
        return error;
    *equivalence = fmax(*equivalence, noise.equivalence);
    *differs |= noise.differs;
    return 0;
}
