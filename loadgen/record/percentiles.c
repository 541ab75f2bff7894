/* SPDX-License-Identifier: MIT */
#include "loadgen/record/percentiles.h"

const struct percentile percentiles[PERCENTILES_COUNT] = {
    {0.5, "p50_ns", "p50"},      {0.9, "p90_ns", "p90"},         {0.99, "p99_ns", "p99"},
    {0.999, "p999_ns", "p99.9"}, {0.9999, "p9999_ns", "p99.99"},
};
