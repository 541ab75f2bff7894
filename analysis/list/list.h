/* SPDX-License-Identifier: MIT */
/*
 * list.h: `muelle-report list`: which runs are there, and how far each can be believed.
 */
#ifndef MUELLE_ANALYSIS_LIST_LIST_H
#define MUELLE_ANALYSIS_LIST_LIST_H

/* The command: `argv[0]` is its name. Returns an exit status. */
int list_main(int argc, char **argv);

#endif
