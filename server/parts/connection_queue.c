/* SPDX-License-Identifier: MIT */
#include "server/parts/connection_queue.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "server/accept.h"

int connection_queue_init(struct connection_queue *queue, size_t capacity, size_t workers_max)
{
    *queue = (struct connection_queue){.capacity = capacity, .ring_size = capacity + workers_max};
    queue->ring = calloc(queue->ring_size, sizeof *queue->ring);
    if (!queue->ring)
        return -ENOMEM;
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->filled, NULL);
    return 0;
}

void connection_queue_release(struct connection_queue *queue)
{
    pthread_cond_destroy(&queue->filled);
    pthread_mutex_destroy(&queue->mutex);
    free(queue->ring);
}

void connection_queue_add_worker(struct connection_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->idle++;
    assert(queue->capacity + queue->idle <= queue->ring_size);
    pthread_mutex_unlock(&queue->mutex);
}

void connection_queue_set_idle(struct connection_queue *queue, size_t idle)
{
    pthread_mutex_lock(&queue->mutex);
    queue->idle = idle;
    assert(queue->capacity + queue->idle <= queue->ring_size);
    pthread_mutex_unlock(&queue->mutex);
}

size_t connection_queue_push(struct connection_queue *queue, int fd, uint64_t now_ns)
{
    size_t waiting = 0;

    pthread_mutex_lock(&queue->mutex);
    if (!queue->closed && queue->count < queue->capacity + queue->idle) {
        size_t tail = (queue->head + queue->count++) % queue->ring_size;

        queue->ring[tail] = (struct queued_connection){fd, now_ns};
        waiting = queue->count;
        pthread_cond_signal(&queue->filled);
    }
    pthread_mutex_unlock(&queue->mutex);
    return waiting;
}

/* The mutex is held and the queue is not empty. */
static int take_oldest(struct connection_queue *queue)
{
    int fd = queue->ring[queue->head].fd;

    queue->head = (queue->head + 1) % queue->ring_size;
    queue->count--;
    return fd;
}

int connection_queue_pop(struct connection_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    while (queue->count == 0 && !queue->closed)
        pthread_cond_wait(&queue->filled, &queue->mutex);
    int fd = -1;

    if (!queue->closed) {
        fd = take_oldest(queue);
        queue->idle--;
    }
    pthread_mutex_unlock(&queue->mutex);
    return fd;
}

void connection_queue_served(struct connection_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->idle++;
    pthread_mutex_unlock(&queue->mutex);
}

int connection_queue_try_pop(struct connection_queue *queue)
{
    int fd = -1;

    pthread_mutex_lock(&queue->mutex);
    if (queue->count > 0)
        fd = take_oldest(queue);
    pthread_mutex_unlock(&queue->mutex);
    return fd;
}

/* The oldest if it has waited too long, else -1 and when to look again, or 0. */
static int pop_overdue(struct connection_queue *queue, uint64_t now_ns, uint64_t *look_at_ns)
{
    int fd = -1;

    *look_at_ns = 0;
    pthread_mutex_lock(&queue->mutex);
    if (queue->count > 0) {
        uint64_t patience_ns = queue->idle > 0 ? QUEUE_PATIENCE_NS : 0;
        uint64_t due_ns = queue->ring[queue->head].queued_ns + QUEUE_TIME_NS;

        if (due_ns + patience_ns <= now_ns)
            fd = take_oldest(queue);
        else
            *look_at_ns = due_ns > now_ns ? due_ns : now_ns + QUEUE_LOOK_NS;
    }
    pthread_mutex_unlock(&queue->mutex);
    return fd;
}

uint64_t connection_queue_refuse_overdue(struct connection_queue *queue, struct server *server,
                                         struct counters *counters, uint64_t now_ns)
{
    uint64_t look_at_ns;
    int fd;

    while ((fd = pop_overdue(queue, now_ns, &look_at_ns)) >= 0)
        server_refuse(server, counters, fd);
    return look_at_ns;
}

void connection_queue_refuse_all(struct connection_queue *queue, struct server *server,
                                 struct counters *counters)
{
    int fd;

    while ((fd = connection_queue_try_pop(queue)) >= 0)
        server_refuse(server, counters, fd);
}

void connection_queue_close(struct connection_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    pthread_cond_broadcast(&queue->filled);
    pthread_mutex_unlock(&queue->mutex);
}
