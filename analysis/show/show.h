/* SPDX-License-Identifier: MIT */
/*
 * show.h: `muelle-report show`: one trial for a person at a terminal.
 */
#ifndef MUELLE_ANALYSIS_SHOW_SHOW_H
#define MUELLE_ANALYSIS_SHOW_SHOW_H

/* The command: `argv[0]` is its name. Returns an exit status. */
int show_main(int argc, char **argv);

#endif
