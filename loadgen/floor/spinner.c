/* SPDX-License-Identifier: MIT */
/*
 * spinner: a fixed amount of work, to see whether this core is the one it was a minute ago.
 *
 *     spinner --calibrate TIME_MS     prints the rounds that take so long here, undisturbed
 *     spinner ROUNDS                  does that work and prints what became of it, as JSON:
 *         {"rounds":123,"elapsed_s":0.201,"cpu_s":0.200,"involuntary_switches":1}
 *
 * A campaign runs the same rounds before every trial. Longer CPU time than usual: the core is
 * slower (frequency, a neighbour on its other thread, a hypervisor that takes time without saying
 * so); longer only by the clock: somebody else ran on it. The rounds depend on one another, so no
 * compiler and no wide core can do them side by side.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "common/clock.h"

/* A piece is short enough for some of them to meet no disturbance, and the fastest counts. */
enum { PIECES = 40, PIECE_ROUNDS = 1000000, TIME_MS_MAX = 10000 };
static const uint64_t rounds_max = UINT64_C(100000000000);

static volatile uint64_t sink;

static void spin(uint64_t rounds)
{
    uint64_t state = UINT64_C(88172645463325252);

    for (uint64_t i = 0; i < rounds; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    sink = state;
}

static uint64_t calibrate(uint64_t time_ms)
{
    uint64_t least_ns = UINT64_MAX;

    for (int i = 0; i < PIECES; i++) {
        uint64_t begin_ns = clock_now_ns();

        spin(PIECE_ROUNDS);
        uint64_t piece_ns = clock_now_ns() - begin_ns;
        if (piece_ns < least_ns)
            least_ns = piece_ns;
    }
    return (uint64_t)((double)time_ms * (double)NS_PER_MS * PIECE_ROUNDS / (double)least_ns);
}

static double cpu_time_s(void)
{
    struct timespec spent;

    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent) < 0) {
        fprintf(stderr, "spinner: CPU time: %s\n", strerror(errno));
        exit(1);
    }
    return (double)spent.tv_sec + (double)spent.tv_nsec / (double)NS_PER_S;
}

static long involuntary_switches(void)
{
    struct rusage usage;

    return getrusage(RUSAGE_SELF, &usage) < 0 ? 0 : usage.ru_nivcsw;
}

static void measure(uint64_t rounds)
{
    long switches = involuntary_switches();
    double cpu_s = cpu_time_s();
    uint64_t begin_ns = clock_now_ns();

    spin(rounds);
    uint64_t elapsed_ns = clock_now_ns() - begin_ns;
    printf("{\"rounds\":%" PRIu64
           ",\"elapsed_s\":%.6f,\"cpu_s\":%.6f,\"involuntary_switches\":%ld}\n",
           rounds, (double)elapsed_ns / (double)NS_PER_S, cpu_time_s() - cpu_s,
           involuntary_switches() - switches);
}

/* A whole number from 1 to `max`; 0 for anything else. */
static uint64_t parse(const char *text, uint64_t max)
{
    char *end;

    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    return errno || *text < '0' || *text > '9' || *end || value > max ? 0 : value;
}

int main(int argc, char **argv)
{
    uint64_t time_ms =
        argc == 3 && strcmp(argv[1], "--calibrate") == 0 ? parse(argv[2], TIME_MS_MAX) : 0;
    uint64_t rounds = argc == 2 ? parse(argv[1], rounds_max) : 0;

    if (time_ms > 0) {
        printf("%" PRIu64 "\n", calibrate(time_ms));
    } else if (rounds > 0) {
        measure(rounds);
    } else {
        fprintf(stderr, "usage: spinner ROUNDS | spinner --calibrate TIME_MS\n");
        return 2;
    }
    return 0;
}
