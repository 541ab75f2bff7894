/* SPDX-License-Identifier: MIT */
/*
 * log.h: what a program says to people about itself: one line on stderr, "program: message".
 *
 * Called where the context is known, once for each failure. Thread safe: a line is one write.
 */
#ifndef MUELLE_COMMON_LOG_H
#define MUELLE_COMMON_LOG_H

#include "common/compiler.h"

/* Exit statuses, the same for every program of the suite. */
enum exit_status {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,         /* could not do it */
    EXIT_USAGE = 2,          /* asked wrongly */
    EXIT_NOT_TRUSTED = 3,    /* finished, but not to be trusted or past a threshold */
    EXIT_NOT_AVAILABLE = 77, /* this machine cannot run it */
};

/* The name in front of every line; `name` must outlive the program. */
void log_program(const char *name);

void log_error(const char *format, ...) PRINTF_LIKE(1, 2);
void log_warning(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
