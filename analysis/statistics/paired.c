/* SPDX-License-Identifier: MIT */
#include "analysis/statistics/paired.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/statistics/rank_sums.h"
#include "common/series.h"

/* A normal value that stands for the sum of signed ranks. */
struct normal {
    double mean, deviation;
};

/* Of `count` scores, each of which is in the sum or not like a coin falls. */
static struct normal normal_of(const size_t *scores, size_t count)
{
    struct normal normal = {0};
    double squares = 0;

    for (size_t i = 0; i < count; i++) {
        normal.mean += (double)scores[i] / 2;
        squares += (double)scores[i] * (double)scores[i] / 4;
    }
    normal.deviation = sqrt(squares);
    return normal;
}

/* k of the interval, and its coverage; 0 when there is none. */
static size_t normal_interval(const size_t *ranks, size_t count, double *coverage)
{
    struct normal normal = normal_of(ranks, count);
    double z = gsl_cdf_ugaussian_Qinv(RANK_SUMS_TAIL);
    /* P(T+ <= k - 1) is about that of a normal value below k - 1/2. */
    double largest = floor(normal.mean - z * normal.deviation + 0.5);

    *coverage = 1 - 2 * gsl_cdf_ugaussian_P((largest - 0.5 - normal.mean) / normal.deviation);
    return (size_t)largest;
}

static int exact_interval(const size_t *ranks, size_t count, size_t *k, double *coverage)
{
    size_t total = count * (count + 1) / 2;
    double *probability = malloc((total + 1) * sizeof *probability);

    if (!probability)
        return -ENOMEM;
    rank_sums_of_any(ranks, count, probability);
    *k = rank_sums_interval(probability, total + 1, coverage);
    free(probability);
    return 0;
}

/* The estimate and its interval. */
static int walsh_averages(const double *differences, size_t count, struct paired *out)
{
    size_t averages_count = count * (count + 1) / 2;
    size_t ranks[PAIRED_MAX];
    size_t filled = 0;
    size_t k = 0;
    int error = 0;
    double *averages = malloc(averages_count * sizeof *averages);

    if (!averages)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        ranks[i] = i + 1;
        for (size_t j = 0; j <= i; j++)
            averages[filled++] = differences[i] / 2 + differences[j] / 2;
    }
    if (count <= PAIRED_EXACT_MAX)
        error = exact_interval(ranks, count, &k, &out->coverage);
    else
        k = normal_interval(ranks, count, &out->coverage);
    if (k == 0)
        k = 1; /* the extreme averages are the extreme differences: the range */
    /* Three of them are asked for: to select is quicker than to sort. */
    out->median = gsl_stats_median(averages, 1, averages_count);
    out->low = gsl_stats_select(averages, 1, averages_count, k - 1);
    out->high = gsl_stats_select(averages, 1, averages_count, averages_count - k);
    free(averages);
    return error;
}

/* Share of the sign flips whose positive ranks sum up to at most `nearer`. */
static int exact_tail(const size_t *ranks, size_t count, size_t total, size_t nearer, double *tail)
{
    double *probability = malloc((total + 1) * sizeof *probability);

    if (!probability)
        return -ENOMEM;
    rank_sums_of_any(ranks, count, probability);
    *tail = 0;
    for (size_t sum = 0; sum <= nearer; sum++)
        *tail += probability[sum];
    free(probability);
    return 0;
}

/* The same, about. Ranks are doubled: neighbours are 2 apart, and half of that is the correction
 * for continuity. */
static double normal_tail(const size_t *ranks, size_t count, size_t nearer)
{
    struct normal normal = normal_of(ranks, count);

    return gsl_cdf_ugaussian_P(((double)nearer + 1 - normal.mean) / normal.deviation);
}

/* Share of the sign flips whose positive ranks sum up to at least as far from half of all. */
static int sign_flips(const double *differences, size_t count, double *p)
{
    double sizes[PAIRED_MAX] = {0};
    size_t order[PAIRED_MAX];
    size_t ranks[PAIRED_MAX];
    size_t signed_count = 0;
    size_t total = 0;
    size_t positive = 0;
    double tail;
    int error = 0;

    for (size_t i = 0; i < count; i++)
        sizes[i] = fabs(differences[i]);
    rank_sums_ranks(sizes, count, order, ranks);
    for (size_t i = 0; i < count; i++) {
        if (differences[i] == 0)
            continue;
        positive += differences[i] > 0 ? ranks[i] : 0;
        total += ranks[i];
        ranks[signed_count++] = ranks[i]; /* what is behind has been read */
    }
    size_t nearer = positive < total - positive ? positive : total - positive;
    /* Many zeros leave few signs, and those are counted whatever the number of blocks. */
    if (signed_count <= PAIRED_EXACT_MAX)
        error = exact_tail(ranks, signed_count, total, nearer, &tail);
    else
        tail = normal_tail(ranks, signed_count, nearer);
    if (!error)
        *p = fmin(2 * tail, 1);
    return error;
}

int paired_compare(const double *log_ratios, size_t count, struct paired *out)
{
    *out = (struct paired){.count = count, .p = 1};
    if (count == 0)
        return -EINVAL;
    if (count > PAIRED_MAX)
        return -E2BIG;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(log_ratios[i]))
            return -EINVAL;
    }
    out->deviation = sqrt(series_variance(log_ratios, count));

    int error = walsh_averages(log_ratios, count, out);
    if (error < 0)
        return error;
    return sign_flips(log_ratios, count, &out->p);
}
