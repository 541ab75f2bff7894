/* SPDX-License-Identifier: MIT */
/*
 * reply_log.h: when each delayed reply really left, kept in memory until the end, since writing
 * would make the next one late.
 */
#ifndef MUELLE_TESTS_TRUTH_REPLY_LOG_H
#define MUELLE_TESTS_TRUTH_REPLY_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"

/* Later replies are not logged. */
enum { REPLY_LOG_MAX = 1 << 20 };

struct logged_reply {
    uint64_t arrived_ns; /* CLOCK_MONOTONIC, when its request arrived */
    uint64_t took_ns;    /* until the kernel had taken it */
};

/* Zero-initialised keeps nothing. Owns `replies`. */
struct reply_log {
    struct logged_reply *replies; /* REPLY_LOG_MAX, or NULL */
    size_t count;
};

/* Room for all; 0, or -1 when out of memory. */
int reply_log_init(struct reply_log *log) MUST_CHECK;
void reply_log_add(struct reply_log *log, uint64_t arrived_ns, uint64_t left_ns);

/* A line each, "ARRIVED_NS TOOK_NS". 0 or -errno. */
int reply_log_write(const struct reply_log *log, const char *path) MUST_CHECK;
void reply_log_release(struct reply_log *log);

#endif
