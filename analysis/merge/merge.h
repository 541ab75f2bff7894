/* SPDX-License-Identifier: MIT */
/*
 * merge.h: several runs of one experiment become one.
 *
 * Runs of the same machine are one longer run: blocks are counted on from one to the next, so that
 * a block stays within its run and nothing is paired across two. Runs of different machines stand
 * side by side: each machine gets a letter, and its models a name with it ("epoll @ B"), so that no
 * number is ever made of two machines. Runs that asked different work are refused; conditions that
 * differ otherwise become notes.
 */
#ifndef MUELLE_ANALYSIS_MERGE_MERGE_H
#define MUELLE_ANALYSIS_MERGE_MERGE_H

#include "analysis/run.h"

/* Reads the folders `paths`, two or more. 0 and *run to be released with run_release(); or -1, told
 * on stderr. The manifest is "muelle-merge/1" of results/README.md. */
int runs_merge(char *const *paths, size_t count, struct run *run) MUST_CHECK;

#endif
