/* SPDX-License-Identifier: MIT */
#include "analysis/statistics/holm.h"

#include <errno.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

int holm_adjust(const double *p, size_t count, double *adjusted)
{
    double largest = 0;

    for (size_t i = 0; i < count; i++) {
        if (!(p[i] >= 0 && p[i] <= 1))
            return -EINVAL;
    }
    if (count == 0)
        return 0;
    size_t *order = malloc(count * sizeof *order);
    if (!order)
        return -ENOMEM;
    gsl_sort_index(order, p, 1, count);
    for (size_t i = 0; i < count; i++) {
        largest = fmax(largest, fmin(1, (double)(count - i) * p[order[i]]));
        adjusted[order[i]] = largest;
    }
    free(order);
    return 0;
}
