/* SPDX-License-Identifier: MIT */
#include "analysis/compare/side.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analysis/compare/foreign.h"
#include "analysis/document.h"
#include "analysis/escape.h"
#include "analysis/trial_file.h"
#include "analysis/trial_level.h"
#include "common/file.h"
#include "common/log.h"

enum { OBSERVED_MAX = 20000, PROBLEM_SIZE = 256 };

bool side_uses(const struct side *side, const struct observed *observed)
{
    return observed->is_complete && (observed->trust != TRUST_NONE || side->uses_untrusted);
}

static void observed_release(struct observed *observed)
{
    free(observed->file);
    free(observed->model);
    free(observed->level);
    free(observed->load);
    free(observed->machine);
}

/* Takes over what *observed owns. */
static int add(struct side *side, struct observed *observed)
{
    bool is_whole =
        observed->file && observed->model && observed->level && observed->load && observed->machine;
    struct observed *list = is_whole && side->count < OBSERVED_MAX
                                ? reallocarray(side->observed, side->count + 1, sizeof *list)
                                : NULL;

    if (!list) {
        observed_release(observed);
        return is_whole && side->count == OBSERVED_MAX ? -E2BIG : -ENOMEM;
    }
    side->observed = list;
    list[side->count++] = *observed;
    return 0;
}

/* What differs here makes two results hard to compare, whatever their numbers. */
static char *load_text(const struct trial *trial)
{
    char rate[48] = "";
    char *text;

    if (isfinite(trial->rate_per_s))
        snprintf(rate, sizeof rate, " %.10g/s", trial->rate_per_s);
    int length = asprintf(&text, "%s, %s, %s loop%s%s%s%s%s, %llu in flight", trial->protocol,
                          trial->request, loop_text(trial->loop), *trial->arrival ? " " : "",
                          trial->arrival, rate, *trial->think ? " think " : "", trial->think,
                          (unsigned long long)trial->pipeline);
    return length < 0 ? NULL : text;
}

static char *machine_text(const struct trial *trial)
{
    json_t *environment = json_object_get(trial->document, "environment");
    const char *cpu = json_string_value(json_object_get(environment, "cpu"));
    const char *kernel = json_string_value(json_object_get(environment, "kernel"));
    json_int_t cores = json_integer_value(json_object_get(environment, "cores"));
    char *text;

    if (!cpu || !kernel)
        return strdup("");
    return asprintf(&text, "%s, %lld cores, kernel %s", cpu, (long long)cores, kernel) < 0 ? NULL
                                                                                           : text;
}

static int add_trial(struct side *side, const struct trial *trial)
{
    char level[TRIAL_LEVEL_TEXT_SIZE];
    struct observed observed = {
        .file = strdup(trial->file),
        .model = strdup(trial->model),
        .level = strdup(trial_level_text(trial, level)),
        .load = load_text(trial),
        .machine = machine_text(trial),
        .block = trial->block,
        .trust = trial->trust,
        .is_complete = trial->complete,
        .is_open = trial->loop == LOOP_OPEN,
        .is_limited = trial->refused > 0,
    };

    for (enum compared c = 0; c < COMPARED_METRICS; c++)
        observed.readings[c] = metric_read(compared_metric(c), trial);
    if (!side->varies)
        side->varies = strdup(trial_level_varies(trial));
    return add(side, &observed);
}

static int add_foreign(struct side *side, const char *file, const struct foreign *foreign,
                       struct notes *notes)
{
    char missing[FOREIGN_TEXT_SIZE];
    char level[24] = "";

    if (foreign->connections > 0)
        snprintf(level, sizeof level, "%llu", (unsigned long long)foreign->connections);
    struct observed observed = {
        .file = strdup(file),
        .model = strdup(foreign->tool),
        .level = strdup(level),
        .load = strdup(""),
        .machine = strdup(""),
        .trust = TRUST_CAUTION,
        .is_complete = true,
        .is_foreign = true,
    };
    memcpy(observed.readings, foreign->readings, sizeof observed.readings);
    notes_add(notes, "%s, by %s: %s", file, foreign->tool, foreign_missing(foreign, missing));
    return add(side, &observed);
}

/* 0, or -errno and a sentence in `problem` when the file is nothing of the kind or broken. */
static int add_file(struct side *side, const char *path, struct notes *notes,
                    char problem[PROBLEM_SIZE])
{
    const char *slash = strrchr(path, '/');
    const char *file = slash ? slash + 1 : path;
    struct foreign foreign;
    struct trial trial;
    char *text;
    size_t size;

    int error = file_read(path, TRIAL_FILE_SIZE_MAX, &text, &size);
    if (error) {
        snprintf(problem, PROBLEM_SIZE, "%s", strerror(-error));
        return error;
    }
    int found = foreign_read(text, size, &foreign, problem, PROBLEM_SIZE);
    if (found > 0) {
        error = add_foreign(side, file, &foreign, notes);
    } else if (found < 0 || trial_parse(text, size, file, &trial, problem, PROBLEM_SIZE) < 0) {
        free(text);
        return -EINVAL;
    } else {
        error = add_trial(side, &trial);
        trial_release(&trial);
    }
    free(text);
    if (error)
        snprintf(problem, PROBLEM_SIZE, "%s", strerror(-error));
    return error;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_name(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

static void add_folder_file(struct side *side, const char *path, struct notes *notes)
{
    char problem[PROBLEM_SIZE] = "";
    struct stat status;

    if (stat(path, &status) < 0 || !S_ISREG(status.st_mode))
        return;
    if (add_file(side, path, notes, problem) < 0) {
        escape_plain(problem);
        log_warning("%s skipped: %s", path, problem);
    }
}

/* All files of a folder, by name. */
static int load_folder(struct side *side, const char *path, struct notes *notes)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_visible, by_name);

    if (count < 0)
        return -errno;
    for (int i = 0; i < count; i++) {
        char *file = path_join(path, entries[i]->d_name);

        if (file)
            add_folder_file(side, file, notes);
        free(file);
        free(entries[i]);
    }
    free(entries);
    return 0;
}

static char *first_model(const struct run *run)
{
    const char *baseline = run_manifest_text(run, "baseline");
    json_t *models = json_object_get(run->manifest, "models");
    const char *first = json_string_value(json_array_get(models, 0));

    return strdup(*baseline ? baseline : first ? first : "");
}

static int add_run(struct side *side, const struct run *run)
{
    int error = 0;

    for (size_t i = 0; i < run->trial_count && !error; i++)
        error = add_trial(side, &run->trials[i]);
    side->baseline = first_model(run);
    return error;
}

static int load_run(struct side *side, const char *path)
{
    struct run run;

    if (run_load(path, &run) < 0)
        return -1;
    int error = add_run(side, &run);
    if (error)
        log_error("%s: %s", path, strerror(-error));
    run_release(&run);
    return error;
}

/* The folder that the trials of a run, or this file, lie in. */
static char *origin_of(const char *path, bool is_folder, bool is_run)
{
    char *folder = is_run ? path_join(path, "trials") : strdup(path);
    char *slash = folder && !is_folder ? strrchr(folder, '/') : NULL;

    if (slash && slash != folder)
        *slash = '\0';
    char *origin = folder ? realpath(is_folder || slash ? folder : ".", NULL) : NULL;
    free(folder);
    return origin;
}

static int load_other(struct side *side, const char *path, bool is_folder, struct notes *notes)
{
    char problem[PROBLEM_SIZE] = "";
    int error = is_folder ? load_folder(side, path, notes) : add_file(side, path, notes, problem);

    if (!*problem)
        snprintf(problem, sizeof problem, "%s",
                 error ? strerror(-error) : "neither a run nor a folder of results");
    if (error || side->count == 0) {
        escape_plain(problem);
        log_error("%s: %s", path, problem);
        return -1;
    }
    return 0;
}

int side_of_run(const struct run *run, struct side *side)
{
    *side = (struct side){.path = strdup(run->path), .origin = strdup(run->path)};
    int error = add_run(side, run);

    if (!error && (!side->path || !side->origin || !side->varies || !side->baseline))
        error = -ENOMEM;
    return error;
}

int side_load(const char *path, struct side *side, struct notes *notes)
{
    struct stat status;

    *side = (struct side){.path = strdup(path)};
    if (!side->path || stat(path, &status) < 0) {
        log_error("%s: %s", path, strerror(errno));
        return -1;
    }
    bool is_folder = S_ISDIR(status.st_mode);
    char *trials = path_join(path, "trials");
    bool is_run = is_folder && trials && stat(trials, &status) == 0;
    free(trials);
    side->origin = origin_of(path, is_folder, is_run);
    if ((is_run ? load_run(side, path) : load_other(side, path, is_folder, notes)) < 0)
        return -1;
    if (!side->varies)
        side->varies = strdup("connections");
    if (!side->baseline)
        side->baseline = strdup("");
    if (!side->varies || !side->baseline) {
        log_error("%s: %s", path, strerror(ENOMEM));
        return -1;
    }
    return 0;
}

void side_release(struct side *side)
{
    for (size_t i = 0; i < side->count; i++)
        observed_release(&side->observed[i]);
    free(side->observed);
    free(side->path);
    free(side->origin);
    free(side->varies);
    free(side->baseline);
    *side = (struct side){0};
}
