/* SPDX-License-Identifier: MIT */
#include "analysis/show/show.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/latency_choice.h"
#include "analysis/number.h"
#include "analysis/show/spectrum.h"
#include "analysis/show/trial_text.h"
#include "analysis/terminal.h"
#include "analysis/trial_file.h"
#include "common/log.h"
#include "common/option_value.h"

enum { ROWS = 14, COLUMNS_MIN = 40, BESIDE_CURVE = 12, BESIDE_BARS = 45 };

struct show {
    enum latency_choice choice;
    char **files;
    int file_count;
};

static size_t columns_left(size_t beside)
{
    size_t width = terminal_width(stdout);
    size_t left = width > beside + COLUMNS_MIN ? width - beside : COLUMNS_MIN;

    return left < SPECTRUM_COLUMNS_MAX ? left : SPECTRUM_COLUMNS_MAX;
}

static int write_spectrum(const struct trial *trial, enum latency_choice choice)
{
    const struct latency *latency = latency_chosen(trial, choice);
    double carried = latency_carried(latency);

    printf("%s time by percentile", latency_choice_names[choice]);
    if (latency->count == 0) {
        puts(": nothing of the kind was measured");
        return 0;
    }
    printf(carried > 0 ? ", as far as the sample carries it: %.7g %%\n" : "\n", carried * 100);
    return spectrum_write(stdout, latency, columns_left(BESIDE_CURVE), ROWS);
}

static int show_trial(const struct trial *trial, enum latency_choice choice)
{
    bool colour = terminal_has_colour(stdout);

    trial_write_load(stdout, trial, colour);
    int error = trial_write_results(stdout, trial, colour);
    putchar('\n');
    if (!error)
        error = write_spectrum(trial, choice);
    putchar('\n');
    if (!error)
        error = trial_write_windows(stdout, trial, columns_left(BESIDE_BARS));
    putchar('\n');
    trial_write_verdict(stdout, trial, colour);
    return error;
}

static int show_file(const char *path, enum latency_choice choice)
{
    struct trial trial;
    char problem[256];

    if (trial_file_read(path, &trial, problem, sizeof problem) < 0) {
        log_error("%s: %s", path, problem);
        return -1;
    }
    int error = show_trial(&trial, choice);
    if (error)
        log_error("%s: %s", path, strerror(-error));
    trial_release(&trial);
    return error;
}

enum { KEY_LATENCY = 'l' };

static const struct argp_option options[] = {
    {"latency", KEY_LATENCY, "NAME", 0,
     "Draw this one: response (default), service, wire, send_lag, queue_wait or handshake", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct show *show = state->input;

    switch (key) {
    case KEY_LATENCY:
        show->choice =
            (enum latency_choice)option_choice("--latency", argument, latency_choice_names);
        return 0;
    case ARGP_KEY_ARGS:
        show->files = state->argv + state->next;
        show->file_count = state->argc - state->next;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which trial? Give a file of trials/");
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int show_main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "TRIAL...",
        .doc = "One trial: what was asked, what came of it, its latency by percentile as a curve, "
               "its seconds as bars, and how far to believe it.",
    };
    struct show show = {0};
    int status = EXIT_DONE;

    argp_parse(&argp, argc, argv, 0, NULL, &show);
    for (int i = 0; i < show.file_count; i++) {
        if (i > 0)
            putchar('\n');
        if (show_file(show.files[i], show.choice) < 0)
            status = EXIT_FAILED;
    }
    return standard_output_close() < 0 ? EXIT_FAILED : status;
}
