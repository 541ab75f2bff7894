/* SPDX-License-Identifier: MIT */
/*
 * made_up_run.h: results of runs that never took place, second by second, for tests of what is said
 * of them. By default nothing is wrong with one.
 */
#ifndef MUELLE_LOADGEN_MADE_UP_RUN_H
#define MUELLE_LOADGEN_MADE_UP_RUN_H

#include <stdint.h>

#include "loadgen/judge/verdict.h"

struct made_up_run {
    struct plan plan;
    struct run_result result; /* released by made_up_run_release() */
    struct verdict verdict;
};

/* What a second of the measured window holds. */
struct made_up_second {
    uint64_t intended, sent, ok;
    uint64_t response_ns; /* of each reply; also the service time where there is one */
};

/* 100 connections, no second yet. */
void made_up_run_init(struct made_up_run *run, enum loop_kind loop);
void made_up_run_release(struct made_up_run *run);

/* One more second. What was intended is taken to be sent and answered in the end. */
void made_up_run_add(struct made_up_run *run, const struct made_up_second *second);
/* `seconds` of them, all alike. */
void made_up_run_repeat(struct made_up_run *run, unsigned seconds,
                        const struct made_up_second *second);

/* Judges the run. The check that failed with that code; NULL: none did. */
const struct check *made_up_run_failed(struct made_up_run *run, const char *code);
/* The check of that name, as it was judged last; NULL: it was not recorded. */
const struct check *made_up_run_check(const struct made_up_run *run, const char *name);

#endif
