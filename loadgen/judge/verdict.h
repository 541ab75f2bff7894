/* SPDX-License-Identifier: MIT */
/*
 * verdict.h: may these numbers be believed? Every check that applies to a run is made and kept,
 * with the value it looked at and the limit it held it against; one that failed is a reason, and
 * has a code and one sentence for people. Checks and codes are those of docs/method.md.
 */
#ifndef MUELLE_LOADGEN_VERDICT_H
#define MUELLE_LOADGEN_VERDICT_H

#include <stdbool.h>

#include "common/compiler.h"
#include "loadgen/plan.h"
#include "loadgen/run.h"

enum verdict_level { VERDICT_TRUSTED, VERDICT_CAUTION, VERDICT_NOT_TRUSTED };

/* One check, and what it found. */
struct check {
    const char *name; /* what was looked at: "littles_law" */
    bool passed;
    double value, limit;
    /* When it failed: */
    enum verdict_level level;
    char code[4];
    char text[320];
};

enum { CHECKS_MAX = 40 };

struct verdict {
    enum verdict_level level; /* the worst of the checks that failed */
    struct check checks[CHECKS_MAX];
    unsigned checks_count;
};

/* "TRUSTED", "CAUTION", "NOT TRUSTED". */
const char *verdict_level_name(enum verdict_level level);

/* Judges a finished run. Pure. */
void verdict_judge(const struct plan *plan, const struct run_result *result,
                   struct verdict *verdict);

#endif
