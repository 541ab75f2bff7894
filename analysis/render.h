/* SPDX-License-Identifier: MIT */
/*
 * render.h: `muelle-report render`: a run's folder, or several, become tables, charts and a page.
 */
#ifndef MUELLE_ANALYSIS_RENDER_H
#define MUELLE_ANALYSIS_RENDER_H

#include <stdbool.h>

#include "common/compiler.h"

/* The command: `argv[0]` is its name. Returns an exit status. */
int render_main(int argc, char **argv);

/* Renders the run in `folder` into `output`, or into folder/report when that is NULL; tables and
 * the path of the page go to stdout, with `quiet` the path alone. 0, or -1 told on stderr. */
int render_run(const char *folder, const char *output, bool quiet) MUST_CHECK;

#endif
