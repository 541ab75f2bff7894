/* SPDX-License-Identifier: MIT */
#include "analysis/compare/notes.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOTES_MAX = 200 };

static bool has(const struct notes *notes, const char *text)
{
    for (size_t i = 0; i < notes->count; i++) {
        if (strcmp(notes->list[i], text) == 0)
            return true;
    }
    return false;
}

void notes_add(struct notes *notes, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    char **list = has(notes, text) || notes->count == NOTES_MAX
                      ? NULL
                      : reallocarray(notes->list, notes->count + 1, sizeof *list);
    if (!list) {
        free(text);
        return;
    }
    notes->list = list;
    notes->list[notes->count++] = text;
}

void notes_release(struct notes *notes)
{
    for (size_t i = 0; i < notes->count; i++)
        free(notes->list[i]);
    free(notes->list);
    *notes = (struct notes){0};
}
