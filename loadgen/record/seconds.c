/* SPDX-License-Identifier: MIT */
#include "loadgen/record/seconds.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

/* --- sums ------------------------------------------------------------------------------------- */

static void sum_release(struct seconds_sum *sum, unsigned kinds)
{
    for (unsigned kind = 0; kind < kinds; kind++)
        latency_release(&sum->latencies[kind]);
}

static int sum_init(struct seconds_sum *sum, unsigned kinds)
{
    for (unsigned kind = 0; kind < kinds; kind++) {
        if (latency_init(&sum->latencies[kind]) == 0)
            continue;
        sum_release(sum, kind);
        return -ENOMEM;
    }
    return 0;
}

static void sum_clear(struct seconds_sum *sum, unsigned kinds)
{
    sum->sent = sum->ok = sum->errors = 0;
    for (unsigned kind = 0; kind < kinds; kind++)
        latency_clear(&sum->latencies[kind]);
}

static void sum_add(struct seconds_sum *into, const struct seconds_sum *from, unsigned kinds)
{
    into->sent += from->sent;
    into->ok += from->ok;
    into->errors += from->errors;
    for (unsigned kind = 0; kind < kinds; kind++)
        latency_merge(&into->latencies[kind], &from->latencies[kind]);
}

/* The window `index` of a recorder whose mutex is held. */
static void sum_add_window(struct seconds_sum *into, const struct recorder *recorder, size_t index)
{
    const struct window *window = &recorder->windows[index];

    into->sent += window->sent;
    into->ok += window->ok;
    into->errors += window->errors;
    for (unsigned kind = 0; kind < recorder_kinds(&recorder->plan); kind++)
        recorder_add_window_latency(recorder, index, (enum latency_kind)kind,
                                    &into->latencies[kind]);
}

/* --- seconds ---------------------------------------------------------------------------------- */

int seconds_init(struct seconds *seconds, const struct recorder_plan *plan)
{
    unsigned kinds = recorder_kinds(plan);

    memset(seconds, 0, sizeof *seconds);
    seconds->plan = *plan;
    if (sum_init(&seconds->last, kinds) < 0)
        return -ENOMEM;
    if (sum_init(&seconds->all, kinds) < 0) {
        sum_release(&seconds->last, kinds);
        return -ENOMEM;
    }
    return 0;
}

void seconds_release(struct seconds *seconds)
{
    unsigned kinds = recorder_kinds(&seconds->plan);

    sum_release(&seconds->all, kinds);
    sum_release(&seconds->last, kinds);
}

void seconds_watch(struct seconds *seconds, struct recorder *recorder)
{
    assert(seconds->recorders_count < THREADS_MAX);
    seconds->recorders[seconds->recorders_count++] = recorder;
}

void seconds_forget(struct seconds *seconds)
{
    seconds->recorders_count = 0;
}

static bool has_closed(struct recorder *recorder, size_t index)
{
    pthread_mutex_lock(&recorder->windows_mutex);
    bool closed = recorder->windows_count > index;

    pthread_mutex_unlock(&recorder->windows_mutex);
    return closed;
}

static bool is_complete(const struct seconds *seconds, size_t index, bool ended)
{
    unsigned closed = 0;

    for (unsigned i = 0; i < seconds->recorders_count; i++)
        closed += has_closed(seconds->recorders[i], index);
    return ended ? closed > 0 : closed > 0 && closed == seconds->recorders_count;
}

bool seconds_next(struct seconds *seconds, bool ended)
{
    unsigned kinds = recorder_kinds(&seconds->plan);

    if (!is_complete(seconds, seconds->count, ended))
        return false;
    sum_clear(&seconds->last, kinds);
    for (unsigned i = 0; i < seconds->recorders_count; i++) {
        struct recorder *recorder = seconds->recorders[i];

        pthread_mutex_lock(&recorder->windows_mutex);
        if (recorder->windows_count > seconds->count)
            sum_add_window(&seconds->last, recorder, seconds->count);
        pthread_mutex_unlock(&recorder->windows_mutex);
    }
    sum_add(&seconds->all, &seconds->last, kinds);
    seconds->count++;
    return true;
}
