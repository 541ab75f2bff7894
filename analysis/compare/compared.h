/* SPDX-License-Identifier: MIT */
/*
 * compared.h: the metrics two configurations are compared by.
 */
#ifndef MUELLE_ANALYSIS_COMPARE_COMPARED_H
#define MUELLE_ANALYSIS_COMPARE_COMPARED_H

#include <stdbool.h>

#include "analysis/metric.h"
#include "analysis/statistics/comparison.h"

enum compared {
    COMPARED_THROUGHPUT,
    COMPARED_P50, /* of response time, which is service time where nothing is intended */
    COMPARED_P99,
    COMPARED_P999,
    COMPARED_CPU,       /* of the server, a request */
    COMPARED_CPU_RATIO, /* to the generator's, of trials that ran both on one core */
    COMPARED_METRICS,
};

/* "throughput", "p50", "p99", "p99.9", "cpu", "cpu-ratio": in options, tables and files. */
const char *compared_name(enum compared compared);
/* What a trial's value of it is read from. */
enum metric compared_metric(enum compared compared);
enum comparison_better compared_better(enum compared compared);
/* The quantile of a percentile, 0 for the others. */
double compared_quantile(enum compared compared);
/* Of CPU time: less of it is cheaper, not faster. */
bool compared_is_cost(enum compared compared);

#endif
