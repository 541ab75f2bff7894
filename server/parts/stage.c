/* SPDX-License-Identifier: MIT */
#include "server/parts/stage.h"

#include <assert.h>

/* --- the queue -------------------------------------------------------------------------------- */

/* The mutex is held. */
static bool is_full(const struct stage *stage)
{
    return stage->count >= stage->capacity + stage->idle;
}

bool stage_is_full(struct stage *stage)
{
    pthread_mutex_lock(&stage->mutex);
    bool full = is_full(stage);
    pthread_mutex_unlock(&stage->mutex);
    return full;
}

/* The mutex is held and there is room. */
static void append(struct stage *stage, struct loop_client *client, struct counters *counters)
{
    client->next_lent = NULL;
    if (stage->first)
        stage->last->next_lent = client;
    else
        stage->first = client;
    stage->last = client;
    stage->count++;
    counters_add(counters, COUNTER_HANDOFFS, 1);
    counters_raise(counters, COUNTER_QUEUE_MAX, stage->count);
    pthread_cond_signal(&stage->filled);
}

bool stage_offer(struct stage *stage, struct loop_client *client, struct counters *counters)
{
    pthread_mutex_lock(&stage->mutex);
    bool has_room = !is_full(stage);

    if (has_room)
        append(stage, client, counters);
    pthread_mutex_unlock(&stage->mutex);
    return has_room;
}

void stage_push(struct stage *stage, struct loop_client *client, struct counters *counters)
{
    pthread_mutex_lock(&stage->mutex);
    while (is_full(stage))
        pthread_cond_wait(&stage->has_room, &stage->mutex);
    append(stage, client, counters);
    pthread_mutex_unlock(&stage->mutex);
}

/* Waits for the next client; NULL when the stage is closed. */
static struct loop_client *stage_take(struct stage *stage, struct counters *counters)
{
    struct loop_client *client = NULL;

    pthread_mutex_lock(&stage->mutex);
    while (!stage->first && !stage->closed) {
        pthread_cond_wait(&stage->filled, &stage->mutex);
        counters_add(counters, COUNTER_WAKEUPS, 1);
        if (!stage->first)
            counters_add(counters, COUNTER_EMPTY_WAKEUPS, 1);
    }
    if (!stage->closed) {
        client = stage->first;
        stage->first = client->next_lent;
        stage->count--;
        stage->idle--; /* a place in the queue is free, and one for an idle thread is gone */
    }
    pthread_mutex_unlock(&stage->mutex);
    return client;
}

static void stage_handled(struct stage *stage)
{
    pthread_mutex_lock(&stage->mutex);
    stage->idle++;
    pthread_cond_signal(&stage->has_room);
    pthread_mutex_unlock(&stage->mutex);
}

/* --- the threads ------------------------------------------------------------------------------ */

static void work(struct worker *worker)
{
    struct stage *stage = worker->shared;
    uint8_t input[LOOP_SCRATCH_SIZE], output[LOOP_SCRATCH_SIZE];
    struct session_scratch scratch = {{input, sizeof input}, {output, sizeof output}};
    struct loop_client *client;

    while ((client = stage_take(stage, worker->counters))) {
        session_hand_over(&client->client.session, worker->counters, scratch);
        stage->handle(stage, client);
        stage_handled(stage);
    }
}

int stage_start(struct stage *stage, struct server *server, const char *role, unsigned threads,
                size_t capacity, void (*handle)(struct stage *stage, struct loop_client *client),
                void *owner)
{
    int started;

    assert(capacity > 0);
    *stage = (struct stage){.handle = handle, .owner = owner, .capacity = capacity};
    pthread_mutex_init(&stage->mutex, NULL);
    pthread_cond_init(&stage->filled, NULL);
    pthread_cond_init(&stage->has_room, NULL);
    started = workers_start(&stage->workers, server, role, threads, 0, work, stage);
    if (started < 0) {
        stage_stop(stage);
        return started;
    }
    pthread_mutex_lock(&stage->mutex);
    stage->idle += (size_t)started;
    pthread_mutex_unlock(&stage->mutex);
    return 0;
}

void stage_stop(struct stage *stage)
{
    pthread_mutex_lock(&stage->mutex);
    stage->closed = true;
    pthread_cond_broadcast(&stage->filled);
    pthread_mutex_unlock(&stage->mutex);
    workers_join(&stage->workers);
    pthread_cond_destroy(&stage->has_room);
    pthread_cond_destroy(&stage->filled);
    pthread_mutex_destroy(&stage->mutex);
}
