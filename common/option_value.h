/* SPDX-License-Identifier: MIT */
/*
 * option_value.h: the values of command-line options. Each function returns the value or ends the
 * process with the status of wrong usage, after one line that says what was expected.
 *
 * `option` is its name for that line, "--connections".
 */
#ifndef MUELLE_COMMON_OPTION_VALUE_H
#define MUELLE_COMMON_OPTION_VALUE_H

#include <stdint.h>

/* A whole number from `min` to `max`, "10k" allowed. */
uint64_t option_count(const char *option, const char *text, uint64_t min, uint64_t max);

/* A time with its unit from `min_ns` (0, 1 or a millisecond) to 24 hours, in nanoseconds. */
uint64_t option_duration(const char *option, const char *text, uint64_t min_ns);

/* "20k/s": above 0, at most 1000M/s. */
double option_rate(const char *option, const char *text);

/* The index of `text` among `names`, which end with NULL. */
int option_choice(const char *option, const char *text, const char *const *names);

#endif
