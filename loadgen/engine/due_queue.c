/* SPDX-License-Identifier: MIT */
#include "loadgen/engine/due_queue.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

int due_queue_init(struct due_queue *queue, size_t capacity)
{
    *queue = (struct due_queue){.capacity = capacity};
    queue->entries = calloc(capacity > 0 ? capacity : 1, sizeof *queue->entries);
    return queue->entries ? 0 : -ENOMEM;
}

void due_queue_release(struct due_queue *queue)
{
    free(queue->entries);
}

void due_queue_add(struct due_queue *queue, struct due_entry entry)
{
    size_t place = queue->count++;

    assert(place < queue->capacity);
    while (place > 0) {
        size_t parent = (place - 1) / 2;

        if (queue->entries[parent].at_ns <= entry.at_ns)
            break;
        queue->entries[place] = queue->entries[parent];
        place = parent;
    }
    queue->entries[place] = entry;
}

uint64_t due_queue_soonest(const struct due_queue *queue)
{
    return queue->count > 0 ? queue->entries[0].at_ns : UINT64_MAX;
}

struct due_entry due_queue_take(struct due_queue *queue)
{
    struct due_entry soonest, last;
    size_t place = 0, child;

    assert(queue->count > 0);
    soonest = queue->entries[0];
    last = queue->entries[--queue->count];
    while ((child = 2 * place + 1) < queue->count) {
        if (child + 1 < queue->count &&
            queue->entries[child + 1].at_ns < queue->entries[child].at_ns)
            child++;
        if (last.at_ns <= queue->entries[child].at_ns)
            break;
        queue->entries[place] = queue->entries[child];
        place = child;
    }
    queue->entries[place] = last;
    return soonest;
}
