/* SPDX-License-Identifier: MIT */
/*
 * run.h: a run's folder in memory: its manifest and every trial that could be read.
 *
 * The trials are the truth. The manifest adds what was planned; without one, or with a broken one,
 * the trials say enough. What is missing or had to be skipped is kept as sentences, because a
 * report that hides a gap is worse than a gap.
 */
#ifndef MUELLE_ANALYSIS_RUN_H
#define MUELLE_ANALYSIS_RUN_H

#include <jansson.h>
#include <stddef.h>

#include "analysis/trial.h"
#include "common/compiler.h"

struct run {
    char *path;       /* as given, without slashes at its end */
    json_t *manifest; /* an object; empty when there is no manifest */
    struct trial *trials;
    size_t trial_count; /* at least 1; in the order of their names */
    char **notes;
    size_t note_count;
    size_t merged_count;  /* runs that this one was made of (merge/merge.h); 0: it is one run */
    size_t machine_count; /* ... and on how many machines; the trials are ordered by them */
};

/* Reads the folder `path`. 0 and *run to be released with run_release(); or -1 when it holds no
 * valid trial, told in one line on stderr. A file that is skipped is a line of warning. */
int run_load(const char *path, struct run *run) MUST_CHECK;
/* The same, but `path` may also be one trial file: a run of that trial alone. */
int run_load_any(const char *path, struct run *run) MUST_CHECK;
void run_release(struct run *run);

/* Keeps a sentence for the report; the second tells it on stderr as well, with the run's path. It
 * may be dropped, past some hundreds or without memory. The first takes `text` over. */
void run_keep_note(struct run *run, char *text);
void run_note(struct run *run, const char *format, ...) PRINTF_LIKE(2, 3);

/* Never NULL; borrowed. The title falls back to the experiment, that to the folder's name. */
const char *run_title(const struct run *run);
const char *run_experiment(const struct run *run);
/* The manifest's, else the earliest trial's; "2026-01-31T12:00:00Z". */
const char *run_started_utc(const struct run *run);
/* The machine: the manifest's, else the first trial's environment; NULL when neither has one, and
 * where there are several. */
json_t *run_machine(const struct run *run);
/* A text of the manifest, "" when it has none. */
const char *run_manifest_text(const struct run *run, const char *name);

#endif
