/* SPDX-License-Identifier: MIT */
#include "tests/conformance/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void check_failed(const char *file, int line, const char *condition, const char *format, ...)
{
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fprintf(stderr, "%s:%d: %s  (%s)\n", file, line, text, condition);
    _exit(1);
}

void check_skip(const char *reason)
{
    fprintf(stderr, "skipped: %s\n", reason);
    _exit(CASE_SKIPPED);
}
