/* SPDX-License-Identifier: MIT */
/*
 * buffer.h: bytes that wait: appended at the end, consumed from the front, no memory when empty.
 */
#ifndef MUELLE_COMMON_BUFFER_H
#define MUELLE_COMMON_BUFFER_H

#include <stdbool.h>

#include "common/bytes.h"
#include "common/compiler.h"

/* Zero-initialised is empty. Owns `data`. */
struct buffer {
    uint8_t *data;
    size_t start, end, capacity; /* the bytes are data[start .. end) */
};

static inline size_t buffer_size(const struct buffer *buffer)
{
    return buffer->end - buffer->start;
}

static inline struct bytes buffer_bytes(const struct buffer *buffer)
{
    return (struct bytes){buffer->data ? buffer->data + buffer->start : NULL, buffer_size(buffer)};
}

/* Room for at least `size` more bytes behind the last; moves what is there. Grows to at most twice
 * what is needed. NULL data when out of memory. */
struct space buffer_reserve(struct buffer *buffer, size_t size) MUST_CHECK;

/* `size` bytes were written into the reserved space. */
static inline void buffer_appended(struct buffer *buffer, size_t size)
{
    buffer->end += size;
}

bool buffer_append(struct buffer *buffer, struct bytes bytes) MUST_CHECK;

/* Drops bytes from the front; an empty buffer gives its memory back. */
void buffer_consume(struct buffer *buffer, size_t size);

void buffer_release(struct buffer *buffer);

#endif
