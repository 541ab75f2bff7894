/* SPDX-License-Identifier: MIT */
/*
 * arrival_trace.h: the arrivals of a trace, read from a file of intended times.
 *
 * The file is CSV: "SECONDS" or "SECONDS,CLASS" a line, the seconds counted from the start of the
 * load and never decreasing; docs/arrivals.md is the whole format. A class is only a name here:
 * which request it stands for is the caller's to decide. All of it is in memory before the load
 * begins, 16 bytes an arrival, since reading a file may block.
 */
#ifndef MUELLE_LOADGEN_ARRIVAL_TRACE_H
#define MUELLE_LOADGEN_ARRIVAL_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"

enum {
    ARRIVAL_TRACE_ENTRIES_MAX = 50000000, /* 800 MB of them */
    ARRIVAL_TRACE_NAMES_MAX = 16,
    ARRIVAL_TRACE_NAME_SIZE = 64, /* with its NUL */
    ARRIVAL_TRACE_PROBLEM_SIZE = 128,
};

struct arrival_trace_entry {
    uint64_t at_ns;      /* since the start of the schedule */
    int32_t class_index; /* into `names`, or -1 when the line names no class */
};

/* Owns `entries`. */
struct arrival_trace {
    struct arrival_trace_entry *entries; /* by time; those of one instant as the file has them */
    size_t entries_count, entries_capacity;
    char names[ARRIVAL_TRACE_NAMES_MAX][ARRIVAL_TRACE_NAME_SIZE]; /* in order of appearance */
    size_t names_count;
    char problem[ARRIVAL_TRACE_PROBLEM_SIZE];
};

/* Reads `path`, which may hold at most `entries_max` arrivals. 0; -EINVAL when it is no trace, and
 * then trace->problem is one sentence about it, with the number of the line; or -errno of the file,
 * -ENOMEM among them. Nothing needs a release after a failure. Blocks. */
int arrival_trace_load(struct arrival_trace *trace, const char *path,
                       size_t entries_max) MUST_CHECK;
/* Keeps `problem`. */
void arrival_trace_release(struct arrival_trace *trace);

/* How many arrivals are due before `end_ns`. */
size_t arrival_trace_count_before(const struct arrival_trace *trace, uint64_t end_ns);

#endif
