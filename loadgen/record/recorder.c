/* SPDX-License-Identifier: MIT */
#include "loadgen/record/recorder.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "loadgen/record/recorder_windows.h"

/* --- which latencies there are ---------------------------------------------------------------- */

static bool has_classes(const struct recorder *recorder)
{
    return recorder->plan.classes > 1;
}

unsigned recorder_kinds(const struct recorder_plan *plan)
{
    return LATENCY_CLASS + (plan->classes > 1 ? plan->classes : 0);
}

/* Those below have no windows. */
enum { FIRST_WINDOWED = LATENCY_SERVICE };

/* Where the response of a request of that class is recorded. */
static unsigned response_kind(const struct recorder *recorder, unsigned class_index)
{
    return has_classes(recorder) ? LATENCY_CLASS + class_index : LATENCY_RESPONSE;
}

const struct latency *recorder_latency(const struct recorder *recorder, enum latency_kind kind)
{
    return &recorder->latencies[recorder_stored_kind(recorder, kind)];
}

/* --- life ------------------------------------------------------------------------------------- */

int recorder_init(struct recorder *recorder, const struct recorder_plan *plan)
{
    bool failed = false;

    memset(recorder, 0, sizeof *recorder);
    recorder->plan = *plan;
    pthread_mutex_init(&recorder->windows_mutex, NULL);
    for (unsigned kind = 0; kind < recorder_kinds(&recorder->plan); kind++)
        failed = failed || latency_init(&recorder->latencies[kind]) < 0;
    for (unsigned kind = FIRST_WINDOWED; kind < recorder_kinds(&recorder->plan); kind++)
        failed = failed || latency_init(&recorder->current[kind]) < 0;
    if (failed) {
        recorder_release(recorder);
        return -ENOMEM;
    }
    recorder->measure_start_ns = recorder->measure_end_ns = UINT64_MAX;
    recorder->current_end_ns = UINT64_MAX;
    return 0;
}

void recorder_release(struct recorder *recorder)
{
    for (size_t i = 0; i < recorder->windows_count; i++)
        window_release(&recorder->windows[i]);
    free(recorder->windows);
    for (unsigned kind = 0; kind < recorder_kinds(&recorder->plan); kind++) {
        latency_release(&recorder->latencies[kind]);
        latency_release(&recorder->current[kind]);
    }
    pthread_mutex_destroy(&recorder->windows_mutex);
}

void recorder_measure(struct recorder *recorder, uint64_t start_ns, uint64_t end_ns)
{
    recorder->measure_start_ns = start_ns;
    recorder->measure_end_ns = end_ns;
    recorder->current_end_ns = start_ns == UINT64_MAX ? UINT64_MAX : start_ns + WINDOW_NS;
}

void recorder_cut(struct recorder *recorder, uint64_t end_ns)
{
    if (end_ns < recorder->measure_end_ns)
        recorder->measure_end_ns = end_ns;
}

/* --- windows ---------------------------------------------------------------------------------- */

/* Closes the open window; once a second, so it may allocate. */
static void recorder_close_window(struct recorder *recorder)
{
    for (unsigned kind = LATENCY_CLASS; kind < recorder_kinds(&recorder->plan); kind++)
        latency_merge(&recorder->current[LATENCY_RESPONSE], &recorder->current[kind]);

    pthread_mutex_lock(&recorder->windows_mutex);
    struct window *window = recorder_append_window(recorder);

    if (window) {
        window->intended = recorder->current_intended;
        window->sent = recorder->current_sent;
        window->ok = recorder->current_ok;
        window->errors = recorder->current_errors;
        for (unsigned kind = FIRST_WINDOWED; kind < recorder_kinds(&recorder->plan); kind++)
            window_keep(&window->latencies[kind], &recorder->current[kind]);
    }
    pthread_mutex_unlock(&recorder->windows_mutex);
    for (unsigned kind = FIRST_WINDOWED; kind < recorder_kinds(&recorder->plan); kind++) {
        latency_merge(&recorder->latencies[kind], &recorder->current[kind]);
        latency_clear(&recorder->current[kind]);
    }
    recorder->current_intended = recorder->current_sent = 0;
    recorder->current_ok = recorder->current_errors = 0;
    recorder->current_end_ns += WINDOW_NS;
}

void recorder_roll(struct recorder *recorder, uint64_t now_ns)
{
    while (now_ns >= recorder->current_end_ns)
        recorder_close_window(recorder);
}

static bool anything_is_open(const struct recorder *recorder)
{
    /* What fails is counted, and has no latency. */
    if (recorder->current_intended + recorder->current_sent + recorder->current_ok +
            recorder->current_errors >
        0)
        return true;
    for (unsigned kind = FIRST_WINDOWED; kind < recorder_kinds(&recorder->plan); kind++) {
        if (recorder->current[kind].histogram.total_count > 0)
            return true;
    }
    return false;
}

void recorder_finish(struct recorder *recorder)
{
    if (recorder->measure_end_ns <= recorder->measure_start_ns)
        return; /* it never began */
    while (recorder->current_end_ns - WINDOW_NS < recorder->measure_end_ns &&
           recorder->measure_end_ns != UINT64_MAX)
        recorder_close_window(recorder);
    if (anything_is_open(recorder))
        recorder_close_window(recorder);
}

/* --- recording -------------------------------------------------------------------------------- */

static void atomic_add(_Atomic uint64_t *counter, uint64_t count)
{
    /* One writer: readers only need some recent value. */
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + count,
                          memory_order_relaxed);
}

static uint64_t since(uint64_t from_ns, uint64_t to_ns)
{
    return to_ns > from_ns ? to_ns - from_ns : 0;
}

/* In the window that is open. */
static void record(struct recorder *recorder, unsigned kind, uint64_t duration_ns)
{
    histogram_record(&recorder->current[kind].histogram, duration_ns);
}

void recorder_record(struct recorder *recorder, enum latency_kind kind, uint64_t duration_ns)
{
    histogram_record(&recorder->latencies[kind].histogram, duration_ns);
}

void recorder_record_at_least(struct recorder *recorder, enum latency_kind kind,
                              uint64_t duration_ns)
{
    recorder_record(recorder, kind, duration_ns);
    latency_note_at_least(&recorder->latencies[kind], duration_ns);
}

void recorder_intended(struct recorder *recorder, uint64_t intended_ns)
{
    recorder->all.intended++;
    if (recorder_is_measured(recorder, intended_ns)) {
        recorder_roll(recorder, intended_ns);
        recorder->measured.intended++;
        recorder->current_intended++;
    }
    atomic_add(&recorder->live_intended, 1);
}

void recorder_sent(struct recorder *recorder, const struct request_times *times)
{
    recorder->all.sent++;
    atomic_add(&recorder->live_sent, 1);
    if (recorder_is_measured(recorder, times->sent_ns)) {
        recorder_roll(recorder, times->sent_ns);
        recorder->current_sent++;
    }
    if (!recorder_is_measured(recorder, times->intended_ns))
        return;
    recorder->measured.sent++;
    if (recorder->plan.separate_service) {
        bool waited = times->free_ns > times->intended_ns;

        record(recorder, waited ? LATENCY_QUEUE_WAIT : LATENCY_SEND_LAG,
               since(times->intended_ns, times->sent_ns));
    }
}

static void record_response(struct recorder *recorder, unsigned class_index, uint64_t duration_ns,
                            bool is_bound)
{
    unsigned kind = response_kind(recorder, class_index);

    record(recorder, kind, duration_ns);
    if (is_bound)
        latency_note_at_least(&recorder->current[kind], duration_ns);
}

void recorder_unsent(struct recorder *recorder, uint64_t intended_ns, unsigned class_index,
                     uint64_t now_ns)
{
    recorder->all.unsent++;
    if (!recorder_is_measured(recorder, intended_ns))
        return;
    recorder_roll(recorder, now_ns);
    recorder->measured.unsent++;
    record_response(recorder, class_index, since(intended_ns, now_ns), true);
}

static void request_counts_end(struct request_counts *counts, const struct request_result *result)
{
    switch (result->end) {
    case REQUEST_OK:
        counts->ok++;
        break;
    case REQUEST_WRONG:
        counts->wrong++;
        break;
    case REQUEST_FAILED:
        counts->errors[result->failure]++;
        break;
    case REQUEST_TIMED_OUT:
        counts->timed_out++;
        break;
    case REQUEST_IN_FLIGHT:
        counts->in_flight++;
        break;
    default: /* what was never sent is counted by recorder_unsent() */
        break;
    }
}

static void recorder_measure_result(struct recorder *recorder, const struct request_result *result)
{
    bool is_bound = result->end == REQUEST_TIMED_OUT || result->end == REQUEST_IN_FLIGHT;
    uint64_t service_ns = since(result->sent_ns, result->ended_ns);

    request_counts_end(&recorder->measured, result);
    if (result->end != REQUEST_OK && !is_bound)
        return; /* what failed has no latency: it is counted */
    record_response(recorder, result->class_index, since(result->intended_ns, result->ended_ns),
                    is_bound);
    if (recorder->plan.separate_service) {
        record(recorder, LATENCY_SERVICE, service_ns);
        if (is_bound)
            latency_note_at_least(&recorder->current[LATENCY_SERVICE], service_ns);
    }
    if (result->arrived_ns > result->sent_ns)
        record(recorder, LATENCY_WIRE, result->arrived_ns - result->sent_ns);
}

void recorder_connection_failed(struct recorder *recorder, enum failure failure)
{
    atomic_add(&recorder->live_connection_failures[failure], 1);
}

static void count_live_failure(struct recorder *recorder, const struct request_result *result)
{
    if (result->end == REQUEST_FAILED)
        atomic_add(&recorder->live_failures[result->failure], 1);
    else if (result->end == REQUEST_WRONG)
        atomic_add(&recorder->live_wrong, 1);
    else if (result->end == REQUEST_TIMED_OUT)
        atomic_add(&recorder->live_timed_out, 1);
}

void recorder_ended(struct recorder *recorder, const struct request_result *result)
{
    bool ok = result->end == REQUEST_OK;

    recorder_roll(recorder, result->ended_ns);
    request_counts_end(&recorder->all, result);
    if (recorder_is_measured(recorder, result->intended_ns))
        recorder_measure_result(recorder, result);
    if (recorder_is_measured(recorder, result->ended_ns)) {
        recorder->received_ok += ok;
        recorder->current_ok += ok;
        recorder->current_errors += !ok;
    }
    atomic_add(ok ? &recorder->live_ok : &recorder->live_errors, 1);
    if (!ok)
        count_live_failure(recorder, result);
}
