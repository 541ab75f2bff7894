/* SPDX-License-Identifier: MIT */
/*
 * threshold.h: a condition on what was measured: 'response.p99>10ms', 'errors>0.1%'.
 *
 * One grammar for two uses. --fail-if says what must not be: the run fails when the condition is
 * true. --find-capacity says what shall be: a trial holds while it is true. Both are kept as the
 * condition that fails, so that there is one way to judge them.
 *
 *   latency[class].statistic relation time    response.p99.9 >= 1s, service[work:cpu=20ms].max >
 * 1ms metric relation limit                     errors > 0.1%, timeouts > 0, throughput < 5k/s
 *
 * What could not be measured is never taken for a success: THRESHOLD_UNKNOWN counts as missed.
 * Where values come from is not known here: the caller looks them up and hands them in.
 */
#ifndef MUELLE_LOADGEN_THRESHOLD_H
#define MUELLE_LOADGEN_THRESHOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"

enum threshold_metric {
    THRESHOLD_LATENCY,    /* see `latency`, `class_name` and `statistic` */
    THRESHOLD_ERRORS,     /* requests: failed + timed out + wrong + in flight + unsent */
    THRESHOLD_WRONG,      /* requests */
    THRESHOLD_TIMEOUTS,   /* requests */
    THRESHOLD_UNSENT,     /* requests that were intended and never sent */
    THRESHOLD_LOST,       /* connections */
    THRESHOLD_REFUSED,    /* connections */
    THRESHOLD_THROUGHPUT, /* correct replies a second */
    THRESHOLD_ACHIEVED,   /* share of the offered load that was sent */
};

enum threshold_latency {
    THRESHOLD_CONNECT,
    THRESHOLD_HANDSHAKE,
    THRESHOLD_RESPONSE,
    THRESHOLD_SERVICE,
    THRESHOLD_SEND_LAG,
    THRESHOLD_QUEUE_WAIT,
    THRESHOLD_WIRE,
    THRESHOLD_LATENCIES_COUNT,
};

enum threshold_statistic {
    THRESHOLD_QUANTILE, /* see `quantile` */
    THRESHOLD_MEAN,
    THRESHOLD_MIN,
    THRESHOLD_MAX,
    THRESHOLD_COUNT, /* how many were recorded; its unit is UNIT_COUNT */
};

enum threshold_relation { RELATION_ABOVE, RELATION_AT_LEAST, RELATION_BELOW, RELATION_AT_MOST };

/* What `limit`, and the value that is held against it, are in. */
enum threshold_unit {
    UNIT_DURATION_NS,
    UNIT_SHARE, /* 1 is all; of the intended requests, for THRESHOLD_ACHIEVED of the offered load */
    UNIT_COUNT,
    UNIT_RATE_PER_S,
};

enum { THRESHOLD_CLASS_SIZE = 128, THRESHOLD_NAME_SIZE = THRESHOLD_CLASS_SIZE + 48 };

/* Fields are read freely, written by threshold_parse*() alone. */
struct threshold {
    const char *text;               /* as it was written; the caller's, must outlive this */
    const char *option;             /* "--fail-if" or "--find-capacity" */
    char name[THRESHOLD_NAME_SIZE]; /* the left side without blanks: "response[echo:64].p99" */
    enum threshold_metric metric;
    enum threshold_relation relation; /* it fails when this is true of value and limit */
    enum threshold_unit unit;
    double limit;

    /* With THRESHOLD_LATENCY alone: */
    enum threshold_latency latency;
    char class_name[THRESHOLD_CLASS_SIZE]; /* of requests; "" for all of them together */
    enum threshold_statistic statistic;
    double quantile; /* 0 < quantile < 1, with THRESHOLD_QUANTILE */
};

/* The names of the latencies, as they are written. */
extern const char *const threshold_latency_names[THRESHOLD_LATENCIES_COUNT];

/* Reads what must not be ("response.p99>10ms"). 0, or -EINVAL with one sentence in *problem that
 * says what was expected; it is a constant. */
int threshold_parse(const char *text, struct threshold *threshold, const char **problem) MUST_CHECK;

/* Reads what shall be at the capacity ("response.p99<10ms"), kept as its contrary. -EINVAL also for
 * what more load makes easier to reach, for which there is no largest load. */
int threshold_parse_goal(const char *text, struct threshold *threshold,
                         const char **problem) MUST_CHECK;

enum threshold_outcome {
    THRESHOLD_HELD,
    THRESHOLD_MISSED,
    THRESHOLD_UNKNOWN, /* cannot be shown to hold: counts as missed */
};

/* What was measured, in the unit of the threshold. */
struct threshold_value {
    double value;
    bool known;        /* false: not measured in this run */
    bool at_least;     /* the true value is `value` or more */
    bool insufficient; /* the sample cannot carry that percentile: */
    uint64_t needs;    /* it takes so many samples */
};

/* Judges, and writes one sentence for people to `sentence`, cut off at `size`. Pure. */
enum threshold_outcome threshold_judge(const struct threshold *threshold,
                                       const struct threshold_value *value, char *sentence,
                                       size_t size);

/* Long enough for every sentence about a text of usual length. */
enum { THRESHOLD_SENTENCE_SIZE = 640 };

#endif
