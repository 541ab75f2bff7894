/* SPDX-License-Identifier: MIT */
/*
 * comparison.h: faster, slower, equivalent, or not decided: what two configurations measured on one
 * machine allow to be said.
 *
 * The effect is a ratio, candidate / baseline, with an interval. It is held against the region of
 * equivalence, 1 / (1 + R) … 1 + R: differences so small that nobody cares, or that this machine
 * shows between a configuration and itself. An interval beyond the region is a difference, one
 * inside it is an equivalence (which no p value can show), and one that crosses its border decides
 * nothing, however small its p.
 *
 * The verdict looks at one comparison. Among many, some intervals miss by chance: p_adjusted says
 * which differences would stand even so.
 */
#ifndef MUELLE_ANALYSIS_STATISTICS_COMPARISON_H
#define MUELLE_ANALYSIS_STATISTICS_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>

#include "common/compiler.h"

/* The least R: a smaller difference is nothing to choose a server by. */
#define COMPARISON_EQUIVALENCE_MIN 0.01

enum { COMPARISON_NEEDED_MAX = 1000000 }; /* "as many or more" */

enum comparison_better { COMPARISON_MORE, COMPARISON_LESS }; /* throughput; latency, CPU, memory */

enum comparison_verdict {
    COMPARISON_UNDECIDED,
    COMPARISON_FASTER, /* the candidate is better */
    COMPARISON_SLOWER,
    COMPARISON_EQUIVALENT,
};

struct comparison {
    bool is_interleaved; /* paired by block; false: see comparison_caveat() */
    size_t count;        /* blocks, or trials of the smaller session */
    double ratio;        /* candidate / baseline */
    double low, high;    /* its interval; with a coverage of 0 a range that shows nothing */
    double coverage;
    double p;                            /* two-sided, of a ratio of 1 */
    double p_adjusted;                   /* p until comparison_adjust() */
    double delta, delta_low, delta_high; /* Cliff's (two_samples.h); all 0 when interleaved */
    double equivalence;                  /* R, a fraction */
    enum comparison_verdict verdict;
    /* Blocks (trials of each session) that would decide it about four times in five, if effect and
     * noise are what they seem: n = 7.85 s^2 / d^2, s the standard deviation of the log ratios, d
     * their distance from the nearer border of the region; twice that for separate sessions, s
     * that within them. 7.85 = (1.960 + 0.842)^2 for 5 % and a power of 80 %; since the noise is an
     * estimate, it is 77 % at 40 blocks and 67 % at 11 (simulation_test.c). At least one more than
     * there are, and TRIALS_TO_INFER; 0 when it is decided. Source: Chow, Shao and Wang, "Sample
     * Size Calculations in Clinical Research", 2nd ed. (2008), sections 3.1 and 3.2. */
    size_t needed;
};

/* What the machine shows where there is nothing to see: a configuration measured twice a block. */
struct noise_floor {
    double ratio, low, high; /* of the one name to the other */
    double coverage, p;
    double equivalence; /* R = max(1 %, the interval's larger end), a fraction */
    bool differs;       /* the interval excludes 1: the self-test failed */
};

/* `candidate` and `baseline` belong to the same `blocks` blocks, in the same order (paired.h).
 * `equivalence` is R >= 0. 0, -EINVAL for values that are not positive and finite or a wrong R, or
 * as paired_compare(). */
int comparison_interleaved(const double *candidate, const double *baseline, size_t blocks,
                           enum comparison_better better, double equivalence,
                           struct comparison *out) MUST_CHECK;

/* Two sessions, each on its own (two_samples.h): ratio and interval are those of the shift between
 * their logarithms. Errors likewise. */
int comparison_separate(const double *candidate, size_t candidate_count, const double *baseline,
                        size_t baseline_count, enum comparison_better better, double equivalence,
                        struct comparison *out) MUST_CHECK;

/* A and A' of the same blocks. Errors as comparison_interleaved(). */
int comparison_noise_floor(const double *first, const double *again, size_t blocks,
                           struct noise_floor *out) MUST_CHECK;

/* Sets p_adjusted of comparisons that are read together (holm.h). 0 or -ENOMEM. */
int comparison_adjust(struct comparison *comparisons, size_t count) MUST_CHECK;

/* "faster", "slower", "equivalent", "undecided". */
const char *comparison_verdict_text(enum comparison_verdict verdict);

/* "not interleaved: weaker", or "". */
const char *comparison_caveat(const struct comparison *comparison);

#endif
