/* SPDX-License-Identifier: MIT */
#include "tests/truth/reply_queue.h"

#include <assert.h>
#include <stdlib.h>

enum { CAPACITY_MIN = 256 };

static bool is_before(const struct due_reply *a, const struct due_reply *b)
{
    return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->sequence < b->sequence;
}

bool reply_queue_push(struct reply_queue *queue, struct due_reply reply)
{
    if (queue->count == queue->capacity) {
        size_t capacity = queue->capacity ? queue->capacity * 2 : CAPACITY_MIN;
        struct due_reply *replies = reallocarray(queue->replies, capacity, sizeof *replies);

        if (!replies)
            return false;
        queue->replies = replies;
        queue->capacity = capacity;
    }
    reply.sequence = queue->sequence++;

    size_t index = queue->count++;
    while (index > 0) {
        size_t parent = (index - 1) / 2;

        if (!is_before(&reply, &queue->replies[parent]))
            break;
        queue->replies[index] = queue->replies[parent];
        index = parent;
    }
    queue->replies[index] = reply;
    return true;
}

const struct due_reply *reply_queue_first(const struct reply_queue *queue)
{
    return queue->count > 0 ? queue->replies : NULL;
}

void reply_queue_pop(struct reply_queue *queue)
{
    assert(queue->count > 0);
    struct due_reply last = queue->replies[--queue->count];
    size_t index = 0;

    for (;;) {
        size_t child = index * 2 + 1;

        if (child >= queue->count)
            break;
        if (child + 1 < queue->count &&
            is_before(&queue->replies[child + 1], &queue->replies[child]))
            child++;
        if (!is_before(&queue->replies[child], &last))
            break;
        queue->replies[index] = queue->replies[child];
        index = child;
    }
    queue->replies[index] = last;
}

void reply_queue_release(struct reply_queue *queue)
{
    free(queue->replies);
    *queue = (struct reply_queue){0};
}
