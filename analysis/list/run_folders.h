/* SPDX-License-Identifier: MIT */
/*
 * run_folders.h: the folders of runs below a folder.
 */
#ifndef MUELLE_ANALYSIS_LIST_RUN_FOLDERS_H
#define MUELLE_ANALYSIS_LIST_RUN_FOLDERS_H

#include <stddef.h>

#include "common/compiler.h"

/* Owns the paths. Zero-initialised is empty. */
struct run_folders {
    char **paths;
    size_t count;
};

/* Adds `path` when it is a run (it has a folder trials), else the runs in it, by name, down to
 * three levels; folders whose name begins with a dot and links are not entered. 0 or -errno: a
 * folder that cannot be read, told on stderr; what was found before stays. */
int run_folders_find(struct run_folders *folders, const char *path) MUST_CHECK;
void run_folders_release(struct run_folders *folders);

#endif
