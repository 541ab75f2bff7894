/* SPDX-License-Identifier: MIT */
/*
 * export.h: `muelle-report export`: trials in the formats of other programs.
 */
#ifndef MUELLE_ANALYSIS_EXPORT_EXPORT_H
#define MUELLE_ANALYSIS_EXPORT_EXPORT_H

/* The command: `argv[0]` is its name. Returns an exit status. */
int export_main(int argc, char **argv);

#endif
