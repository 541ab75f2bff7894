/* SPDX-License-Identifier: MIT */
#include "analysis/statistics/estimate.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

/* What a two-sided interval of 95 % leaves on each side. */
static const double TAIL = 0.025;

/* A bound sorts behind an exact value of the same size: its truth is the larger. */
static int observation_compare(const void *left, const void *right)
{
    const struct observation *a = left;
    const struct observation *b = right;

    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return (int)a->at_least - (int)b->at_least;
}

double median_ranks(size_t count, size_t *low, size_t *high)
{
    size_t rank = 0;

    while (rank < count && gsl_cdf_binomial_P((unsigned)rank, 0.5, (unsigned)count) <= TAIL)
        rank++;
    *low = rank > 0 ? rank : 1;
    *high = count + 1 - *low;
    if (rank == 0)
        return 0;
    return 1 - 2 * gsl_cdf_binomial_P((unsigned)(rank - 1), 0.5, (unsigned)count);
}

/* The value at a rank of sorted observations is exact unless a bound lies at or below it: that
 * one's truth may be anywhere above, and then a later value would hold this rank. */
static bool rank_is_bound(const struct observation *sorted, size_t rank)
{
    for (size_t i = 0; i < rank; i++) {
        if (sorted[i].at_least)
            return true;
    }
    return false;
}

struct estimate estimate_of(struct observation *observations, size_t count)
{
    struct estimate estimate = {.count = count};
    size_t low;
    size_t high;

    if (count == 0)
        return estimate;
    qsort(observations, count, sizeof *observations, observation_compare);
    estimate.coverage = median_ranks(count, &low, &high);
    estimate.low = observations[low - 1].value;
    estimate.high = observations[high - 1].value;
    estimate.low_at_least = rank_is_bound(observations, low);
    estimate.high_at_least = rank_is_bound(observations, high);

    size_t below = (count - 1) / 2; /* the two middle ones; the same one when count is odd */
    size_t above = count / 2;
    estimate.median = (observations[below].value + observations[above].value) / 2;
    estimate.median_at_least = rank_is_bound(observations, above + 1);
    return estimate;
}

double quantile_carried(double count)
{
    return count > 0 ? pow(TAIL, 1 / count) : 0;
}
