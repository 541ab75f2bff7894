/* SPDX-License-Identifier: MIT */
#include "server/counters.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>

/* Of those that have left and had no role. */
enum { ROW_OF_THE_OTHERS = 0 };

const char *const counter_names[COUNTERS_COUNT] = {
    [COUNTER_ACCEPTS] = "accepts",     [COUNTER_REJECTS] = "rejects",
    [COUNTER_CLOSES] = "closes",       [COUNTER_REQUESTS] = "requests",
    [COUNTER_ERRORS] = "errors",       [COUNTER_BYTES_IN] = "bytes_in",
    [COUNTER_BYTES_OUT] = "bytes_out", [COUNTER_IO_CALLS] = "io_calls",
    [COUNTER_WAKEUPS] = "wakeups",     [COUNTER_EMPTY_WAKEUPS] = "empty_wakeups",
    [COUNTER_HANDOFFS] = "handoffs",   [COUNTER_WORKERS_LOST] = "workers_lost",
    [COUNTER_QUEUE_MAX] = "queue_max",
};

int counters_set_init(struct counters_set *set)
{
    *set = (struct counters_set){.slots_count = 1};
    set->slots = mmap(NULL, COUNTERS_MAX * sizeof *set->slots, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (set->slots == MAP_FAILED)
        return -errno;
    pthread_mutex_init(&set->mutex, NULL);
    return 0;
}

void counters_set_release(struct counters_set *set)
{
    pthread_mutex_destroy(&set->mutex);
    munmap(set->slots, COUNTERS_MAX * sizeof *set->slots);
}

static void fold(const struct counters *counters, uint64_t *totals)
{
    for (int i = 0; i < COUNTERS_COUNT; i++) {
        /* Acquire: not before the version was read, and the version not again before this. */
        uint64_t value = atomic_load_explicit(&counters->values[i], memory_order_acquire);

        if (i != COUNTER_QUEUE_MAX)
            totals[i] += value;
        else if (value > totals[i])
            totals[i] = value;
    }
}

static void clear(struct counters *counters)
{
    for (int i = 0; i < COUNTERS_COUNT; i++)
        atomic_store_explicit(&counters->values[i], 0, memory_order_relaxed);
}

struct counters *counters_join(struct counters_set *set, const char *role)
{
    pthread_mutex_lock(&set->mutex);
    uint32_t index = set->first_free;

    if (index > 0) {
        set->first_free = set->slots[index].next_free;
    } else {
        index = atomic_load(&set->slots_count);
        assert(index < COUNTERS_MAX);
        atomic_store(&set->slots_count, index + 1);
    }
    atomic_store_explicit(&set->slots[index].role, role, memory_order_relaxed);
    set->slots[index].used = true;
    pthread_mutex_unlock(&set->mutex);
    return &set->slots[index];
}

void counters_leave(struct counters_set *set, struct counters *counters)
{
    uint64_t totals[COUNTERS_COUNT] = {0};
    struct counters *others = &set->slots[ROW_OF_THE_OTHERS];

    sigset_t counters_signal, before;

    if (counters->role)
        return;
    /* Who writes the counters in a signal handler waits for us to be done; not on this thread. */
    sigemptyset(&counters_signal);
    sigaddset(&counters_signal, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &counters_signal, &before);
    pthread_mutex_lock(&set->mutex);
    fold(others, totals);
    fold(counters, totals);
    atomic_fetch_add(&set->version, 1);
    for (int i = 0; i < COUNTERS_COUNT; i++)
        atomic_store_explicit(&others->values[i], totals[i], memory_order_relaxed);
    clear(counters);
    atomic_fetch_add(&set->version, 1);
    counters->used = false;
    counters->next_free = set->first_free;
    set->first_free = (uint32_t)(counters - set->slots);
    pthread_mutex_unlock(&set->mutex);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

bool counters_try_sum(struct counters_set *set, uint64_t *totals)
{
    unsigned before = atomic_load(&set->version);

    for (int i = 0; i < COUNTERS_COUNT; i++)
        totals[i] = 0;
    for (unsigned i = 0, count = atomic_load(&set->slots_count); i < count; i++)
        fold(&set->slots[i], totals);
    return before % 2 == 0 && atomic_load(&set->version) == before;
}

void counters_sum(struct counters_set *set, uint64_t *totals)
{
    pthread_mutex_lock(&set->mutex);
    bool summed = counters_try_sum(set, totals);
    pthread_mutex_unlock(&set->mutex);
    assert(summed); /* who holds the mutex keeps everybody from leaving */
}
