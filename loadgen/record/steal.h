/* SPDX-License-Identifier: MIT */
/*
 * steal.h: CPU time the host gave to somebody else while this machine wanted it.
 */
#ifndef MUELLE_LOADGEN_STEAL_H
#define MUELLE_LOADGEN_STEAL_H

#include <stdint.h>

/* Totals of all CPUs since the boot, in the kernel's ticks; the first line of /proc/stat. */
struct steal_sample {
    uint64_t wanted; /* user, nice, system, interrupts and what was stolen; not idle, not waiting */
    uint64_t stolen;
};

/* All 0 where it cannot be read. */
struct steal_sample steal_sample_now(void);

/* Share of the time that was wanted, 0..1; negative: too little was wanted to tell. */
double steal_share(const struct steal_sample *before, const struct steal_sample *after);

#endif
