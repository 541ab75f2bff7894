/* SPDX-License-Identifier: MIT */
#include "server/parts/workers.h"

#include <errno.h>
#include <stdlib.h>

static void *worker_thread(void *argument)
{
    struct worker *worker = argument;

    worker->work(worker);
    counters_leave(&worker->server->counters, worker->counters);
    return NULL;
}

int workers_start(struct workers *workers, struct server *server, const char *role, unsigned asked,
                  size_t stack_size, void (*work)(struct worker *worker), void *shared)
{
    pthread_attr_t attributes;
    int failed = pthread_attr_init(&attributes);

    *workers = (struct workers){0};
    if (failed)
        return -failed;
    if (stack_size > 0)
        failed = pthread_attr_setstacksize(&attributes, stack_size);
    workers->all = calloc(asked, sizeof *workers->all);
    if (!workers->all)
        failed = ENOMEM;
    while (!failed && workers->count < asked) {
        struct worker *worker = &workers->all[workers->count];

        *worker = (struct worker){.server = server,
                                  .counters = counters_join(&server->counters, role),
                                  .index = workers->count,
                                  .shared = shared,
                                  .work = work};
        failed = pthread_create(&worker->thread, &attributes, worker_thread, worker);
        if (!failed)
            workers->count++;
    }
    pthread_attr_destroy(&attributes);
    return workers->count > 0 ? (int)workers->count : -failed;
}

void workers_join(struct workers *workers)
{
    for (unsigned i = 0; i < workers->count; i++)
        pthread_join(workers->all[i].thread, NULL);
    free(workers->all);
    *workers = (struct workers){0};
}
