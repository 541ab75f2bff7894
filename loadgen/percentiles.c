/* SPDX-License-Identifier: MIT */
#include "loadgen/percentiles.h"

const struct percentile percentiles[PERCENTILES_COUNT] = {
    {0.5, "p50_ns", "p50"},      {0.9, "p90_ns", "p90"},         {0.99, "p99_ns", "p99"},
    {0.999, "p999_ns", "p99.9"}, {0.9999, "p9999_ns", "p99.99"},
};

bool latency_is_lower_bound(const struct latency *latency, double quantile)
{
    const struct histogram *histogram = &latency->histogram;
    uint64_t value = histogram_quantile(histogram, quantile);

    if (value == UINT64_MAX)
        return true; /* among the values above the range */
    if (latency->at_least_count == 0 || value < latency->at_least_min_ns)
        return false;
    /* Each that was cut off may in truth be longer than all others, which moves the true value up
     * by as many ranks at most. Where that makes no difference, the value is known. */
    double moved = quantile + (double)latency->at_least_count / (double)histogram->total_count;

    return moved > 1 || histogram_quantile(histogram, moved) != value;
}
