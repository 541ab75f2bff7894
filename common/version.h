/* SPDX-License-Identifier: MIT */
/*
 * version.h: which build this is.
 */
#ifndef MUELLE_COMMON_VERSION_H
#define MUELLE_COMMON_VERSION_H

#define MUELLE_VERSION "0.1.0"

#ifdef __clang__
#define MUELLE_COMPILER "clang " __clang_version__
#else
#define MUELLE_COMPILER "gcc " __VERSION__
#endif

#ifdef __OPTIMIZE__
#define MUELLE_BUILD "optimised"
#else
#define MUELLE_BUILD "not optimised"
#endif

#endif
