/* SPDX-License-Identifier: MIT */
/*
 * file.h: files that are whole or absent.
 */
#ifndef MUELLE_COMMON_FILE_H
#define MUELLE_COMMON_FILE_H

#include <stddef.h>

#include "common/compiler.h"

/* Writes `size` bytes to `path` by way of a temporary name beside it, fsync(2) and rename(2): a
 * reader sees the old file or the new one, never half of it. A full disk leaves nothing else
 * behind; a kill in mid-write may leave the temporary name (.muelle-PID-N.tmp). A link stays a
 * link: its target is replaced. Special files (/dev/stdout, a pipe) are written directly. 0 or
 * -errno. */
int file_write(const char *path, const void *data, size_t size) MUST_CHECK;

/* 0 when file_write() could write `path` now (its folder exists and is writable, it is not a folder
 * itself), else -errno: asked before a long measurement, not after. */
int file_check_writable(const char *path) MUST_CHECK;

/* Reads a whole file of at most `size_max` bytes; *data is NUL-terminated and freed by the caller,
 * *size does not count the NUL. 0, -EFBIG or -errno. */
int file_read(const char *path, size_t size_max, char **data, size_t *size) MUST_CHECK;

#endif
