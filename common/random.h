/* SPDX-License-Identifier: MIT */
/*
 * random.h: numbers that look random and are a function of a seed: SplitMix64.
 *
 * Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014: 64 bits of
 * state, every seed good, passes BigCrush. Not for secrets. Who calls random_exponential() links
 * with libm.
 */
#ifndef MUELLE_COMMON_RANDOM_H
#define MUELLE_COMMON_RANDOM_H

#include <math.h>
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

/* The seed of the stream number `index` among those of `seed`: streams that have nothing to do with
 * each other, for keys that are consecutive, too. For one `seed`, no two indices give the same. */
static inline uint64_t random_mix(uint64_t seed, uint64_t index)
{
    struct random random = random_seeded(seed);

    random = random_seeded(random_next(&random) ^ index);
    return random_next(&random);
}

/* Evenly from (0, 1], in steps of 2^-53: never 0, so that its logarithm is finite. */
static inline double random_unit(struct random *random)
{
    return (double)((random_next(random) >> 11) + 1) * 0x1p-53;
}

/* Evenly from 0 .. n - 1, n >= 1, every value exactly as likely as any other. The high half of
 * next * n is the draw; each has either floor(2^64 / n) or one more of the 2^64 numbers, and the
 * excess, which are the first 2^64 mod n low halves, is drawn again (Lemire, "Fast random integer
 * generation in an interval", 2019). A division is needed only when the low half is below n. */
static inline uint64_t random_below(struct random *random, uint64_t n)
{
    __extension__ unsigned __int128 product = random_next(random);

    product *= n;
    if ((uint64_t)product < n) {
        uint64_t excess = (0 - n) % n; /* 2^64 mod n */

        while ((uint64_t)product < excess) {
            product = random_next(random);
            product *= n;
        }
    }
    return (uint64_t)(product >> 64);
}

/* From the exponential distribution of mean 1, by inversion: 0 .. 36.7 (53 ln 2). */
static inline double random_exponential(struct random *random)
{
    return -log(random_unit(random));
}

#endif
