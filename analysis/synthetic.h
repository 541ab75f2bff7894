/* SPDX-License-Identifier: MIT */
/*
 * synthetic.h: made-up trials of known content, for tests and for looking at the report.
 *
 * Same arguments, same bytes. The latencies are log-normal with a few slow ones, held by the real
 * histogram and encoded by the real codec, so that a trial reads like one of muelle-loadgen's. In
 * an open loop some requests wait for a connection, all are sent a little late.
 */
#ifndef MUELLE_ANALYSIS_SYNTHETIC_H
#define MUELLE_ANALYSIS_SYNTHETIC_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/trial.h"

struct synthetic_trial {
    const char *model;
    uint64_t connections;
    unsigned block;
    uint64_t served_max; /* connections the model accepts; 0: all */
    double duration_s;
    double throughput_per_s;
    double rate_per_s;   /* offered, in an open loop; what is not served of it is never sent. 0:
                            closed */
    const char *arrival; /* NULL: poisson */
    const char *think;   /* of a closed loop; NULL: none */
    double latency_us;   /* median */
    double dispersion;   /* how clumped slow requests are; 0: not */
    double rss_mib, cpu_us;
    uint64_t timed_out; /* requests, at a timeout of 5 s */
    enum trust trust;
    const char *code, *text; /* of its reason; NULL: none */
    bool incomplete, unobserved;
    bool is_older; /* of the format muelle-trial/1; a closed loop */

    const char *varies, *level; /* labels; NULL: without */
    uint64_t idle_connections, requests_per_connection;
    double light_latency_us; /* of a mix of echo and blocking work, that of the echoes; 0: no mix */
    double pss_mib, page_tables_mib; /* of the server; 0: not measured */
    const double *worker_requests;   /* ... by which the server counted itself; NULL: it did not */
    unsigned workers;
};

/* A trial file's text, freed by the caller; NULL without memory. */
char *synthetic_trial_text(const struct synthetic_trial *trial);

/* Writes folder/name with `text`; its folders are made. 0 or -errno. */
int synthetic_write(const char *folder, const char *name, const char *text);

/* A run as a campaign leaves it: thread-per-client, thread-pool (serves 200) and epoll at 1 to
 * 10,000 connections, `blocks` blocks of `duration_s`; a closed loop, or an open one of
 * `rate_per_s`. 0 or -errno. */
int synthetic_run(const char *folder, unsigned blocks, double duration_s, double rate_per_s);

#endif
