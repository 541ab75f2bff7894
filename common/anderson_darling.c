/* SPDX-License-Identifier: MIT */
#include "common/anderson_darling.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define LENGTH_OF(array) (sizeof(array) / sizeof *(array))

/* coefficients[0] + coefficients[1] x + … */
static double polynomial(const double *coefficients, size_t length, double x)
{
    double sum = 0;

    while (length-- > 0)
        sum = sum * x + coefficients[length];
    return sum;
}

/* P(A^2 < z) for many values: the paper's adinf(z), in its short form (error below 2e-6). */
static double limit_distribution(double z)
{
    static const double small[] = {2.00012,   0.247105,   -0.0649821,
                                   0.0347962, -0.0116720, 0.00168691};
    static const double large[] = {1.0776, -2.30695, 0.43424, -0.082433, 0.008056, -0.0003146};

    if (z <= 0)
        return 0;
    if (z < 2)
        return exp(-1.2337141 / z) / sqrt(z) * polynomial(small, LENGTH_OF(small), z);
    return exp(-exp(polynomial(large, LENGTH_OF(large), z)));
}

/* What `count` values differ from many where those have the probability x: the paper's errfix(n,
 * x), in three pieces. */
static double few_correction(double x, double n)
{
    static const double low[] = {-0.00022633, 6.54034, -14.6538, 14.458, -8.259, 1.91864};
    static const double high[] = {-130.2137, 745.2337, -1705.091, 1950.646, -1116.360, 255.7844};
    double border = 0.01265 + 0.1757 / n;

    if (x > 0.8)
        return polynomial(high, LENGTH_OF(high), x) / n;
    if (x < border) {
        double t = x / border;

        t = sqrt(t) * (1 - t) * (49 * t - 102);
        return t * (0.0037 / (n * n) + 0.00078 / n + 0.00006) / n;
    }
    return polynomial(low, LENGTH_OF(low), (x - border) / (0.8 - border)) *
           (0.04213 + 0.01365 / n) / n;
}

double anderson_darling_p(double statistic, size_t count)
{
    if (count == 0)
        return 1;
    double below = limit_distribution(statistic);
    double p = 1 - (below + few_correction(below, (double)count));
    return fmin(fmax(p, 0), 1);
}

static int value_compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;

    return (a > b) - (a < b);
}

/* A^2 of sorted values in units of the mean. ln(1 - F(x)) = -x, without the loss of digits. */
static double statistic_of(const double *sorted, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (2 * (double)i + 1) * (log(-expm1(-sorted[i])) - sorted[count - 1 - i]);
    return -(double)count - sum / (double)count;
}

int anderson_darling_exponential(const double *values, size_t count, double mean, double tick,
                                 struct anderson_darling *result)
{
    *result = (struct anderson_darling){.statistic = 0, .p = 1};
    if (!(mean > 0) || !isfinite(mean) || !(tick >= 0) || !isfinite(tick))
        return -EINVAL;
    if (count == 0)
        return 0;
    double *sorted = malloc(count * sizeof *sorted);
    if (!sorted)
        return -ENOMEM;

    int error = 0;
    for (size_t i = 0; i < count; i++) {
        if (!(values[i] >= 0) || !isfinite(values[i])) {
            error = -EINVAL;
            goto release;
        }
        sorted[i] = fmax(values[i], tick / 2) / mean;
    }
    qsort(sorted, count, sizeof *sorted, value_compare);
    result->statistic = statistic_of(sorted, count);
    result->p = anderson_darling_p(result->statistic, count);
release:
    free(sorted);
    return error;
}
