/* SPDX-License-Identifier: MIT */
/*
 * malloc_counter: preloaded into a program, counts its allocations, and says at its end on stderr
 * how many there were: "allocations 1234".
 *
 * Stands in front of glibc's own functions by their public second names, so nothing has to be
 * looked up and nothing is allocated here.
 */
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>

/* glibc's; reserved names are what they are called. */
extern void *__libc_malloc(size_t size);                // NOLINT
extern void *__libc_calloc(size_t count, size_t size);  // NOLINT
extern void *__libc_realloc(void *memory, size_t size); // NOLINT

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *memory, size_t size);

static atomic_ulong allocations;

void *malloc(size_t size)
{
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return __libc_realloc(memory, size);
}

__attribute__((destructor)) static void say(void)
{
    fprintf(stderr, "allocations %lu\n", atomic_load(&allocations));
}
