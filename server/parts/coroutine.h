/* SPDX-License-Identifier: MIT */
/*
 * coroutine.h: a function that can stop in the middle and be gone on with later.
 *
 * A coroutine has a stack of its own and nothing else a thread has: the kernel does not know it,
 * and it runs only when it is resumed, until it suspends itself. A switch costs about what a call
 * does.
 *
 *     coroutine_new  ->  coroutine_resume, again and again, until it says that it was the last time
 *
 * The stack is address space, and memory only where it was touched. Below it is a page that must
 * not be: overflowing it ends the process instead of changing somebody else's stack. Stacks of
 * coroutines that have ended are kept for the next ones, because to map a new one and to touch it
 * costs far more than all else in the life of a coroutine.
 */
#ifndef MUELLE_SERVER_PARTS_COROUTINE_H
#define MUELLE_SERVER_PARTS_COROUTINE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/compiler.h"

struct coroutine;

/* Where the coroutines of one thread get their stacks from. */
struct coroutine_stacks {
    size_t size;             /* of a stack */
    struct coroutine *spare; /* those that have ended, the last one first */
    unsigned spare_count;
};

void coroutine_stacks_init(struct coroutine_stacks *stacks, size_t size);
/* Every coroutine must have ended. */
void coroutine_stacks_release(struct coroutine_stacks *stacks);

/* A coroutine that will call `run`; nothing of it runs before it is resumed. It has to end, by
 * returning. NULL when there is no memory, or the process has as many mappings as it may (two each;
 * vm.max_map_count). */
struct coroutine *coroutine_new(struct coroutine_stacks *stacks,
                                void (*run)(struct coroutine *self, void *argument),
                                void *argument) MUST_CHECK;

/* Runs it until it suspends itself; false when it has returned instead, and is gone. From any
 * function of the thread, that of another coroutine included. */
bool coroutine_resume(struct coroutine *coroutine);

/* Called by the coroutine `self`: back to whoever resumed it. Returns when it is resumed again. */
void coroutine_suspend(struct coroutine *self);

#endif
