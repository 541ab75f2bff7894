/* SPDX-License-Identifier: MIT */
/*
 * compiler.h: the few things we ask of gcc and clang beyond C17.
 */
#ifndef MUELLE_COMMON_COMPILER_H
#define MUELLE_COMMON_COMPILER_H

/* The caller must look at the result: it is the only place where a failure is told. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* The compiler checks the arguments against the format, as it does for printf(3). */
#define PRINTF_LIKE(format_index, arguments_index)                                                 \
    __attribute__((format(printf, format_index, arguments_index)))

/* Two threads that write to neighbouring bytes of one line slow each other down; 64 bytes on x86-64
 * and on most ARM cores. */
#define CACHE_LINE 64

#endif
