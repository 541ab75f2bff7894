/* SPDX-License-Identifier: MIT */
#include "server/counters.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"

const char *const counter_names[COUNTERS_COUNT] = {
    [COUNTER_ACCEPTS] = "accepts",
    [COUNTER_REJECTS] = "rejects",
    [COUNTER_CLOSES] = "closes",
    [COUNTER_REQUESTS] = "requests",
    [COUNTER_ERRORS] = "errors",
    [COUNTER_BYTES_IN] = "bytes_in",
    [COUNTER_BYTES_OUT] = "bytes_out",
    [COUNTER_WAKEUPS] = "wakeups",
    [COUNTER_EMPTY_WAKEUPS] = "empty_wakeups",
};

void counters_set_init(struct counters_set *set)
{
    memset(set, 0, sizeof *set);
    pthread_mutex_init(&set->mutex, NULL);
}

void counters_set_release(struct counters_set *set)
{
    pthread_mutex_destroy(&set->mutex);
}

void counters_join(struct counters_set *set, struct counters *counters)
{
    for (int i = 0; i < COUNTERS_COUNT; i++)
        atomic_init(&counters->values[i], 0);
    pthread_mutex_lock(&set->mutex);
    counters->previous = NULL;
    counters->next = set->first;
    if (set->first)
        set->first->previous = counters;
    set->first = counters;
    pthread_mutex_unlock(&set->mutex);
}

static void counters_fold(struct counters *counters, uint64_t *totals)
{
    for (int i = 0; i < COUNTERS_COUNT; i++)
        totals[i] += atomic_load_explicit(&counters->values[i], memory_order_relaxed);
}

void counters_leave(struct counters_set *set, struct counters *counters)
{
    pthread_mutex_lock(&set->mutex);
    counters_fold(counters, set->retired);
    if (counters->previous)
        counters->previous->next = counters->next;
    else
        set->first = counters->next;
    if (counters->next)
        counters->next->previous = counters->previous;
    pthread_mutex_unlock(&set->mutex);
}

void counters_sum(struct counters_set *set, uint64_t *totals)
{
    pthread_mutex_lock(&set->mutex);
    memcpy(totals, set->retired, sizeof set->retired);
    for (struct counters *counters = set->first; counters; counters = counters->next)
        counters_fold(counters, totals);
    pthread_mutex_unlock(&set->mutex);
}

int counters_write(struct counters_set *set, const char *path)
{
    uint64_t totals[COUNTERS_COUNT];
    json_t *object = json_object();
    char *text = NULL;
    int failed = -ENOMEM;

    counters_sum(set, totals);
    for (int i = 0; object && i < COUNTERS_COUNT; i++) {
        if (json_object_set_new(object, counter_names[i], json_integer((json_int_t)totals[i])) < 0)
            goto done;
    }
    text = object ? json_dumps(object, JSON_INDENT(2)) : NULL;
    if (text)
        failed = file_write(path, text, strlen(text));
done:
    free(text);
    json_decref(object);
    return failed;
}
