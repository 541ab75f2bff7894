/* SPDX-License-Identifier: MIT */
/*
 * foreign.h: the result of somebody else's load generator, as far as it carries what we compare.
 *
 * Known by its content: the text wrk and wrk2 print (with --latency), the JSON of fortio, oha and
 * k6 (--summary-export or handleSummary), and HdrHistogram's table of percentiles (.hgrm). Each is
 * one observation, like a trial, but of less: what it does not say, or says differently, is kept as
 * a sentence.
 */
#ifndef MUELLE_ANALYSIS_COMPARE_FOREIGN_H
#define MUELLE_ANALYSIS_COMPARE_FOREIGN_H

#include <stddef.h>

#include "analysis/compare/compared.h"
#include "common/compiler.h"

struct foreign {
    const char *tool;     /* "wrk"; constant */
    uint64_t connections; /* 0: it does not say */
    double count;         /* requests its percentiles are of; NAN: it does not say */
    double failed;        /* requests that failed, or NAN */
    struct reading readings[COMPARED_METRICS];
    const char *caveat; /* how its numbers differ from ours; constant */
};

/* 1: `text` (`size` bytes, then a NUL) is such a result; 0: it is none of them; -1: it is one, but
 * broken, with a sentence in `problem`. */
int foreign_read(const char *text, size_t size, struct foreign *out, char *problem,
                 size_t problem_size) MUST_CHECK;

/* One line on what the result lacks: "no p99.9, no server CPU; a closed loop: …". Returns `text`.
 */
enum { FOREIGN_TEXT_SIZE = 320 };
char *foreign_missing(const struct foreign *foreign, char *text);

#endif
