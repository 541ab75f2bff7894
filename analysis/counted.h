/* SPDX-License-Identifier: MIT */
/*
 * counted.h: what a server counted itself (server/counters.h), as its trial's file holds it.
 *
 * The counters are of the server's whole life, warm-up and drain included: they are divided by its
 * own requests, never by those of the measured window.
 */
#ifndef MUELLE_ANALYSIS_COUNTED_H
#define MUELLE_ANALYSIS_COUNTED_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "analysis/json_reader.h"

/* Owns `worker_requests`. */
struct counted {
    bool measured; /* false: the server was somebody else's, everything below is 0 */
    /* NAN: an older server, which did not count it. */
    double accepts, requests, io_calls, wakeups, empty_wakeups, handoffs, queue_max;
    /* Of the workers whose role answers most requests, the requests of each, most first. */
    double *worker_requests;
    size_t worker_count;
};

/* Reads `object`, the member `counters` of a trial's `server`; NULL counts nothing. */
void counted_read(struct json_reader *reader, json_t *object, struct counted *counted);
void counted_release(struct counted *counted);

/* Jain's index of the workers' requests, (Σx)² / (n Σx²): 1 when all did the same, 1/n when one did
 * everything. NAN with fewer than two workers. Source: Jain, Chiu and Hawe, DEC-TR-301 (1984). */
double counted_balance(const struct counted *counted);

#endif
