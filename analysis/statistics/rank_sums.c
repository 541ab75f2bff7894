/* SPDX-License-Identifier: MIT */
#include "analysis/statistics/rank_sums.h"

#include <gsl/gsl_sort.h>
#include <string.h>

void rank_sums_ranks(const double *values, size_t count, size_t *order, size_t *ranks)
{
    gsl_sort_index(order, values, 1, count);
    for (size_t begin = 0; begin < count;) {
        size_t end = begin + 1;

        while (end < count && values[order[end]] == values[order[begin]])
            end++;
        /* The mean of the ranks begin + 1 … end, doubled. */
        for (size_t i = begin; i < end; i++)
            ranks[order[i]] = begin + 1 + end;
        begin = end;
    }
}

static size_t scores_sum(const size_t *scores, size_t count)
{
    size_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += scores[i];
    return sum;
}

void rank_sums_of_any(const size_t *scores, size_t count, double *probability)
{
    size_t reached = 0;

    memset(probability, 0, (scores_sum(scores, count) + 1) * sizeof *probability);
    probability[0] = 1;
    for (size_t i = 0; i < count; i++) {
        reached += scores[i];
        /* Downwards: what lies below is still without this score. */
        for (size_t sum = reached + 1; sum-- > 0;) {
            double with = sum >= scores[i] ? probability[sum - scores[i]] : 0;

            probability[sum] = (probability[sum] + with) / 2;
        }
    }
}

void rank_sums_of_chosen(const size_t *scores, size_t count, size_t chosen, double *probability)
{
    size_t size = scores_sum(scores, count) + 1;
    size_t reached = 0;
    double ways = 0;

    /* ways[c * size + s] to choose c scores with the sum s. */
    memset(probability, 0, (chosen + 1) * size * sizeof *probability);
    probability[0] = 1;
    for (size_t i = 0; i < count; i++) {
        reached += scores[i];
        for (size_t c = i + 1 < chosen ? i + 1 : chosen; c > 0; c--) {
            const double *fewer = probability + (c - 1) * size;
            double *row = probability + c * size;

            for (size_t sum = scores[i]; sum <= reached; sum++)
                row[sum] += fewer[sum - scores[i]];
        }
    }
    memmove(probability, probability + chosen * size, size * sizeof *probability);
    for (size_t sum = 0; sum < size; sum++)
        ways += probability[sum];
    for (size_t sum = 0; sum < size; sum++)
        probability[sum] /= ways;
}

void rank_sums_of_pairs(size_t m, size_t n, double *probability)
{
    double ways = 0;

    memset(probability, 0, (m * n + 1) * sizeof *probability);
    probability[0] = 1;
    for (size_t i = 1; i <= m; i++) {
        for (size_t u = m * n; u >= n + i; u--)
            probability[u] -= probability[u - (n + i)];
        for (size_t u = i; u <= m * n; u++)
            probability[u] += probability[u - i];
    }
    for (size_t u = 0; u <= m * n; u++)
        ways += probability[u];
    for (size_t u = 0; u <= m * n; u++)
        probability[u] /= ways;
}

size_t rank_sums_interval(const double *probability, size_t size, double *coverage)
{
    double below = 0;
    size_t k = 0;

    while (k < size && below + probability[k] <= RANK_SUMS_TAIL)
        below += probability[k++];
    *coverage = k > 0 ? 1 - 2 * below : 0;
    return k;
}
