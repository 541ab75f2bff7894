/* SPDX-License-Identifier: MIT */
/*
 * series_shift.c: E-divisive over one-dimensional values, a segment in O(n log n).
 *
 * For a cut of a segment into parts of n and m values the weighted energy distance is
 *
 *     Q = nm / (n + m) * (2 / (nm) * between - within_left / C(n, 2) - within_right / C(m, 2))
 *
 * with sums of |x - y| over the pairs. As the cut moves by one value x, the sum within the left
 * part grows by the distances of x to the values before it, and the one on the right shrinks by
 * those to the values after it. Sums of distances to a set of numbers come from a Fenwick tree by
 * rank (Fenwick, Software: Practice and Experience 24(3), 1994): how many are below x, and their
 * sum.
 */
#include "common/series_shift.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/random.h"
#include "common/series.h"

enum {
    PERMUTATIONS = 199, /* p in steps of 1 / 200 */
    QUARTERS = 4,
};

static const double p_max = 0.05;

/* A value and its place among all values, 0 = the smallest; equal values in any order. */
struct point {
    double value;
    size_t rank;
};

/* Index i, 1-based, covers the ranks whose sums Fenwick puts there. */
struct sums {
    double count, value;
};

/* Where the row is cut: segment i lies between the ends i and i + 1. */
struct segments {
    size_t ends[SERIES_SHIFT_CUTS_MAX + 2]; /* ascending, from 0 to the number of points */
    double p[SERIES_SHIFT_CUTS_MAX + 2];    /* of the cut there */
    size_t ends_count;
};

/* What a search needs, in one piece. */
struct search {
    size_t count;
    struct point points[SERIES_SHIFT_POINTS_MAX];   /* in the order of time */
    struct point shuffled[SERIES_SHIFT_POINTS_MAX]; /* a random order within the segments */
    struct sums tree[SERIES_SHIFT_POINTS_MAX + 1];
    double before[SERIES_SHIFT_POINTS_MAX]; /* distances of a point to those before it */
    struct segments segments;
};

struct cut {
    size_t at; /* 0: there is none */
    double strength;
};

static int point_compare(const void *left, const void *right)
{
    const struct point *a = left;
    const struct point *b = right;

    return (a->value > b->value) - (a->value < b->value);
}

static void tree_add(struct search *search, const struct point *point)
{
    for (size_t i = point->rank + 1; i <= search->count; i += i & -i) {
        search->tree[i].count++;
        search->tree[i].value += point->value;
    }
}

/* Sum of the distances from `point` to what the tree holds, whose totals are `all`. */
static double tree_distances(const struct search *search, const struct point *point,
                             const struct sums *all)
{
    struct sums below = {0};

    for (size_t i = point->rank; i > 0; i -= i & -i) {
        below.count += search->tree[i].count;
        below.value += search->tree[i].value;
    }
    return point->value * below.count - below.value + (all->value - below.value) -
           point->value * (all->count - below.count);
}

/* Puts points[begin … end) into the tree after those that are in it, and fills search->before. */
static void tree_extend(struct search *search, const struct point *points, size_t begin, size_t end,
                        struct sums *all)
{
    for (size_t i = begin; i < end; i++) {
        search->before[i] = tree_distances(search, &points[i], all);
        tree_add(search, &points[i]);
        all->count++;
        all->value += points[i].value;
    }
}

/* The best cut of points[begin … end), which are what the tree holds. */
static struct cut part_cut(const struct search *search, const struct point *points, size_t begin,
                           size_t end, const struct sums *all)
{
    struct cut best = {0};
    double total = 0;
    double left = 0;

    for (size_t i = begin; i < end; i++)
        total += search->before[i];
    double right = total;
    for (size_t at = begin + 1; at + SERIES_SHIFT_PART_MIN <= end; at++) {
        double n = (double)(at - begin);
        double m = (double)(end - at);

        left += search->before[at - 1];
        /* What is not before the point that moved is after it. */
        right -= tree_distances(search, &points[at - 1], all) - search->before[at - 1];
        if (at - begin < SERIES_SHIFT_PART_MIN)
            continue;
        double between = total - left - right;
        double strength =
            n * m / (n + m) *
            (2 * between / (n * m) - 2 * left / (n * (n - 1)) - 2 * right / (m * (m - 1)));
        if (best.at == 0 || strength > best.strength)
            best = (struct cut){at, strength};
    }
    return best;
}

/* The best cut of points[begin … end), its right part ending at any of the quarters. */
static struct cut segment_cut(struct search *search, const struct point *points, size_t begin,
                              size_t end)
{
    struct cut best = {0};
    struct sums all = {0};
    size_t quarter_begin = begin;

    memset(search->tree, 0, (search->count + 1) * sizeof *search->tree);
    for (size_t quarter = 1; quarter <= QUARTERS; quarter++) {
        size_t quarter_end = begin + (end - begin) * quarter / QUARTERS;

        tree_extend(search, points, quarter_begin, quarter_end, &all);
        struct cut cut = part_cut(search, points, begin, quarter_end, &all);
        if (cut.at > 0 && (best.at == 0 || cut.strength > best.strength))
            best = cut;
        quarter_begin = quarter_end;
    }
    return best;
}

/* The best cut of any segment. */
static struct cut best_cut(struct search *search, const struct point *points)
{
    struct cut best = {0};

    for (size_t i = 0; i + 1 < search->segments.ends_count; i++) {
        struct cut cut =
            segment_cut(search, points, search->segments.ends[i], search->segments.ends[i + 1]);

        if (cut.at > 0 && (best.at == 0 || cut.strength > best.strength))
            best = cut;
    }
    return best;
}

/* Fisher and Yates. */
static void shuffle(struct point *points, size_t count, struct random *random)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = (size_t)random_below(random, i);
        struct point point = points[i - 1];

        points[i - 1] = points[other];
        points[other] = point;
    }
}

/* How often random orders within the segments can be cut as well as `cut`. Ends when that has been
 * so often that p cannot be significant any more; what was seen by then is a p too (Besag and
 * Clifford, "Sequential Monte Carlo p-values", Biometrika 78(2), 1991). */
static double cut_p(struct search *search, const struct cut *cut, struct random *random)
{
    unsigned as_good = 0;
    /* Orders that are as good but for rounding count as such. */
    double strength = cut->strength - 1e-9 * fabs(cut->strength);

    memcpy(search->shuffled, search->points, search->count * sizeof *search->points);
    for (unsigned done = 1; done <= PERMUTATIONS; done++) {
        for (size_t i = 0; i + 1 < search->segments.ends_count; i++)
            shuffle(search->shuffled + search->segments.ends[i],
                    search->segments.ends[i + 1] - search->segments.ends[i], random);
        as_good += best_cut(search, search->shuffled).strength >= strength;
        if (as_good >= p_max * (PERMUTATIONS + 1))
            return (double)as_good / done;
    }
    return (1.0 + as_good) / (1.0 + PERMUTATIONS);
}

static void cut_insert(struct segments *segments, size_t at, double p)
{
    size_t i = segments->ends_count++;

    for (; segments->ends[i - 1] > at; i--) {
        segments->ends[i] = segments->ends[i - 1];
        segments->p[i] = segments->p[i - 1];
    }
    segments->ends[i] = at;
    segments->p[i] = p;
}

/* Cuts until no cut is significant; returns the p of the first that was tried. */
static double cut_all(struct search *search, uint64_t seed)
{
    struct random random = random_seeded(seed);
    double first_p = 1;

    for (unsigned i = 0; i < SERIES_SHIFT_CUTS_MAX; i++) {
        struct cut cut = best_cut(search, search->points);

        if (cut.at == 0)
            break;
        double p = cut_p(search, &cut, &random);
        if (i == 0)
            first_p = p;
        if (p > p_max)
            break;
        cut_insert(&search->segments, cut.at, p);
    }
    return first_p;
}

/* Values are taken from a middle one, so that sums of nearly equal values keep their digits and
 * equal values are exactly 0. */
static void points_rank(struct search *search)
{
    struct point *sorted = search->shuffled;

    for (size_t i = 0; i < search->count; i++)
        sorted[i] = (struct point){search->points[i].value, i};
    qsort(sorted, search->count, sizeof *sorted, point_compare);
    double middle = sorted[search->count / 2].value;
    for (size_t i = 0; i < search->count; i++)
        search->points[sorted[i].rank] = (struct point){sorted[i].value - middle, i};
}

static void search_begin(struct search *search, const double *values, size_t count, size_t together)
{
    search->count = (count + together - 1) / together;
    search->segments.ends[1] = search->count;
    search->segments.ends_count = 2;
    for (size_t i = 0; i < search->count; i++) {
        size_t begin = i * together;
        size_t left = count - begin;

        search->points[i].value = series_mean(values + begin, left < together ? left : together);
    }
    points_rank(search);
}

/* The shift at cut number `i`, measured on the windows themselves. */
static int shift_measure(const struct segments *segments, size_t i, const double *values,
                         size_t count, size_t together, struct series_shift *shift)
{
    size_t begin = segments->ends[i - 1] * together;
    size_t at = segments->ends[i] * together;
    size_t end = segments->ends[i + 1] * together;

    if (end > count)
        end = count;
    *shift = (struct series_shift){.found = true, .at = at, .p = segments->p[i]};
    int error = series_median(values + begin, at - begin, &shift->before_median);
    return error ? error : series_median(values + at, end - at, &shift->after_median);
}

static double shift_size(const struct series_shift *shift)
{
    return fabs(shift->after_median - shift->before_median);
}

int series_shift_find(const double *values, size_t count, uint64_t seed, struct series_shift *shift)
{
    *shift = (struct series_shift){.p = 1};
    if (count < 2 * (size_t)SERIES_SHIFT_PART_MIN)
        return 0;
    struct search *search = calloc(1, sizeof *search);
    if (!search)
        return -ENOMEM;

    size_t together = 1 + (count - 1) / SERIES_SHIFT_POINTS_MAX;
    int error = 0;
    search_begin(search, values, count, together);
    shift->p = cut_all(search, seed);
    for (size_t i = 1; i + 1 < search->segments.ends_count && !error; i++) {
        struct series_shift other;

        error = shift_measure(&search->segments, i, values, count, together, &other);
        if (!error && (!shift->found || shift_size(&other) > shift_size(shift)))
            *shift = other;
    }
    free(search);
    return error;
}
