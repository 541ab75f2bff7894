/* SPDX-License-Identifier: MIT */
/*
 * prefork-locked: N processes of which one at a time waits in accept(2), and the others for their
 * turn.
 *
 * As prefork, but round accept(2) there is a mutex that the processes share: one idle worker waits
 * for the next client, all other idle ones for the mutex. Every client that is taken in wakes the
 * next worker, which costs a context switch before somebody listens again. It dates from kernels
 * that woke all who waited in accept(2) for one client, or let several of them crash into each
 * other there; where accept(2) wakes one, what the lock costs under churn is all that is left of
 * it. What it cannot do is what prefork cannot. Apache calls it AcceptMutex, and needs it still
 * when it waits for several listeners at once.
 *
 * A worker may be killed while it holds the mutex: it is a robust one, which passes to the next in
 * line then.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

#include "server/accept.h"
#include "server/model.h"
#include "server/parts/accepting_processes.h"
#include "server/parts/lone_client.h"
#include "server/server.h"

enum { WORKERS_DEFAULT = 200 }; /* a worker is a client served, not a core */

/* A mutex in memory that the processes share, or NULL. */
static pthread_mutex_t *shared_mutex_new(void)
{
    pthread_mutex_t *mutex =
        mmap(NULL, sizeof *mutex, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t attributes;

    if (mutex == MAP_FAILED)
        return NULL;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return mutex;
}

static void shared_mutex_free(pthread_mutex_t *mutex)
{
    pthread_mutex_destroy(mutex);
    munmap(mutex, sizeof *mutex);
}

/* It guards the turn and no data, so there is nothing to repair when its holder has died. */
static void shared_mutex_lock(pthread_mutex_t *mutex)
{
    if (pthread_mutex_lock(mutex) == EOWNERDEAD)
        pthread_mutex_consistent(mutex);
}

static int accept_in_turn(struct process *process)
{
    pthread_mutex_t *turn = process->shared;

    shared_mutex_lock(turn);
    int fd = server_accept_waiting(process->server, process->counters);
    pthread_mutex_unlock(turn);
    return fd;
}

static int work(struct process *process)
{
    int fd;

    lone_client_init();
    while ((fd = accept_in_turn(process)) >= 0)
        lone_client_serve(process->server, process->counters, fd);
    return 0;
}

static int prefork_locked_run(struct server *server)
{
    pthread_mutex_t *turn = shared_mutex_new();
    int failed;

    if (!turn)
        return -ENOMEM;
    failed = accepting_processes_run(server, work, turn);
    shared_mutex_free(turn);
    return failed;
}

extern const struct server_model model_prefork_locked;
const struct server_model model_prefork_locked = {
    .name = "prefork-locked",
    .summary = "as prefork, with a mutex round accept",
    .tunings = TUNING_WORKERS,
    .workers_default = WORKERS_DEFAULT,
    .capacity = CAPACITY_WORKERS,
    .forks = true,
    .run = prefork_locked_run,
};
