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
    OPTION_COUNTERS,
    OPTION_LIST_MODELS,
};

static const struct argp_option OPTIONS[] = {
    {NULL, 0, NULL, 0, "What to run", 1},
    {"model", OPTION_MODEL, "NAME", 0, "Concurrency model; see --list-models", 1},
    {"protocol", OPTION_PROTOCOL, "NAME", 0, "Wire protocol (native)", 1},
    {"list-models", OPTION_LIST_MODELS, NULL, 0, "List the models, one a line, and exit", 1},
    {NULL, 0, NULL, 0, "Where", 2},
    {"bind", OPTION_BIND, "ADDRESS", 0, "Numeric address to listen on (127.0.0.1)", 2},
    {"port", OPTION_PORT, "N", 0, "Port; 0 takes a free one (4444)", 2},
    {"backlog", OPTION_BACKLOG, "N", 0, "Listen queue; the kernel's somaxconn caps it (4096)", 2},
    {NULL, 0, NULL, 0, "Limits", 3},
    {"workers", OPTION_WORKERS, "N", 0, "Threads of a pool (the model's default)", 3},
    {"max-connections", OPTION_CONNECTIONS_MAX, "N", 0,
     "Clients served at once; the next is refused (no limit)", 3},
    {"message-max", OPTION_MESSAGE_MAX, "SIZE", 0,
     "Largest payload of a message, such as 64KiB (1MiB)", 3},
    {"idle-timeout", OPTION_IDLE_TIMEOUT, "TIME", 0,
     "Close a client silent for so long, such as 30s (never)", 3},
    {NULL, 0, NULL, 0, "Output", 4},
    {"counters", OPTION_COUNTERS, "FILE", 0, "Write the counters as JSON when the server ends", 4},
    {0},
};

static const char DOCUMENTATION[] =
    "Serves the native protocol with one concurrency model: who waits, and where?\v"
    "Prints one line when it is ready:\n"
    "  listening 127.0.0.1:4444 model=epoll protocol=native pid=4711\n\n"
    "SIGINT or SIGTERM: no new clients, requests under way are answered, and the "
    "server ends within 2 s; a second signal ends it at once.\n\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage, 77 this machine cannot run the "
    "model.\n\n"
    "Example:\n"
    "  muelle-server --model epoll --port 0 --counters counters.json";

static void list_models(void)
{
    for (const struct server_model *const *model = models; *model; model++) {
        const char *reason = NULL;
        bool available = !(*model)->probe || (*model)->probe(&reason);

        printf("%-20s %s%s%s\n", (*model)->name, (*model)->summary,
               available ? "" : "; not available here: ", available ? "" : reason);
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
    if (duration_parse(text, &config->idle_timeout_ns) < 0) {
        log_error("--idle-timeout %s: expected a time with its unit, such as 30s or 500ms", text);
        exit(EXIT_USAGE);
    }
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct server_options *options = state->input;
    struct server_config *config = &options->config;

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
    case OPTION_WORKERS:
        config->workers = (unsigned)option_count("--workers", argument, 1, 100000);
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
        list_models();
        exit(EXIT_DONE);
    case ARGP_KEY_ARG:
        log_error("%s: unexpected argument; see --help", argument);
        exit(EXIT_USAGE);
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* What can only be judged when everything is known. */
static void check_options(const struct server_options *options)
{
    int failed;

    if (!options->config.model) {
        log_error("--model NAME is needed; muelle-server --list-models shows them");
        exit(EXIT_USAGE);
    }
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
