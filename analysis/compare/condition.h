/* SPDX-License-Identifier: MIT */
/*
 * condition.h: `--fail-if slower=5%`: when a comparison is bad enough to stop a build.
 *
 * Slower by more than L is a throughput below 1 - L of the baseline's, or a latency or CPU time
 * above 1 + L of it. It is shown when the whole interval lies beyond, and excluded when the whole
 * interval lies on this side; in between, and with too few blocks for an interval, it is neither.
 * Missed is what was shown, or, strictly, what was not excluded.
 */
#ifndef MUELLE_ANALYSIS_COMPARE_CONDITION_H
#define MUELLE_ANALYSIS_COMPARE_CONDITION_H

#include <stdio.h>

#include "analysis/compare/pair.h"

enum { CONDITIONS_MAX = 16 };

struct condition {
    const char *text; /* as it was written; borrowed */
    bool applies[COMPARED_METRICS];
    double limit; /* a fraction */
};

/* "slower=5%" (of throughput, p99 and cpu), "p99.slower=10%". 0 or -EINVAL. */
int condition_parse(const char *text, struct condition *condition) MUST_CHECK;

enum condition_outcome {
    CONDITION_EXCLUDED, /* it is not slower by more than the limit */
    CONDITION_UNKNOWN,
    CONDITION_SHOWN,
};

/* Of one metric of a pair; without numbers it is unknown. */
enum condition_outcome condition_judge(const struct condition *condition, enum compared compared,
                                       const struct pair_metric *metric);

/* Judges all pairs, and tells on stderr in a line each what failed, and what could not be judged.
 * Returns whether any did. */
bool conditions_missed(const struct condition *conditions, size_t count, const struct pairs *pairs,
                       bool is_strict);

#endif
