/* SPDX-License-Identifier: MIT */
#include "analysis/merge/difference.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/document.h"
#include "analysis/model_name.h"

enum source { SOURCE_CONFIG, SOURCE_ENVIRONMENT, SOURCE_MANIFEST };

static const struct {
    enum source source;
    const char *member, *words;
} told[] = {
    {SOURCE_CONFIG, "duration_s", "the measured time in seconds"},
    {SOURCE_CONFIG, "warmup_s", "the warm-up in seconds"},
    {SOURCE_CONFIG, "timeout_s", "the timeout in seconds"},
    {SOURCE_CONFIG, "threads", "the number of the generator's threads"},
    {SOURCE_ENVIRONMENT, "revision", "the revision of the programs"},
    {SOURCE_ENVIRONMENT, "build", "the build"},
    {SOURCE_ENVIRONMENT, "compiler", "the compiler"},
    {SOURCE_ENVIRONMENT, "libuv", "the version of libuv"},
    {SOURCE_ENVIRONMENT, "descriptors", "the limit of open files"},
    {SOURCE_ENVIRONMENT, "somaxconn", "the limit of a listen queue"},
    {SOURCE_ENVIRONMENT, "clocksource", "the clock source"},
    {SOURCE_MANIFEST, "preset", "the preset"},
    {SOURCE_MANIFEST, "pinning", "the pinning"},
    {SOURCE_MANIFEST, "externals", "the command of an external server"},
};

/* Borrowed; NULL where it is not stated, as in older files. */
static json_t *value_of(const struct run *run, size_t i)
{
    const struct trial *trial = &run->trials[0];
    json_t *object = run->manifest;

    if (told[i].source == SOURCE_ENVIRONMENT)
        object = run_machine(run);
    else if (told[i].source == SOURCE_CONFIG)
        object = json_object_get(trial->document, "config");
    /* A warm-up that ends when it is steady is as long as it was. */
    if (strcmp(told[i].member, "warmup_s") == 0 && trial->warmup_auto)
        return NULL;
    if (strcmp(told[i].member, trial->varies) == 0)
        return NULL;
    return json_object_get(object, told[i].member);
}

/* 3 and 3.0 are the same number, for jansson not the same value. */
static bool are_equal(const json_t *one, const json_t *other)
{
    if (json_is_number(one) && json_is_number(other))
        return json_number_value(one) == json_number_value(other);
    return json_equal(one, other);
}

static bool differ(const struct part *parts, size_t count, size_t i)
{
    const json_t *first = NULL;

    for (size_t part = 0; part < count; part++) {
        const json_t *value = value_of(&parts[part].run, i);

        if (first && value && !are_equal(first, value))
            return true;
        first = first ? first : value;
    }
    return false;
}

static void write_value(FILE *out, const json_t *value)
{
    if (json_is_string(value)) {
        fputs(json_string_value(value), out);
    } else if (json_is_number(value)) {
        fprintf(out, "%g", json_number_value(value));
    } else {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));

        fputs(text ? text : "", out);
        free(text);
    }
}

/* "Not the same in all runs is the preset: quick (one, three); default (two)". */
static void write_difference(FILE *out, const struct part *parts, size_t count, size_t i)
{
    const char *between = ": ";

    fprintf(out, "Not the same in all runs is %s", told[i].words);
    for (size_t part = 0; part < count; part++) {
        const json_t *value = value_of(&parts[part].run, i);
        size_t before = 0;

        while (before < part && !are_equal(value_of(&parts[before].run, i), value))
            before++;
        if (!value || before < part)
            continue;
        fputs(between, out);
        write_value(out, value);
        fprintf(out, " (%s", parts[part].label);
        for (size_t later = part + 1; later < count; later++) {
            if (are_equal(value_of(&parts[later].run, i), value))
                fprintf(out, ", %s", parts[later].label);
        }
        fputc(')', out);
        between = "; ";
    }
}

static const char *model_of(const struct trial *trial)
{
    return trial->model;
}

static const char *level_of(const struct trial *trial)
{
    return trial->level;
}

/* What of a trial a note is about. */
struct attribute {
    const char *words;
    const char *(*of)(const struct trial *trial);
};

static bool has(const struct run *run, const struct attribute *attribute, const char *text,
                size_t trial_count)
{
    for (size_t i = 0; i < trial_count; i++) {
        if (strcmp(attribute->of(&run->trials[i]), text) == 0)
            return true;
    }
    return false;
}

/* In how many of the machine's runs it is. */
static size_t count_runs(const struct part *parts, size_t count, unsigned machine,
                         const struct attribute *attribute, const char *text)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++)
        found += parts[i].machine == machine &&
                 has(&parts[i].run, attribute, text, parts[i].run.trial_count);
    return found;
}

static bool is_new(const struct part *parts, size_t part, const struct attribute *attribute,
                   size_t trial)
{
    const char *text = attribute->of(&parts[part].run.trials[trial]);

    for (size_t i = 0; i < part; i++) {
        if (parts[i].machine == parts[part].machine &&
            has(&parts[i].run, attribute, text, parts[i].run.trial_count))
            return false;
    }
    return !has(&parts[part].run, attribute, text, trial);
}

static void note_gaps(const struct part *parts, size_t count, unsigned machine,
                      const struct attribute *attribute, struct run *merged)
{
    struct document document;
    size_t runs = 0;
    size_t said = 0;

    for (size_t i = 0; i < count; i++)
        runs += parts[i].machine == machine;
    if (document_open(&document) < 0)
        return;
    for (size_t part = 0; part < count; part++) {
        const struct run *run = &parts[part].run;

        for (size_t i = 0; i < run->trial_count && parts[part].machine == machine; i++) {
            if (!is_new(parts, part, attribute, i))
                continue;
            const char *text = attribute->of(&run->trials[i]);
            size_t found = count_runs(parts, count, machine, attribute, text);
            if (found < runs)
                fprintf(document.out, "%s%s (%zu of %zu)", said++ ? ", " : "", text, found, runs);
        }
    }
    char *text = document_text(&document);
    if (said > 0 && text && merged->machine_count > 1)
        run_note(merged, "Not in every run of machine %c are the %s %s", machine_letter(machine),
                 attribute->words, text);
    else if (said > 0 && text)
        run_note(merged, "Not in every run are the %s %s", attribute->words, text);
    free(text);
}

void differences_note(const struct part *parts, size_t count, struct run *merged)
{
    static const struct attribute attributes[] = {{"models", model_of}, {"levels", level_of}};

    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        struct document document;

        if (!differ(parts, count, i) || document_open(&document) < 0)
            continue;
        write_difference(document.out, parts, count, i);
        char *text = document_text(&document);
        if (text)
            run_note(merged, "%s", text);
        free(text);
    }
    for (unsigned machine = 1; machine <= merged->machine_count; machine++) {
        for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
            note_gaps(parts, count, machine, &attributes[i], merged);
    }
}
