/* SPDX-License-Identifier: MIT */
#include "loadgen/recorder.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* --- latency ---------------------------------------------------------------------------------- */

int latency_init(struct latency *latency)
{
    latency->at_least_count = 0;
    latency->at_least_min_ns = UINT64_MAX;
    return histogram_init_latency(&latency->histogram);
}

void latency_release(struct latency *latency)
{
    histogram_release(&latency->histogram);
}

void latency_record_at_least(struct latency *latency, uint64_t duration_ns)
{
    latency_record(latency, duration_ns);
    latency->at_least_count++;
    if (duration_ns < latency->at_least_min_ns)
        latency->at_least_min_ns = duration_ns;
}

void latency_merge(struct latency *into, const struct latency *from)
{
    int failed = histogram_merge(&into->histogram, &from->histogram);

    (void)failed; /* latency_init() gives all of them one layout */
    into->at_least_count += from->at_least_count;
    if (from->at_least_min_ns < into->at_least_min_ns)
        into->at_least_min_ns = from->at_least_min_ns;
}

/* --- life ------------------------------------------------------------------------------------- */

int recorder_init(struct recorder *recorder)
{
    memset(recorder, 0, sizeof *recorder);
    if (latency_init(&recorder->connect) < 0 || latency_init(&recorder->handshake) < 0 ||
        latency_init(&recorder->service) < 0 || histogram_init_latency(&recorder->current) < 0) {
        recorder_release(recorder);
        return -ENOMEM;
    }
    recorder->measure_start_ns = recorder->measure_end_ns = UINT64_MAX;
    return 0;
}

void recorder_release(struct recorder *recorder)
{
    for (size_t i = 0; i < recorder->windows_count; i++)
        free(recorder->windows[i].counters);
    free(recorder->windows);
    latency_release(&recorder->connect);
    latency_release(&recorder->handshake);
    latency_release(&recorder->service);
    histogram_release(&recorder->current);
}

void recorder_begin(struct recorder *recorder, uint64_t measure_start_ns, uint64_t measure_end_ns)
{
    recorder->measure_start_ns = measure_start_ns;
    recorder->measure_end_ns = measure_end_ns;
    recorder->current_end_ns = measure_start_ns + WINDOW_NS;
}

/* --- windows ---------------------------------------------------------------------------------- */

/* The next window, zeroed; NULL when out of memory. */
static struct window *windows_append(struct recorder *recorder)
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

/* Copies the counters that are not zero. False, and none copied, when out of memory. */
static bool window_keep_counters(struct window *window, const struct histogram *histogram)
{
    size_t first = histogram_index(histogram, histogram->min);
    uint64_t max = histogram->max < histogram->highest ? histogram->max : histogram->highest;
    size_t last = histogram_index(histogram, max), used = 0;

    for (size_t i = first; i <= last; i++)
        used += histogram->counts[i] > 0;
    if (used == 0)
        return true; /* all of it lies above the range */
    window->counters = malloc(used * sizeof *window->counters);
    if (!window->counters)
        return false;
    for (size_t i = first; i <= last; i++) {
        if (histogram->counts[i] > 0)
            window->counters[window->counters_count++] =
                (struct window_counter){(uint32_t)i, (uint32_t)histogram->counts[i]};
    }
    return true;
}

/* Closes the open window; once a second, so it may allocate. Without memory the second keeps its
 * counts and loses its percentiles. */
static void recorder_close_window(struct recorder *recorder)
{
    struct window *window = windows_append(recorder);

    if (window) {
        window->ok = recorder->current_ok;
        window->errors = recorder->current_errors;
        window->max_ns = recorder->current.max;
        if (recorder->current.total_count > 0 && recorder->current.min <= recorder->current.highest)
            window_keep_counters(window, &recorder->current);
    }
    if (recorder->current.total_count > 0)
        histogram_clear(&recorder->current);
    recorder->current_ok = recorder->current_errors = 0;
    recorder->current_end_ns += WINDOW_NS;
}

static bool is_measured(const struct recorder *recorder, uint64_t time_ns)
{
    return time_ns >= recorder->measure_start_ns && time_ns < recorder->measure_end_ns;
}

static void recorder_count_in_window(struct recorder *recorder, uint64_t sent_ns, uint64_t now_ns,
                                     bool ok)
{
    if (!is_measured(recorder, now_ns))
        return;
    while (now_ns >= recorder->current_end_ns)
        recorder_close_window(recorder);
    if (ok) {
        recorder->received_ok++;
        recorder->current_ok++;
        histogram_record(&recorder->current, now_ns - sent_ns);
    } else {
        recorder->current_errors++;
    }
}

void recorder_finish(struct recorder *recorder, uint64_t end_ns)
{
    if (end_ns < recorder->measure_end_ns)
        recorder->measure_end_ns = end_ns;
    if (recorder->measure_end_ns <= recorder->measure_start_ns)
        return; /* it never began */
    while (recorder->current_end_ns - WINDOW_NS < recorder->measure_end_ns)
        recorder_close_window(recorder);
}

/* --- requests --------------------------------------------------------------------------------- */

static void atomic_increment(_Atomic uint64_t *counter)
{
    /* One writer: readers only need some recent value. */
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

void recorder_sent(struct recorder *recorder, uint64_t sent_ns)
{
    recorder->all.sent++;
    if (is_measured(recorder, sent_ns))
        recorder->measured.sent++;
}

static void request_counts_end(struct request_counts *counts, enum request_end end,
                               enum failure failure)
{
    switch (end) {
    case REQUEST_OK:
        counts->ok++;
        break;
    case REQUEST_WRONG:
        counts->wrong++;
        break;
    case REQUEST_FAILED:
        counts->errors[failure]++;
        break;
    case REQUEST_TIMED_OUT:
        counts->timed_out++;
        break;
    case REQUEST_IN_FLIGHT:
        counts->in_flight++;
        break;
    }
}

void recorder_ended(struct recorder *recorder, uint64_t sent_ns, uint64_t now_ns,
                    enum request_end end, enum failure failure)
{
    bool ok = end == REQUEST_OK;

    request_counts_end(&recorder->all, end, failure);
    if (is_measured(recorder, sent_ns)) {
        request_counts_end(&recorder->measured, end, failure);
        if (ok)
            latency_record(&recorder->service, now_ns - sent_ns);
        else if (end == REQUEST_TIMED_OUT || end == REQUEST_IN_FLIGHT)
            latency_record_at_least(&recorder->service, now_ns - sent_ns);
    }
    recorder_count_in_window(recorder, sent_ns, now_ns, ok);
    atomic_increment(ok ? &recorder->live_ok : &recorder->live_errors);
}

/* --- merging ---------------------------------------------------------------------------------- */

static int window_merge(struct window *into, const struct window *from)
{
    size_t count = into->counters_count + from->counters_count;
    struct window_counter *counters = into->counters;

    if (from->counters_count > 0) {
        counters = realloc(counters, count * sizeof *counters);
        if (!counters)
            return -ENOMEM;
        memcpy(counters + into->counters_count, from->counters,
               from->counters_count * sizeof *counters);
    }
    into->counters = counters;
    into->counters_count = count;
    into->ok += from->ok;
    into->errors += from->errors;
    if (from->max_ns > into->max_ns)
        into->max_ns = from->max_ns;
    return 0;
}

int recorder_merge(struct recorder *into, const struct recorder *from)
{
    into->measure_start_ns = from->measure_start_ns;
    into->measure_end_ns = from->measure_end_ns;
    request_counts_add(&into->all, &from->all);
    request_counts_add(&into->measured, &from->measured);
    connection_counts_add(&into->connections, &from->connections);
    latency_merge(&into->connect, &from->connect);
    latency_merge(&into->handshake, &from->handshake);
    latency_merge(&into->service, &from->service);
    into->received_ok += from->received_ok;
    for (size_t i = 0; i < from->windows_count; i++) {
        if (i == into->windows_count && !windows_append(into))
            return -ENOMEM;
        if (window_merge(&into->windows[i], &from->windows[i]) < 0)
            return -ENOMEM;
    }
    return 0;
}

void recorder_window_histogram(const struct recorder *recorder, size_t index,
                               struct histogram *scratch)
{
    const struct window *window = &recorder->windows[index];

    histogram_clear(scratch);
    for (size_t i = 0; i < window->counters_count; i++)
        histogram_record_many(scratch, histogram_index_lowest(scratch, window->counters[i].index),
                              window->counters[i].count);
}
