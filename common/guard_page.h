/* SPDX-License-Identifier: MIT */
/*
 * guard_page.h: memory that ends where it ends (for tests).
 *
 * A copy of some bytes laid flush against a page nobody may touch: reading one byte past the end is
 * a crash in every build, not only under a sanitizer.
 */
#ifndef MUELLE_COMMON_GUARD_PAGE_H
#define MUELLE_COMMON_GUARD_PAGE_H

#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/bytes.h"

struct guard_page {
    uint8_t *map;
    size_t map_size; /* the PROT_NONE page included */
};

/* Room for up to `size_max` bytes in front of the guard. */
static inline void guard_page_init(struct guard_page *guard, size_t size_max)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t usable = (size_max + page - 1) / page * page;

    guard->map_size = usable + page;
    guard->map =
        mmap(NULL, guard->map_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert(guard->map != MAP_FAILED);
    int failed = mprotect(guard->map + usable, page, PROT_NONE);
    assert(!failed);
}

/* The last `size` bytes before the guard, to write into. */
static inline struct space guard_page_space(const struct guard_page *guard, size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (struct space){guard->map + (guard->map_size - page) - size, size};
}

/* `bytes`, copied flush against the guard. */
static inline struct bytes guard_page_copy(const struct guard_page *guard, struct bytes bytes)
{
    struct space space = guard_page_space(guard, bytes.size);

    if (bytes.size > 0)
        memcpy(space.data, bytes.data, bytes.size);
    return (struct bytes){space.data, bytes.size};
}

static inline void guard_page_release(struct guard_page *guard)
{
    munmap(guard->map, guard->map_size);
}

#endif
