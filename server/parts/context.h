/* SPDX-License-Identifier: MIT */
/*
 * context.h: where a program is: its stack, and the registers a function leaves to its caller.
 *
 * To switch is to save those on one stack and to go on with those saved on another. swapcontext(3)
 * does it everywhere, and asks the kernel for the signal mask each time, which takes twenty
 * times as long as all the rest; so where we know the registers we do it ourselves, as every
 * library of coroutines does. The mask, and the modes of the floating-point unit, are the thread's.
 */
#ifndef MUELLE_SERVER_PARTS_CONTEXT_H
#define MUELLE_SERVER_PARTS_CONTEXT_H

#include <stddef.h>

#ifdef __x86_64__
struct context {
    void *stack_pointer; /* the saved registers lie there */
};
#else
#include <ucontext.h>
struct context {
    ucontext_t context;
};
#endif

/* A context that will call `start(argument)`, which must never return, on the stack of `size` bytes
 * at `stack`; `stack + size` is a multiple of 16. */
void context_make(struct context *context, void *stack, size_t size, void (*start)(void *argument),
                  void *argument);

/* Goes on with `to`; returns when somebody goes on with `from`, on the same thread. */
void context_switch(struct context *from, const struct context *to);

#endif
