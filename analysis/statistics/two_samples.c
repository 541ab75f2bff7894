/* SPDX-License-Identifier: MIT */
#include "analysis/statistics/two_samples.h"

#include <assert.h>
#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/statistics/rank_sums.h"
#include "common/series.h"

/* Both samples as one row, the first in front; borrowed. */
struct pool {
    const double *values;
    size_t first_count, second_count;
};

static double sign(double x)
{
    return (double)((x > 0) - (x < 0));
}

/* Squared, what the mean dominance of value `i` of one sample over the other differs from delta. */
static double dominance_deviation(double value, const double *others, size_t count, double delta)
{
    double dominance = 0;

    for (size_t i = 0; i < count; i++)
        dominance += sign(value - others[i]);
    return pow(dominance / (double)count - delta, 2);
}

static double delta_variance(const struct pool *pool, double delta)
{
    const double *first = pool->values;
    const double *second = pool->values + pool->first_count;
    double m = (double)pool->first_count;
    double n = (double)pool->second_count;
    double rows = 0;
    double columns = 0;
    double cells = 0;

    for (size_t i = 0; i < pool->first_count; i++)
        rows += dominance_deviation(first[i], second, pool->second_count, delta);
    for (size_t j = 0; j < pool->second_count; j++) /* seen from there, delta has the other sign */
        columns += dominance_deviation(second[j], first, pool->first_count, -delta);
    for (size_t i = 0; i < pool->first_count; i++) {
        for (size_t j = 0; j < pool->second_count; j++)
            cells += pow(sign(first[i] - second[j]) - delta, 2);
    }
    double variance = (n * n * rows + m * m * columns - cells) / (m * n * (m - 1) * (n - 1));
    return fmax(variance, (1 - delta * delta) / (m * n - 1));
}

static void delta_interval(const struct pool *pool, struct two_samples *out)
{
    size_t smaller =
        pool->first_count < pool->second_count ? pool->first_count : pool->second_count;
    double d = out->delta;

    out->delta_low = -1;
    out->delta_high = 1;
    if (smaller < 2)
        return;
    double t =
        gsl_cdf_tdist_Qinv(RANK_SUMS_TAIL, (double)(pool->first_count + pool->second_count - 2));
    double unexplained = 1 - d * d;
    if (unexplained == 0) {
        double bound = ((double)smaller - t * t) / ((double)smaller + t * t);

        if (d > 0)
            out->delta_low = bound;
        else
            out->delta_high = -bound;
        return;
    }
    double error = t * t * delta_variance(pool, d);
    double half = sqrt(error * (unexplained * unexplained + error));
    out->delta_low = (d * unexplained - half) / (unexplained + error);
    out->delta_high = (d * unexplained + half) / (unexplained + error);
}

/* Share of the choices whose rank sum is as far from the mean as that of the first sample. */
static int exact_p_with_ties(const struct pool *pool, const size_t *ranks, double *p)
{
    size_t count = pool->first_count + pool->second_count;
    size_t total = count * (count + 1); /* of doubled ranks */
    size_t observed = 0;
    double tail = 0;
    double *probability = malloc((pool->first_count + 1) * (total + 1) * sizeof *probability);

    if (!probability)
        return -ENOMEM;
    for (size_t i = 0; i < pool->first_count; i++)
        observed += ranks[i];
    rank_sums_of_chosen(ranks, count, pool->first_count, probability);
    /* The mean is first_count * (count + 1): whole, so this compares without rounding. */
    size_t mean = pool->first_count * (count + 1);
    size_t distance = observed > mean ? observed - mean : mean - observed;
    for (size_t sum = 0; sum <= total; sum++) {
        if ((sum > mean ? sum - mean : mean - sum) >= distance)
            tail += probability[sum];
    }
    *p = fmin(tail, 1);
    free(probability);
    return 0;
}

/* Both tails of the distribution of U, which is even. */
static double exact_p(const struct pool *pool, double u)
{
    double probability[TWO_SAMPLES_EXACT_MAX * TWO_SAMPLES_EXACT_MAX + 1];
    double pairs = (double)(pool->first_count * pool->second_count);
    size_t nearer = (size_t)fmin(u, pairs - u);
    double tail = 0;

    rank_sums_of_pairs(pool->first_count, pool->second_count, probability);
    for (size_t i = 0; i <= nearer; i++)
        tail += probability[i];
    return fmin(2 * tail, 1);
}

/* sum (t^3 - t) over the groups of equal values: each of t values finds t^2 - 1 of it. */
static double ties_term(const size_t *ranks, const size_t *order, size_t count)
{
    double term = 0;

    for (size_t begin = 0; begin < count;) {
        size_t end = begin + 1;

        while (end < count && ranks[order[end]] == ranks[order[begin]])
            end++;
        double t = (double)(end - begin);
        term += t * t * t - t;
        begin = end;
    }
    return term;
}

static double normal_p(const struct pool *pool, double u, double ties)
{
    double m = (double)pool->first_count;
    double n = (double)pool->second_count;
    double all = m + n;
    double variance = m * n / 12 * (all + 1 - ties / (all * (all - 1)));
    double distance = fmax(fabs(u - m * n / 2) - 0.5, 0);

    return variance > 0 ? fmin(2 * gsl_cdf_ugaussian_Q(distance / sqrt(variance)), 1) : 1;
}

static int p_of(const struct pool *pool, struct two_samples *out)
{
    size_t count = pool->first_count + pool->second_count;
    int error = 0;

    assert(count > 0);
    size_t *order = malloc(2 * count * sizeof *order);
    if (!order)
        return -ENOMEM;
    size_t *ranks = order + count;
    rank_sums_ranks(pool->values, count, order, ranks);
    double ties = ties_term(ranks, order, count);
    if (!out->p_is_exact)
        out->p = normal_p(pool, out->u, ties);
    else if (ties > 0)
        error = exact_p_with_ties(pool, ranks, &out->p);
    else
        out->p = exact_p(pool, out->u);
    free(order);
    return error;
}

/* k of the shift's interval from the distribution of U without ties; 0 when there is none. */
static void exact_interval(const struct pool *pool, size_t *k, double *coverage)
{
    double probability[TWO_SAMPLES_EXACT_MAX * TWO_SAMPLES_EXACT_MAX + 1];
    size_t pairs = pool->first_count * pool->second_count;

    rank_sums_of_pairs(pool->first_count, pool->second_count, probability);
    *k = rank_sums_interval(probability, pairs + 1, coverage);
}

static void normal_interval(const struct pool *pool, size_t *k, double *coverage)
{
    double m = (double)pool->first_count;
    double n = (double)pool->second_count;
    double deviation = sqrt(m * n * (m + n + 1) / 12);
    double z = gsl_cdf_ugaussian_Qinv(RANK_SUMS_TAIL);
    /* P(U <= k - 1) is about that of a normal value below k - 1/2. */
    double largest = floor(m * n / 2 - z * deviation + 0.5);

    *k = largest > 0 ? (size_t)largest : 0;
    *coverage = *k > 0 ? 1 - 2 * gsl_cdf_ugaussian_P((largest - 0.5 - m * n / 2) / deviation) : 0;
}

/* U, delta and the shift, all of which are about the differences of all pairs. */
static int differences_of(const struct pool *pool, struct two_samples *out)
{
    size_t pairs = pool->first_count * pool->second_count;
    size_t k = 0;
    double *differences = malloc(pairs * sizeof *differences);

    if (!differences)
        return -ENOMEM;
    for (size_t i = 0; i < pool->first_count; i++) {
        for (size_t j = 0; j < pool->second_count; j++) {
            double difference = pool->values[i] - pool->values[pool->first_count + j];

            differences[i * pool->second_count + j] = difference;
            out->u += (1 + sign(difference)) / 2;
        }
    }
    out->delta = 2 * out->u / (double)pairs - 1;
    if (out->p_is_exact)
        exact_interval(pool, &k, &out->shift_coverage);
    else
        normal_interval(pool, &k, &out->shift_coverage);
    if (k == 0)
        k = 1;
    /* Three of them are asked for: to select is quicker than to sort. */
    out->shift = gsl_stats_median(differences, 1, pairs);
    out->shift_low = gsl_stats_select(differences, 1, pairs, k - 1);
    out->shift_high = gsl_stats_select(differences, 1, pairs, pairs - k);
    free(differences);
    return 0;
}

static double pooled_deviation(const struct pool *pool)
{
    double squares = 0;
    size_t freedom = pool->first_count + pool->second_count - 2;

    squares += series_variance(pool->values, pool->first_count) * (double)(pool->first_count - 1);
    squares += series_variance(pool->values + pool->first_count, pool->second_count) *
               (double)(pool->second_count - 1);
    return freedom > 0 ? sqrt(squares / (double)freedom) : 0;
}

int two_samples_compare(const double *first, size_t first_count, const double *second,
                        size_t second_count, struct two_samples *out)
{
    double values[2 * TWO_SAMPLES_MAX];
    struct pool pool = {values, first_count, second_count};

    *out = (struct two_samples){.p = 1};
    if (first_count == 0 || second_count == 0)
        return -EINVAL;
    if (first_count > TWO_SAMPLES_MAX || second_count > TWO_SAMPLES_MAX)
        return -E2BIG;
    memcpy(values, first, first_count * sizeof *values);
    memcpy(values + first_count, second, second_count * sizeof *values);
    for (size_t i = 0; i < first_count + second_count; i++) {
        if (!isfinite(values[i]))
            return -EINVAL;
    }
    out->p_is_exact = first_count <= TWO_SAMPLES_EXACT_MAX && second_count <= TWO_SAMPLES_EXACT_MAX;
    out->deviation = pooled_deviation(&pool);

    int error = differences_of(&pool, out);
    if (error < 0)
        return error;
    delta_interval(&pool, out);
    return p_of(&pool, out);
}
