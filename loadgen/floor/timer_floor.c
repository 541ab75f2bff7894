/* SPDX-License-Identifier: MIT */
/*
 * timer_floor: how late this machine wakes a thread that sleeps, to hold the generator's send lag
 * against.
 *
 * One thread, one timerfd set to the absolute instants of a uniform rate, one epoll_wait; nothing
 * else is done. Also what the generator does per request, in nanoseconds: reading the clock and
 * recording a value. Prints one line:
 *     lateness_p50_us=33.1 lateness_p99_us=64.2 wakes=100000 clock_ns=24.1 record_ns=4.3
 * A benchmark target (scripts/benchmarks/pacing), not a tool: it dies at the first problem.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/histogram.h"
#include "common/random.h"

enum { ROUNDS = 2000000 };

static void die(const char *what)
{
    fprintf(stderr, "timer_floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Sleeps until each instant of the rate in turn; those that passed meanwhile are late, not left
 * out. */
static void measure_lateness(double rate_per_s, double duration_s, struct histogram *lateness)
{
    struct epoll_event event = {.events = EPOLLIN};
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    int timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    uint64_t begin_ns = clock_now_ns() + NS_PER_MS, wakes = (uint64_t)(rate_per_s * duration_s);

    if (epoll_fd < 0 || timer_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, timer_fd, &event) < 0)
        die("timerfd");
    for (uint64_t i = 0; i < wakes; i++) {
        uint64_t due_ns = begin_ns + (uint64_t)((double)i / rate_per_s * (double)NS_PER_S);
        uint64_t now_ns = clock_now_ns();

        if (now_ns < due_ns) {
            struct itimerspec when = {.it_value = timespec_from_ns(due_ns)};

            if (timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &when, NULL) < 0 ||
                epoll_wait(epoll_fd, &event, 1, -1) < 0)
                die("epoll_wait");
            now_ns = clock_now_ns();
        }
        histogram_record(lateness, now_ns > due_ns ? now_ns - due_ns : 0);
    }
    close(timer_fd);
    close(epoll_fd);
}

static double clock_cost_ns(void)
{
    uint64_t begin_ns = clock_now_ns(), last_ns = begin_ns;

    for (int i = 0; i < ROUNDS; i++)
        last_ns = clock_now_ns();
    return (double)(last_ns - begin_ns) / ROUNDS;
}

/* Of values spread over 10 us to 10 ms, as latencies are. */
static double record_cost_ns(struct histogram *histogram)
{
    struct random random = random_seeded(1);
    static uint64_t values[4096];
    uint64_t begin_ns;

    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        values[i] = (UINT64_C(10000) << random_below(&random, 10)) + random_below(&random, 10000);
    begin_ns = clock_now_ns();
    for (size_t i = 0; i < ROUNDS; i++)
        histogram_record(histogram, values[i % (sizeof values / sizeof *values)]);
    return (double)(clock_now_ns() - begin_ns) / ROUNDS;
}

int main(int argc, char **argv)
{
    struct histogram lateness, scratch;
    double clock_ns, record_ns;

    if (argc != 3 || atof(argv[1]) <= 0 || atof(argv[2]) <= 0) {
        fprintf(stderr, "usage: timer_floor RATE SECONDS\n");
        return 2;
    }
    if (histogram_init_latency(&lateness) < 0 || histogram_init_latency(&scratch) < 0)
        die("histogram");
    clock_ns = clock_cost_ns();
    record_ns = record_cost_ns(&scratch);
    measure_lateness(atof(argv[1]), atof(argv[2]), &lateness);
    printf("lateness_p50_us=%.1f lateness_p99_us=%.1f wakes=%ju clock_ns=%.1f record_ns=%.1f\n",
           (double)histogram_quantile(&lateness, 0.5) / (double)NS_PER_US,
           (double)histogram_quantile(&lateness, 0.99) / (double)NS_PER_US,
           (uintmax_t)lateness.total_count, clock_ns, record_ns);
    histogram_release(&scratch);
    histogram_release(&lateness);
    return 0;
}
