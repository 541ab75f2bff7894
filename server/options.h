/* SPDX-License-Identifier: MIT */
/*
 * options.h: the command line of muelle-server.
 */
#ifndef MUELLE_SERVER_OPTIONS_H
#define MUELLE_SERVER_OPTIONS_H

#include "server/server.h"

struct server_options {
    struct server_config config;
    const char *counters_path; /* NULL: do not write them */
    unsigned tuned;            /* enum tuning that were given, or-ed */
    bool lists_models, verbose;
};

/* Parses, and exits the process for --help, --version, --list-models and wrong usage. */
void server_options_parse(int argc, char **argv, struct server_options *options);

#endif
