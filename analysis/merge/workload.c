/* SPDX-License-Identifier: MIT */
#include "analysis/merge/workload.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Options that say how long something is measured or waited for, and by how many threads of the
 * generator: not another work, but conditions, which are told (difference.h). */
static const char *const conditions[] = {"threads",       "timeout",      "duration", "warmup",
                                         "ready-timeout", "stop-timeout", "seed"};

static bool is_condition(const char *option)
{
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        if (strcmp(conditions[i], option) == 0)
            return true;
    }
    return false;
}

static int PRINTF_LIKE(2, 3) say(char **difference, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length = vasprintf(difference, format, arguments);
    va_end(arguments);
    if (length >= 0)
        return 0;
    *difference = NULL;
    return -ENOMEM;
}

static const struct trial *trial_at(const struct run *run, const char *level)
{
    for (size_t i = 0; i < run->trial_count; i++) {
        if (strcmp(run->trials[i].level, level) == 0)
            return &run->trials[i];
    }
    return NULL;
}

/* Of the trials at its level the first: levels are few, trials many. */
static bool is_first(const struct run *run, const struct trial *trial)
{
    return trial_at(run, trial->level) == trial;
}

bool workload_shares_level(const struct run *one, const struct run *other)
{
    for (size_t i = 0; i < one->trial_count; i++) {
        if (is_first(one, &one->trials[i]) && trial_at(other, one->trials[i].level))
            return true;
    }
    return false;
}

/* "native, echo:64, closed loop, 1 in flight, 100 connections"; NULL without memory. */
static char *trial_text(const struct trial *trial, bool has_rate)
{
    char rate[48] = "";
    char others[96] = "";
    char *text;

    if (has_rate && isfinite(trial->rate_per_s))
        snprintf(rate, sizeof rate, " %.10g/s", trial->rate_per_s);
    if (trial->idle_connections > 0 || trial->requests_per_connection > 0)
        snprintf(others, sizeof others, " and %llu idle, %llu requests on each",
                 (unsigned long long)trial->idle_connections,
                 (unsigned long long)trial->requests_per_connection);
    int length = asprintf(
        &text, "%s, %s, %s loop%s%s%s%s%s, %llu in flight, %llu connections%s", trial->protocol,
        trial->request, loop_text(trial->loop), *trial->arrival ? " " : "", trial->arrival, rate,
        *trial->think ? " think " : "", trial->think, (unsigned long long)trial->pipeline,
        (unsigned long long)trial->connections, others);
    return length < 0 ? NULL : text;
}

static bool rates_are_shares(const struct run *run)
{
    return json_is_object(json_object_get(run->manifest, "capacity_per_s"));
}

static int compare_level(const struct run *one, const struct trial *a, const struct run *other,
                         const struct trial *b, char **difference)
{
    bool has_rate = !rates_are_shares(one) && !rates_are_shares(other);
    char *left = trial_text(a, has_rate);
    char *right = trial_text(b, has_rate);
    int error = left && right ? 0 : -ENOMEM;

    if (!error && strcmp(left, right) != 0)
        error = say(difference, "at level %s %s asks %s, %s %s", a->level, one->path, left,
                    other->path, right);
    free(left);
    free(right);
    return error;
}

static int compare_levels(const struct run *one, const struct run *other, char **difference)
{
    int error = 0;

    for (size_t i = 0; i < one->trial_count && !error && !*difference; i++) {
        const struct trial *a = &one->trials[i];
        const struct trial *b = is_first(one, a) ? trial_at(other, a->level) : NULL;

        if (b)
            error = compare_level(one, a, other, b, difference);
    }
    return error;
}

/* The first member that both say and that is not the same, or that one alone says. */
static const char *different_option(const json_t *one, json_t *all, const json_t *other)
{
    const char *name;
    json_t *value;

    json_object_foreach(all, name, value)
    {
        const json_t *a = json_object_get(one, name);
        const json_t *b = json_object_get(other, name);

        if (!is_condition(name) && (!a || !b || !json_equal(a, b)))
            return name;
    }
    return NULL;
}

static const char *member_text(const json_t *object, const char *name, char **text)
{
    const json_t *value = json_object_get(object, name);

    *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    return json_is_string(value) ? json_string_value(value) : *text ? *text : "none";
}

static int say_member(const struct run *one, const json_t *a, const struct run *other,
                      const json_t *b, const char *name, char **difference)
{
    char *left;
    char *right;
    const char *left_text = member_text(a, name, &left);
    const char *right_text = member_text(b, name, &right);
    int error =
        say(difference, "%s has %s %s, %s %s", one->path, name, left_text, other->path, right_text);

    free(left);
    free(right);
    return error;
}

/* What the manifests state; an older one states less, and what it leaves out is not compared. */
static int compare_manifests(const struct run *one, const struct run *other, char **difference)
{
    static const char *const stated[] = {"request", "workers"};
    json_t *a = json_object_get(one->manifest, "options");
    json_t *b = json_object_get(other->manifest, "options");

    for (size_t i = 0; i < sizeof stated / sizeof stated[0]; i++) {
        json_t *left = json_object_get(one->manifest, stated[i]);
        json_t *right = json_object_get(other->manifest, stated[i]);

        if (left && right && !json_equal(left, right))
            return say_member(one, one->manifest, other, other->manifest, stated[i], difference);
    }
    if (!json_is_object(a) || !json_is_object(b))
        return 0;
    const char *name = different_option(a, a, b);
    if (!name)
        name = different_option(a, b, b);
    return name ? say_member(one, a, other, b, name, difference) : 0;
}

int workload_compare(const struct run *one, const struct run *other, char **difference)
{
    const char *varies[] = {one->trials[0].varies, other->trials[0].varies};

    *difference = NULL;
    if (strcmp(run_experiment(one), run_experiment(other)) != 0)
        return say(difference, "%s is a run of %s, %s of %s", one->path, run_experiment(one),
                   other->path, run_experiment(other));
    if (strcmp(varies[0], varies[1]) != 0)
        return say(difference, "in %s %s varies, in %s %s", one->path, varies[0], other->path,
                   varies[1]);
    int error = compare_levels(one, other, difference);
    return error || *difference ? error : compare_manifests(one, other, difference);
}
