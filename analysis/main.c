/* SPDX-License-Identifier: MIT */
/*
 * muelle-report: what the trials of a run say, for people.
 *
 *   muelle-report render RUN_DIR... [--output DIR]
 *   muelle-report compare A [B]
 *   muelle-report list [DIR...]
 *   muelle-report show TRIAL...
 *   muelle-report export --csv|--hgrm|--hlog RUN_DIR|TRIAL
 *
 * A command is an entry of the table below and a file of its own.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/compare/compare.h"
#include "analysis/export/export.h"
#include "analysis/list/list.h"
#include "analysis/render.h"
#include "analysis/show/show.h"
#include "common/log.h"
#include "revision.h"

static const struct {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"render", "charts, tables and one offline HTML page of a run", render_main},
    {"compare", "faster or slower than before, and can it be believed?", compare_main},
    {"list", "which runs are there", list_main},
    {"show", "one trial, with its latency by percentile as a curve", show_main},
    {"export", "a run or trial as CSV, .hgrm or .hlog", export_main},
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

const char *argp_program_version = "muelle-report " MUELLE_VERSION " (" MUELLE_REVISION ")";

struct choice {
    size_t command;
    int argc;
    char **argv;
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct choice *choice = state->input;

    switch (key) {
    case ARGP_KEY_ARG:
        while (choice->command < COMMANDS && strcmp(commands[choice->command].name, argument) != 0)
            choice->command++;
        if (choice->command == COMMANDS)
            argp_error(state, "no command is called '%s'", argument);
        /* What follows belongs to the command. */
        choice->argv = state->argv + state->next - 1;
        choice->argc = state->argc - state->next + 1;
        state->next = state->argc;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "a command is missing");
        return ARGP_ERR_UNKNOWN;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The list of commands, for --help. */
static char *help_filter(int key, const char *text, void *input)
{
    char *list = NULL;
    size_t size;

    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC)
        return (char *)text;
    FILE *out = open_memstream(&list, &size);
    if (!out)
        return (char *)text;
    fputs("Commands:\n", out);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fputs("\nmuelle-report COMMAND --help tells more.", out);
    fclose(out);
    return list;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse_option,
        .args_doc = "COMMAND [ARGUMENT...]",
        .doc = "What the trials of a run say.\v",
        .help_filter = help_filter,
    };
    struct choice choice = {0};

    log_program("muelle-report");
    argp_err_exit_status = EXIT_USAGE;
    argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &choice);

    /* argp names the program by argv[0]: "muelle-report render: ...". */
    char name[64];
    snprintf(name, sizeof name, "muelle-report %s", commands[choice.command].name);
    choice.argv[0] = name;
    return commands[choice.command].run(choice.argc, choice.argv);
}
