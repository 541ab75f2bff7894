/* SPDX-License-Identifier: MIT */
/*
 * sink.h: a file or a pipe that gets text while a run lasts, and is never waited for.
 *
 * What it does not take at once is kept, up to a limit, and offered again. A pipe whose reader
 * sleeps so costs memory, not time; one whose reader has gone, or a disk that is full, is said once
 * and then left alone. Only when the run is over somebody may wait, and not for ever.
 *
 * Deliberately not here: files that must be whole or absent (common/file.h), several threads.
 */
#ifndef MUELLE_LOADGEN_SINK_H
#define MUELLE_LOADGEN_SINK_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buffer.h"
#include "common/compiler.h"

/* Bytes that may be kept: some thousand seconds. */
enum { SINK_PENDING_MAX = 16 << 20 };

/* Owns the descriptor, unless it is standard output, and what is pending. */
struct sink {
    const char *option, *path; /* as it was asked for, to be named in messages */
    int fd;                    /* -1: there is none, and whatever is added is forgotten */
    struct buffer pending;
    int failed; /* 0, or -errno of what ended it: nothing more is written */
    bool told;  /* that it failed */
};

/* Creates or empties `path`; "-" is standard output; with NULL there is no sink, and all else may
 * be called as well. 0, or -errno after saying why: -ENXIO is a FIFO that nobody reads. */
int sink_open(struct sink *sink, const char *option, const char *path) MUST_CHECK;
bool sink_is_open(const struct sink *sink);

/* Writes the text, or as much of it as is taken at once. */
void sink_add(struct sink *sink, const char *text, size_t size);
/* Offers again what is pending. */
void sink_flush(struct sink *sink);

/* Nothing more is written to it; -errno says why. */
void sink_fail(struct sink *sink, int error);
/* It failed, and nobody has said so yet. */
static inline bool sink_is_news(const struct sink *sink)
{
    return sink->failed < 0 && !sink->told;
}
/* Says why it failed, once. */
void sink_tell(struct sink *sink);

/* Writes what is pending, waiting no longer than that for a reader who takes nothing, and closes.
 * 0, or -errno of what failed at any time, after saying it: -ETIMEDOUT is such a reader. */
int sink_close(struct sink *sink, int patience_ms);

#endif
