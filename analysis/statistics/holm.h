/* SPDX-License-Identifier: MIT */
/*
 * holm.h: of many comparisons, which would stand if chance had tried each of them?
 *
 * Twenty comparisons of things that do not differ yield one with p < 5 %. Holm's adjusted p values
 * can each be held against 5 %, and the probability that even one of them is wrong stays below it,
 * whatever the comparisons have to do with each other.
 */
#ifndef MUELLE_ANALYSIS_STATISTICS_HOLM_H
#define MUELLE_ANALYSIS_STATISTICS_HOLM_H

#include <stddef.h>

#include "common/compiler.h"

/* adjusted[i] belongs to p[i]. With the p in order, adjusted (j) = max over i <= j of min(1, (m - i
 * + 1) p(i)). Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian
 * Journal of Statistics 6 (1979); as adjusted p values: Wright, Biometrics 48 (1992). `adjusted`
 * may be `p` itself. 0, -EINVAL for a p outside 0 … 1 (then nothing was written), or -ENOMEM. */
int holm_adjust(const double *p, size_t count, double *adjusted) MUST_CHECK;

#endif
