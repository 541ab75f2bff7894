/* SPDX-License-Identifier: MIT */
/*
 * dump_format.h: the text of a dump's rows. Pure: memory in, memory out.
 *
 * printf(3) would take a microsecond for a row, which is as long as a fast request; here it is some
 * tens of nanoseconds.
 */
#ifndef MUELLE_LOADGEN_DUMP_FORMAT_H
#define MUELLE_LOADGEN_DUMP_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"

/* Bytes that dump_format_instant() and dump_format_number() write at most. */
enum {
    DUMP_INSTANT_SIZE_MAX = 1 + 11 + 1 + 9, /* sign, 2^64 ns in seconds, point, nine digits */
    DUMP_NUMBER_SIZE_MAX = 20,
};

/* `number` in decimal, without a NUL; returns where it ends. */
char *dump_format_number(uint64_t number, char *to);

/* `time_ns` in seconds since `epoch_ns`, with nine decimals, without a NUL; nothing at all when it
 * is 0. Returns where it ends. */
char *dump_format_instant(uint64_t time_ns, uint64_t epoch_ns, char *to);

/* A field of RFC 4180: as it is, or in quotes, with those inside doubled, where it holds a quote, a
 * comma or a line break. The caller frees it; NULL when out of memory. */
char *dump_format_field(const char *text) MUST_CHECK;

#endif
