/* SPDX-License-Identifier: MIT */
#include "loadgen/judge/made_up_run.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTIONS = 100, SECONDS_MAX = 64 };

void made_up_run_init(struct made_up_run *run, enum loop_kind loop)
{
    struct recorder_plan recording = {.classes = 1, .separate_service = loop != LOOP_CLOSED};
    struct recorder *total = &run->result.total;
    int failed;

    memset(run, 0, sizeof *run);
    run->plan.loop = loop;
    run->plan.threads = run->plan.pipeline = run->plan.requests_mix.count = 1;
    run->plan.connections = CONNECTIONS;
    run->plan.duration_ns = UINT64_MAX;
    failed = recorder_init(total, &recording);
    assert(failed == 0);
    total->windows = calloc(SECONDS_MAX, sizeof *total->windows);
    assert(total->windows);
    total->windows_capacity = SECONDS_MAX;
    total->connections.asked = total->connections.established = CONNECTIONS;
    run->result.complete = run->result.steady = true;
    run->result.gaps_p = run->result.steal = -1;
}

void made_up_run_release(struct made_up_run *run)
{
    recorder_release(&run->result.total);
}

static void add_latency(struct made_up_run *run, struct window *window, enum latency_kind kind,
                        const struct made_up_second *second)
{
    struct histogram *histogram = &run->result.total.latencies[kind].histogram;
    struct window_counter *counter = malloc(sizeof *counter);

    assert(counter);
    *counter = (struct window_counter){(uint32_t)histogram_index(histogram, second->response_ns),
                                       (uint32_t)second->ok};
    histogram_record_many(histogram, second->response_ns, second->ok);
    window->latencies[kind] = (struct window_latency){
        .counters = counter, .counters_count = 1, .max_ns = second->response_ns};
}

static void add_counts(struct request_counts *counts, const struct made_up_second *second)
{
    counts->intended += second->intended;
    counts->sent += second->intended;
    counts->ok += second->intended;
}

void made_up_run_add(struct made_up_run *run, const struct made_up_second *second)
{
    struct recorder *total = &run->result.total;
    struct window *window = &total->windows[total->windows_count++];

    assert(total->windows_count <= SECONDS_MAX);
    window->intended = second->intended;
    window->sent = second->sent;
    window->ok = second->ok;
    if (second->ok > 0) {
        add_latency(run, window, LATENCY_RESPONSE, second);
        if (total->plan.separate_service)
            add_latency(run, window, LATENCY_SERVICE, second);
    }
    add_counts(&total->all, second);
    add_counts(&total->measured, second);
    total->received_ok += second->ok;
    run->result.measured_ns += NS_PER_S;
}

void made_up_run_repeat(struct made_up_run *run, unsigned seconds,
                        const struct made_up_second *second)
{
    for (unsigned i = 0; i < seconds; i++)
        made_up_run_add(run, second);
}

const struct check *made_up_run_failed(struct made_up_run *run, const char *code)
{
    verdict_judge(&run->plan, &run->result, &run->verdict);
    for (unsigned i = 0; i < run->verdict.checks_count; i++) {
        const struct check *check = &run->verdict.checks[i];

        if (!check->passed && strcmp(check->code, code) == 0)
            return check;
    }
    return NULL;
}

const struct check *made_up_run_check(const struct made_up_run *run, const char *name)
{
    for (unsigned i = 0; i < run->verdict.checks_count; i++) {
        if (strcmp(run->verdict.checks[i].name, name) == 0)
            return &run->verdict.checks[i];
    }
    return NULL;
}
