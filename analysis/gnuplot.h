/* SPDX-License-Identifier: MIT */
/*
 * gnuplot.h: runs gnuplot on a script, for a limited time, and listens to what it complains of.
 */
#ifndef MUELLE_ANALYSIS_GNUPLOT_H
#define MUELLE_ANALYSIS_GNUPLOT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/compiler.h"

enum { GNUPLOT_COMPLAINT_SIZE = 256 };

/* A gnuplot at work; all is its own business. */
struct gnuplot {
    pid_t child;
    int stderr_fd;
    int error; /* why it was not even started */
};

/* Starts `gnuplot -e 'page = 1' script` in `folder`, without the user's own settings; what goes
 * wrong is told by gnuplot_finish(), which must follow. Several may be at work at once. */
void gnuplot_start(struct gnuplot *gnuplot, const char *folder, const char *script);
/* Waits until it ends or clock_now_ns() reaches `deadline_ns`; then it is killed with all it
 * started. 0, or with a sentence in `complaint`: -ENOENT there is no gnuplot, -ETIMEDOUT, -EIO it
 * failed, or -errno. Blocks. */
int gnuplot_finish(struct gnuplot *gnuplot, uint64_t deadline_ns,
                   char complaint[GNUPLOT_COMPLAINT_SIZE]) MUST_CHECK;
/* Both. */
int gnuplot_run(const char *folder, const char *script, uint64_t deadline_ns,
                char complaint[GNUPLOT_COMPLAINT_SIZE]) MUST_CHECK;

#endif
