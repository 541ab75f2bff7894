/* SPDX-License-Identifier: MIT */
#include "loadgen/engine/thread_time.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "common/clock.h"

/* The second field of schedstat: nanoseconds spent waiting on a run queue (the kernel's
 * Documentation/scheduler/sched-stats). False where there is none. */
static bool read_delay(uint64_t *delay_ns)
{
    FILE *file = fopen("/proc/thread-self/schedstat", "re");
    bool read;

    if (!file)
        return false;
    read = fscanf(file, "%*u %" SCNu64, delay_ns) == 1;
    fclose(file);
    return read;
}

struct thread_time thread_time_now(uint64_t spun_ns)
{
    struct thread_time time = {.spun_ns = spun_ns};
    struct timespec cpu;

    time.has_delay = read_delay(&time.delay_ns);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    time.cpu_ns = timespec_ns(cpu);
    time.taken_ns = clock_now_ns();
    return time;
}

struct thread_use thread_use_between(const struct thread_time *before,
                                     const struct thread_time *after)
{
    double length_ns = (double)(after->taken_ns - before->taken_ns);
    double spun_ns = (double)(after->spun_ns - before->spun_ns);
    double cpu_ns = (double)(after->cpu_ns - before->cpu_ns);
    struct thread_use use = {0};

    if (length_ns <= 0)
        return use; /* a window within one tick has no length that could be told */
    use.spun = spun_ns / length_ns;
    use.busy = cpu_ns > spun_ns ? (cpu_ns - spun_ns) / length_ns : 0.0;
    if (use.busy > 1)
        use.busy = 1; /* the two clocks are not read at one instant */
    if (before->has_delay && after->has_delay)
        use.starved = (double)(after->delay_ns - before->delay_ns) / length_ns;
    return use;
}
