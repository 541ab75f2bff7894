/* SPDX-License-Identifier: MIT */
/*
 * plan_options.h: the command line of muelle-loadgen: options, their help and their values, each
 * checked by itself. What only all of them together can tell is plan.c's.
 */
#ifndef MUELLE_LOADGEN_PLAN_OPTIONS_H
#define MUELLE_LOADGEN_PLAN_OPTIONS_H

#include "loadgen/plan.h"

/* Fills what is asked for into `plan`, which holds the defaults; or ends the process. */
void plan_options_parse(int argc, char **argv, struct plan *plan);

/* "--request KIND": parses, or ends the process. */
void plan_options_parse_request(struct plan *plan, const char *text);

#endif
