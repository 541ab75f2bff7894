/* SPDX-License-Identifier: MIT */
#include "analysis/json_reader.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

void json_reader_fail(struct json_reader *reader, const char *format, ...)
{
    va_list arguments;

    if (json_reader_failed(reader))
        return;
    int used = snprintf(reader->problem, sizeof reader->problem, "%s%s", reader->where,
                        *reader->where ? ": " : "");
    va_start(arguments, format);
    vsnprintf(reader->problem + used, sizeof reader->problem - (size_t)used, format, arguments);
    va_end(arguments);
}

bool json_reader_failed(const struct json_reader *reader)
{
    return reader->problem[0] != '\0';
}

/* The member `name` when it has the type that `kind` describes, else NULL and a complaint. */
static json_t *member(struct json_reader *reader, json_t *object, const char *name,
                      bool (*is_right)(const json_t *), const char *kind)
{
    json_t *value = json_object_get(object, name);

    if (value && is_right(value))
        return value;
    json_reader_fail(reader, "%s is %s, not %s", name, value ? "something else" : "missing", kind);
    return NULL;
}

static bool is_object(const json_t *value)
{
    return json_is_object(value);
}

static bool is_array(const json_t *value)
{
    return json_is_array(value);
}

static bool is_string(const json_t *value)
{
    return json_is_string(value);
}

static bool is_boolean(const json_t *value)
{
    return json_is_boolean(value);
}

static bool is_count(const json_t *value)
{
    return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool is_number(const json_t *value)
{
    return json_is_number(value) && json_number_value(value) >= 0;
}

static bool is_number_or_null(const json_t *value)
{
    return json_is_null(value) || is_number(value);
}

json_t *json_reader_object(struct json_reader *reader, json_t *object, const char *name)
{
    return member(reader, object, name, is_object, "an object");
}

json_t *json_reader_array(struct json_reader *reader, json_t *object, const char *name)
{
    return member(reader, object, name, is_array, "an array");
}

const char *json_reader_string(struct json_reader *reader, json_t *object, const char *name)
{
    json_t *value = member(reader, object, name, is_string, "a text");

    return value ? json_string_value(value) : "";
}

bool json_reader_boolean(struct json_reader *reader, json_t *object, const char *name)
{
    return json_is_true(member(reader, object, name, is_boolean, "true or false"));
}

uint64_t json_reader_count(struct json_reader *reader, json_t *object, const char *name)
{
    return (uint64_t)json_integer_value(
        member(reader, object, name, is_count, "an integer of at least 0"));
}

double json_reader_number(struct json_reader *reader, json_t *object, const char *name)
{
    return json_number_value(member(reader, object, name, is_number, "a number of at least 0"));
}

double json_reader_number_or_null(struct json_reader *reader, json_t *object, const char *name)
{
    json_t *value =
        member(reader, object, name, is_number_or_null, "a number of at least 0 or null");

    return json_is_number(value) ? json_number_value(value) : NAN;
}
