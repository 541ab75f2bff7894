/* SPDX-License-Identifier: MIT */
#include "analysis/export/export.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analysis/document.h"
#include "analysis/export/export_text.h"
#include "analysis/files.h"
#include "analysis/terminal.h"
#include "common/file.h"
#include "common/log.h"
#include "common/option_value.h"

enum format { FORMAT_NONE, FORMAT_CSV, FORMAT_HGRM, FORMAT_HLOG };

struct export
{
    enum format format;
    enum latency_choice choice;
    const char *source;
    const char *output; /* NULL: standard output */
};

/* What is asked for, of the run or of one trial, into `out`. */
static int write_text(FILE *out, const struct export *export, const struct run *run,
                      const struct trial *trial)
{
    switch (export->format) {
    case FORMAT_HGRM:
        return export_percentiles(out, trial, export->choice);
    case FORMAT_HLOG:
        return export_log(out, run, export->choice);
    case FORMAT_CSV:
    case FORMAT_NONE:
        break;
    }
    files_write_trials(out, run);
    return 0;
}

static const char *reason(int error)
{
    return error == -ENODATA ? "nothing of the kind was measured" : strerror(-error);
}

/* To the file, or standard output without one: whole or not at all. */
static int export_one(const struct export *export, const struct run *run, const struct trial *trial,
                      const char *path)
{
    struct document document;
    int error = document_open(&document);

    if (error)
        return error;
    error = write_text(document.out, export, run, trial);
    char *text = document_text(&document);
    if (!error && !text)
        error = -ENOMEM;
    if (!error && path)
        error = file_write(path, text, document.size);
    else if (!error)
        fwrite(text, 1, document.size, stdout);
    if (error)
        log_error("%s: %s", path ? path : trial->file, reason(error));
    free(text);
    return error;
}

/* "0001-epoll-10-b1.hgrm" in `folder`. */
static int export_into(const struct export *export, const struct run *run,
                       const struct trial *trial)
{
    const char *ending = strstr(trial->file, ".json");
    size_t length = ending ? (size_t)(ending - trial->file) : strlen(trial->file);
    char *path;

    if (asprintf(&path, "%s/%.*s.hgrm", export->output, (int)length, trial->file) < 0)
        return -ENOMEM;
    int error = export_one(export, run, trial, path);
    free(path);
    return error;
}

static int export_each(const struct export *export, const struct run *run)
{
    size_t written = 0;
    int status = 0;

    if (!export->output) {
        log_error("%s holds several trials, and .hgrm one each: give --output DIR", run->path);
        return EXIT_USAGE;
    }
    if (folder_create(export->output) < 0)
        return EXIT_FAILED;
    for (size_t i = 0; i < run->trial_count; i++) {
        if (export_into(export, run, &run->trials[i]) < 0)
            status = EXIT_FAILED;
        else
            written++;
    }
    printf("%zu files in %s\n", written, export->output);
    return status;
}

static int export_run(const struct export *export)
{
    struct stat status;
    struct run run;
    int result;

    if (run_load_any(export->source, &run) < 0)
        return EXIT_FAILED;
    bool is_folder = stat(export->source, &status) == 0 && S_ISDIR(status.st_mode);
    if (is_folder && export->format == FORMAT_HGRM)
        result = export_each(export, &run);
    else
        result = export_one(export, &run, run.trials, export->output) < 0 ? EXIT_FAILED : EXIT_DONE;
    run_release(&run);
    return result;
}

enum { KEY_LATENCY = 'l', KEY_OUTPUT = 'o', KEY_CSV = 256, KEY_HGRM, KEY_HLOG };

static const struct argp_option options[] = {
    {"csv", KEY_CSV, NULL, 0, "A row a trial, all its numbers", 0},
    {"hgrm", KEY_HGRM, NULL, 0,
     "Percentiles in milliseconds, as HdrHistogram's plotters read them; of a run a file a trial",
     0},
    {"hlog", KEY_HLOG, NULL, 0, "HdrHistogram's log: the whole histogram of each trial", 0},
    {"latency", KEY_LATENCY, "NAME", 0,
     "In --hgrm and --hlog: response (default), service, wire, send_lag, queue_wait or handshake",
     0},
    {"output", KEY_OUTPUT, "PATH", 0, "Write this file; with --hgrm of a run, into this folder", 0},
    {0},
};

static void choose(struct export *export, enum format format, struct argp_state *state)
{
    if (export->format != FORMAT_NONE)
        argp_error(state, "one format at a time");
    export->format = format;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct export *export = state->input;

    switch (key) {
    case KEY_CSV:
        choose(export, FORMAT_CSV, state);
        return 0;
    case KEY_HGRM:
        choose(export, FORMAT_HGRM, state);
        return 0;
    case KEY_HLOG:
        choose(export, FORMAT_HLOG, state);
        return 0;
    case KEY_LATENCY:
        export->choice =
            (enum latency_choice)option_choice("--latency", argument, latency_choice_names);
        return 0;
    case KEY_OUTPUT:
        export->output = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (export->source)
            argp_error(state, "one run or trial at a time");
        export->source = argument;
        return 0;
    case ARGP_KEY_END:
        if (!export->source)
            argp_error(state, "which run or trial?");
        if (export->format == FORMAT_NONE)
            argp_error(state, "which format? --csv, --hgrm or --hlog");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int export_main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "RUN_DIR|TRIAL",
        .doc = "A run or one trial in the format of other programs, to standard output.\v"
               "Trials keep one histogram of the measured window, so a log has one interval a "
               "trial; seconds are in the log that muelle-loadgen --hlog writes.",
    };
    struct export export = {0};

    argp_parse(&argp, argc, argv, 0, NULL, &export);
    int status = export_run(&export);
    return standard_output_close() < 0 ? EXIT_FAILED : status;
}
