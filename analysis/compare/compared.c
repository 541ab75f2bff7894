/* SPDX-License-Identifier: MIT */
#include "analysis/compare/compared.h"

static const struct {
    const char *name;
    enum metric metric;
    enum comparison_better better;
    double quantile;
} list[COMPARED_METRICS] = {
    [COMPARED_THROUGHPUT] = {"throughput", METRIC_THROUGHPUT, COMPARISON_MORE, 0},
    [COMPARED_P50] = {"p50", METRIC_RESPONSE_P50, COMPARISON_LESS, 0.5},
    [COMPARED_P99] = {"p99", METRIC_RESPONSE_P99, COMPARISON_LESS, 0.99},
    [COMPARED_P999] = {"p99.9", METRIC_RESPONSE_P999, COMPARISON_LESS, 0.999},
    [COMPARED_CPU] = {"cpu", METRIC_CPU, COMPARISON_LESS, 0},
    [COMPARED_CPU_RATIO] = {"cpu-ratio", METRIC_CPU_RATIO, COMPARISON_LESS, 0},
};

const char *compared_name(enum compared compared)
{
    return list[compared].name;
}

enum metric compared_metric(enum compared compared)
{
    return list[compared].metric;
}

enum comparison_better compared_better(enum compared compared)
{
    return list[compared].better;
}

double compared_quantile(enum compared compared)
{
    return list[compared].quantile;
}

bool compared_is_cost(enum compared compared)
{
    return compared == COMPARED_CPU || compared == COMPARED_CPU_RATIO;
}
