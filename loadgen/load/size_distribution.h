/* SPDX-License-Identifier: MIT */
/*
 * size_distribution.h: how large a payload is: always the same, or drawn.
 *
 *     4KiB                  always 4096 bytes
 *     uniform(MIN,MAX)      each size from MIN to MAX, both included, as likely as any other
 *     zipf(MIN,MAX,S)       P(size = MIN + i) proportional to 1 / (i + 1)^S: mostly small, with a
 *                           tail the heavier the smaller S is
 *
 * A draw takes constant time and no table, whatever the range. Pure: what is drawn is a function of
 * the random stream it is drawn from.
 */
#ifndef MUELLE_LOADGEN_SIZE_DISTRIBUTION_H
#define MUELLE_LOADGEN_SIZE_DISTRIBUTION_H

#include <stdint.h>

#include "common/compiler.h"
#include "common/random.h"

/* 1 GiB: no payload is larger. */
enum { SIZE_DISTRIBUTION_MAX = 1 << 30 };

enum size_distribution_kind { SIZE_FIXED, SIZE_UNIFORM, SIZE_ZIPF };

/* Owns nothing. Made by the functions below alone. */
struct size_distribution {
    enum size_distribution_kind kind; /* SIZE_FIXED whenever min == max */
    uint32_t min, max;                /* bytes, both can be drawn */
    double exponent;                  /* of SIZE_ZIPF: S */
    double area_low, area_high;       /* of SIZE_ZIPF: see zipf_draw() */
};

struct size_distribution size_distribution_fixed(uint32_t size);

/* Reads one of the forms above. MIN and MAX are sizes with their units, S is a decimal number above
 * 0 and up to 100. 0, or -EINVAL and in `*problem` a sentence (static) that says what is wrong. */
int size_distribution_parse(const char *text, struct size_distribution *distribution,
                            const char **problem) MUST_CHECK;

/* A size in bytes. Takes from `random` what it needs: nothing when the size is fixed. */
uint32_t size_distribution_draw(const struct size_distribution *distribution,
                                struct random *random);

#endif
