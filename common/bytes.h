/* SPDX-License-Identifier: MIT */
/*
 * bytes.h: slices of memory somebody else owns, and the little-endian integers of the wire.
 *
 * `struct bytes` is read, `struct space` is written. Neither owns anything: both are passed by
 * value and live no longer than the memory they point into.
 */
#ifndef MUELLE_COMMON_BYTES_H
#define MUELLE_COMMON_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
    const uint8_t *data;
    size_t size;
};

struct space {
    uint8_t *data;
    size_t size;
};

static inline struct bytes bytes_after(struct bytes bytes, size_t count)
{
    return (struct bytes){bytes.data + count, bytes.size - count};
}

static inline struct space space_after(struct space space, size_t count)
{
    return (struct space){space.data + count, space.size - count};
}

/* Written byte by byte so that alignment and the host's byte order do not matter; compilers make
 * one load or store of it. */
static inline uint32_t u32_load(const uint8_t *from)
{
    return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 |
           (uint32_t)from[3] << 24;
}

static inline void u32_store(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
    to[2] = (uint8_t)(value >> 16);
    to[3] = (uint8_t)(value >> 24);
}

static inline void u64_store(uint8_t *to, uint64_t value)
{
    u32_store(to, (uint32_t)value);
    u32_store(to + 4, (uint32_t)(value >> 32));
}

static inline uint64_t u64_load(const uint8_t *from)
{
    return (uint64_t)u32_load(from) | (uint64_t)u32_load(from + 4) << 32;
}

#endif
