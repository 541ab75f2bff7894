/* SPDX-License-Identifier: MIT */
/*
 * sparkline.h: a row of numbers as a row of bars one character wide, from 0 to the largest.
 */
#ifndef MUELLE_ANALYSIS_SHOW_SPARKLINE_H
#define MUELLE_ANALYSIS_SHOW_SPARKLINE_H

#include <stddef.h>
#include <stdio.h>

/* At most `width` bars; of more values, neighbours share one, which shows the largest of them: a
 * peak is never averaged away. A value that is not finite is a blank. */
void sparkline_write(FILE *out, const double *values, size_t count, size_t width);

#endif
