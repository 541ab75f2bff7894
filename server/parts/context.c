/* SPDX-License-Identifier: MIT */
#include "server/parts/context.h"

#include <stdint.h>

#ifdef __x86_64__

/* What the System V ABI for x86-64 has a function preserve, in the order of memory. */
struct saved_registers {
    uint64_t r15, r14, r13, r12, rbx, rbp;
    uint64_t return_address;
};

/* context_switch(from in rdi, to in rsi): `call` has put the return address on the stack, the rest
 * follows; `ret` takes the other's. The first time that is context_start, which makes a call of
 * what context_make() has left in two of the registers: from a stack pointer that is a multiple of
 * 16, as the ABI has it. Whoever unwinds the stack is at its end there. */
__asm__(".text\n"
        ".globl context_switch\n"
        ".type context_switch, @function\n"
        "context_switch:\n"
        "    pushq %rbp\n"
        "    pushq %rbx\n"
        "    pushq %r12\n"
        "    pushq %r13\n"
        "    pushq %r14\n"
        "    pushq %r15\n"
        "    movq %rsp, (%rdi)\n"
        "    movq (%rsi), %rsp\n"
        "    popq %r15\n"
        "    popq %r14\n"
        "    popq %r13\n"
        "    popq %r12\n"
        "    popq %rbx\n"
        "    popq %rbp\n"
        "    ret\n"
        ".size context_switch, . - context_switch\n"
        ".globl context_start\n"
        ".hidden context_start\n"
        ".type context_start, @function\n"
        "context_start:\n"
        "    .cfi_startproc\n"
        "    .cfi_undefined rip\n"
        "    movq %r12, %rdi\n"
        "    callq *%rbx\n"
        "    ud2\n"
        "    .cfi_endproc\n"
        ".size context_start, . - context_start\n");

void context_start(void);

void context_make(struct context *context, void *stack, size_t size, void (*start)(void *argument),
                  void *argument)
{
    struct saved_registers *saved = (struct saved_registers *)((uint8_t *)stack + size) - 1;

    *saved = (struct saved_registers){.rbx = (uint64_t)(uintptr_t)start,
                                      .r12 = (uint64_t)(uintptr_t)argument,
                                      .return_address = (uint64_t)(uintptr_t)context_start};
    context->stack_pointer = saved;
}

#else

/* makecontext(3) passes on nothing but ints: an address comes in two halves. */
static void context_start(unsigned start_high, unsigned start_low, unsigned argument_high,
                          unsigned argument_low)
{
    void (*start)(void *) = (void (*)(void *))(uintptr_t)((uint64_t)start_high << 32 | start_low);

    start((void *)(uintptr_t)((uint64_t)argument_high << 32 | argument_low));
}

void context_make(struct context *context, void *stack, size_t size, void (*start)(void *argument),
                  void *argument)
{
    uint64_t start_address = (uint64_t)(uintptr_t)start;
    uint64_t argument_address = (uint64_t)(uintptr_t)argument;

    getcontext(&context->context);
    context->context.uc_stack.ss_sp = stack;
    context->context.uc_stack.ss_size = size;
    context->context.uc_link = NULL;
    makecontext(&context->context, (void (*)(void))context_start, 4,
                (unsigned)(start_address >> 32), (unsigned)start_address,
                (unsigned)(argument_address >> 32), (unsigned)argument_address);
}

void context_switch(struct context *from, const struct context *to)
{
    swapcontext(&from->context, &to->context);
}

#endif
