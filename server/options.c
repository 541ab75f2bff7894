/* SPDX-License-Identifier: MIT */
#include "server/options.h"

#include <argp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/log.h"
#include "common/option_value.h"
#include "common/units.h"
#include "revision.h"

enum option_key {
    OPTION_MODEL = 'm',
    OPTION_PORT = 'p',
    OPTION_WORKERS = 'w',
    OPTION_PROTOCOL = 0x100,
    OPTION_BIND,
    OPTION_CONNECTIONS_MAX,
    OPTION_MESSAGE_MAX,
    OPTION_IDLE_TIMEOUT,
    OPTION_BACKLOG,
    OPTION_QUEUE,
    OPTION_STACK_SIZE,
    OPTION_REQUESTS_PER_TURN,
    OPTION_RING_ENTRIES,
    OPTION_COUNTERS,
    OPTION_LIST_MODELS,
    OPTION_VERBOSE,
};

static const struct argp_option OPTIONS[] = {
    {NULL, 0, NULL, 0, "What to run", 1},
    {"model", OPTION_MODEL, "NAME", 0, "Concurrency model; see --list-models", 1},
    {"protocol", OPTION_PROTOCOL, "NAME", 0, "Wire protocol (native)", 1},
    {"list-models", OPTION_LIST_MODELS, NULL, 0, "List the models, one a line, and exit", 1},
    {"verbose", OPTION_VERBOSE, NULL, 0, "With --list-models: what each can be tuned by", 1},
    {NULL, 0, NULL, 0, "Where", 2},
    {"bind", OPTION_BIND, "ADDRESS", 0, "Numeric address to listen on (127.0.0.1)", 2},
    {"port", OPTION_PORT, "N", 0, "Port; 0 takes a free one (4444)", 2},
    {"backlog", OPTION_BACKLOG, "N", 0, "Listen queue; the kernel's somaxconn caps it (4096)", 2},
    {NULL, 0, NULL, 0, "Limits", 3},
    {"max-connections", OPTION_CONNECTIONS_MAX, "N", 0,
     "Clients served at once; the next is refused (no limit)", 3},
    {"message-max", OPTION_MESSAGE_MAX, "SIZE", 0,
     "Largest payload of a message, such as 64KiB (1MiB)", 3},
    {"idle-timeout", OPTION_IDLE_TIMEOUT, "TIME", 0,
     "Close a client silent for so long, such as 30s (never)", 3},
    {NULL, 0, NULL, 0, "Tuning; a model refuses what it has no use for", 4},
    {"workers", OPTION_WORKERS, "N", 0,
     "Threads or processes that serve (as many as cores, 200 where each serves one client)", 4},
    {"queue", OPTION_QUEUE, "N", 0, "Clients or requests that may wait for a worker (128)", 4},
    {"stack-size", OPTION_STACK_SIZE, "SIZE", 0,
     "Stack of a thread that serves a client; what it does not touch costs nothing (128KiB)", 4},
    {"requests-per-turn", OPTION_REQUESTS_PER_TURN, "N", 0,
     "Requests of one client before the others have their turn (64)", 4},
    {"ring-entries", OPTION_RING_ENTRIES, "N", 0, "Entries of an io_uring (1024)", 4},
    {NULL, 0, NULL, 0, "Output", 5},
    {"counters", OPTION_COUNTERS, "FILE", 0,
     "Write the counters as JSON at the end, and whenever SIGUSR1 comes", 5},
    {0},
};

static const char DOCUMENTATION[] =
    "Serves the native protocol with one concurrency model: who waits, and where?\v"
    "Prints one line when it is ready:\n"
    "  listening 127.0.0.1:4444 model=epoll protocol=native pid=4711\n\n"
    "SIGINT or SIGTERM: no new clients, requests under way are answered, and the "
    "server ends within 2 s; a second signal ends it at once.\n\n"
    "SIGUSR1 writes --counters FILE as things stand, all of it or nothing.\n\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage, 77 this machine cannot run the "
    "model.\n\n"
    "Example:\n"
    "  muelle-server --model epoll --port 0 --counters counters.json";

/* The options that a model may have no use for. */
static const struct {
    enum tuning tuning;
    int key;
    const char *name;
} TUNINGS[] = {
    {TUNING_WORKERS, OPTION_WORKERS, "--workers"},
    {TUNING_QUEUE, OPTION_QUEUE, "--queue"},
    {TUNING_STACK_SIZE, OPTION_STACK_SIZE, "--stack-size"},
    {TUNING_REQUESTS_PER_TURN, OPTION_REQUESTS_PER_TURN, "--requests-per-turn"},
    {TUNING_RING_ENTRIES, OPTION_RING_ENTRIES, "--ring-entries"},
};
enum { TUNINGS_COUNT = sizeof TUNINGS / sizeof *TUNINGS };

static void list_tunings(const struct server_model *model)
{
    printf("%-20s   ", "");
    for (int i = 0; i < TUNINGS_COUNT; i++) {
        if (model->tunings & TUNINGS[i].tuning)
            printf("%s ", TUNINGS[i].name);
    }
    printf("--backlog --max-connections");
    if (model->workers_default > 0)
        printf("; %u workers", model->workers_default);
    else if (model->tunings & TUNING_WORKERS)
        printf("; a worker a core");
    if (model->capacity != CAPACITY_UNLIMITED)
        printf("; %s", model->capacity == CAPACITY_ONE ? "serves one client at a time"
                                                       : "a client occupies a worker");
    printf("\n");
}

static void list_models(bool verbose)
{
    for (const struct server_model *const *model = models; *model; model++) {
        const char *reason = NULL;
        bool available = !(*model)->probe || (*model)->probe(&reason);

        printf("%-20s %s%s%s\n", (*model)->name, (*model)->summary,
               available ? "" : "; not available here: ", available ? "" : reason);
        if (verbose)
            list_tunings(*model);
    }
}

static void parse_model(struct server_config *config, const char *name)
{
    config->model = model_find(name);
    if (config->model)
        return;
    log_error("--model %s: no such model; muelle-server --list-models shows them", name);
    exit(EXIT_USAGE);
}

static void parse_protocol(struct server_config *config, const char *name)
{
    config->protocol = protocol_find(name);
    if (config->protocol)
        return;
    log_error("--protocol %s: no such protocol; there is: native", name);
    exit(EXIT_USAGE);
}

static void parse_message_max(struct server_config *config, const char *text)
{
    uint64_t size;

    if (size_parse(text, &size) < 0 || size < 1 || size > (1u << 30)) {
        log_error("--message-max %s: expected a size from 1 to 1GiB, such as 64KiB", text);
        exit(EXIT_USAGE);
    }
    config->message_max = (size_t)size;
}

static void parse_idle_timeout(struct server_config *config, const char *text)
{
    /* On a blocking socket microseconds are counted, and none of them would be for ever; at the
     * other end is what can be added to the clock. */
    const uint64_t min_ns = NS_PER_US, max_ns = UINT64_C(1000000) * 3600 * NS_PER_S;
    uint64_t timeout_ns;

    if (duration_parse(text, &timeout_ns) < 0 || timeout_ns > max_ns ||
        (timeout_ns > 0 && timeout_ns < min_ns)) {
        log_error("--idle-timeout %s: expected a time from 1us to 1000000h, such as 30s or 500ms",
                  text);
        exit(EXIT_USAGE);
    }
    config->idle_timeout_ns = timeout_ns;
}

static void parse_stack_size(struct server_config *config, const char *text)
{
    enum { STACK_MIN = 64 * 1024 };
    uint64_t size;

    if (size_parse(text, &size) < 0 || size < STACK_MIN || size > (1u << 30)) {
        log_error("--stack-size %s: expected a size from 64KiB to 1GiB", text);
        exit(EXIT_USAGE);
    }
    config->stack_size = (size_t)size;
}

/* False when `key` is none of these. */
static bool parse_tuning(struct server_options *options, int key, const char *argument)
{
    struct server_config *config = &options->config;

    switch (key) {
    case OPTION_WORKERS:
        config->workers = (unsigned)option_count("--workers", argument, 1, 10000);
        break;
    case OPTION_QUEUE:
        config->queue = (unsigned)option_count("--queue", argument, 1, 1000000);
        break;
    case OPTION_STACK_SIZE:
        parse_stack_size(config, argument);
        break;
    case OPTION_REQUESTS_PER_TURN:
        config->requests_per_turn =
            (unsigned)option_count("--requests-per-turn", argument, 1, 1000000);
        break;
    case OPTION_RING_ENTRIES:
        config->ring_entries = (unsigned)option_count("--ring-entries", argument, 8, 32768);
        break;
    default:
        return false;
    }
    for (int i = 0; i < TUNINGS_COUNT; i++) {
        if (TUNINGS[i].key == key)
            options->tuned |= TUNINGS[i].tuning;
    }
    return true;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct server_options *options = state->input;
    struct server_config *config = &options->config;

    if (parse_tuning(options, key, argument))
        return 0;

    switch (key) {
    case OPTION_MODEL:
        parse_model(config, argument);
        break;
    case OPTION_PROTOCOL:
        parse_protocol(config, argument);
        break;
    case OPTION_BIND:
        config->bind_address = argument;
        break;
    case OPTION_PORT:
        config->port = (uint16_t)option_count("--port", argument, 0, UINT16_MAX);
        break;
    case OPTION_CONNECTIONS_MAX:
        config->connections_max =
            (size_t)option_count("--max-connections", argument, 1, UINT32_MAX);
        break;
    case OPTION_MESSAGE_MAX:
        parse_message_max(config, argument);
        break;
    case OPTION_IDLE_TIMEOUT:
        parse_idle_timeout(config, argument);
        break;
    case OPTION_BACKLOG:
        config->backlog = (int)option_count("--backlog", argument, 1, INT_MAX);
        break;
    case OPTION_COUNTERS:
        options->counters_path = argument;
        break;
    case OPTION_LIST_MODELS:
        options->lists_models = true;
        break;
    case OPTION_VERBOSE:
        options->verbose = true;
        break;
    case ARGP_KEY_ARG:
        log_error("%s: unexpected argument; see --help", argument);
        exit(EXIT_USAGE);
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static void check_tunings(const struct server_options *options)
{
    const struct server_model *model = options->config.model;

    for (int i = 0; i < TUNINGS_COUNT; i++) {
        if (!(options->tuned & TUNINGS[i].tuning) || model->tunings & TUNINGS[i].tuning)
            continue;
        log_error("%s means nothing to the model %s; --list-models --verbose tells what does",
                  TUNINGS[i].name, model->name);
        exit(EXIT_USAGE);
    }
}

/* What can only be judged when everything is known. */
static void check_options(const struct server_options *options)
{
    int failed;

    if (options->lists_models) {
        list_models(options->verbose);
        exit(EXIT_DONE);
    }

    if (!options->config.model) {
        log_error("--model NAME is needed; muelle-server --list-models shows them");
        exit(EXIT_USAGE);
    }
    check_tunings(options);
    if (options->counters_path && (failed = file_check_writable(options->counters_path)) < 0) {
        log_error("--counters %s: %s", options->counters_path, strerror(-failed));
        exit(EXIT_FAILED);
    }
}

const char *argp_program_version = "muelle-server 0.1.0 (" MUELLE_REVISION ")";

void server_options_parse(int argc, char **argv, struct server_options *options)
{
    const struct argp argp = {OPTIONS, parse_option, NULL, DOCUMENTATION, NULL, NULL, NULL};

    *options = (struct server_options){.config = SERVER_CONFIG_DEFAULT};
    options->config.protocol = protocols[0];
    argp_err_exit_status = EXIT_USAGE;
    if (argp_parse(&argp, argc, argv, 0, NULL, options) != 0)
        exit(EXIT_USAGE);
    check_options(options);
}
