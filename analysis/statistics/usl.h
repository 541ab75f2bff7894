/* SPDX-License-Identifier: MIT */
/*
 * usl.h: the Universal Scalability Law: what keeps throughput from growing with the clients?
 *
 *     X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1))
 *
 * lambda is what one client gets, sigma the part of the work that waits in line (contention: X
 * flattens towards lambda / sigma), kappa the part spent on agreeing with each other (coherency: X
 * falls after a peak). Source: Gunther, "Guerrilla Capacity Planning" (2007), chapters 4 to 6.
 *
 * Divided by N the law is a line in N - 1 and N (N - 1), so it is fitted in one step and has no
 * starting values: N / X = a + b (N - 1) + c N (N - 1), lambda = 1 / a, sigma = b / a, kappa = c /
 * a, by least squares weighted with the inverse variance of N / X, which is (X^2 / (N se))^2 when
 * se is the standard error of X. Gunther fixes lambda at the throughput of one client instead; give
 * that point a tiny error and the others errors in proportion to X^2 / N, and his numbers come out.
 *
 * A law of three numbers fits much that is none. Whether a fit may be shown, and whether its peak
 * is more than a guess, is part of the answer.
 */
#ifndef MUELLE_ANALYSIS_STATISTICS_USL_H
#define MUELLE_ANALYSIS_STATISTICS_USL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/statistics/bootstrap.h"
#include "common/compiler.h"

enum {
    USL_POINTS_MAX = 64, /* levels of clients */
    USL_BLOCKS_MAX = 500,
    USL_LEVELS_MIN = 6,       /* three numbers from fewer say nothing about the law */
    USL_LEVELS_EACH_SIDE = 2, /* of the knee: one alone could be an outlier */
};

/* Above this the law does not describe the points. A fraction of the measured throughput. */
#define USL_RESIDUAL_MAX 0.1

/* A level: throughput in any unit, and its standard error in the same. All > 0. */
struct usl_point {
    double clients, throughput, error;
};

struct usl_fit {
    double lambda, sigma, kappa;
    bool sigma_at_zero, kappa_at_zero; /* would have been negative: fitted again without it */
    double peak; /* N* = sqrt((1 - sigma) / kappa), at least 1; INFINITY without a peak */
    double knee; /* where lambda N meets the highest X of the law; INFINITY when it has none */
    double residual_max; /* largest |X(N) / X - 1| */
};

enum usl_verdict {
    USL_SHOWN,
    USL_TOO_FEW,   /* distinct levels: fewer than USL_LEVELS_MIN */
    USL_NO_FIT,    /* lambda would not be positive */
    USL_POOR_FIT,  /* a residual above USL_RESIDUAL_MAX */
    USL_ONE_SIDED, /* fewer than USL_LEVELS_EACH_SIDE levels below the knee, or above it */
};

/* The law of some blocks. The intervals are BCa over the blocks (bootstrap.h); with fewer than
 * TRIALS_TO_INFER blocks they have a coverage of 0. */
struct usl {
    enum usl_verdict verdict; /* others than USL_SHOWN: show no fit */
    struct usl_fit fit;       /* all 0 for USL_TOO_FEW and USL_NO_FIT */
    bool has_peak;            /* false: "no peak in the range" */
    struct bootstrap lambda, sigma, kappa, peak;
};

/* X(N) of a fit. */
double usl_throughput(const struct usl_fit *fit, double clients);

/* Fits the law to at least three distinct levels. A negative sigma or kappa is set to 0 and the
 * rest fitted again; when there are several ways to do that, the one with the smallest weighted sum
 * of squares. 0, -EINVAL for fewer levels or values that are not positive, -E2BIG past
 * USL_POINTS_MAX, or -EDOM when lambda would not be positive. */
int usl_fit_points(const struct usl_point *points, size_t count, struct usl_fit *fit) MUST_CHECK;

/* The law of `blocks` blocks, in each of which every level was measured once: level i, at
 * clients[i] clients, in block j is throughputs[j * levels + i]. A level's X is the mean over its
 * blocks, its se their standard deviation / sqrt(blocks); but relative to X at least half of what
 * is usual in these levels, since a few blocks that agree by chance must not outweigh all the
 * others, and with one block (or blocks that do not differ) the same for all. There is a peak when
 * kappa is not 0, N* is within the levels, and kappa's interval, if there is one, excludes 0.
 * Returns as usl_fit_points(), but levels that no law can be had from get a verdict; or -ENOMEM. */
int usl_of_blocks(const double *clients, size_t levels, const double *throughputs, size_t blocks,
                  uint64_t seed, struct usl *out) MUST_CHECK;

#endif
