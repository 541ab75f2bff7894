/* SPDX-License-Identifier: MIT */
/*
 * side.h: one side of a comparison: its observations, wherever they come from.
 *
 * An observation is a trial or the result of another tool (foreign.h). A side is a run's folder, a
 * folder of such files, or one of them.
 */
#ifndef MUELLE_ANALYSIS_COMPARE_SIDE_H
#define MUELLE_ANALYSIS_COMPARE_SIDE_H

#include <stdbool.h>

#include "analysis/compare/compared.h"
#include "analysis/compare/notes.h"
#include "analysis/run.h"
#include "common/compiler.h"

/* Owns its texts. */
struct observed {
    char *file;
    char *model;    /* or the tool's name */
    char *level;    /* as text; "" when another tool did not say its connections */
    char *load;     /* what was asked for, as far as both sides should ask the same */
    char *machine;  /* "" when it is not known */
    unsigned block; /* 0: none */
    enum trust trust;
    bool is_complete, is_foreign, is_open;
    bool is_limited; /* it refused connections: less work was done */
    struct reading readings[COMPARED_METRICS];
};

/* Owns everything. */
struct side {
    char *path;     /* as given */
    char *origin;   /* the folder its trials lie in, without links: two sides of one origin come
                       from one campaign */
    char *varies;   /* what its levels are of */
    char *baseline; /* the model that its manifest measures the others by, "" when it does not say:
                       then its first */
    struct observed *observed;
    size_t count;        /* at least 1 */
    bool uses_untrusted; /* compares what is not trusted, too: for a drawing that greys it */
};

/* Reads `path`; files that are neither are skipped with a warning, and what the results of other
 * tools lack goes to `notes`. 0, or -1 when nothing is left, told on stderr. Release in both
 * cases. */
int side_load(const char *path, struct side *side, struct notes *notes) MUST_CHECK;
/* The trials of a run that is loaded already; its folder is the origin. 0, -E2BIG or -ENOMEM.
 * Release in both cases. */
int side_of_run(const struct run *run, struct side *side) MUST_CHECK;
void side_release(struct side *side);

/* It counts: complete, and not without trust unless the side uses that. */
bool side_uses(const struct side *side, const struct observed *observed);

#endif
