/* SPDX-License-Identifier: MIT */
/*
 * gnuplot.h: runs gnuplot on a script, for a limited time, and listens to what it complains of.
 */
#ifndef MUELLE_ANALYSIS_GNUPLOT_H
#define MUELLE_ANALYSIS_GNUPLOT_H

#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"

enum { GNUPLOT_COMPLAINT_SIZE = 256 };

/* Runs `gnuplot -e 'page = 1' script` in `folder`, without the user's own settings, until it ends
 * or clock_now_ns() reaches `deadline_ns`; then it is killed with all it started. 0, or with a
 * sentence in `complaint`: -ENOENT there is no gnuplot, -ETIMEDOUT, -EIO it failed, or -errno.
 * Blocks. */
int gnuplot_run(const char *folder, const char *script, uint64_t deadline_ns,
                char complaint[GNUPLOT_COMPLAINT_SIZE]) MUST_CHECK;

#endif
