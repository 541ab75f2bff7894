/* SPDX-License-Identifier: MIT */
#include "analysis/statistics/bootstrap.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#include "common/random.h"

enum {
    RESAMPLES_MIN = 100,
    UNDEFINED_SHARE_MAX = 20, /* one in so many */
};

/* A bootstrap at work; owns both arrays. */
struct resampling {
    bootstrap_statistic *statistic;
    void *context;
    size_t *trials;  /* working space for the indices of one resample */
    size_t count;    /* of trials */
    double *numbers; /* of the resamples that have one, ascending */
    size_t numbers_count;
};

static void resample(struct resampling *resampling, const struct bootstrap_plan *plan)
{
    struct random random = random_seeded(plan->seed);

    for (size_t i = 0; i < plan->resamples; i++) {
        for (size_t j = 0; j < resampling->count; j++)
            resampling->trials[j] = (size_t)random_below(&random, resampling->count);
        double number =
            resampling->statistic(resampling->trials, resampling->count, resampling->context);
        if (!isnan(number))
            resampling->numbers[resampling->numbers_count++] = number;
    }
    gsl_sort(resampling->numbers, 1, resampling->numbers_count);
}

/* z0: how far the value is from the middle of the resampled numbers. */
static double bias_of(const struct resampling *resampling, double value)
{
    double below = 0;
    double all = (double)resampling->numbers_count;

    for (size_t i = 0; i < resampling->numbers_count; i++) {
        if (resampling->numbers[i] < value)
            below += 1;
        else if (resampling->numbers[i] == value)
            below += 0.5;
    }
    return gsl_cdf_ugaussian_Pinv(fmin(fmax(below, 0.5), all - 0.5) / all);
}

/* `without[i]`: the number when trial i is left out. */
static double acceleration_of(const double *without, size_t count)
{
    double mean = 0;
    double squares = 0;
    double cubes = 0;

    for (size_t i = 0; i < count; i++)
        mean += without[i] / (double)count;
    for (size_t i = 0; i < count; i++) {
        double deviation = mean - without[i];

        squares += deviation * deviation;
        cubes += deviation * deviation * deviation;
    }
    double acceleration = cubes / (6 * pow(squares, 1.5));
    return isfinite(acceleration) ? acceleration : 0;
}

static int jackknife(struct resampling *resampling, double *acceleration)
{
    size_t count = resampling->count;
    double *without = malloc(count * sizeof *without);

    if (!without)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j + 1 < count; j++)
            resampling->trials[j] = j < i ? j : j + 1;
        without[i] = resampling->statistic(resampling->trials, count - 1, resampling->context);
    }
    *acceleration = acceleration_of(without, count);
    free(without);
    return 0;
}

/* The end of the interval that an unbiased, even spread would have at `z` standard deviations. */
static double interval_end(const struct resampling *resampling, const struct bootstrap *bootstrap,
                           double z)
{
    double all = (double)resampling->numbers_count;
    double shifted = bootstrap->bias + z;
    double stretch = 1 - bootstrap->acceleration * shifted;
    double share = z > 0;

    if (stretch > 0)
        share = gsl_cdf_ugaussian_P(bootstrap->bias + shifted / stretch);
    /* The lower end is the share's floor, the upper the same counted from above. */
    double rank = z < 0 ? floor((all + 1) * share) : all + 1 - floor((all + 1) * (1 - share));
    return resampling->numbers[(size_t)fmin(fmax(rank, 1), all) - 1];
}

static int interval_of(struct resampling *resampling, const struct bootstrap_plan *plan,
                       struct bootstrap *out)
{
    double z = gsl_cdf_ugaussian_Qinv((1 - plan->confidence) / 2);

    resample(resampling, plan);
    out->undefined = plan->resamples - resampling->numbers_count;
    if (out->undefined > plan->resamples / UNDEFINED_SHARE_MAX)
        return 0;
    out->bias = bias_of(resampling, out->value);
    int error = jackknife(resampling, &out->acceleration);
    if (error < 0)
        return error;
    out->low = interval_end(resampling, out, -z);
    out->high = interval_end(resampling, out, z);
    out->coverage = plan->confidence;
    return 0;
}

int bootstrap_interval(bootstrap_statistic *statistic, void *context, size_t count,
                       const struct bootstrap_plan *plan, struct bootstrap *out)
{
    struct resampling resampling = {.statistic = statistic, .context = context, .count = count};
    int error = 0;

    *out = (struct bootstrap){.value = NAN, .low = NAN, .high = NAN};
    if (plan->resamples < RESAMPLES_MIN || !(plan->confidence > 0 && plan->confidence < 1))
        return -EINVAL;
    if (count == 0)
        return 0;
    resampling.trials = malloc(count * sizeof *resampling.trials);
    resampling.numbers = malloc(plan->resamples * sizeof *resampling.numbers);
    if (!resampling.trials || !resampling.numbers) {
        error = -ENOMEM;
        goto release;
    }
    for (size_t i = 0; i < count; i++)
        resampling.trials[i] = i;
    out->value = statistic(resampling.trials, count, context);
    out->low = out->high = out->value;
    if (count >= 2 && !isnan(out->value))
        error = interval_of(&resampling, plan, out);
release:
    free(resampling.numbers);
    free(resampling.trials);
    return error;
}
