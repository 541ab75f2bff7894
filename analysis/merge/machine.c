/* SPDX-License-Identifier: MIT */
#include "analysis/merge/machine.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/model_name.h"
#include "analysis/number.h"

/* In the order in which they are asked for a difference: the shortest to say first. */
enum fact { FACT_CORES, FACT_CPU, FACT_MEMORY, FACT_ARCHITECTURE, FACT_KERNEL, FACTS };

static const char *const members[FACTS] = {
    [FACT_CORES] = "cores",          [FACT_CPU] = "cpu",       [FACT_MEMORY] = "memory_bytes",
    [FACT_ARCHITECTURE] = "machine", [FACT_KERNEL] = "kernel",
};

/* What a kernel keeps for itself differs a little from boot to boot. */
static const double MEMORY_TOLERANCE = 0.02;

static bool is_same_fact(enum fact fact, const json_t *one, const json_t *other)
{
    const json_t *a = json_object_get(one, members[fact]);
    const json_t *b = json_object_get(other, members[fact]);

    if (fact == FACT_MEMORY && json_is_number(a) && json_is_number(b)) {
        double most = fmax(json_number_value(a), json_number_value(b));

        return fabs(json_number_value(a) - json_number_value(b)) <= MEMORY_TOLERANCE * most;
    }
    return (!a && !b) || json_equal(a, b);
}

bool machine_is_same(const json_t *one, const json_t *other)
{
    for (enum fact fact = 0; fact < FACTS; fact++) {
        if (!is_same_fact(fact, one, other))
            return false;
    }
    return true;
}

/* Adds to text[used]; returns the new end. */
static size_t add_fact(enum fact fact, const json_t *environment, char *text, size_t used,
                       const char *separator)
{
    const json_t *value = json_object_get(environment, members[fact]);
    size_t room = MACHINES_TEXT_SIZE - used;
    char number[NUMBER_TEXT_SIZE];
    int length = 0;

    if (fact == FACT_CORES && json_is_integer(value))
        length = snprintf(text + used, room, "%s%lld core%s", separator,
                          (long long)json_integer_value(value),
                          json_integer_value(value) == 1 ? "" : "s");
    else if (fact == FACT_MEMORY && json_is_number(value))
        length = snprintf(text + used, room, "%s%s", separator,
                          number_text(UNIT_MEMORY, json_number_value(value), number));
    else if (json_is_string(value))
        length = snprintf(text + used, room, "%s%s%.60s", separator,
                          fact == FACT_KERNEL ? "kernel " : "", json_string_value(value));
    return (size_t)length < room ? used + (size_t)length : MACHINES_TEXT_SIZE - 1;
}

/* Some two of them are the same in all facts up to `last`. */
static bool are_alike(const json_t *environments, enum fact last, const bool used[FACTS])
{
    size_t count = json_array_size(environments);

    for (size_t pair = 0; pair < count * count; pair++) {
        size_t one = pair / count;
        size_t other = pair % count;
        bool is_same = one < other;

        for (enum fact fact = 0; fact <= last && is_same; fact++)
            is_same = !used[fact] || is_same_fact(fact, json_array_get(environments, one),
                                                  json_array_get(environments, other));
        if (is_same)
            return true;
    }
    return false;
}

static bool differ_in(const json_t *environments, enum fact fact)
{
    for (size_t i = 1; i < json_array_size(environments); i++) {
        if (!is_same_fact(fact, json_array_get(environments, 0), json_array_get(environments, i)))
            return true;
    }
    return false;
}

char *machines_text(const json_t *environments, char *text)
{
    bool used[FACTS] = {false};
    bool is_enough = false;
    const char *separator = "";
    json_t *environment;
    size_t length = 0;
    size_t i;

    for (enum fact fact = 0; fact < FACTS && !is_enough; fact++) {
        used[fact] = differ_in(environments, fact);
        is_enough = !are_alike(environments, fact, used);
    }
    text[0] = '\0';
    json_array_foreach(environments, i, environment)
    {
        const char *space = ": ";
        char head[8];

        snprintf(head, sizeof head, "%s%c", separator, machine_letter((unsigned)i + 1));
        length += (size_t)snprintf(text + length, MACHINES_TEXT_SIZE - length, "%s", head);
        for (enum fact fact = 0; fact < FACTS; fact++) {
            if (!used[fact])
                continue;
            length = add_fact(fact, environment, text, length, space);
            space = " ";
        }
        separator = ", ";
        if (length + sizeof head >= MACHINES_TEXT_SIZE)
            break;
    }
    return text;
}
