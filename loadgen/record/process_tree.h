/* SPDX-License-Identifier: MIT */
/*
 * process_tree.h: a process and all that descend from it: a server may be several.
 */
#ifndef MUELLE_LOADGEN_PROCESS_TREE_H
#define MUELLE_LOADGEN_PROCESS_TREE_H

#include <stddef.h>
#include <sys/types.h>

#include "common/compiler.h"

struct process_tree {
    pid_t *pids; /* the root first; owned */
    size_t count;
};

/* Looks through /proc once; who comes or goes meanwhile may be missing. 0, -ESRCH when there is no
 * such root, or -ENOMEM. */
int process_tree_find(pid_t root, struct process_tree *tree) MUST_CHECK;
void process_tree_release(struct process_tree *tree);

#endif
