/* SPDX-License-Identifier: MIT */
#include "analysis/statistics/fairness.h"

#include <errno.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

/* The shares in ascending order, as parts of the largest, so that no square or sum overflows. The
 * caller frees *sorted. */
static int shares_sort(const double *shares, size_t count, double **sorted)
{
    double largest = 0;

    for (size_t i = 0; i < count; i++) {
        if (!(shares[i] >= 0) || !isfinite(shares[i]))
            return -EINVAL;
        largest = fmax(largest, shares[i]);
    }
    if (count == 0)
        return -EINVAL;
    *sorted = malloc(count * sizeof **sorted);
    if (!*sorted)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        (*sorted)[i] = largest > 0 ? shares[i] / largest : 1;
    gsl_sort(*sorted, 1, count);
    return 0;
}

int fairness_of(const double *shares, size_t count, struct fairness *out)
{
    double n = (double)count;
    double sum = 0;
    double squares = 0;
    double weighted = 0;
    double *sorted;
    int error = shares_sort(shares, count, &sorted);

    if (error < 0)
        return error;
    for (size_t i = 0; i < count; i++) {
        sum += sorted[i];
        squares += sorted[i] * sorted[i];
        weighted += (2 * (double)i + 1 - n) * sorted[i];
    }
    out->jain = sum * sum / (n * squares);
    out->gini = weighted / (n * sum);
    free(sorted);
    return 0;
}

int fairness_lorenz(const double *shares, size_t count, double *curve, size_t points)
{
    double running = 0;
    double *sorted;

    if (points < 2)
        return -EINVAL;
    int error = shares_sort(shares, count, &sorted);
    if (error < 0)
        return error;

    size_t whole = 0; /* clients that are in `running` */
    for (size_t j = 0; j < points; j++) {
        double clients = (double)count * (double)j / (double)(points - 1);

        while (whole < count && (double)(whole + 1) <= clients)
            running += sorted[whole++];
        double part = whole < count ? (clients - (double)whole) * sorted[whole] : 0;
        curve[j] = running + part;
    }
    double total = curve[points - 1];
    for (size_t j = 0; j < points; j++)
        curve[j] /= total;
    free(sorted);
    return 0;
}
