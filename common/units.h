/* SPDX-License-Identifier: MIT */
/*
 * units.h: numbers with units, as people write them on a command line and read them in a table.
 *
 * A parser takes the whole string or nothing: a missing or unknown unit, a sign, a fraction where
 * none makes sense, an overflow and trailing characters are all -EINVAL, and the caller says what
 * was meant. Fractions are allowed where a unit follows ("1.5s").
 */
#ifndef MUELLE_COMMON_UNITS_H
#define MUELLE_COMMON_UNITS_H

#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"

/* "250us", "1.5s", "2m": ns us ms s m h. "0" needs no unit. Nanoseconds. */
int duration_parse(const char *text, uint64_t *duration_ns) MUST_CHECK;

/* "1000", "10k", "2.5M": a count of things; k = 1000, M = 1000000. */
int count_parse(const char *text, uint64_t *count) MUST_CHECK;

/* "4096", "64KiB", "1MiB", "10kB": bytes. */
int size_parse(const char *text, uint64_t *size) MUST_CHECK;

/* "20k/s", "3900/s", "1.5M/s", "0.5/s": how many a second, above 0 and at most 10^9; of up to 15
 * digits the double that is nearest to what was written. The "/s" is required: a bare number could
 * as well be meant a minute. */
int rate_parse(const char *text, double *rate_per_s) MUST_CHECK;

/* Three significant digits and the unit that keeps the number between 1 and 1000: "21.3 us",
 * "1.05 s", "12 us" is "12.0 us"; 0 is "0 ns". `text` needs UNITS_TEXT_SIZE places and is
 * returned. */
enum { UNITS_TEXT_SIZE = 32 };
char *duration_format(uint64_t duration_ns, char *text);
/* "950", "12.3 k", "1.20 M": for rates and counts. */
char *count_format(double count, char *text);
/* "512 B", "12.3 KiB", "1.20 GiB". */
char *size_format(uint64_t size, char *text);

#endif
