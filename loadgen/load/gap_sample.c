/* SPDX-License-Identifier: MIT */
#include "loadgen/load/gap_sample.h"

#include "common/anderson_darling.h"

/* With fewer the test tells next to nothing. */
enum { GAP_SAMPLE_MIN = 50 };

double gap_sample_p(const struct gap_sample *sample, double mean_ns)
{
    struct anderson_darling result;

    if (sample->spoiled || sample->count < GAP_SAMPLE_MIN)
        return -1;
    if (anderson_darling_exponential(sample->gaps_ns, sample->count, mean_ns, 1, &result) < 0)
        return -1;
    return result.p;
}
