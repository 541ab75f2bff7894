/* SPDX-License-Identifier: MIT */
#include "analysis/compare/compare.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/compare/compare_text.h"
#include "analysis/compare/forest.h"
#include "analysis/document.h"
#include "analysis/terminal.h"
#include "common/log.h"

enum { ASKED_MODELS_MAX = 64 };

struct compare {
    const char *paths[2];
    size_t path_count;
    char *models[ASKED_MODELS_MAX];
    size_t model_count;
    struct condition conditions[CONDITIONS_MAX];
    size_t condition_count;
    double equivalence;
    bool is_strict, json;
    const char *output;
};

static int save_text(const char *folder, const char *name, const char *text)
{
    struct document document;
    int error = document_open(&document);

    if (error)
        return error;
    fputs(text, document.out);
    return document_save(&document, folder, name);
}

static int save_tsv(const char *folder, const struct pairs *pairs)
{
    struct document document;
    int error = document_open(&document);

    if (error)
        return error;
    compare_write_tsv(document.out, pairs);
    return document_save(&document, folder, "compare.tsv");
}

static int save_all(const char *folder, const struct pairs *pairs, const char *json)
{
    int error = folder_create(folder);

    if (!error)
        error = save_text(folder, "compare.json", json);
    if (!error)
        error = save_tsv(folder, pairs);
    return error ? error : forest_draw(pairs, folder);
}

/* Everything that was asked for of what was compared. 0 or -errno, told on stderr. */
static int tell(const struct compare *compare, const struct pairs *pairs)
{
    char *json = compare_json(pairs, compare->conditions, compare->condition_count);
    int error = json ? 0 : -ENOMEM;

    if (!error && compare->json)
        puts(json);
    else if (!error)
        error = compare_write_table(stdout, pairs, terminal_has_colour(stdout));
    if (error)
        log_error("%s", strerror(-error));
    if (!error && compare->output)
        error = save_all(compare->output, pairs, json);
    free(json);
    return error;
}

static int judge(const struct compare *compare, const struct pairs *pairs)
{
    if (pairs_comparison_count(pairs) == 0) {
        for (size_t i = 0; i < pairs->notes->count; i++)
            log_warning("%s", pairs->notes->list[i]);
        log_error("nothing to compare: no two trials that are trusted and belong together");
        return EXIT_FAILED;
    }
    if (tell(compare, pairs) < 0)
        return EXIT_FAILED;
    return conditions_missed(compare->conditions, compare->condition_count, pairs,
                             compare->is_strict)
               ? EXIT_NOT_TRUSTED
               : EXIT_DONE;
}

static int compare_sides(const struct compare *compare, const struct side *baseline,
                         const struct side *candidate, struct notes *notes)
{
    struct pairs pairs;
    int status = EXIT_FAILED;
    int error = pairs_init(&pairs, baseline, candidate, compare->models, compare->model_count,
                           compare->equivalence, notes);

    if (error && error != -EINVAL)
        log_error("%s", strerror(-error));
    if (!error)
        status = judge(compare, &pairs);
    pairs_release(&pairs);
    return status;
}

static int compare_paths(const struct compare *compare)
{
    struct side sides[2] = {0};
    struct notes notes = {0};
    int status = EXIT_FAILED;
    int error = 0;

    for (size_t i = 0; i < compare->path_count && !error; i++)
        error = side_load(compare->paths[i], &sides[i], &notes);
    if (!error)
        status = compare_sides(compare, &sides[0], &sides[compare->path_count - 1], &notes);
    side_release(&sides[0]);
    side_release(&sides[1]);
    notes_release(&notes);
    return status;
}

enum {
    KEY_MODELS = 'm',
    KEY_FAIL_IF = 'f',
    KEY_JSON = 'j',
    KEY_OUTPUT = 'o',
    KEY_EQUIVALENCE = 'e',
    KEY_STRICT = 256,
};

static const struct argp_option options[] = {
    {"models", KEY_MODELS, "A,B[,...]", 0,
     "Of one run: this model against those (default: the first of the run, or its baseline, "
     "against all others). Of two runs: one model in both, or A of the first against B of the "
     "second (default: all that both have)",
     0},
    {"fail-if", KEY_FAIL_IF, "[METRIC.]slower=PERCENT", 0,
     "Exit status 3 when B is shown to be slower by more than that: the whole interval lies "
     "beyond. "
     "METRIC: throughput, p50, p99, p99.9, cpu or cpu-ratio; without one throughput, p99 and cpu. "
     "May be "
     "given 16 times",
     0},
    {"strict", KEY_STRICT, NULL, 0,
     "With --fail-if: 3 already when that cannot be excluded, as when there are too few blocks", 0},
    {"equivalence", KEY_EQUIVALENCE, "PERCENT", 0,
     "Differences up to this count as none (default 1%, and always at least the difference that "
     "the run shows between its first configuration and itself)",
     0},
    {"json", KEY_JSON, NULL, 0, "Print JSON, not a table", 0},
    {"output", KEY_OUTPUT, "DIR", 0,
     "Also write compare.json, compare.tsv and a forest plot (forest.svg, .png, .gp, .tsv)", 0},
    {0},
};

static void take_models(struct compare *compare, char *text, struct argp_state *state)
{
    char *name;

    while ((name = strsep(&text, ",")) != NULL) {
        if (!*name || compare->model_count == ASKED_MODELS_MAX)
            argp_error(state, "--models: names with commas between, at most %d", ASKED_MODELS_MAX);
        compare->models[compare->model_count++] = name;
    }
}

static void take_condition(struct compare *compare, const char *text, struct argp_state *state)
{
    if (compare->condition_count == CONDITIONS_MAX)
        argp_error(state, "--fail-if: at most %d times", CONDITIONS_MAX);
    if (condition_parse(text, &compare->conditions[compare->condition_count]) < 0)
        argp_error(state, "--fail-if '%s': expected slower=5%% or p99.slower=5%%", text);
    compare->condition_count++;
}

static void take_equivalence(struct compare *compare, const char *text, struct argp_state *state)
{
    struct condition condition;
    char as_condition[64];

    snprintf(as_condition, sizeof as_condition, "slower=%.40s", text);
    if (condition_parse(as_condition, &condition) < 0 || condition.limit <= 0)
        argp_error(state, "--equivalence '%s': expected a percentage above 0, like 2%%", text);
    compare->equivalence = condition.limit;
}

static void check_models(const struct compare *compare, struct argp_state *state)
{
    if (compare->path_count == 1 && compare->model_count == 1)
        argp_error(state, "--models: of one run, two models are compared: A,B");
    if (compare->path_count == 2 && compare->model_count > 2)
        argp_error(state, "--models: of two runs, one model in both, or A,B");
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct compare *compare = state->input;

    switch (key) {
    case KEY_MODELS:
        take_models(compare, argument, state);
        return 0;
    case KEY_FAIL_IF:
        take_condition(compare, argument, state);
        return 0;
    case KEY_STRICT:
        compare->is_strict = true;
        return 0;
    case KEY_EQUIVALENCE:
        take_equivalence(compare, argument, state);
        return 0;
    case KEY_JSON:
        compare->json = true;
        return 0;
    case KEY_OUTPUT:
        compare->output = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (compare->path_count == 2)
            argp_error(state, "two sides are compared, A and B");
        compare->paths[compare->path_count++] = argument;
        return 0;
    case ARGP_KEY_END:
        if (compare->path_count == 0)
            argp_error(state, "what is compared? Two runs, or one with --models A,B");
        check_models(compare, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int compare_main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "A [B]",
        .doc = "B against A, level by level: faster, slower, equivalent, or undecided and how many "
               "blocks more that takes.\v"
               "A and B are folders of runs, folders of trials, trials, or results of other tools: "
               "what wrk --latency prints, the JSON of fortio, oha and k6, .hgrm. Models of one "
               "campaign are compared within its blocks; anything else is two separate sessions, "
               "which is weaker. Trials that are not trusted are left out.\n\n"
               "Exit status: 0 compared, 1 nothing could be compared, 2 wrong usage, 3 a condition "
               "of --fail-if was met.",
    };
    struct compare compare = {.equivalence = COMPARISON_EQUIVALENCE_MIN};

    argp_parse(&argp, argc, argv, 0, NULL, &compare);
    int status = compare_paths(&compare);
    return standard_output_close() < 0 ? EXIT_FAILED : status;
}
