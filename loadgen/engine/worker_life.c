/* SPDX-License-Identifier: MIT */
/* The life of a worker: what it owns, and its thread. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "loadgen/engine/worker.h"

enum {
    CONNECTING_MAX = 256, /* of all threads: well below any sensible listen queue */
    STAMPED_STRIDE = 16,  /* of the connections of a thread, one in so many is sampled... */
    STAMPED_MAX = 16,     /* ...but no more */
    SEND_BATCH_SIZE = 64 * 1024,
};

static void on_due(struct pacer *pacer, uint64_t now_ns)
{
    worker_dispatch(pacer->context, now_ns);
}

/* --- the thread ------------------------------------------------------------------------------- */

static void *worker_thread(void *argument)
{
    struct worker *worker = argument;

    /* A table of descriptors of our own: as long as a table has one user the kernel looks
     * descriptors up without atomic operations, twice a request. Without it everything works. */
    int unshared = unshare(CLONE_FILES);
    (void)unshared;
    uv_run(&worker->loop, UV_RUN_DEFAULT);
    recorder_finish(&worker->recorder);
    atomic_fetch_add(&worker->run->workers_finished, 1);
    run_wake(worker->run);
    return NULL;
}

int worker_start(struct worker *worker)
{
    const struct plan *plan = worker->plan;
    uint64_t opening_ns = worker->connections_count * NS_PER_MS;
    int failed;

    /* A connect that is out of luck costs a millisecond (ports past half of the range). */
    if (plan->connect_rate_per_s > 0)
        opening_ns += (uint64_t)((double)(plan->connections + plan->idle_connections) /
                                 plan->connect_rate_per_s * (double)NS_PER_S);
    worker->connect_deadline_ns = clock_now_ns() + 2 * plan->timeout_ns + opening_ns;
    failed = uv_timer_start(&worker->tick, worker_on_tick, 0, WORKER_TICK_MS);
    if (failed == 0)
        failed = -pthread_create(&worker->thread, NULL, worker_thread, worker);
    worker->started = failed == 0;
    return failed;
}

void worker_join(struct worker *worker)
{
    if (worker->started)
        pthread_join(worker->thread, NULL);
    worker->started = false;
}

/* Which of a thread's connections are sampled for the kernel's receive stamps. */
static bool is_stamped(const struct worker *worker, unsigned index)
{
    unsigned stride = (worker->connections_count - worker->silent_count) / STAMPED_MAX;

    if (worker->plan->timestamps != TIMESTAMPS_SAMPLE)
        return worker->plan->timestamps == TIMESTAMPS_ALL;
    return index % (stride > STAMPED_STRIDE ? stride : STAMPED_STRIDE) == 0;
}

static void worker_init_connections(struct worker *worker)
{
    unsigned depth = worker->plan->pipeline;
    unsigned busy = worker->connections_count - worker->silent_count;

    for (unsigned i = 0; i < worker->connections_count; i++) {
        connection_init(&worker->connections[i], worker, worker->first_id + i,
                        i < busy ? worker->flights + (size_t)i * depth : NULL,
                        i < busy && is_stamped(worker, i));
        connection_list_append(&worker->waiting, &worker->connections[i]);
    }
}

/* What is only memory; worker_free_memory() takes it back, whole or in part. */
static int worker_init_memory(struct worker *worker)
{
    const struct plan *plan = worker->plan;
    size_t count = worker->connections_count;
    size_t slots = (count - worker->silent_count) * plan->pipeline;
    size_t request_size = exchange_request_size_max(plan->protocol, &plan->requests_mix);

    worker->request_size_max = request_size > GREETING_SIZE_MAX ? request_size : GREETING_SIZE_MAX;
    worker->send_buffer_size = worker->request_size_max;
    if (plan->pipeline > 1)
        worker->send_buffer_size += SEND_BATCH_SIZE;
    worker->send_buffer = malloc(worker->send_buffer_size);
    worker->read_buffer = malloc(READ_BUFFER_SIZE);
    worker->connections = calloc(count, sizeof *worker->connections);
    worker->flights = calloc(slots, sizeof *worker->flights);
    if (!worker->send_buffer || !worker->read_buffer || !worker->connections || !worker->flights ||
        due_queue_init(&worker->retries, count) < 0)
        return -ENOMEM;
    return due_queue_init(&worker->thinking, plan->loop == LOOP_THINK ? slots : 0);
}

static void worker_free_memory(struct worker *worker)
{
    due_queue_release(&worker->thinking);
    due_queue_release(&worker->retries);
    free(worker->flights);
    free(worker->connections);
    free(worker->read_buffer);
    free(worker->send_buffer);
}

int worker_init(struct worker *worker, struct run *run, unsigned index, uint32_t first_id,
                unsigned count, unsigned silent_count)
{
    const struct plan *plan = run->plan;
    int failed = -ENOMEM;

    memset(worker, 0, sizeof *worker);
    worker->run = run;
    worker->plan = plan;
    worker->index = index;
    worker->first_id = first_id;
    worker->connections_count = count + silent_count;
    worker->silent_count = silent_count;
    worker->connecting_max =
        CONNECTING_MAX / plan->threads > 0 ? CONNECTING_MAX / plan->threads : 1;
    worker->random = random_seeded(random_mix(plan->seed, index));
    if (worker_init_memory(worker) < 0)
        goto undo_memory;
    if (recorder_init(&worker->recorder, &run->recording) < 0)
        goto undo_memory;
    worker->recorder.connections.asked = worker->connections_count;
    if (request_source_init(&worker->source, &plan->requests_mix, plan->seed) < 0)
        goto undo_recorder;
    if (uv_loop_init(&worker->loop) < 0)
        goto undo_source;
    failed = pacer_init(&worker->pacer, &worker->loop, plan->pacing, on_due);
    if (failed < 0)
        goto undo_loop;
    worker->pacer.context = worker;
    uv_timer_init(&worker->loop, &worker->tick);
    worker->tick.data = worker;
    worker->samples_gaps = plan->loop == LOOP_OPEN && plan->arrival.kind == ARRIVAL_POISSON;
    load_init(&worker->load, plan, &worker->recorder, &worker->source);
    worker_init_connections(worker);
    return 0;

undo_loop:
    uv_loop_close(&worker->loop);
undo_source:
    request_source_release(&worker->source);
undo_recorder:
    recorder_release(&worker->recorder);
undo_memory:
    worker_free_memory(worker);
    return failed;
}

void worker_release(struct worker *worker)
{
    /* A worker whose thread never ran still has its handles. */
    if (!uv_is_closing((uv_handle_t *)&worker->tick)) {
        uv_close((uv_handle_t *)&worker->tick, NULL);
        pacer_close(&worker->pacer);
        uv_run(&worker->loop, UV_RUN_DEFAULT);
    }
    uv_loop_close(&worker->loop);
    pacer_release(&worker->pacer);
    request_source_release(&worker->source);
    recorder_release(&worker->recorder);
    worker_free_memory(worker);
}
