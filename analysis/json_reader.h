/* SPDX-License-Identifier: MIT */
/*
 * json_reader.h: members of a JSON object, each with the type and range it must have.
 *
 * The reader remembers the first thing that was wrong and answers zeros from then on, so that a
 * whole file is read without a check a line and judged once at the end. Members nobody asks for are
 * ignored: a later version may add some.
 */
#ifndef MUELLE_ANALYSIS_JSON_READER_H
#define MUELLE_ANALYSIS_JSON_READER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/compiler.h"

struct json_reader {
    const char *where; /* the part that is being read, for the complaint; set by the caller */
    char problem[160]; /* "" while all was well */
};

/* Records what is wrong, unless something already was. */
void json_reader_fail(struct json_reader *reader, const char *format, ...) PRINTF_LIKE(2, 3);
bool json_reader_failed(const struct json_reader *reader);

/* Members of `object`, which may be NULL after an earlier failure. Pointers are borrowed. */
json_t *json_reader_object(struct json_reader *reader, json_t *object, const char *name);
json_t *json_reader_array(struct json_reader *reader, json_t *object, const char *name);
const char *json_reader_string(struct json_reader *reader, json_t *object, const char *name);
bool json_reader_boolean(struct json_reader *reader, json_t *object, const char *name);
/* An integer of at least 0. */
uint64_t json_reader_count(struct json_reader *reader, json_t *object, const char *name);
/* A number of at least 0. */
double json_reader_number(struct json_reader *reader, json_t *object, const char *name);
/* The same, or null: then NAN. */
double json_reader_number_or_null(struct json_reader *reader, json_t *object, const char *name);

#endif
