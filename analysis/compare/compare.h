/* SPDX-License-Identifier: MIT */
/*
 * compare.h: `muelle-report compare`: did it become faster or slower, and can that be believed?
 */
#ifndef MUELLE_ANALYSIS_COMPARE_COMPARE_H
#define MUELLE_ANALYSIS_COMPARE_COMPARE_H

/* The command: `argv[0]` is its name. Returns an exit status. */
int compare_main(int argc, char **argv);

#endif
