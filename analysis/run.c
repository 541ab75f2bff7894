/* SPDX-License-Identifier: MIT */
#include "analysis/run.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analysis/document.h"
#include "analysis/escape.h"
#include "analysis/trial_file.h"
#include "analysis/trial_reduce.h"
#include "common/file.h"
#include "common/log.h"

enum {
    TRIALS_MAX = 20000, /* 30 models, 30 levels, 20 blocks */
    /* A page has room for fewer trials as JSON (result.h): of more, their documents are not kept.
     */
    TRIALS_WHOLE_MAX = 500,
    NOTES_MAX = 200, /* a folder of other things is not worth more words */
    PROBLEM_SIZE = 256,
};

void run_keep_note(struct run *run, char *text)
{
    char **notes = run->note_count < NOTES_MAX
                       ? reallocarray(run->notes, run->note_count + 1, sizeof *notes)
                       : NULL;

    if (!notes) {
        free(text);
        return;
    }
    run->notes = notes;
    run->notes[run->note_count++] = text;
}

void run_note(struct run *run, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    escape_plain(text);
    if (run->merged_count > 0)
        log_warning("%s", text);
    else
        log_warning("%s: %s", run->path, text);
    run_keep_note(run, text);
}

static void load_manifest(struct run *run)
{
    char *path = path_join(run->path, "manifest.json");
    json_t *manifest = NULL;
    json_error_t problem;
    char *text = NULL;
    size_t size;

    int error = path ? file_read(path, TRIAL_FILE_SIZE_MAX, &text, &size) : -ENOMEM;
    if (error) {
        run_note(run, "manifest.json: %s; going on with what the trials say", strerror(-error));
    } else {
        manifest = json_loadb(text, size, JSON_REJECT_DUPLICATES, &problem);
        if (!manifest)
            run_note(run, "manifest.json: not JSON: line %d: %.100s; going on with the trials",
                     problem.line, problem.text);
        else if (!json_is_object(manifest))
            run_note(run, "manifest.json: not an object; going on with what the trials say");
    }
    if (!json_is_object(manifest)) {
        json_decref(manifest);
        manifest = json_object();
    }
    run->manifest = manifest;
    free(text);
    free(path);
}

static void load_trial(struct run *run, const char *folder, const char *name, bool reduce)
{
    struct trial *trial = &run->trials[run->trial_count];
    char problem[PROBLEM_SIZE] = "out of memory";
    char *path = path_join(folder, name);

    if (path && trial_file_read(path, trial, problem, sizeof problem) == 0) {
        if (reduce)
            trial_reduce(trial, run->trial_count > 0 ? trial - 1 : NULL);
        run->trial_count++;
    } else {
        run_note(run, "trials/%s skipped: %s", name, problem);
    }
    free(path);
}

static int is_trial_name(const struct dirent *entry)
{
    return trial_file_is_named(entry->d_name);
}

static int by_name(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

/* 0 or -errno; no trial that could be read is not an error here. */
static int load_trials(struct run *run, const char *folder)
{
    struct dirent **names = NULL;

    int count = scandir(folder, &names, is_trial_name, by_name);
    int error = count < 0 ? -errno : 0;
    if (count > TRIALS_MAX)
        run_note(run, "only the first %d of %d trials are read", TRIALS_MAX, count);
    run->trials = calloc((size_t)(count > 0 ? count : 1), sizeof *run->trials);
    if (!run->trials)
        error = -ENOMEM;
    for (int i = 0; i < count; i++) {
        if (!error && i < TRIALS_MAX)
            load_trial(run, folder, names[i]->d_name, count > TRIALS_WHOLE_MAX);
        free(names[i]);
    }
    free(names);
    return error;
}

/* Sentences on gaps that only the whole run shows. */
static void note_gaps(struct run *run)
{
    json_int_t planned = json_integer_value(json_object_get(run->manifest, "planned_trials"));
    const char *revision = NULL;
    size_t incomplete = 0;
    bool mixed = false;

    for (size_t i = 0; i < run->trial_count; i++) {
        json_t *environment = json_object_get(run->trials[i].document, "environment");
        const char *this_revision = json_string_value(json_object_get(environment, "revision"));

        if (revision && this_revision && strcmp(revision, this_revision) != 0)
            mixed = true;
        revision = this_revision ? this_revision : revision;
        incomplete += !run->trials[i].complete;
    }
    if (planned > 0 && (size_t)planned > run->trial_count)
        run_note(run, "%zu of the %lld planned trials are here", run->trial_count,
                 (long long)planned);
    if (incomplete > 0)
        run_note(run, "%zu trial%s did not complete: listed, not used", incomplete,
                 incomplete == 1 ? "" : "s");
    if (mixed)
        run_note(run, "the trials come from different revisions of the programs");
}

int run_load(const char *path, struct run *run)
{
    size_t length = strlen(path);
    struct stat status;

    while (length > 1 && path[length - 1] == '/')
        length--;
    *run = (struct run){.path = strndup(path, length)};
    if (!run->path || stat(path, &status) < 0) {
        log_error("%s: %s", path, strerror(errno));
        goto released;
    }
    if (!S_ISDIR(status.st_mode)) {
        log_error("%s: not a folder of a run", path);
        goto released;
    }
    char *folder = path_join(run->path, "trials");
    int error = folder ? load_trials(run, folder) : -ENOMEM;
    free(folder);
    if (error || run->trial_count == 0) {
        log_error("%s: %s%s", path, error ? "trials: " : "no valid trial in trials/",
                  error ? strerror(-error) : "");
        goto released;
    }
    load_manifest(run);
    note_gaps(run);
    return 0;

released:
    run_release(run);
    return -1;
}

/* One trial and nothing else is known. */
static int load_single(const char *path, struct run *run)
{
    char problem[PROBLEM_SIZE] = "out of memory";

    *run = (struct run){
        .path = strdup(path), .manifest = json_object(), .trials = calloc(1, sizeof *run->trials)};
    if (!run->path || !run->manifest || !run->trials ||
        trial_file_read(path, run->trials, problem, sizeof problem) < 0) {
        escape_plain(problem);
        log_error("%s: %s", path, problem);
        run_release(run);
        return -1;
    }
    run->trial_count = 1;
    return 0;
}

int run_load_any(const char *path, struct run *run)
{
    struct stat status;

    if (stat(path, &status) == 0 && !S_ISDIR(status.st_mode))
        return load_single(path, run);
    return run_load(path, run);
}

void run_release(struct run *run)
{
    for (size_t i = 0; i < run->trial_count; i++)
        trial_release(&run->trials[i]);
    for (size_t i = 0; i < run->note_count; i++)
        free(run->notes[i]);
    json_decref(run->manifest);
    free(run->trials);
    free(run->notes);
    free(run->path);
    *run = (struct run){0};
}

const char *run_manifest_text(const struct run *run, const char *name)
{
    const char *text = json_string_value(json_object_get(run->manifest, name));

    return text ? text : "";
}

const char *run_experiment(const struct run *run)
{
    const char *text = run_manifest_text(run, "experiment");

    if (*text)
        return text;
    if (*run->trials[0].experiment)
        return run->trials[0].experiment;
    const char *slash = strrchr(run->path, '/');
    return slash && slash[1] ? slash + 1 : run->path;
}

const char *run_title(const struct run *run)
{
    const char *title = run_manifest_text(run, "title");

    return *title ? title : run_experiment(run);
}

const char *run_started_utc(const struct run *run)
{
    const char *started = run_manifest_text(run, "started_utc");

    if (*started)
        return started;
    started = run->trials[0].started_utc;
    for (size_t i = 1; i < run->trial_count; i++) {
        if (strcmp(run->trials[i].started_utc, started) < 0)
            started = run->trials[i].started_utc;
    }
    return started;
}

json_t *run_machine(const struct run *run)
{
    if (run->machine_count > 1)
        return NULL;
    json_t *machine = json_object_get(run->manifest, "machine");

    if (!json_is_object(machine))
        machine = json_object_get(run->trials[0].document, "environment");
    return json_is_object(machine) ? machine : NULL;
}
