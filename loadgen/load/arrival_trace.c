/* SPDX-License-Identifier: MIT */
/*
 * arrival_trace.c: a line at a time, each of bounded length, so that what is no trace at all (a
 * folder, a device, an executable) ends at its first line instead of filling the memory.
 */
#include "loadgen/load/arrival_trace.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

enum {
    LINE_LENGTH_MAX = 1023,
    ENTRIES_CAPACITY_FIRST = 1024,
    /* Eleven days: a double still tells tenths of a nanosecond apart there, and times since 1970
     * are far beyond. */
    SECONDS_MAX = 1000000,
};

enum line {
    LINE_READ,
    LINE_NONE, /* the file ends */
    LINE_UNREADABLE,
};

struct reader {
    FILE *file;
    uintmax_t line_number; /* of `line`, 1 = the first */
    char line[LINE_LENGTH_MAX + 1];
    size_t entries_max;
    bool header_allowed; /* until the first arrival or header */
};

/* Reads the next line, without its end. A value of enum line or -errno. */
static int line_read(struct reader *reader)
{
    size_t length = 0;
    int character;

    reader->line_number++;
    while ((character = getc_unlocked(reader->file)) != EOF && character != '\n') {
        if (length == LINE_LENGTH_MAX || character == '\0')
            return LINE_UNREADABLE;
        reader->line[length++] = (char)character;
    }
    if (character == EOF && ferror(reader->file))
        return -errno;
    if (character == EOF && length == 0)
        return LINE_NONE;
    if (length > 0 && reader->line[length - 1] == '\r')
        length--;
    reader->line[length] = '\0';
    return LINE_READ;
}

static int refuse(struct arrival_trace *trace, const struct reader *reader, const char *sentence)
{
    snprintf(trace->problem, sizeof trace->problem, "line %ju: %s", reader->line_number, sentence);
    return -EINVAL;
}

/* --- one arrival ------------------------------------------------------------------------------ */

/* Reads the seconds at *text and moves it behind them. Fractions are as long and exponents as odd
 * as the programs that write such files make them, so strtod(3) reads them; what it takes beyond
 * plain decimals (signs, spaces, hexadecimal, "inf") is kept from it. */
static int time_read(const char **text, uint64_t *at_ns)
{
    size_t length = strspn(*text, "0123456789.eE+-");
    char *end;

    if (**text == '+' || **text == '-')
        return -EINVAL;
    double seconds = strtod(*text, &end);
    if (length == 0 || end != *text + length || seconds > SECONDS_MAX)
        return -EINVAL;
    *at_ns = (uint64_t)(seconds * (double)NS_PER_S + 0.5);
    *text = end;
    return 0;
}

/* Takes the quotes off a quoted field. Quotes within one, and commas without, have no use here. */
static int field_unquote(const char **field, size_t *length)
{
    *length = strlen(*field);
    if ((*field)[0] == '"') {
        if (*length < 3 || (*field)[*length - 1] != '"')
            return -EINVAL;
        (*field)++;
        *length -= 2;
    } else if (strchr(*field, ',')) {
        return -EINVAL;
    }
    return memchr(*field, '"', *length) ? -EINVAL : 0;
}

/* The index of a name, entered when it is new; -1 when the table is full. */
static int32_t name_index(struct arrival_trace *trace, const char *name, size_t length)
{
    for (size_t i = 0; i < trace->names_count; i++)
        if (strncmp(trace->names[i], name, length) == 0 && trace->names[i][length] == '\0')
            return (int32_t)i;
    if (trace->names_count == ARRIVAL_TRACE_NAMES_MAX)
        return -1;
    memcpy(trace->names[trace->names_count], name, length);
    trace->names[trace->names_count][length] = '\0';
    return (int32_t)trace->names_count++;
}

static int class_read(struct arrival_trace *trace, const struct reader *reader, const char *field,
                      int32_t *class_index)
{
    size_t length;

    *class_index = -1;
    if (*field == '\0')
        return 0;
    if (field_unquote(&field, &length) < 0)
        return refuse(trace, reader, "expected one class name, in quotes when it has a comma");
    if (length >= ARRIVAL_TRACE_NAME_SIZE)
        return refuse(trace, reader, "expected a class name of at most 63 characters");
    *class_index = name_index(trace, field, length);
    if (*class_index < 0)
        return refuse(trace, reader, "expected at most 16 different classes");
    return 0;
}

static int entries_append(struct arrival_trace *trace, struct arrival_trace_entry entry)
{
    if (trace->entries_count == trace->entries_capacity) {
        size_t capacity =
            trace->entries_capacity > 0 ? 2 * trace->entries_capacity : ENTRIES_CAPACITY_FIRST;
        struct arrival_trace_entry *entries =
            reallocarray(trace->entries, capacity, sizeof *entries);

        if (!entries)
            return -ENOMEM;
        trace->entries = entries;
        trace->entries_capacity = capacity;
    }
    trace->entries[trace->entries_count++] = entry;
    return 0;
}

static int entry_read(struct arrival_trace *trace, const struct reader *reader)
{
    const char *next = reader->line;
    struct arrival_trace_entry entry = {.class_index = -1};
    int failed = 0;

    if (time_read(&next, &entry.at_ns) < 0 || (*next != ',' && *next != '\0'))
        return refuse(trace, reader,
                      "expected SECONDS or SECONDS,CLASS, the seconds from 0 to 1000000");
    if (*next == ',')
        failed = class_read(trace, reader, next + 1, &entry.class_index);
    if (failed)
        return failed;
    if (trace->entries_count > 0 && entry.at_ns < trace->entries[trace->entries_count - 1].at_ns)
        return refuse(trace, reader, "expected a time not before that of the arrival above it");
    if (trace->entries_count == reader->entries_max) {
        snprintf(trace->problem, sizeof trace->problem, "line %ju: expected at most %zu arrivals",
                 reader->line_number, reader->entries_max);
        return -EINVAL;
    }
    return entries_append(trace, entry);
}

/* --- the file --------------------------------------------------------------------------------- */

static bool is_header(const char *line)
{
    return strcmp(line, "time_s") == 0 || strcmp(line, "time_s,class") == 0;
}

static int lines_read(struct arrival_trace *trace, struct reader *reader)
{
    int line;
    int failed = 0;

    while (failed == 0 && (line = line_read(reader)) != LINE_NONE) {
        if (line < 0)
            return line;
        if (line == LINE_UNREADABLE)
            return refuse(trace, reader, "expected text of at most 1023 characters");
        if (reader->line[0] == '#' || reader->line[0] == '\0')
            continue;
        if (!reader->header_allowed || !is_header(reader->line))
            failed = entry_read(trace, reader);
        reader->header_allowed = false;
    }
    if (failed == 0 && trace->entries_count == 0) {
        snprintf(trace->problem, sizeof trace->problem, "expected a file with an arrival at least");
        return -EINVAL;
    }
    return failed;
}

int arrival_trace_load(struct arrival_trace *trace, const char *path, size_t entries_max)
{
    struct reader reader = {.entries_max = entries_max, .header_allowed = true};

    *trace = (struct arrival_trace){0};
    reader.file = fopen(path, "re");
    if (!reader.file)
        return -errno;
    int failed = lines_read(trace, &reader);

    fclose(reader.file);
    if (failed)
        arrival_trace_release(trace);
    return failed;
}

void arrival_trace_release(struct arrival_trace *trace)
{
    free(trace->entries);
    trace->entries = NULL;
    trace->entries_count = 0;
    trace->entries_capacity = 0;
    trace->names_count = 0;
}

size_t arrival_trace_count_before(const struct arrival_trace *trace, uint64_t end_ns)
{
    size_t low = 0;
    size_t high = trace->entries_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (trace->entries[middle].at_ns < end_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
