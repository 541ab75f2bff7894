/* SPDX-License-Identifier: MIT */
/*
 * verdict.h: may these numbers be believed? Every reason has a code, the value that triggered it
 * and one sentence for people. The codes are those of docs/method.md.
 */
#ifndef MUELLE_LOADGEN_VERDICT_H
#define MUELLE_LOADGEN_VERDICT_H

#include "common/compiler.h"
#include "loadgen/plan.h"
#include "loadgen/run.h"

enum verdict_level { VERDICT_TRUSTED, VERDICT_CAUTION, VERDICT_NOT_TRUSTED };

struct verdict_reason {
    enum verdict_level level;
    char code[4];
    double value;
    char text[240];
};

enum { VERDICT_REASONS_MAX = 16 };

struct verdict {
    enum verdict_level level; /* the worst of the reasons */
    struct verdict_reason reasons[VERDICT_REASONS_MAX];
    unsigned reasons_count;
};

/* "TRUSTED", "CAUTION", "NOT TRUSTED". */
const char *verdict_level_name(enum verdict_level level);

/* Judges a finished run. Pure. */
void verdict_judge(const struct plan *plan, const struct run_result *result,
                   struct verdict *verdict);

/* Smallest number of independent samples that can bound the `quantile` p from above: their maximum
 * exceeds it with probability 1 - p^n >= 0.975, one side of a 95 % interval (Hahn & Meeker,
 * Statistical Intervals, 1991, section 5.3). 368 for p99, 3,688 for p99.9. */
uint64_t verdict_samples_needed(double quantile);

#endif
