/* SPDX-License-Identifier: MIT */
/*
 * plan.h: the experiment as data: everything that was asked, checked, before anything happens.
 */
#ifndef MUELLE_LOADGEN_PLAN_H
#define MUELLE_LOADGEN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/socket_address.h"
#include "loadgen/request.h"

enum { LABELS_MAX = 32, THREADS_MAX = 256 };

struct plan_label {
    const char *name; /* points into `text` */
    const char *value;
    char *text;
};

/* Owns the labels' text; the other strings are the command line's. */
struct plan {
    const char *target; /* as it was written */
    struct socket_address address;
    const struct protocol *protocol;
    const char *request_text;
    struct request_kind request;

    unsigned connections;
    unsigned threads;
    uint64_t requests; /* measured requests after which it is over; 0: by duration alone */
    uint64_t duration_ns, warmup_ns, timeout_ns, drain_ns;
    uint64_t seed;

    pid_t observed_pid; /* 0: nobody */
    struct plan_label labels[LABELS_MAX];
    size_t labels_count;

    const char *output_path; /* NULL: no file */
    bool print_json, quiet;
};

/* Parses, and exits the process for --help, --version, --environment and wrong usage. */
void plan_parse(int argc, char **argv, struct plan *plan);
void plan_release(struct plan *plan);

#endif
