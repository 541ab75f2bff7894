/* SPDX-License-Identifier: MIT */
#include "analysis/statistics/paired.h"

#include <errno.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/statistics/rank_sums.h"
#include "common/series.h"

/* The estimate and its interval. */
static int walsh_averages(const double *differences, size_t count, struct paired *out)
{
    size_t averages_count = count * (count + 1) / 2;
    size_t scores[PAIRED_MAX];
    size_t filled = 0;
    int error = -ENOMEM;
    double *averages = malloc(averages_count * sizeof *averages);
    double *probability = malloc((averages_count + 1) * sizeof *probability);

    if (!averages || !probability)
        goto release;
    for (size_t i = 0; i < count; i++) {
        scores[i] = i + 1;
        for (size_t j = 0; j <= i; j++)
            averages[filled++] = differences[i] / 2 + differences[j] / 2;
    }
    gsl_sort(averages, 1, averages_count);
    out->median = gsl_stats_median_from_sorted_data(averages, 1, averages_count);

    rank_sums_of_any(scores, count, probability);
    size_t k = rank_sums_interval(probability, averages_count + 1, &out->coverage);
    if (k == 0)
        k = 1; /* the extreme averages are the extreme differences: the range */
    out->low = averages[k - 1];
    out->high = averages[averages_count - k];
    error = 0;
release:
    free(probability);
    free(averages);
    return error;
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
    double *probability = malloc((total + 1) * sizeof *probability);
    if (!probability)
        return -ENOMEM;
    rank_sums_of_any(ranks, signed_count, probability);

    size_t nearer = positive < total - positive ? positive : total - positive;
    double tail = 0;
    for (size_t sum = 0; sum <= nearer; sum++)
        tail += probability[sum];
    *p = fmin(2 * tail, 1);
    free(probability);
    return 0;
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
