/* SPDX-License-Identifier: MIT */
#include "loadgen/percentiles.h"

const struct percentile percentiles[PERCENTILES_COUNT] = {
    {0.5, "p50_ns", "p50"},      {0.9, "p90_ns", "p90"},         {0.99, "p99_ns", "p99"},
    {0.999, "p999_ns", "p99.9"}, {0.9999, "p9999_ns", "p99.99"},
};

bool latency_is_lower_bound(const struct latency *latency, double quantile)
{
    uint64_t value = histogram_quantile(&latency->histogram, quantile);

    /* Among the values above the range, or at or above the shortest that was cut off. */
    return value == UINT64_MAX ||
           (latency->at_least_count > 0 && value >= latency->at_least_min_ns);
}
