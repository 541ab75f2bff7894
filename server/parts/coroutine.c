/* SPDX-License-Identifier: MIT */
#include "server/parts/coroutine.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "server/parts/context.h"

/* As many come again at once without a new stack; they hold two touched pages each. */
enum { SPARE_MAX = 256 };

/* At the top of its own stack, in a page that is touched anyway. */
struct coroutine {
    _Alignas(64) struct context self;
    struct context resumer;
    struct coroutine_stacks *stacks;
    void (*run)(struct coroutine *self, void *argument);
    void *argument;
    bool returned;
    struct coroutine *next_spare;
};

/* --- stacks ----------------------------------------------------------------------------------- */

void coroutine_stacks_init(struct coroutine_stacks *stacks, size_t size)
{
    size_t page_size = (size_t)sysconf(_SC_PAGESIZE);

    *stacks = (struct coroutine_stacks){.size = (size + page_size - 1) / page_size * page_size};
}

/* From the guard page to the coroutine. */
static size_t mapping_size(const struct coroutine_stacks *stacks)
{
    return (size_t)sysconf(_SC_PAGESIZE) + stacks->size;
}

static uint8_t *mapping_of(const struct coroutine *coroutine)
{
    return (uint8_t *)(coroutine + 1) - mapping_size(coroutine->stacks);
}

static struct coroutine *stack_map(struct coroutine_stacks *stacks)
{
    size_t size = mapping_size(stacks);
    uint8_t *mapping = mmap(NULL, size, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);

    if (mapping == MAP_FAILED)
        return NULL;
    if (mprotect(mapping, size - stacks->size, PROT_NONE) < 0) {
        munmap(mapping, size);
        return NULL;
    }
    return (struct coroutine *)(mapping + size) - 1;
}

static struct coroutine *stack_take(struct coroutine_stacks *stacks)
{
    struct coroutine *spare = stacks->spare;

    if (!spare)
        return stack_map(stacks);
    stacks->spare = spare->next_spare;
    stacks->spare_count--;
    return spare;
}

static void stack_give_back(struct coroutine_stacks *stacks, struct coroutine *coroutine)
{
    if (stacks->spare_count == SPARE_MAX) {
        munmap(mapping_of(coroutine), mapping_size(stacks));
        return;
    }
    coroutine->next_spare = stacks->spare;
    stacks->spare = coroutine;
    stacks->spare_count++;
}

void coroutine_stacks_release(struct coroutine_stacks *stacks)
{
    while (stacks->spare) {
        struct coroutine *spare = stack_take(stacks);

        munmap(mapping_of(spare), mapping_size(stacks));
    }
}

/* --- coroutines ------------------------------------------------------------------------------- */

static void coroutine_start(void *argument)
{
    struct coroutine *self = argument;

    self->run(self, self->argument);
    self->returned = true;
    coroutine_suspend(self); /* for ever: nobody resumes it */
}

struct coroutine *coroutine_new(struct coroutine_stacks *stacks,
                                void (*run)(struct coroutine *self, void *argument), void *argument)
{
    struct coroutine *coroutine = stack_take(stacks);

    if (!coroutine)
        return NULL;
    *coroutine = (struct coroutine){.stacks = stacks, .run = run, .argument = argument};
    context_make(&coroutine->self, mapping_of(coroutine) + mapping_size(stacks) - stacks->size,
                 stacks->size - sizeof *coroutine, coroutine_start, coroutine);
    return coroutine;
}

bool coroutine_resume(struct coroutine *coroutine)
{
    context_switch(&coroutine->resumer, &coroutine->self);
    if (!coroutine->returned)
        return true;
    stack_give_back(coroutine->stacks, coroutine);
    return false;
}

void coroutine_suspend(struct coroutine *self)
{
    context_switch(&self->self, &self->resumer);
}
