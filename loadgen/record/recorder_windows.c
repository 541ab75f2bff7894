/* SPDX-License-Identifier: MIT */
#include "loadgen/record/recorder_windows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- keeping ---------------------------------------------------------------------------------- */

struct window *recorder_append_window(struct recorder *recorder)
{
    if (recorder->windows_count == recorder->windows_capacity) {
        size_t capacity = recorder->windows_capacity > 0 ? recorder->windows_capacity * 2 : 16;
        struct window *windows = realloc(recorder->windows, capacity * sizeof *windows);

        if (!windows)
            return NULL;
        recorder->windows = windows;
        recorder->windows_capacity = capacity;
    }
    struct window *window = &recorder->windows[recorder->windows_count++];

    memset(window, 0, sizeof *window);
    return window;
}

void window_keep(struct window_latency *kept, const struct latency *latency)
{
    const struct histogram *histogram = &latency->histogram;
    size_t first, last, used = 0;

    kept->max_ns = histogram->max;
    kept->above_count = histogram->above_count;
    kept->at_least_count = latency->at_least_count;
    kept->at_least_min_ns = latency->at_least_min_ns;
    if (!histogram_span(histogram, &first, &last))
        return;
    for (size_t i = first; i <= last; i++)
        used += histogram->counts[i] > 0;
    if (used == 0)
        return;
    kept->counters = malloc(used * sizeof *kept->counters);
    if (!kept->counters)
        return;
    for (size_t i = first; i <= last; i++) {
        if (histogram->counts[i] > 0)
            kept->counters[kept->counters_count++] =
                (struct window_counter){(uint32_t)i, (uint32_t)histogram->counts[i]};
    }
}

void window_release(struct window *window)
{
    for (unsigned kind = 0; kind < LATENCY_KINDS; kind++)
        free(window->latencies[kind].counters);
}

/* --- merging ---------------------------------------------------------------------------------- */

static int window_latency_merge(struct window_latency *into, const struct window_latency *from)
{
    size_t count = into->counters_count + from->counters_count;

    into->above_count += from->above_count;
    if (from->max_ns > into->max_ns)
        into->max_ns = from->max_ns;
    if (from->at_least_count > 0 &&
        (into->at_least_count == 0 || from->at_least_min_ns < into->at_least_min_ns))
        into->at_least_min_ns = from->at_least_min_ns;
    into->at_least_count += from->at_least_count;
    if (from->counters_count == 0)
        return 0;

    struct window_counter *counters = realloc(into->counters, count * sizeof *counters);

    if (!counters)
        return -ENOMEM;
    memcpy(counters + into->counters_count, from->counters,
           from->counters_count * sizeof *counters);
    into->counters = counters;
    into->counters_count = count;
    return 0;
}

static int window_merge(struct window *into, const struct window *from)
{
    int failed = 0;

    into->intended += from->intended;
    into->sent += from->sent;
    into->ok += from->ok;
    into->errors += from->errors;
    for (unsigned kind = 0; failed == 0 && kind < LATENCY_KINDS; kind++)
        failed = window_latency_merge(&into->latencies[kind], &from->latencies[kind]);
    return failed;
}

int recorder_merge_windows(struct recorder *into, struct recorder *from, size_t first)
{
    int failed = 0;

    pthread_mutex_lock(&from->windows_mutex);
    for (size_t i = first; failed == 0 && i < from->windows_count; i++) {
        if (i == into->windows_count && !recorder_append_window(into))
            failed = -ENOMEM;
        else
            failed = window_merge(&into->windows[i], &from->windows[i]);
    }
    pthread_mutex_unlock(&from->windows_mutex);
    return failed;
}

int recorder_merge(struct recorder *into, struct recorder *from)
{
    into->measure_start_ns = from->measure_start_ns;
    into->measure_end_ns = from->measure_end_ns;
    request_counts_add(&into->all, &from->all);
    request_counts_add(&into->measured, &from->measured);
    connection_counts_add(&into->connections, &from->connections);
    for (unsigned kind = 0; kind < recorder_kinds(&into->plan); kind++)
        latency_merge(&into->latencies[kind], &from->latencies[kind]);
    into->received_ok += from->received_ok;
    return recorder_merge_windows(into, from, 0);
}

/* What a counter stands for when its values are recorded again: the largest of all is known. */
static uint64_t counter_value(const struct histogram *histogram, size_t index, uint64_t max_ns)
{
    uint64_t middle = histogram_index_middle(histogram, index);

    if (max_ns <= histogram->highest && histogram_index(histogram, max_ns) == index)
        return max_ns;
    return middle <= histogram->highest ? middle : histogram_index_lowest(histogram, index);
}

void recorder_add_window(const struct recorder *recorder, size_t index, enum latency_kind kind,
                         struct histogram *histogram)
{
    const struct window_latency *latency =
        &recorder->windows[index].latencies[recorder_stored_kind(recorder, kind)];

    for (size_t i = 0; i < latency->counters_count; i++)
        histogram_record_many(histogram,
                              counter_value(histogram, latency->counters[i].index, latency->max_ns),
                              latency->counters[i].count);
    if (latency->above_count > 0)
        histogram_record_many(histogram, latency->max_ns, latency->above_count);
}

void recorder_add_window_latency(const struct recorder *recorder, size_t index,
                                 enum latency_kind kind, struct latency *latency)
{
    const struct window_latency *added =
        &recorder->windows[index].latencies[recorder_stored_kind(recorder, kind)];

    recorder_add_window(recorder, index, kind, &latency->histogram);
    if (added->at_least_count == 0)
        return;
    latency->at_least_count += added->at_least_count;
    if (added->at_least_min_ns < latency->at_least_min_ns)
        latency->at_least_min_ns = added->at_least_min_ns;
}

struct window_split recorder_split_window(const struct recorder *recorder, size_t index,
                                          enum latency_kind kind, uint64_t value_ns)
{
    kind = recorder_stored_kind(recorder, kind);

    const struct histogram *layout = &recorder->latencies[kind].histogram;
    const struct window_latency *latency = &recorder->windows[index].latencies[kind];
    struct window_split split = {.total = latency->above_count, .above = latency->above_count};
    size_t limit = value_ns <= layout->highest ? histogram_index(layout, value_ns) : SIZE_MAX;

    for (size_t i = 0; i < latency->counters_count; i++) {
        split.total += latency->counters[i].count;
        if (latency->counters[i].index > limit)
            split.above += latency->counters[i].count;
    }
    return split;
}
