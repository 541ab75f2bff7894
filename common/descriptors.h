/* SPDX-License-Identifier: MIT */
/*
 * descriptors.h: how many files and sockets this process may open.
 */
#ifndef MUELLE_COMMON_DESCRIPTORS_H
#define MUELLE_COMMON_DESCRIPTORS_H

#include <stddef.h>

/* Raises the soft limit to the hard one and returns what is allowed now. */
size_t descriptors_raise_limit(void);

#endif
