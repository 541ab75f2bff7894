/* SPDX-License-Identifier: MIT */
#include "loadgen/record/steal.h"

#include <inttypes.h>
#include <stdio.h>

/* With fewer, one tick more or less is more than what would matter. */
enum { TICKS_MIN = 50 };

struct steal_sample steal_sample_now(void)
{
    uint64_t user, nice, system, irq, softirq, stolen;
    struct steal_sample sample = {0, 0};
    FILE *file = fopen("/proc/stat", "re");

    if (!file)
        return sample;
    if (fscanf(file,
               "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %*u %*u %" SCNu64 " %" SCNu64 " %" SCNu64,
               &user, &nice, &system, &irq, &softirq, &stolen) == 6)
        sample = (struct steal_sample){user + nice + system + irq + softirq + stolen, stolen};
    fclose(file);
    return sample;
}

double steal_share(const struct steal_sample *before, const struct steal_sample *after)
{
    if (after->wanted < before->wanted + TICKS_MIN || after->stolen < before->stolen)
        return -1;
    return (double)(after->stolen - before->stolen) / (double)(after->wanted - before->wanted);
}
