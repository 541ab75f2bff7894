/* SPDX-License-Identifier: MIT */
#include "analysis/statistics/usl.h"

#include <errno.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "analysis/statistics/estimate.h"

enum { TERMS = 3 };

/* A line in some of the terms 1, N - 1 and N (N - 1). */
struct line {
    double terms[TERMS]; /* a, b, c */
    double misfit;       /* weighted sum of squares */
};

/* What the bootstrap passes on; borrows the measurements. */
struct blocks {
    const double *clients, *throughputs;
    size_t levels, count;
    double (*number)(const struct usl_fit *fit);
};

static double term(size_t index, double clients)
{
    const double terms[TERMS] = {1, clients - 1, clients * (clients - 1)};

    return terms[index];
}

double usl_throughput(const struct usl_fit *fit, double clients)
{
    return fit->lambda * clients /
           (1 + fit->sigma * term(1, clients) + fit->kappa * term(2, clients));
}

/* Least squares by QR of the rows times the roots of their weights; the other terms are 0. */
static struct line line_fit(const struct usl_point *points, size_t count, const size_t *terms,
                            size_t terms_count)
{
    double rows[USL_POINTS_MAX * TERMS];
    double values[USL_POINTS_MAX];
    double residuals[USL_POINTS_MAX];
    double tau[TERMS];
    double solution[TERMS];
    struct line line = {0};

    for (size_t i = 0; i < count; i++) {
        double clients = points[i].clients;
        double root = points[i].throughput / clients * (points[i].throughput / points[i].error);

        values[i] = root * (clients / points[i].throughput);
        for (size_t j = 0; j < terms_count; j++)
            rows[i * terms_count + j] = root * term(terms[j], clients);
    }
    gsl_matrix_view matrix = gsl_matrix_view_array(rows, count, terms_count);
    gsl_vector_view right = gsl_vector_view_array(values, count);
    gsl_vector_view residual = gsl_vector_view_array(residuals, count);
    gsl_vector_view scale = gsl_vector_view_array(tau, terms_count);
    gsl_vector_view found = gsl_vector_view_array(solution, terms_count);
    gsl_linalg_QR_decomp(&matrix.matrix, &scale.vector);
    gsl_linalg_QR_lssolve(&matrix.matrix, &scale.vector, &right.vector, &found.vector,
                          &residual.vector);
    for (size_t j = 0; j < terms_count; j++)
        line.terms[terms[j]] = solution[j];
    for (size_t i = 0; i < count; i++)
        line.misfit += residuals[i] * residuals[i];
    return line;
}

/* The best line whose b and c are not negative: the one in all terms, or else on the border. */
static struct line line_best(const struct usl_point *points, size_t count)
{
    static const struct {
        size_t terms[TERMS], count;
    } subsets[] = {{{0, 1}, 2}, {{0, 2}, 2}, {{0}, 1}};
    static const size_t all[] = {0, 1, 2};
    struct line best = line_fit(points, count, all, TERMS);

    if (best.terms[1] >= 0 && best.terms[2] >= 0)
        return best;
    best.misfit = INFINITY;
    for (size_t i = 0; i < sizeof subsets / sizeof subsets[0]; i++) {
        struct line line = line_fit(points, count, subsets[i].terms, subsets[i].count);

        if (line.terms[1] >= 0 && line.terms[2] >= 0 && line.misfit < best.misfit)
            best = line;
    }
    return best;
}

static size_t distinct_count(const double *values, size_t count)
{
    size_t distinct = 0;

    for (size_t i = 0; i < count; i++) {
        size_t j = 0;

        while (j < i && values[j] != values[i])
            j++;
        distinct += j == i;
    }
    return distinct;
}

static void fit_describe(struct usl_fit *fit, const struct usl_point *points, size_t count)
{
    fit->sigma_at_zero = fit->sigma == 0;
    fit->kappa_at_zero = fit->kappa == 0;
    fit->peak = INFINITY;
    if (!fit->kappa_at_zero)
        fit->peak = sqrt(fmax(1 - fit->sigma, fit->kappa) / fit->kappa);
    if (isfinite(fit->peak))
        fit->knee = usl_throughput(fit, fit->peak) / fit->lambda;
    else
        fit->knee = 1 / fit->sigma; /* lambda / sigma is never reached; INFINITY for 0 */
    for (size_t i = 0; i < count; i++) {
        double ratio = usl_throughput(fit, points[i].clients) / points[i].throughput;

        fit->residual_max = fmax(fit->residual_max, fabs(ratio - 1));
    }
}

int usl_fit_points(const struct usl_point *points, size_t count, struct usl_fit *fit)
{
    double clients[USL_POINTS_MAX];

    *fit = (struct usl_fit){0};
    if (count > USL_POINTS_MAX)
        return -E2BIG;
    for (size_t i = 0; i < count; i++) {
        if (!(points[i].clients > 0) || !(points[i].throughput > 0) || !(points[i].error > 0) ||
            !isfinite(points[i].clients + points[i].throughput + points[i].error))
            return -EINVAL;
        clients[i] = points[i].clients;
    }
    if (distinct_count(clients, count) < TERMS)
        return -EINVAL;
    struct line line = line_best(points, count);
    if (!(line.terms[0] > 0))
        return -EDOM;
    fit->lambda = 1 / line.terms[0];
    fit->sigma = line.terms[1] / line.terms[0];
    fit->kappa = line.terms[2] / line.terms[0];
    fit_describe(fit, points, count);
    return 0;
}

/* The levels' means and errors over the blocks of a resample. */
static void points_of(const struct blocks *blocks, const size_t *chosen, size_t count,
                      struct usl_point *points)
{
    double usual = 0;

    for (size_t i = 0; i < blocks->levels; i++) {
        double sum = 0;
        double squares = 0;

        for (size_t j = 0; j < count; j++)
            sum += blocks->throughputs[chosen[j] * blocks->levels + i];
        double mean = sum / (double)count;
        for (size_t j = 0; j < count; j++)
            squares += pow(blocks->throughputs[chosen[j] * blocks->levels + i] - mean, 2);
        double variance = count > 1 ? squares / (double)(count - 1) / (double)count : 0;
        points[i] = (struct usl_point){blocks->clients[i], mean, sqrt(variance)};
        usual += variance / (mean * mean) / (double)blocks->levels;
    }
    /* Without any spread every relative error is as good as another. */
    double least = usual > 0 ? sqrt(usual) / 2 : 1;
    for (size_t i = 0; i < blocks->levels; i++)
        points[i].error = fmax(points[i].error, least * points[i].throughput);
}

static double number_of_resample(const size_t *chosen, size_t count, void *context)
{
    const struct blocks *blocks = context;
    struct usl_point points[USL_POINTS_MAX];
    struct usl_fit fit;

    points_of(blocks, chosen, count, points);
    return usl_fit_points(points, blocks->levels, &fit) < 0 ? NAN : blocks->number(&fit);
}

static double fit_lambda(const struct usl_fit *fit)
{
    return fit->lambda;
}

static double fit_sigma(const struct usl_fit *fit)
{
    return fit->sigma;
}

static double fit_kappa(const struct usl_fit *fit)
{
    return fit->kappa;
}

static double fit_peak(const struct usl_fit *fit)
{
    return fit->peak;
}

static int intervals_of(struct blocks *blocks, uint64_t seed, struct usl *out)
{
    const struct bootstrap_plan plan = {BOOTSTRAP_RESAMPLES, 0.95, seed};
    const struct {
        double (*number)(const struct usl_fit *fit);
        struct bootstrap *interval;
    } numbers[] = {
        {fit_lambda, &out->lambda},
        {fit_sigma, &out->sigma},
        {fit_kappa, &out->kappa},
        {fit_peak, &out->peak},
    };

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        double value = numbers[i].number(&out->fit);
        int error = 0;

        *numbers[i].interval = (struct bootstrap){.value = value, .low = value, .high = value};
        blocks->number = numbers[i].number;
        if (blocks->count >= TRIALS_TO_INFER)
            error = bootstrap_interval(number_of_resample, blocks, blocks->count, &plan,
                                       numbers[i].interval);
        if (error < 0)
            return error;
    }
    return 0;
}

static enum usl_verdict fit_judge(const struct usl_fit *fit, const double *clients, size_t levels)
{
    double below[USL_POINTS_MAX];
    double above[USL_POINTS_MAX];
    size_t below_count = 0;
    size_t above_count = 0;

    if (fit->residual_max > USL_RESIDUAL_MAX)
        return USL_POOR_FIT;
    for (size_t i = 0; i < levels; i++) {
        if (clients[i] < fit->knee)
            below[below_count++] = clients[i];
        if (clients[i] > fit->knee)
            above[above_count++] = clients[i];
    }
    if (distinct_count(below, below_count) < USL_LEVELS_EACH_SIDE ||
        distinct_count(above, above_count) < USL_LEVELS_EACH_SIDE)
        return USL_ONE_SIDED;
    return USL_SHOWN;
}

int usl_of_blocks(const double *clients, size_t levels, const double *throughputs, size_t blocks,
                  uint64_t seed, struct usl *out)
{
    struct blocks measured = {clients, throughputs, levels, blocks, NULL};
    struct usl_point points[USL_POINTS_MAX];

    *out = (struct usl){.verdict = USL_TOO_FEW};
    if (levels > USL_POINTS_MAX || blocks > USL_BLOCKS_MAX)
        return -E2BIG;
    if (blocks == 0)
        return -EINVAL;
    for (size_t i = 0; i < levels * blocks; i++) {
        if (!(throughputs[i] > 0) || !isfinite(throughputs[i]))
            return -EINVAL;
    }
    if (distinct_count(clients, levels) < USL_LEVELS_MIN)
        return 0;
    size_t all[USL_BLOCKS_MAX];
    for (size_t j = 0; j < blocks; j++)
        all[j] = j;
    points_of(&measured, all, blocks, points);
    int error = usl_fit_points(points, levels, &out->fit);
    if (error == -EDOM) {
        out->verdict = USL_NO_FIT;
        return 0;
    }
    if (error < 0)
        return error;
    out->verdict = fit_judge(&out->fit, clients, levels);
    error = intervals_of(&measured, seed, out);

    double clients_max = gsl_stats_max(clients, 1, levels);
    bool is_certain = out->kappa.coverage == 0 || out->kappa.low > 0;
    out->has_peak = out->fit.peak <= clients_max && is_certain;
    return error;
}
