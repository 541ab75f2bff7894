/* SPDX-License-Identifier: MIT */
/*
 * conformance: what every concurrency model has to do, whatever its nature.
 *
 *     conformance --model epoll [--protocol native] [--case NAME]     plays the cases
 *     conformance --list                                              names them
 *     conformance --models "A B C"                                    are these all that there are?
 *
 * Each case is a process of its own that plays the clients; the server is its child. A case that
 * hangs is ended and has failed.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"
#include "tests/conformance/check.h"
#include "tests/conformance/scene.h"

static const struct conformance_case *const TABLES[] = {
    cases_frames, cases_greeting, cases_counters, cases_many,      cases_slow,
    cases_limits, cases_idle,     cases_stop,     cases_processes,
};
#define TABLES_COUNT (sizeof TABLES / sizeof TABLES[0])

/* The status of the process that played it, as waitpid(2) tells it. */
static int play(const struct conformance_case *played, const struct scene *scene)
{
    int status;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        alarm(CASE_SECONDS_MAX);
        played->play(scene);
        exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid) {
        log_error("%s: %s", played->name, strerror(errno));
        exit(EXIT_FAILED);
    }
    return status;
}

/* True when it passed, or was skipped. */
static bool judge(const struct conformance_case *played, const struct scene *scene)
{
    uint64_t start_ns = clock_now_ns();
    int status = play(played, scene);
    bool skipped = WIFEXITED(status) && WEXITSTATUS(status) == CASE_SKIPPED;
    bool passed = WIFEXITED(status) && WEXITSTATUS(status) == 0;

    printf("%-6s %s %s %s",
           passed    ? "ok"
           : skipped ? "skip"
                     : "FAILED",
           scene->model->name, scene->protocol->name, played->name);
    if (WIFSIGNALED(status))
        printf("  (%s)", WTERMSIG(status) == SIGALRM ? "hung" : strsignal(WTERMSIG(status)));
    printf("  %ju ms\n", (uintmax_t)((clock_now_ns() - start_ns) / NS_PER_MS));
    return passed || skipped;
}

/* Plays the cases of that name, or all; returns how many failed. `played` counts them. */
static int play_all(const struct scene *scene, const char *name, int *played)
{
    int failed = 0;

    for (size_t table = 0; table < TABLES_COUNT; table++) {
        for (const struct conformance_case *one = TABLES[table]; one->name; one++) {
            if (name && strcmp(name, one->name) != 0)
                continue;
            failed += !judge(one, scene);
            ++*played;
        }
    }
    return failed;
}

static void list(void)
{
    for (const struct server_model *const *model = models; *model; model++) {
        if (!(*model)->is_null)
            printf("model %s\n", (*model)->name);
    }
    for (size_t table = 0; table < TABLES_COUNT; table++) {
        for (const struct conformance_case *one = TABLES[table]; one->name; one++)
            printf("case %s\n", one->name);
    }
}

/* A model that nobody plays the cases with would pass unseen. */
static int compare_models(const char *expected)
{
    char names[1024];
    int missing = 0;

    snprintf(names, sizeof names, " %s ", expected);
    for (const struct server_model *const *model = models; *model; model++) {
        char name[64];

        snprintf(name, sizeof name, " %s ", (*model)->name);
        if (!(*model)->is_null && !strstr(names, name)) {
            log_error("model %s has no test", (*model)->name);
            missing++;
        }
    }
    return missing == 0 ? EXIT_DONE : EXIT_FAILED;
}

static int play_model(const char *model_name, const char *protocol_name, const char *case_name)
{
    const struct server_model *model = model_find(model_name);
    const char *reason;
    int failed = 0, played = 0;

    if (!model || model->is_null) {
        log_error("--model %s: no such model to judge; --list shows them", model_name);
        return EXIT_USAGE;
    }
    if (model->probe && !model->probe(&reason)) {
        log_error("model %s is not available here: %s", model_name, reason);
        return EXIT_NOT_AVAILABLE;
    }
    for (const struct protocol *const *protocol = protocols; *protocol; protocol++) {
        const struct scene scene = scene_of(model, *protocol);

        if (!protocol_name || strcmp(protocol_name, (*protocol)->name) == 0)
            failed += play_all(&scene, case_name, &played);
    }
    if (played == 0) {
        log_error("nothing of that name to play; --list shows the cases");
        return EXIT_USAGE;
    }
    printf("%s: %d of %d cases failed\n", model_name, failed, played);
    return failed == 0 ? EXIT_DONE : EXIT_FAILED;
}

int main(int argc, char **argv)
{
    static const struct option OPTIONS[] = {
        {"model", required_argument, NULL, 'm'},  {"protocol", required_argument, NULL, 'p'},
        {"models", required_argument, NULL, 'a'}, {"case", required_argument, NULL, 'c'},
        {"list", no_argument, NULL, 'l'},         {NULL, 0, NULL, 0},
    };
    const char *model = NULL, *protocol = NULL, *one = NULL;
    int option;

    log_program("conformance");
    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        switch (option) {
        case 'm':
            model = optarg;
            break;
        case 'p':
            protocol = optarg;
            break;
        case 'c':
            one = optarg;
            break;
        case 'a':
            return compare_models(optarg);
        case 'l':
            list();
            return EXIT_DONE;
        default:
            return EXIT_USAGE;
        }
    }
    if (!model || optind < argc) {
        log_error("usage: conformance --model NAME [--protocol NAME] [--case NAME] | --list");
        return EXIT_USAGE;
    }
    return play_model(model, protocol, one);
}
