/* SPDX-License-Identifier: MIT */
/*
 * timed-server: a server whose latency is known, for tests and benchmarks of the generator.
 *
 * It answers at instants that follow from its command line (timing.h), so the distribution of the
 * latency a client meets can be written down and the generator's held against it. It measures its
 * own lateness, since a truth that was not kept is none.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "tests/truth/options.h"
#include "tests/truth/server.h"

/* One line of key=value, for people and for scripts. */
static void report(const struct server *server)
{
    const struct server_counts *counts = &server->counts;
    const struct histogram *lateness = &server->lateness;
    const struct timing *timing = &server->timing;

    printf("served clients=%" PRIu64 " refused=%" PRIu64 " dropped=%" PRIu64 " requests=%" PRIu64
           " replies=%" PRIu64 " waiting=%zu",
           counts->clients, counts->refused, counts->dropped, counts->requests, counts->replies,
           server->queue.count);
    if (timing->delays_count > 0) {
        printf(" delayed=");
        for (size_t i = 0; i < timing->delays_count; i++)
            printf("%s%" PRIu64, i == 0 ? "" : ",", timing->delays[i].chosen);
    }
    if (lateness->total_count > 0)
        printf(" late_p50_us=%.1f late_p99_us=%.1f late_p995_us=%.1f late_max_us=%.1f",
               (double)histogram_quantile(lateness, 0.5) / (double)NS_PER_US,
               (double)histogram_quantile(lateness, 0.99) / (double)NS_PER_US,
               (double)histogram_quantile(lateness, 0.995) / (double)NS_PER_US,
               (double)lateness->max / (double)NS_PER_US);
    putchar('\n');
}

int main(int argc, char **argv)
{
    static struct server server; /* a few megabytes: too large for a stack */
    struct options options;

    log_program("timed-server");
    options_parse(argc, argv, &options);
    if (server_open(&server, &options) < 0)
        return EXIT_FAILED;
    int failed = server_run(&server);
    if (failed < 0)
        log_error("cannot go on: %s", strerror(-failed));
    report(&server);
    if (options.log_path && failed == 0) {
        failed = reply_log_write(&server.log, options.log_path);
        if (failed < 0)
            log_error("--log %s: %s", options.log_path, strerror(-failed));
    }
    server_close(&server);
    return failed < 0 || fflush(stdout) != 0 ? EXIT_FAILED : EXIT_DONE;
}
