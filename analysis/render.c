/* SPDX-License-Identifier: MIT */
#include "analysis/render.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/chart.h"
#include "analysis/document.h"
#include "analysis/files.h"
#include "analysis/findings.h"
#include "analysis/merge/merge.h"
#include "analysis/page.h"
#include "analysis/table.h"
#include "analysis/terminal.h"
#include "common/log.h"

struct render {
    const char *output;
    bool quiet;
    char **folders;
    int folder_count;
};

static int write_report(const struct summary *summary, const struct verdict *verdict,
                        const char *output)
{
    struct findings findings;
    struct figures figures;
    int error = figures_draw(&figures, summary, output);
    int error_found = findings_init(&findings, summary);

    error = error ? error : error_found;
    if (!error)
        error = files_write(summary, verdict, &findings, &figures, output);
    if (!error)
        error = page_save(
            &(struct page){
                .summary = summary, .verdict = verdict, .findings = &findings, .figures = &figures},
            output);
    findings_release(&findings);
    figures_release(&figures);
    return error;
}

static void tell(const struct summary *summary, const struct verdict *verdict, const char *output,
                 bool quiet)
{
    if (!quiet) {
        table_write(stdout, summary, terminal_has_colour(stdout));
        table_write_verdict(stdout, verdict, terminal_has_colour(stdout));
        fputc('\n', stdout);
    }
    printf("%s/index.html\n", output);
}

static int report(const struct run *run, const char *output, bool quiet)
{
    struct summary summary;
    struct verdict verdict;
    int error = summary_init(&summary, run);

    if (error) {
        log_error("%s: %s", run->path,
                  error == -E2BIG ? "more than 64 models or levels" : strerror(-error));
        return error;
    }
    error = verdict_init(&verdict, &summary);
    if (error) {
        log_error("%s: %s", run->path, strerror(-error));
        goto summarised;
    }
    error = folder_create(output);
    if (!error)
        error = write_report(&summary, &verdict, output);
    if (!error)
        tell(&summary, &verdict, output, quiet);
    verdict_release(&verdict);
summarised:
    summary_release(&summary);
    return error;
}

int render_run(const char *folder, const char *output, bool quiet)
{
    struct run run;

    if (run_load(folder, &run) < 0)
        return -1;
    char *path = output ? strdup(output) : path_join(run.path, "report");
    int error = path ? report(&run, path, quiet) : -ENOMEM;

    free(path);
    run_release(&run);
    return error ? -1 : 0;
}

/* One report of several runs. 0, or -1 told on stderr. */
static int render_merged(const struct render *render)
{
    struct run run;

    if (runs_merge(render->folders, (size_t)render->folder_count, &run) < 0)
        return -1;
    int error = report(&run, render->output, render->quiet);
    run_release(&run);
    return error ? -1 : 0;
}

enum { KEY_OUTPUT = 'o', KEY_QUIET = 'q' };

static const struct argp_option options[] = {
    {"output", KEY_OUTPUT, "DIR", 0,
     "Write one report here, not into RUN_DIR/report; several runs are merged", 0},
    {"quiet", KEY_QUIET, NULL, 0, "Print the path of the page alone", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct render *render = state->input;

    switch (key) {
    case KEY_OUTPUT:
        render->output = argument;
        return 0;
    case KEY_QUIET:
        render->quiet = true;
        return 0;
    case ARGP_KEY_ARGS:
        render->folders = state->argv + state->next;
        render->folder_count = state->argc - state->next;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which run? Give the folder of one");
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int render_main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "RUN_DIR...",
        .doc = "Charts, tables and one offline HTML page of each run, in RUN_DIR/report.\v"
               "Prints the summary, the verdict and, as the last line, the path of the page.\n\n"
               "With --output several runs of one experiment become one report. Those of one "
               "machine are merged: the blocks of one follow on those of the other. Those of "
               "several machines stand side by side, as 'epoll @ A' and 'epoll @ B', and nothing "
               "is made of both. Machines are told apart by processor, cores, memory, "
               "architecture and kernel. Conditions that differ are told; runs that asked "
               "different work are refused.",
    };
    struct render render = {0};
    int status = EXIT_DONE;

    argp_parse(&argp, argc, argv, 0, NULL, &render);
    if (render.output && render.folder_count > 1) {
        status = render_merged(&render) < 0 ? EXIT_FAILED : EXIT_DONE;
        render.folder_count = 0;
    }
    for (int i = 0; i < render.folder_count; i++) {
        if (render_run(render.folders[i], render.output, render.quiet) < 0)
            status = EXIT_FAILED;
    }
    return standard_output_close() < 0 ? EXIT_FAILED : status;
}
