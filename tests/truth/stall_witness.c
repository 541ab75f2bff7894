/* SPDX-License-Identifier: MIT */
/*
 * stall-witness: notes when this machine's cores did not run.
 *
 *     stall-witness PERIOD THRESHOLD      such as 500us 100us
 *
 * On every core it may use, a thread of real-time priority asks to be woken at every whole multiple
 * of the period on CLOCK_MONOTONIC. Nobody goes before it: where it was woken later than the
 * threshold, a hypervisor had taken the core, or the kernel did not let go of it, and whatever else
 * was to run there stood still as well. A latency that was measured meanwhile is that of the
 * machine. A stall shorter than a period may go unnoticed; but to be woken takes the core from the
 * others for tens of microseconds on a virtual machine. That disturbs on all cores at the same
 * instants, which are known, and so can be left out as well.
 *
 * Prints, when all threads were woken once,
 *
 *     watching period_ns=500000
 *
 * and, when SIGINT or SIGTERM has ended it, a line a stall in the order in which they began,
 *
 *     stall core=1 from_ns=48151623420000 to_ns=48151623976000 lost_ns=86000
 *
 * on the same clock: when the core was last seen to run, when it was seen to run again, and how
 * much later that was than asked for; then
 *
 *     watched cores=2 wakes=98211 stalls=12 lost_ms=7.2
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/units.h"

/* More is a machine on which nothing can be measured; and 32 bytes a stall. */
enum { STALLS_MAX = 1 << 18 };

struct stall {
    int core;
    uint64_t from_ns, to_ns, lost_ns;
};

struct witness {
    pthread_t thread;
    int core;
    uint64_t period_ns, threshold_ns;
    uint64_t wakes, lost_ns;
    size_t count; /* up to STALLS_MAX are kept */
    struct stall *stalls;
};

static atomic_bool is_over;
static sem_t awake; /* posted by each thread when it was woken for the first time */

static void *watch(void *argument)
{
    struct witness *witness = argument;
    uint64_t seen_ns = clock_now_ns();

    while (!atomic_load(&is_over)) {
        uint64_t due_ns = (seen_ns / witness->period_ns + 1) * witness->period_ns, now_ns;
        struct timespec when = timespec_from_ns(due_ns);

        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
        now_ns = clock_now_ns();
        if (witness->wakes++ == 0)
            sem_post(&awake);
        if (now_ns > due_ns + witness->threshold_ns) {
            uint64_t lost_ns = now_ns - due_ns;

            witness->lost_ns += lost_ns;
            if (witness->count < STALLS_MAX)
                witness->stalls[witness->count] =
                    (struct stall){witness->core, seen_ns, now_ns, lost_ns};
            witness->count++;
        }
        seen_ns = now_ns;
    }
    return NULL;
}

/* 0 or an error number. */
static int witness_start(struct witness *witness, int core, uint64_t period_ns,
                         uint64_t threshold_ns)
{
    struct sched_param priority = {.sched_priority = sched_get_priority_min(SCHED_FIFO)};
    pthread_attr_t attributes;
    cpu_set_t cores;
    int failed;

    *witness = (struct witness){.core = core, .period_ns = period_ns, .threshold_ns = threshold_ns};
    witness->stalls = calloc(STALLS_MAX, sizeof *witness->stalls);
    if (!witness->stalls)
        return ENOMEM;
    CPU_ZERO(&cores);
    CPU_SET((size_t)core, &cores);
    pthread_attr_init(&attributes);
    pthread_attr_setaffinity_np(&attributes, sizeof cores, &cores);
    pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
    pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
    pthread_attr_setschedparam(&attributes, &priority);
    failed = pthread_create(&witness->thread, &attributes, watch, witness);
    pthread_attr_destroy(&attributes);
    return failed;
}

static int compare_stalls(const void *left, const void *right)
{
    const struct stall *a = left;
    const struct stall *b = right;

    return (a->from_ns > b->from_ns) - (a->from_ns < b->from_ns);
}

/* Those of all cores, in the order in which they began. 0 or -1: out of memory. */
static int report_stalls(const struct witness *witnesses, size_t count)
{
    struct stall *all = calloc(count * STALLS_MAX, sizeof *all);
    size_t total = 0;

    if (!all)
        return -1;
    for (size_t i = 0; i < count; i++) {
        size_t kept = witnesses[i].count < STALLS_MAX ? witnesses[i].count : STALLS_MAX;

        memcpy(all + total, witnesses[i].stalls, kept * sizeof *all);
        total += kept;
    }
    qsort(all, total, sizeof *all, compare_stalls);
    for (size_t i = 0; i < total; i++)
        printf("stall core=%d from_ns=%" PRIu64 " to_ns=%" PRIu64 " lost_ns=%" PRIu64 "\n",
               all[i].core, all[i].from_ns, all[i].to_ns, all[i].lost_ns);
    free(all);
    return 0;
}

/* Returns when a signal has ended it. The signals are blocked in every thread. */
static void wait_for_the_end(const sigset_t *signals, size_t threads, uint64_t period_ns)
{
    int received;

    while (threads-- > 0)
        sem_wait(&awake);
    printf("watching period_ns=%" PRIu64 "\n", period_ns);
    fflush(stdout);
    sigwait(signals, &received);
    atomic_store(&is_over, true);
}

int main(int argc, char **argv)
{
    static struct witness witnesses[CPU_SETSIZE];
    uint64_t wakes = 0, lost_ns = 0;
    size_t count = 0, stalls = 0;
    uint64_t period_ns, threshold_ns;
    cpu_set_t cores;
    sigset_t signals;
    int failed = 0;

    log_program("stall-witness");
    if (argc != 3 || duration_parse(argv[1], &period_ns) < 0 || period_ns == 0 ||
        duration_parse(argv[2], &threshold_ns) < 0 || threshold_ns == 0) {
        log_error("expected how often to look and from which delay on, such as 500us 100us");
        return EXIT_USAGE;
    }
    sem_init(&awake, 0, 0);
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    mlockall(MCL_CURRENT | MCL_FUTURE); /* where it may */
    sched_getaffinity(0, sizeof cores, &cores);
    for (int core = 0; core < CPU_SETSIZE && failed == 0; core++) {
        if (!CPU_ISSET((size_t)core, &cores))
            continue;
        failed = witness_start(&witnesses[count], core, period_ns, threshold_ns);
        count += failed == 0;
    }
    if (failed == 0)
        wait_for_the_end(&signals, count, period_ns);
    else
        log_error("cannot watch with real-time priority: %s", strerror(failed));
    atomic_store(&is_over, true);
    for (size_t i = 0; i < count; i++) {
        pthread_join(witnesses[i].thread, NULL);
        wakes += witnesses[i].wakes;
        stalls += witnesses[i].count;
        lost_ns += witnesses[i].lost_ns;
    }
    if (failed == 0 && report_stalls(witnesses, count) < 0) {
        log_error("out of memory");
        failed = ENOMEM;
    }
    if (failed == 0)
        printf("watched cores=%zu wakes=%" PRIu64 " stalls=%zu lost_ms=%.1f\n", count, wakes,
               stalls, (double)lost_ns / (double)NS_PER_MS);
    return failed != 0 || fflush(stdout) != 0 ? EXIT_FAILED : EXIT_DONE;
}
