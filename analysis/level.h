/* SPDX-License-Identifier: MIT */
/*
 * level.h: what differs from level to level of a run, and how it is ordered, named and drawn.
 *
 * A level is a text of the campaign: "64" connections, "5" percent of requests that block, "20k/s"
 * offered, "100us" of think time, "64KiB", or a whole request. Where all levels of a run are
 * numbers of one kind they are ordered by size, else they stay in the order in which they were
 * stated. Pure.
 */
#ifndef MUELLE_ANALYSIS_LEVEL_H
#define MUELLE_ANALYSIS_LEVEL_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/number.h"

enum level_kind {
    LEVEL_COUNT,    /* "1000", "10k" */
    LEVEL_PERCENT,  /* a count of what is named "...-percent" */
    LEVEL_DURATION, /* "100us": value in ns */
    LEVEL_SIZE,     /* "64KiB": value in bytes */
    LEVEL_RATE,     /* "20k/s" */
    LEVEL_NAME,     /* anything else */
};

struct level {
    const char *text;            /* as it was stated; borrowed */
    double value;                /* NAN of a LEVEL_NAME */
    char name[NUMBER_TEXT_SIZE]; /* for people: "10,000", "5 %", "100 µs"; not escaped */
};

/* Finds the kind of levels whose `text` is set, fills in the rest and orders them. `varies` is what
 * they are levels of, as the campaign calls it. */
enum level_kind levels_order(const char *varies, struct level *levels, size_t count);

/* All return `text`. What varies, as a quantity: "connections", "idle connections", "share of
 * blocking requests"; for an axis with the unit that its ticks lack. */
char *level_quantity_text(const char *varies, char *text);
/* "10,000 connections", "5 % blocking", "think time 100 µs". */
char *level_phrase(const char *varies, enum level_kind kind, const struct level *level, char *text);

/* Where the levels stand on an axis, ascending: logarithms where the numbers span a factor of
 * eight, with a 0 set apart below; names at equal distances. */
enum level_scale { LEVEL_SCALE_LINEAR, LEVEL_SCALE_LOG, LEVEL_SCALE_LOG_ZERO, LEVEL_SCALE_NAMES };
enum level_scale levels_place(const struct level *levels, size_t count, enum level_kind kind,
                              double *places);

#endif
