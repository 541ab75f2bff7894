/* SPDX-License-Identifier: MIT */
#include "analysis/list/list.h"

#include <argp.h>
#include <errno.h>
#include <string.h>

#include "analysis/list/run_folders.h"
#include "analysis/terminal.h"
#include "analysis/verdict.h"
#include "common/log.h"

static const char *const RESULTS = "results";

struct list {
    char **folders;
    int folder_count;
};

/* "thread-per-client, epoll and 12 more": as many as have room. */
static void models_text(const struct summary *summary, char *text, size_t size)
{
    enum { SHOWN_MAX = 3 };
    size_t shown = summary->model_count <= SHOWN_MAX + 1 ? summary->model_count : SHOWN_MAX;
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < shown && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%.40s", i ? ", " : "",
                                 summary->models[i]);
    if (shown < summary->model_count && used < size)
        snprintf(text + used, size - used, " and %zu more", summary->model_count - shown);
}

static void trials_text(const struct run *run, char *text, size_t size)
{
    json_int_t planned = json_integer_value(json_object_get(run->manifest, "planned_trials"));

    if (planned > 0 && (size_t)planned != run->trial_count)
        snprintf(text, size, "%zu of %lld", run->trial_count, (long long)planned);
    else
        snprintf(text, size, "%zu", run->trial_count);
}

static enum terminal_style trust_style(enum trust trust)
{
    static const enum terminal_style styles[] = {[TRUST_FULL] = TERMINAL_GOOD,
                                                 [TRUST_CAUTION] = TERMINAL_PLAIN,
                                                 [TRUST_NONE] = TERMINAL_BAD};

    return styles[trust];
}

static int add_run(struct terminal_table *table, const struct run *run)
{
    struct summary summary;
    struct verdict verdict;
    char models[160];
    char trials[48];

    int error = summary_init(&summary, run);
    if (error)
        return error;
    error = verdict_init(&verdict, &summary);
    if (error) {
        summary_release(&summary);
        return error;
    }
    models_text(&summary, models, sizeof models);
    trials_text(run, trials, sizeof trials);
    terminal_table_add(table, run->path, TERMINAL_PLAIN);
    terminal_table_add(table, run_experiment(run), TERMINAL_PLAIN);
    terminal_table_add(table, run_manifest_text(run, "preset"), TERMINAL_PLAIN);
    terminal_table_add(table, run_started_utc(run), TERMINAL_PLAIN);
    terminal_table_add(table, models, TERMINAL_PLAIN);
    terminal_table_add(table, trials, TERMINAL_PLAIN);
    terminal_table_add(table, trust_text(verdict.trust), trust_style(verdict.trust));
    verdict_release(&verdict);
    summary_release(&summary);
    return 0;
}

/* 0, or -1 told on stderr: the run is not in the table. */
static int list_run(struct terminal_table *table, const char *path)
{
    struct run run;

    if (run_load(path, &run) < 0)
        return -1;
    int error = add_run(table, &run);
    if (error)
        log_error("%s: %s", path,
                  error == -E2BIG ? "more than 64 models or levels" : strerror(-error));
    run_release(&run);
    return error ? -1 : 0;
}

static int list_runs(const struct run_folders *folders)
{
    struct terminal_table table;
    size_t listed = 0;

    terminal_table_init(&table, "run,experiment,preset,started,models,>trials,verdict");
    for (size_t i = 0; i < folders->count; i++)
        listed += list_run(&table, folders->paths[i]) == 0;
    int error = listed > 0 ? terminal_table_write(&table, stdout, terminal_has_colour(stdout)) : 0;
    terminal_table_release(&table);
    if (error)
        log_error("%s", strerror(-error));
    if (listed == 0)
        log_error("no run was found");
    return listed > 0 && !error ? EXIT_DONE : EXIT_FAILED;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct list *list = state->input;

    (void)argument;
    if (key != ARGP_KEY_ARGS)
        return ARGP_ERR_UNKNOWN;
    list->folders = state->argv + state->next;
    list->folder_count = state->argc - state->next;
    return 0;
}

int list_main(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse_option,
        .args_doc = "[DIR...]",
        .doc = "The runs in each DIR, or in results/: experiment, preset, when, models, trials and "
               "how far they can be believed.\v"
               "A run that has no valid trial is named on standard error and left out.",
    };
    struct run_folders folders = {0};
    struct list list = {0};
    int status = EXIT_DONE;

    argp_parse(&argp, argc, argv, 0, NULL, &list);
    if (list.folder_count == 0 && run_folders_find(&folders, RESULTS) < 0)
        status = EXIT_FAILED;
    for (int i = 0; i < list.folder_count; i++) {
        if (run_folders_find(&folders, list.folders[i]) < 0)
            status = EXIT_FAILED;
    }
    int listed = list_runs(&folders);
    run_folders_release(&folders);
    if (standard_output_close() < 0 || listed != EXIT_DONE)
        status = EXIT_FAILED;
    return status;
}
