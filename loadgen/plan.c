/* SPDX-License-Identifier: MIT */
#include "loadgen/plan.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/descriptors.h"
#include "common/file.h"
#include "common/log.h"
#include "common/units.h"
#include "common/version.h"
#include "loadgen/environment.h"
#include "revision.h"

enum option_key {
    OPTION_CONNECTIONS = 'c',
    OPTION_DURATION = 'd',
    OPTION_OUTPUT = 'o',
    OPTION_QUIET = 'q',
    OPTION_REQUEST = 'r',
    OPTION_THREADS = 't',
    OPTION_WARMUP = 'w',
    OPTION_REQUESTS = 'n',
    OPTION_PROTOCOL = 0x100,
    OPTION_TIMEOUT,
    OPTION_DRAIN,
    OPTION_SEED,
    OPTION_OBSERVE,
    OPTION_LABEL,
    OPTION_JSON,
    OPTION_ENVIRONMENT,
};

static const struct argp_option OPTIONS[] = {
    {NULL, 0, NULL, 0, "Load", 1},
    {"connections", OPTION_CONNECTIONS, "N", 0, "Connections, all opened before the load (100)", 1},
    {"threads", OPTION_THREADS, "N", 0, "Generator threads, an event loop each (1)", 1},
    {"request", OPTION_REQUEST, "KIND", 0,
     "echo:SIZE, persona, or work:cpu=TIME,block=TIME,reply=SIZE (echo:64)", 1},
    {"protocol", OPTION_PROTOCOL, "NAME", 0, "Wire protocol (native)", 1},
    {"seed", OPTION_SEED, "N", 0, "Of everything random (1)", 1},
    {NULL, 0, NULL, 0, "Time (250us, 10ms, 1.5s, 2m)", 2},
    {"duration", OPTION_DURATION, "TIME", 0, "Measured window (10s)", 2},
    {"warmup", OPTION_WARMUP, "TIME", 0, "Load before it that is not measured (3s)", 2},
    {"requests", OPTION_REQUESTS, "N", 0,
     "Measure N requests instead of a time, or whichever ends first", 2},
    {"timeout", OPTION_TIMEOUT, "TIME", 0,
     "For a connect, a handshake or a request to be answered (5s)", 2},
    {"drain", OPTION_DRAIN, "TIME", 0,
     "Wait so long for what is in flight at the end (the timeout)", 2},
    {NULL, 0, NULL, 0, "Output", 3},
    {"observe", OPTION_OBSERVE, "PID", 0,
     "Measure that process's CPU, memory and switches over the measured window", 3},
    {"output", OPTION_OUTPUT, "FILE", 0, "Write the trial as JSON; whole or not at all", 3},
    {"json", OPTION_JSON, NULL, 0, "Print the trial as JSON instead of a summary", 3},
    {"label", OPTION_LABEL, "NAME=VALUE", 0, "Note it in the trial; may be repeated", 3},
    {"quiet", OPTION_QUIET, NULL, 0, "No summary and no progress", 3},
    {"environment", OPTION_ENVIRONMENT, NULL, 0, "Print this machine as JSON, and exit", 3},
    {0},
};

static const char DOCUMENTATION[] =
    "Opens connections to a server, drives it in a closed loop (each connection sends "
    "its next request when the last one was answered), verifies every reply and says "
    "what it measured and how far that can be trusted.\v"
    "Ctrl-C ends the load, waits at most a second for what is in flight and "
    "reports what was measured; twice, it does not wait.\n\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage, 3 measured but not to be trusted, "
    "130 interrupted (the output is written, marked as partial).\n\n"
    "Example:\n"
    "  muelle-loadgen --connections 1000 --duration 10s --request echo:64 \\\n"
    "                 --observe $SERVER_PID --output trial.json 127.0.0.1:4444";

/* --- parsing one value, or the end of the process --------------------------------------------- */

static uint64_t parse_count(const char *option, const char *text, uint64_t min, uint64_t max)
{
    uint64_t value;

    if (count_parse(text, &value) == 0 && value >= min && value <= max)
        return value;
    log_error("%s %s: expected a whole number from %ju to %ju", option, text, (uintmax_t)min,
              (uintmax_t)max);
    exit(EXIT_USAGE);
}

static uint64_t parse_duration(const char *option, const char *text, uint64_t min_ns)
{
    uint64_t duration_ns;

    if (duration_parse(text, &duration_ns) == 0 && duration_ns >= min_ns &&
        duration_ns <= NS_PER_S * 3600 * 24)
        return duration_ns;
    log_error("%s %s: expected a time with its unit (ns us ms s m h) from %s to 24h, such as 250ms,"
              " 10s or 2m",
              option, text,
              min_ns == 0   ? "0s"
              : min_ns == 1 ? "1ns"
                            : "1ms");
    exit(EXIT_USAGE);
}

static void parse_request(struct plan *plan, const char *text)
{
    if (request_kind_parse(text, &plan->request) < 0) {
        log_error(
            "--request %s: expected echo:SIZE, persona or work:cpu=TIME,block=TIME,reply=SIZE,"
            " such as echo:64 or work:cpu=100us,reply=64",
            text);
        exit(EXIT_USAGE);
    }
    plan->request_text = text;
}

static void parse_protocol(struct plan *plan, const char *name)
{
    plan->protocol = protocol_find(name);
    if (plan->protocol)
        return;
    log_error("--protocol %s: no such protocol; there is: native", name);
    exit(EXIT_USAGE);
}

static void parse_label(struct plan *plan, const char *text)
{
    const char *equals = strchr(text, '=');
    json_t *as_json = json_string(text);

    if (!as_json) {
        log_error("--label %s: expected UTF-8, which is all that JSON can hold", text);
        exit(EXIT_USAGE);
    }
    json_decref(as_json);
    if (!equals || equals == text) {
        log_error("--label %s: expected NAME=VALUE, such as model=epoll", text);
        exit(EXIT_USAGE);
    }
    if (plan->labels_count == LABELS_MAX) {
        log_error("--label %s: at most %d labels", text, LABELS_MAX);
        exit(EXIT_USAGE);
    }
    struct plan_label *label = &plan->labels[plan->labels_count];

    label->text = strdup(text);
    if (!label->text) {
        log_error("out of memory");
        exit(EXIT_FAILED);
    }
    label->text[equals - text] = '\0';
    label->name = label->text;
    label->value = label->text + (equals - text) + 1;
    plan->labels_count++;
}

static void parse_target(struct plan *plan, const char *text)
{
    const char *problem;

    if (plan->target) {
        log_error("%s: one server at a time, please: HOST:PORT was given before", text);
        exit(EXIT_USAGE);
    }
    if (socket_address_parse(text, &plan->address, &problem) < 0) {
        log_error("%s: %s", text, problem);
        exit(EXIT_USAGE);
    }
    plan->target = text;
}

static void print_environment(void)
{
    json_t *environment = environment_json();

    json_dumpf(environment, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(environment);
    exit(EXIT_DONE);
}

/* --- the command line ------------------------------------------------------------------------- */

static error_t parse_load_option(int key, char *argument, struct plan *plan)
{
    switch (key) {
    case OPTION_CONNECTIONS:
        plan->connections = (unsigned)parse_count("--connections", argument, 1, 10000000);
        return 0;
    case OPTION_THREADS:
        plan->threads = (unsigned)parse_count("--threads", argument, 1, THREADS_MAX);
        return 0;
    case OPTION_REQUESTS:
        plan->requests = parse_count("--requests", argument, 1, UINT64_MAX / 2);
        return 0;
    case OPTION_REQUEST:
        parse_request(plan, argument);
        return 0;
    case OPTION_PROTOCOL:
        parse_protocol(plan, argument);
        return 0;
    case OPTION_SEED:
        plan->seed = parse_count("--seed", argument, 0, INT64_MAX);
        return 0;
    case OPTION_DURATION:
        plan->duration_ns = parse_duration("--duration", argument, 1);
        return 0;
    case OPTION_WARMUP:
        plan->warmup_ns = parse_duration("--warmup", argument, 0);
        return 0;
    case OPTION_TIMEOUT:
        plan->timeout_ns = parse_duration("--timeout", argument, NS_PER_MS);
        return 0;
    case OPTION_DRAIN:
        plan->drain_ns = parse_duration("--drain", argument, 0);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct plan *plan = state->input;

    switch (key) {
    case OPTION_OBSERVE:
        plan->observed_pid = (pid_t)parse_count("--observe", argument, 1, INT32_MAX);
        return 0;
    case OPTION_OUTPUT:
        plan->output_path = argument;
        return 0;
    case OPTION_JSON:
        plan->print_json = true;
        return 0;
    case OPTION_LABEL:
        parse_label(plan, argument);
        return 0;
    case OPTION_QUIET:
        plan->quiet = true;
        return 0;
    case OPTION_ENVIRONMENT:
        print_environment();
        return 0;
    case ARGP_KEY_ARG:
        parse_target(plan, argument);
        return 0;
    default:
        return parse_load_option(key, argument, plan);
    }
}

/* --- what can only be judged when everything is known ----------------------------------------- */

static void check_descriptors(const struct plan *plan)
{
    /* An epoll descriptor, an eventfd and a signal pipe a loop; standard streams, the output and
     * what /proc needs. */
    size_t own = 4 * plan->threads + 16, allowed = descriptors_raise_limit();

    if (plan->connections + own <= allowed)
        return;
    log_error(
        "--connections %u: needs %zu file descriptors, the hard limit is %zu: ask for at most "
        "%zu, or raise it (ulimit -Hn)",
        plan->connections, plan->connections + own, allowed, allowed > own ? allowed - own : 0);
    exit(EXIT_USAGE);
}

static void check_plan(struct plan *plan)
{
    int failed;

    if (!plan->target) {
        log_error("whom to load? give HOST:PORT, such as 127.0.0.1:4444; see --help");
        exit(EXIT_USAGE);
    }
    if (plan->threads > plan->connections)
        plan->threads = plan->connections; /* a thread without a connection has nothing to do */
    if (plan->requests > 0 && plan->duration_ns == 0)
        plan->duration_ns = UINT64_MAX;
    if (plan->duration_ns == 0)
        plan->duration_ns = 10 * NS_PER_S;
    if (plan->drain_ns == UINT64_MAX)
        plan->drain_ns = plan->timeout_ns;
    check_descriptors(plan);
    if (plan->output_path && (failed = file_check_writable(plan->output_path)) < 0) {
        log_error("--output %s: %s", plan->output_path, strerror(-failed));
        exit(EXIT_FAILED);
    }
}

const char *argp_program_version = "muelle-loadgen " MUELLE_VERSION " (" MUELLE_REVISION ")";

void plan_parse(int argc, char **argv, struct plan *plan)
{
    const struct argp argp = {OPTIONS, parse_option, "HOST:PORT", DOCUMENTATION, NULL, NULL, NULL};

    *plan = (struct plan){.protocol = protocols[0],
                          .connections = 100,
                          .threads = 1,
                          .warmup_ns = 3 * NS_PER_S,
                          .timeout_ns = 5 * NS_PER_S,
                          .drain_ns = UINT64_MAX,
                          .seed = 1};
    parse_request(plan, "echo:64");
    argp_err_exit_status = EXIT_USAGE;
    if (argp_parse(&argp, argc, argv, 0, NULL, plan) != 0)
        exit(EXIT_USAGE);
    check_plan(plan);
}

void plan_release(struct plan *plan)
{
    for (size_t i = 0; i < plan->labels_count; i++)
        free(plan->labels[i].text);
}
