/* SPDX-License-Identifier: MIT */
#include "common/buffer.h"

#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 512 };

struct space buffer_reserve(struct buffer *buffer, size_t size)
{
    size_t used = buffer_size(buffer);

    if (buffer->start > 0) {
        memmove(buffer->data, buffer->data + buffer->start, used);
        buffer->start = 0;
        buffer->end = used;
    }
    if (buffer->capacity - used < size) {
        size_t capacity = buffer->capacity < CAPACITY_MIN ? CAPACITY_MIN : buffer->capacity * 2;

        if (capacity < used + size)
            capacity = used + size;
        uint8_t *data = realloc(buffer->data, capacity);

        if (!data)
            return (struct space){NULL, 0};
        buffer->data = data;
        buffer->capacity = capacity;
    }
    return (struct space){buffer->data + used, buffer->capacity - used};
}

bool buffer_append(struct buffer *buffer, struct bytes bytes)
{
    if (bytes.size == 0)
        return true;
    struct space space = buffer_reserve(buffer, bytes.size);

    if (!space.data)
        return false;
    memcpy(space.data, bytes.data, bytes.size);
    buffer_appended(buffer, bytes.size);
    return true;
}

void buffer_consume(struct buffer *buffer, size_t size)
{
    buffer->start += size;
    if (buffer->start == buffer->end)
        buffer_release(buffer);
}

void buffer_release(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}
