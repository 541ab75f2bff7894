/* SPDX-License-Identifier: MIT */
/*
 * limit.h: what a cell's throughput was limited by, as far as its trials tell.
 *
 * Both ends of a test on one machine share it. A server whose cores had work all the time was
 * measured at its capacity, even if the generator was busy, too; a saturated generator before a
 * server with time to spare measured itself; with neither at its limit it was the offered load, the
 * think time or something in between, such as a sleep, that kept the rate down.
 */
#ifndef MUELLE_ANALYSIS_LIMIT_H
#define MUELLE_ANALYSIS_LIMIT_H

#include "analysis/summary.h"

enum limit {
    LIMIT_UNKNOWN,   /* nobody observed the server, or nobody knows its cores */
    LIMIT_SERVER,    /* its cores had work for 95 % of the time or more */
    LIMIT_BOTH,      /* that, and the generator had little time left (C10) */
    LIMIT_GENERATOR, /* I1 */
    LIMIT_KERNEL,    /* I6: its listen queue, its ports */
    LIMIT_CLIENTS,   /* the model refused some: it served no more at once */
    LIMIT_NEITHER,
};

/* Of the worst of the cell's trials. */
enum limit cell_limit(const struct summary *summary, const struct cell *cell);
/* "the server", "the generator", ... */
const char *limit_text(enum limit limit);

#endif
