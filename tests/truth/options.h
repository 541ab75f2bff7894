/* SPDX-License-Identifier: MIT */
/*
 * options.h: the command line of timed-server.
 */
#ifndef MUELLE_TESTS_TRUTH_OPTIONS_H
#define MUELLE_TESTS_TRUTH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/socket_address.h"
#include "tests/truth/timing.h"

/* The strings are the command line's. */
struct options {
    struct socket_address address; /* where to listen, unless there is a path */
    const char *unix_path;         /* NULL: TCP */
    struct timing timing;          /* all but its start */
    uint64_t hang_after;           /* answers so many requests in all; UINT64_MAX: no limit */
    uint64_t close_after;          /* and so many of one client, then closes; likewise */
    const char *log_path;          /* of the delayed replies; NULL: none */
    bool sleep;                    /* wait in the kernel rather than spin */
};

/* Parses, and exits the process for --help and wrong usage. */
void options_parse(int argc, char **argv, struct options *options);

#endif
