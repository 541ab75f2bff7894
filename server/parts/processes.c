/* SPDX-License-Identifier: MIT */
#include "server/parts/processes.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/stop.h"

/* One that dies young will do so again: that must not become a storm of forks. */
#define YOUNG_NS         NS_PER_S
#define REPLACE_PAUSE_NS (100 * NS_PER_MS)
/* From cutting off its clients to the end of a worker. */
#define GRACE_NS (500 * NS_PER_MS)

int processes_init(struct processes *processes, struct server *server, struct counters *counters,
                   int (*work)(struct process *process), void *shared)
{
    sigset_t watched, blocked;

    *processes =
        (struct processes){.server = server, .counters = counters, .shared = shared, .work = work};
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    processes->watch_fd = signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC);
    if (processes->watch_fd < 0)
        return -errno;
    /* A child begins with the second one blocked, too: it waits until the child can obey. */
    blocked = watched;
    sigaddset(&blocked, PROCESS_HANG_UP_SIGNAL);
    sigprocmask(SIG_BLOCK, &blocked, &processes->signals_before);
    return 0;
}

void processes_release(struct processes *processes)
{
    assert(processes->running == 0);
    free(processes->places);
    close(processes->watch_fd);
    sigprocmask(SIG_SETMASK, &processes->signals_before, NULL);
}

/* --- the child -------------------------------------------------------------------------------- */

/* What a child has of its parent, and must not have. */
static int leave_parent(struct processes *processes, pid_t parent)
{
    sigset_t signals = processes->signals_before;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        return -ESRCH; /* it had died before that was said */
    stop_ignore_signals();
    sigaddset(&signals, PROCESS_HANG_UP_SIGNAL);
    sigprocmask(SIG_SETMASK, &signals, NULL);
    close(processes->watch_fd);
    return farewell_after_fork(&processes->server->farewell, true);
}

_Noreturn static void process_run(struct processes *processes, struct process *process,
                                  pid_t parent)
{
    struct server *server = processes->server;
    int failed = leave_parent(processes, parent);

    if (failed < 0)
        _exit(EXIT_FAILURE);
    failed = processes->work(process);
    farewell_finish(&server->farewell, server->stop_fd);
    farewell_release(&server->farewell);
    /* Not _exit(2): whatever a sanitizer has to say, it says now. */
    exit(failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* --- beginning -------------------------------------------------------------------------------- */

static struct process **bucket_of(struct processes *processes, pid_t pid)
{
    return &processes->buckets[(unsigned)pid % PROCESS_BUCKETS];
}

static int process_fork(struct processes *processes, struct process *process)
{
    struct farewell *farewell = &processes->server->farewell;
    pid_t parent = getpid();

    /* What is buffered would be written twice. */
    fflush(NULL);
    farewell_before_fork(farewell);
    pid_t pid = fork();
    int failed = pid < 0 ? -errno : 0;

    if (pid == 0)
        process_run(processes, process, parent);
    /* In the parent this cannot fail. */
    int ignored = farewell_after_fork(farewell, false);
    (void)ignored;
    if (failed < 0)
        return failed;

    struct process **bucket = bucket_of(processes, pid);

    process->pid = pid;
    process->started_ns = clock_now_ns();
    process->next = *bucket;
    *bucket = process;
    processes->running++;
    return 0;
}

static void process_prepare(struct processes *processes, struct process *process, const char *role)
{
    *process = (struct process){.server = processes->server,
                                .shared = processes->shared,
                                .counters = counters_join(&processes->server->counters, role),
                                .client_fd = -1};
}

int processes_start(struct processes *processes, const char *role, unsigned asked)
{
    int failed = 0;

    processes->places = calloc(asked, sizeof *processes->places);
    if (!processes->places)
        return -ENOMEM;
    while (failed == 0 && processes->places_count < asked) {
        struct process *process = &processes->places[processes->places_count];

        process_prepare(processes, process, role);
        process->index = processes->places_count;
        failed = process_fork(processes, process);
        if (failed == 0)
            processes->places_count++;
    }
    return processes->places_count > 0 ? (int)processes->places_count : failed;
}

int processes_serve(struct processes *processes, int client_fd)
{
    struct process *process = malloc(sizeof *process);
    int failed;

    if (!process)
        return -ENOMEM;
    process_prepare(processes, process, NULL);
    process->client_fd = client_fd;
    process->clients_given = 1;
    failed = process_fork(processes, process);
    if (failed == 0) {
        close(client_fd);
    } else {
        counters_leave(&processes->server->counters, process->counters);
        free(process);
    }
    return failed;
}

/* --- ending ----------------------------------------------------------------------------------- */

/* The clients that a process had when it ended: the kernel has closed their sockets. */
static void process_settle(struct process *process)
{
    struct counters *counters = process->counters;
    uint64_t came = process->clients_given + counters_get(counters, COUNTER_ACCEPTS);
    uint64_t left =
        counters_get(counters, COUNTER_REJECTS) + counters_get(counters, COUNTER_CLOSES);

    for (; left < came; left++) {
        counters_add(counters, COUNTER_CLOSES, 1);
        server_client_left(process->server);
    }
}

static void process_end(struct processes *processes, struct process *process, int status)
{
    bool is_lost = !WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS;

    if (processes->on_end)
        processes->on_end(process);
    process_settle(process);
    process->pid = 0;
    processes->running--;
    if (is_lost)
        counters_add(processes->counters, COUNTER_WORKERS_LOST, 1);
    if (process->client_fd >= 0) {
        counters_leave(&processes->server->counters, process->counters);
        free(process);
    } else {
        uint64_t now_ns = clock_now_ns();
        bool is_young = now_ns - process->started_ns < YOUNG_NS;

        process->replace_at_ns = is_young ? now_ns + REPLACE_PAUSE_NS : now_ns;
        processes->vacant++;
    }
}

/* Everybody who has ended. Returns how many. */
static unsigned processes_reap(struct processes *processes)
{
    struct signalfd_siginfo ignored;
    unsigned ended = 0;
    int status;
    pid_t pid;

    /* Many ends may be one signal; so it is forgotten first, and then all are asked for. */
    while (read(processes->watch_fd, &ignored, sizeof ignored) > 0)
        ;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct process **link = bucket_of(processes, pid);

        while (*link && (*link)->pid != pid)
            link = &(*link)->next;
        if (*link) {
            struct process *process = *link;

            *link = process->next;
            process_end(processes, process, status);
            ended++;
        }
    }
    return ended;
}

/* Fills the vacant places whose time has come; returns when the next one's comes, 0 for never. */
static uint64_t processes_replace(struct processes *processes)
{
    uint64_t now_ns = clock_now_ns(), next_ns = 0;

    if (processes->vacant == 0 || stop_is_requested(processes->server->stop_fd))
        return 0;
    for (unsigned i = 0; i < processes->places_count; i++) {
        struct process *process = &processes->places[i];

        if (process->pid > 0)
            continue;
        if (process->replace_at_ns <= now_ns) {
            if (process_fork(processes, process) == 0) {
                processes->vacant--;
                continue;
            }
            process->replace_at_ns = now_ns + REPLACE_PAUSE_NS;
        }
        if (next_ns == 0 || process->replace_at_ns < next_ns)
            next_ns = process->replace_at_ns;
    }
    return next_ns;
}

/* --- the parent ------------------------------------------------------------------------------- */

static int wait_until(struct pollfd *waited, size_t count, uint64_t deadline_ns)
{
    uint64_t now_ns = deadline_ns > 0 ? clock_now_ns() : 0;
    struct timespec left = timespec_from_ns(deadline_ns > now_ns ? deadline_ns - now_ns : 0);

    return ppoll(waited, count, deadline_ns > 0 ? &left : NULL, NULL);
}

bool processes_wait(struct processes *processes, const int *others, size_t others_count,
                    uint64_t deadline_ns)
{
    struct pollfd waited[2 + PROCESSES_OTHERS_MAX] = {
        {.fd = processes->server->stop_fd, .events = POLLIN},
        {.fd = processes->watch_fd, .events = POLLIN}};
    uint64_t replace_ns = processes_replace(processes);

    assert(others_count <= PROCESSES_OTHERS_MAX);
    for (size_t i = 0; i < others_count; i++)
        waited[2 + i] = (struct pollfd){.fd = others[i], .events = POLLIN};
    if (replace_ns > 0 && (deadline_ns == 0 || replace_ns < deadline_ns))
        deadline_ns = replace_ns;
    int ready = wait_until(waited, 2 + others_count, deadline_ns);

    counters_add(processes->counters, COUNTER_WAKEUPS, 1);
    if (ready <= 0)
        counters_add(processes->counters, COUNTER_EMPTY_WAKEUPS, 1);
    if (ready > 0 && waited[1].revents)
        processes_reap(processes);
    return ready <= 0 || !waited[0].revents;
}

static void processes_signal(struct processes *processes, int signal)
{
    for (size_t i = 0; i < PROCESS_BUCKETS; i++) {
        for (struct process *process = processes->buckets[i]; process; process = process->next)
            kill(process->pid, signal);
    }
}

/* Reaps until nobody is left or the time is over. */
static void processes_reap_until(struct processes *processes, uint64_t deadline_ns)
{
    struct pollfd watch = {.fd = processes->watch_fd, .events = POLLIN};

    while (processes->running > 0 && (deadline_ns == 0 || clock_now_ns() < deadline_ns)) {
        wait_until(&watch, 1, deadline_ns);
        processes_reap(processes);
    }
}

void processes_stop(struct processes *processes)
{
    uint64_t now_ns = clock_now_ns();

    processes_signal(processes, PROCESS_HANG_UP_SIGNAL);
    processes_reap_until(processes, now_ns + DRAIN_TIME_NS);
    processes_signal(processes, PROCESS_HANG_UP_SIGNAL);
    processes_reap_until(processes, now_ns + DRAIN_TIME_NS + GRACE_NS);
    processes_signal(processes, SIGKILL);
    processes_reap_until(processes, 0);
}
