/* SPDX-License-Identifier: MIT */
/*
 * fairness.h: was everyone served alike?
 *
 * Jain's index and Gini's coefficient say it in one number, of the shares that clients got: their
 * requests a second, say. The Lorenz curve shows what a number hides: whether one client starved or
 * half of them got a little less.
 */
#ifndef MUELLE_ANALYSIS_STATISTICS_FAIRNESS_H
#define MUELLE_ANALYSIS_STATISTICS_FAIRNESS_H

#include <stddef.h>

#include "common/compiler.h"

struct fairness {
    double jain; /* 1 = all alike … 1 / n = one got all: the fraction of clients that is served */
    double gini; /* 0 = all alike … (n - 1) / n = one got all */
};

/* jain = (sum x)^2 / (n sum x^2): Jain, Chiu and Hawe, "A quantitative measure of fairness and
 * discrimination for resource allocation in shared computer systems", DEC-TR-301 (1984). gini = sum
 * (2 i - n - 1) x(i) / (n sum x) with the shares ascending: Sen, "On Economic Inequality" (1973),
 * section 2.7. All shares 0: all alike. 0, -EINVAL without shares or for one that is negative or
 * not finite, or -ENOMEM. */
int fairness_of(const double *shares, size_t count, struct fairness *out) MUST_CHECK;

/* curve[j] = the part of everything that the least served j / (points - 1) of the clients got, 0 …
 * 1; between clients the curve is straight. `points` >= 2. All shares 0: the diagonal. Source:
 * Lorenz, "Methods of measuring the concentration of wealth", JASA 9 (1905). Returns as
 * fairness_of(). */
int fairness_lorenz(const double *shares, size_t count, double *curve, size_t points) MUST_CHECK;

#endif
