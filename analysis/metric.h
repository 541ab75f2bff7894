/* SPDX-License-Identifier: MIT */
/*
 * metric.h: what is read off a trial for the tables and charts, each with its unit and name.
 *
 * A metric of one trial is a number, a bound from below, or missing with a reason: not measured, or
 * not carried by the sample ("needs 3,688").
 */
#ifndef MUELLE_ANALYSIS_METRIC_H
#define MUELLE_ANALYSIS_METRIC_H

#include "analysis/number.h"
#include "analysis/trial.h"

enum metric {
    METRIC_THROUGHPUT,
    METRIC_RESPONSE_P50, /* from the intended instant to the whole reply read */
    METRIC_RESPONSE_P99,
    METRIC_RESPONSE_P999,
    METRIC_SERVICE_P50, /* from the send; the same as response where nothing is intended */
    METRIC_SERVICE_P99,
    METRIC_SERVICE_P999,
    METRIC_SEND_LAG_P99,
    METRIC_WIRE_P50, /* from the send to the kernel's receive stamp */
    METRIC_WIRE_P99,
    METRIC_LIGHT_P50, /* response time of the requests that are no work, in a mix with some */
    METRIC_LIGHT_P99,
    METRIC_HANDSHAKE_P50,
    METRIC_HANDSHAKE_P99,
    METRIC_CPU,      /* of the server, user and system, a request */
    METRIC_CPU_USER, /* their shares */
    METRIC_CPU_SYSTEM,
    METRIC_CPU_RATIO, /* the server's over the generator's, where both took turns on one core */
    METRIC_CONNECTION_RATE, /* connections opened, served and closed a second, where they come and
                               go */
    METRIC_CPU_CONNECTION,  /* of the server, for one of them */
    METRIC_MEMORY,
    METRIC_USER_MEMORY_CONNECTION, /* both of the next two */
    METRIC_PSS_CONNECTION,         /* proportional set size, a connection */
    METRIC_PAGE_TABLES_CONNECTION,
    METRIC_THREADS,
    METRIC_PROCESSES,
    METRIC_SWITCHES, /* voluntary, a request */
    METRIC_IO_CALLS, /* these by the server's own counters, of its whole life: a request */
    METRIC_WAKEUPS,
    METRIC_EMPTY_WAKEUPS,
    METRIC_HANDOFFS,
    METRIC_WAKEUPS_ACCEPT, /* a connection */
    METRIC_RUN_QUEUE, /* of the time its threads wanted a core, the share they waited for one */
    METRIC_QUEUE_MAX,
    METRIC_BALANCE, /* Jain's index of the workers' requests */
    METRIC_ESTABLISHED,
    METRIC_REFUSED,
    METRICS,
};

/* Column name in files (units last), heading in tables, unit. */
const char *metric_name(enum metric metric);
const char *metric_title(enum metric metric);
enum unit metric_unit(enum metric metric);

struct reading {
    double value; /* NAN: missing */
    bool at_least;
    uint64_t needs; /* missing because the sample would have to hold this many; else 0 */
};

struct reading metric_read(enum metric metric, const struct trial *trial);

#endif
