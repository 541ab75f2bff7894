/* SPDX-License-Identifier: MIT */
/*
 * random.h: numbers that look random and are a function of a seed: SplitMix64.
 *
 * Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014: 64 bits of
 * state, every seed good, passes BigCrush. Not for secrets.
 */
#ifndef MUELLE_COMMON_RANDOM_H
#define MUELLE_COMMON_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state;
};

static inline struct random random_seeded(uint64_t seed)
{
    return (struct random){seed};
}

static inline uint64_t random_next(struct random *random)
{
    uint64_t mixed = random->state += UINT64_C(0x9E3779B97F4A7C15);

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ (mixed >> 31);
}

#endif
