/* SPDX-License-Identifier: MIT */
#include "common/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_SIZE_MAX = 1024 };

static const char *program = "muelle";

void log_program(const char *name)
{
    program = name;
}

PRINTF_LIKE(2, 0)
static void log_line(const char *kind, const char *format, va_list arguments)
{
    char line[LINE_SIZE_MAX];
    int prefix = snprintf(line, sizeof line, "%s: %s", program, kind);
    size_t used = prefix < 0 ? 0 : (size_t)prefix;
    int text = vsnprintf(line + used, sizeof line - used - 1, format, arguments);

    if (text > 0)
        used += (size_t)text;
    if (used > sizeof line - 2)
        used = sizeof line - 2;
    line[used++] = '\n';
    /* A failure to complain has nobody left to complain to. */
    ssize_t ignored = write(STDERR_FILENO, line, used);
    (void)ignored;
}

void log_error(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    log_line("", format, arguments);
    va_end(arguments);
}

void log_warning(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    log_line("warning: ", format, arguments);
    va_end(arguments);
}
