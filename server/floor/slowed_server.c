/* SPDX-License-Identifier: MIT */
/*
 * slowed-server: the model `epoll`, slower by a known share, to see whether a comparison finds it.
 *
 *     slowed-server SHARE PORT        slowed-server 10% 0
 *
 * After each turn of the loop it burns that share of the CPU time which its own work has taken so
 * far, whatever the machine, the request and the number of clients: 10 % more CPU time a request,
 * hence 1/1.1 of the capacity. Time in which the thread waits or is kept from its core is not in
 * that clock, so a load that leaves it idle stays the load it was. 0 % takes the same path and
 * reads the same clock, and is what it must be held against: the readings are work of both.
 *
 * A benchmark target (scripts/benchmarks/same), not a model: nothing of it is in muelle-server. At
 * the end it says what it did, in milliseconds:
 *     own_ms=812.4 burnt_ms=81.3
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/descriptors.h"
#include "common/log.h"
#include "protocol/native.h"
#include "server/parts/epoll_loop.h"
#include "server/server.h"
#include "server/stop.h"

/* CPU time of the one thread: what is its own work, and what was burnt on purpose. */
struct slowing {
    double share;
    uint64_t own_ns, burnt_ns;
    uint64_t seen_ns; /* the clock when both were last brought up to date */
};

/* The usual loop, whose waiting is followed by the slowing. */
struct slowed_loop {
    struct epoll_loop loop; /* first */
    const struct loop_poller *usual;
    struct loop_poller poller;
};

/* A model is given nothing but the server. */
static struct slowing slowing;

static uint64_t cpu_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return timespec_ns(now);
}

/* Over all turns, not by turn: what a reading of the clock burns too much is owed less next time.
 */
static void slow_down(void)
{
    uint64_t now_ns = cpu_now_ns();

    slowing.own_ns += now_ns - slowing.seen_ns;
    slowing.seen_ns = now_ns;
    while ((double)slowing.burnt_ns < slowing.share * (double)slowing.own_ns) {
        now_ns = cpu_now_ns();
        slowing.burnt_ns += now_ns - slowing.seen_ns;
        slowing.seen_ns = now_ns;
    }
}

/* Waits, serves who is ready, and burns its share. */
static int wait_and_slow_down(struct loop *base, int timeout_ms)
{
    int ready = ((struct slowed_loop *)base)->usual->wait(base, timeout_ms);

    slow_down();
    return ready;
}

static int slowed_run(struct server *server)
{
    struct slowed_loop *slowed = calloc(1, sizeof *slowed);
    int failed;

    if (!slowed)
        return -ENOMEM;
    failed = epoll_loop_init(&slowed->loop, server, counters_join(&server->counters, "loop"),
                             server->listen_fd, 0);
    if (failed == 0) {
        slowed->usual = slowed->loop.loop.poller;
        slowed->poller = *slowed->usual;
        slowed->poller.wait = wait_and_slow_down;
        slowed->loop.loop.poller = &slowed->poller;
        slowing.seen_ns = cpu_now_ns();
        server_ready(server);
        epoll_loop_run(&slowed->loop);
        epoll_loop_release(&slowed->loop);
    }
    free(slowed);
    return failed;
}

static const struct server_model MODEL = {
    .name = "epoll-slowed",
    .summary = "epoll, slower by a known share",
    .run = slowed_run,
};

static void announce(const struct server *server)
{
    printf("listening %s model=%s share=%g\n", server->address, MODEL.name, slowing.share);
    fflush(stdout);
}

/* The share and the port, from 0 % to 1000 %. */
static bool words_are_read(int argc, char **argv, struct server_config *config)
{
    char *end;

    if (argc != 3)
        return false;
    slowing.share = strtod(argv[1], &end) / 100;
    if (end == argv[1] || strcmp(end, "%") != 0 || !(slowing.share >= 0 && slowing.share <= 10))
        return false;
    unsigned long port = strtoul(argv[2], &end, 10);

    config->port = (uint16_t)port;
    return end != argv[2] && *end == '\0' && port <= UINT16_MAX;
}

int main(int argc, char **argv)
{
    struct server_config config = SERVER_CONFIG_DEFAULT;
    struct server server;

    log_program("slowed-server");
    config.model = &MODEL;
    config.protocol = &protocol_native;
    if (!words_are_read(argc, argv, &config)) {
        log_error("usage: slowed-server SHARE PORT, such as: slowed-server 10%% 0");
        return EXIT_USAGE;
    }
    descriptors_raise_limit();
    if (server_open(&server, &config) < 0)
        return EXIT_FAILED;
    server.on_ready = announce;
    stop_on_signals(server.stop_fd);
    int failed = MODEL.run(&server);

    if (failed < 0)
        log_error("cannot serve: %s", strerror(-failed));
    server_close(&server);
    printf("own_ms=%.1f burnt_ms=%.1f\n", (double)slowing.own_ns / (double)NS_PER_MS,
           (double)slowing.burnt_ns / (double)NS_PER_MS);
    return failed < 0 ? EXIT_FAILED : EXIT_DONE;
}
