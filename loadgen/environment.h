/* SPDX-License-Identifier: MIT */
/*
 * environment.h: the machine and the software a number was measured on; the fields are documented
 * in results/README.md.
 */
#ifndef MUELLE_LOADGEN_ENVIRONMENT_H
#define MUELLE_LOADGEN_ENVIRONMENT_H

#include <jansson.h>

/* A new reference, or NULL when out of memory. */
json_t *environment_json(void);

#endif
