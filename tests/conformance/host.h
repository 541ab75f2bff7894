/* SPDX-License-Identifier: MIT */
/*
 * host.h: a server in a process of its own.
 *
 * server_open, model->run and server_close happen in a child, made before there is any thread. It
 * tells its port when it is ready and what it counted when it has stopped, and looks by itself for
 * what was left behind: threads, descriptors, children.
 */
#ifndef MUELLE_TESTS_CONFORMANCE_HOST_H
#define MUELLE_TESTS_CONFORMANCE_HOST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "server/server.h"

struct host {
    const struct server_config *config;
    uint16_t port;
    pid_t pid;
    int report_fd;
    uint64_t stop_ns;       /* when it was told to stop */
    uint64_t stop_taken_ns; /* how long the run took to return then */
};

/* Returns when the server is ready. `descriptors_free`: how many it may open; 0: no limit. */
void host_start(struct host *host, const struct server_config *config, unsigned descriptors_free);

/* Tells it to stop, and does not wait. */
void host_stop_begin(struct host *host);

/* Waits for the end of it and checks all that holds of any run: it stopped in time, nothing was
 * left behind, who was accepted was rejected or closed. totals[COUNTERS_COUNT] may be NULL. */
void host_stop_end(struct host *host, uint64_t *totals);

static inline void host_stop(struct host *host, uint64_t *totals)
{
    host_stop_begin(host);
    host_stop_end(host, totals);
}

/* CPU time that the server's process and the workers it has at present have used. */
uint64_t host_cpu_ns(const struct host *host);

/* A field of /proc/PID/status in bytes, such as "VmHWM" or "VmPeak": the largest among the server's
 * process and its workers. (Their sum says little: they share most of it.) */
uint64_t host_memory(const struct host *host, const char *field);

/* The worker processes that the server has at present: at most `max` are put into `workers`.
 * Returns how many there are. */
size_t host_workers(const struct host *host, pid_t *workers, size_t max);

#endif
