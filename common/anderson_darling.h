/* SPDX-License-Identifier: MIT */
/*
 * anderson_darling.h: are these gaps exponential, as those between the arrivals of a Poisson
 * process are?
 *
 * The test of Anderson and Darling ("A test of goodness of fit", Journal of the American
 * Statistical Association 49, 1954) weighs differences in both tails more than Kolmogorov's. It is
 * used with the mean known beforehand, the one that was asked for ("case 0"): a wrong rate is then
 * found as much as a wrong shape. At 1 % it notices a mean that is off by 4 / sqrt(n) in most
 * cases.
 */
#ifndef MUELLE_COMMON_ANDERSON_DARLING_H
#define MUELLE_COMMON_ANDERSON_DARLING_H

#include <stddef.h>

#include "common/compiler.h"

struct anderson_darling {
    double statistic; /* A^2; above 2.492 at 5 %, above 3.857 at 1 % (Stephens 1974, table 1) */
    double p;         /* probability of as much or more when the values are exponential */
};

/* Tests `values`, in any order, which are left as they are (a copy is sorted). `mean` > 0 is that
 * of the distribution; `tick` >= 0 is what the values were rounded to: one below half a tick is
 * taken for half a tick, since a value of exactly 0 has no place in a continuous distribution and
 * would decide alone. Ticks should be below a hundredth of the mean. Without values the statistic
 * is 0 and p 1.
 *
 * A^2 = -n - 1/n sum (2i - 1) (ln F(x_i) + ln(1 - F(x_(n+1-i)))) with the values in order. O(n log
 * n). 0, -EINVAL for a value that is negative or not a number, for a mean or tick outside its
 * range, or -ENOMEM. */
int anderson_darling_exponential(const double *values, size_t count, double mean, double tick,
                                 struct anderson_darling *result) MUST_CHECK;

/* Probability that A^2 of `count` values of a fully known continuous distribution is at least
 * `statistic`, to some four decimals. Source: Marsaglia and Marsaglia, "Evaluating the
 * Anderson-Darling distribution", Journal of Statistical Software 9(2), 2004. */
double anderson_darling_p(double statistic, size_t count);

#endif
