/* SPDX-License-Identifier: MIT */
/*
 * check.h: what a case expects. The first thing that is not so ends the case's process with one
 * line that says what, where and why; the server it started ends with it.
 */
#ifndef MUELLE_TESTS_CONFORMANCE_CHECK_H
#define MUELLE_TESTS_CONFORMANCE_CHECK_H

#include "common/compiler.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDER_SANITIZER 1
#elif defined(__has_feature)
#define UNDER_SANITIZER (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define UNDER_SANITIZER 0
#endif

/* What one wait may take, and a whole case: far more than they do on a busy machine, far less than
 * for ever. A sanitizer makes a thread's start a hundred times as slow. */
enum {
    SLOWDOWN = UNDER_SANITIZER ? 3 : 1,
    WAIT_MS = SLOWDOWN * 10000,
    CASE_SECONDS_MAX = SLOWDOWN * 60
};

/* The exit status of a case that this model's nature makes pointless. */
enum { CASE_SKIPPED = 77 };

#define CHECK(condition, ...)                                                                      \
    ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition, __VA_ARGS__))

_Noreturn void check_failed(const char *file, int line, const char *condition, const char *format,
                            ...) PRINTF_LIKE(4, 5);

/* Ends the case without a verdict. */
_Noreturn void check_skip(const char *reason);

#endif
