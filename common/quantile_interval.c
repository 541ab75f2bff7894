/* SPDX-License-Identifier: MIT */
#include "common/quantile_interval.h"

#include <math.h>

/* What a two-sided interval of 95 % leaves on each side, and the normal deviate there. */
static const double tail = 0.025;
static const double deviate = 1.96;

uint64_t quantile_needs(double quantile)
{
    if (quantile <= 0)
        return 1;
    if (quantile >= 1)
        return UINT64_MAX;
    double needs = ceil(log(tail) / log(quantile));
    /* The nearest to 1 that a double can be needs some 10^16. */
    return needs > 1 ? (uint64_t)needs : 1;
}

double quantile_dispersion(const uint64_t *above, const uint64_t *totals, size_t seconds)
{
    double above_sum = 0;
    double total_sum = 0;
    double squares = 0;
    size_t counted = 0;

    for (size_t i = 0; i < seconds; i++) {
        above_sum += (double)above[i];
        total_sum += (double)totals[i];
        counted += totals[i] > 0;
    }
    if (counted < 2 || above_sum <= 0 || above_sum >= total_sum)
        return 1;
    double share = above_sum / total_sum;
    for (size_t i = 0; i < seconds; i++) {
        double expected = (double)totals[i] * share;
        double deviation = (double)above[i] - expected;

        if (totals[i] > 0)
            squares += deviation * deviation / (expected * (1 - share));
    }
    return fmax(squares / (double)(counted - 1), 1);
}

void quantile_interval(const struct histogram *histogram, double quantile, double dispersion,
                       struct quantile_interval *out)
{
    double total = (double)histogram->total_count;
    /* Also where the dispersion is not a number. */
    double effective = dispersion > 1 ? total / dispersion : total;
    double spread = deviate * sqrt(effective * quantile * (1 - quantile));
    double low = floor(effective * quantile - spread);
    double high = ceil(effective * quantile + spread) + 1;

    *out = (struct quantile_interval){
        .value_ns = histogram_quantile(histogram, quantile),
        .high_ns = UINT64_MAX,
        .effective_count = effective,
        .sufficient = effective >= (double)quantile_needs(quantile),
        .low_unbounded = !(low >= 1),
        .high_unbounded = !(high <= effective),
    };
    if (histogram->total_count == 0)
        return;
    if (out->low_unbounded) {
        out->low_ns = histogram->min;
    } else {
        uint64_t rank = (uint64_t)floor(low / effective * total);

        out->low_ns = histogram_value_at_rank(histogram, rank);
        /* The lower end of the counter: its width must not shorten the interval. */
        if (out->low_ns <= histogram->highest)
            out->low_ns =
                histogram_index_lowest(histogram, histogram_index(histogram, out->low_ns));
        if (out->low_ns < histogram->min)
            out->low_ns = histogram->min;
    }
    if (!out->high_unbounded)
        out->high_ns = histogram_value_at_rank(histogram, (uint64_t)ceil(high / effective * total));
}
