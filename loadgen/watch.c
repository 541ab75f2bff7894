/* SPDX-License-Identifier: MIT */
#include "loadgen/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/log.h"

void watch_release(struct watch *watch, struct run_result *result)
{
    for (unsigned i = 0; i < watch->workers_count; i++)
        worker_release(&watch->workers[i]);
    free(watch->workers);
    if (watch->dump)
        dump_close(watch->dump, &result->dump);
    close(watch->run.wake_fd);
}

static int watch_open_dump(struct watch *watch)
{
    const struct plan *plan = watch->run.plan;
    const char *classes[REQUEST_CLASSES_MAX];
    struct dump_names names = {.classes = classes,
                               .classes_count = plan->requests_mix.count,
                               .outcomes = outcome_names,
                               .outcomes_count = OUTCOMES_COUNT};
    int failed;

    for (unsigned i = 0; i < plan->requests_mix.count; i++)
        classes[i] = plan->requests_mix.classes[i].name;
    failed = dump_open(plan->dump_path, plan->threads, &names, &watch->dump);
    if (failed < 0)
        log_error("--dump %s: %s", plan->dump_path, strerror(-failed));
    return failed;
}

static unsigned share_of_thread(unsigned whole, unsigned index, unsigned threads)
{
    return whole / threads + (index < whole % threads ? 1 : 0);
}

static int watch_start_workers(struct watch *watch)
{
    const struct plan *plan = watch->run.plan;
    uint32_t first_id = 0;
    int failed = 0;

    for (unsigned i = 0; failed == 0 && i < plan->threads; i++) {
        struct worker *worker = &watch->workers[i];
        unsigned share = share_of_thread(plan->connections, i, plan->threads);
        unsigned silent = share_of_thread(plan->idle_connections, i, plan->threads);

        failed = worker_init(worker, &watch->run, i, first_id, share, silent);
        if (failed < 0)
            break;
        first_id += share + silent;
        watch->workers_count++;
        monitor_watch(watch->monitor, &worker->recorder);
        if (watch->dump)
            worker->load.dump = dump_channel(watch->dump, i);
    }
    for (unsigned i = 0; failed == 0 && i < watch->workers_count; i++)
        failed = worker_start(&watch->workers[i]);
    if (failed < 0)
        log_error("cannot start %u threads: %s", plan->threads, strerror(-failed));
    return failed;
}

int watch_init(struct watch *watch, const struct plan *plan, const struct socket_address *target,
               struct monitor *monitor, struct run_result *result)
{
    int failed;

    memset(watch, 0, sizeof *watch);
    watch->monitor = monitor;
    watch->run.plan = plan;
    watch->run.target = target;
    watch->run.recording = result->total.plan;
    watch->run.measure_end_ns = UINT64_MAX;
    atomic_init(&watch->run.measure_start_ns, UINT64_MAX);
    watch->run.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (watch->run.wake_fd < 0) {
        failed = -errno;
        log_error("cannot make an eventfd: %s", strerror(-failed));
        return failed;
    }
    watch->workers = calloc(plan->threads, sizeof *watch->workers);
    failed = watch->workers ? 0 : -ENOMEM;
    if (failed == 0 && plan->dump_path)
        failed = watch_open_dump(watch);
    if (failed == 0)
        failed = watch_start_workers(watch);
    if (failed < 0) {
        atomic_store(&watch->run.stop, true);
        for (unsigned i = 0; i < watch->workers_count; i++)
            worker_join(&watch->workers[i]);
        watch_release(watch, result);
    }
    return failed;
}
