/* SPDX-License-Identifier: MIT */
#include "loadgen/plan_options.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/option_value.h"
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
    OPTION_PIPELINE,
    OPTION_THINK,
    OPTION_REQUESTS_PER_CONNECTION,
    OPTION_CONNECT_RATE,
    OPTION_SOURCE,
    OPTION_SEED,
    OPTION_RATE,
    OPTION_ARRIVAL,
    OPTION_PACING,
    OPTION_QUEUE_LIMIT,
    OPTION_TIMEOUT,
    OPTION_DRAIN,
    OPTION_OBSERVE,
    OPTION_TIMESTAMPS,
    OPTION_STRICT,
    OPTION_FAIL_IF,
    OPTION_FIND_CAPACITY,
    OPTION_LABEL,
    OPTION_JSON,
    OPTION_HGRM,
    OPTION_HLOG,
    OPTION_STREAM,
    OPTION_OPENMETRICS,
    OPTION_METRICS_PORT,
    OPTION_DUMP,
    OPTION_IDLE_CONNECTIONS,
    OPTION_ENVIRONMENT,
};

static const struct argp_option OPTIONS[] = {
    {NULL, 0, NULL, 0, "Load", 1},
    {"connections", OPTION_CONNECTIONS, "N", 0, "Connections, all opened before the load (100)", 1},
    {"idle-connections", OPTION_IDLE_CONNECTIONS, "N", 0,
     "Further connections that greet and then stay silent (0)", 1},
    {"threads", OPTION_THREADS, "N", 0, "Generator threads, an event loop each (1)", 1},
    {"request", OPTION_REQUEST, "KIND", 0,
     "echo:SIZE, persona, work:cpu=TIME,block=TIME,reply=SIZE, or a mix of them with weights, "
     "99*echo:64,1*work:cpu=20ms; SIZE may be uniform(MIN,MAX) or zipf(MIN,MAX,EXPONENT) (echo:64)",
     1},
    {"protocol", OPTION_PROTOCOL, "NAME", 0, "Wire protocol (native)", 1},
    {"seed", OPTION_SEED, "N", 0, "Of everything random (1)", 1},
    {NULL, 0, NULL, 0, "Open loop: requests are sent when they are due, whatever was answered", 2},
    {"rate", OPTION_RATE, "R/s", 0,
     "Requests a second, such as 3900/s or 20k/s; with it the loop is open", 2},
    {"arrival", OPTION_ARRIVAL, "KIND", 0,
     "uniform, poisson, burst:on=TIME,off=TIME, ramp:from=R/s,to=R/s, step:R/s,R/s,...@TIME or "
     "trace:FILE (uniform)",
     2},
    {"pacing", OPTION_PACING, "HOW", 0,
     "sleep until a request is due, spin for the last 100 us of it (hybrid), or only spin (hybrid)",
     2},
    {"queue-limit", OPTION_QUEUE_LIMIT, "N", 0,
     "Due requests that may wait for a connection; beyond it the oldest are given up (1M)", 2},
    {NULL, 0, NULL, 0, "Closed loop, without --rate: requests are sent when others are answered",
     3},
    {"think", OPTION_THINK, "TIME", 0, "Between an answer and the next request; or exp(TIME)", 3},
    {"pipeline", OPTION_PIPELINE, "N", 0, "Requests in flight on one connection, at most (1)", 3},
    {NULL, 0, NULL, 0, "Connections", 4},
    {"connect-rate", OPTION_CONNECT_RATE, "R/s", 0, "Open no more than so many a second", 4},
    {"requests-per-connection", OPTION_REQUESTS_PER_CONNECTION, "K", 0,
     "Close a connection after K requests and open a new one", 4},
    {"source", OPTION_SOURCE, "ADDR[-ADDR]", 0,
     "Connect from these addresses in turn; each has ports of its own", 4},
    {NULL, 0, NULL, 0, "Time (250us, 10ms, 1.5s, 2m)", 5},
    {"duration", OPTION_DURATION, "TIME", 0, "Measured window (10s)", 5},
    {"warmup", OPTION_WARMUP, "TIME", 0,
     "Load before it that is not measured: a time, 0 for none, or auto, until the throughput is "
     "steady (auto)",
     5},
    {"requests", OPTION_REQUESTS, "N", 0,
     "Measure N requests instead of a time, or whichever ends first", 5},
    {"timeout", OPTION_TIMEOUT, "TIME", 0,
     "For a connect, a handshake or a request to be answered (5s)", 5},
    {"drain", OPTION_DRAIN, "TIME", 0,
     "Wait so long for what is due or in flight at the end (the timeout)", 5},
    {NULL, 0, NULL, 0, "Trust", 6},
    {"observe", OPTION_OBSERVE, "PID", 0,
     "Measure that process's CPU, memory and switches over the measured window; it takes the "
     "server's to tell who was the limit",
     6},
    {"timestamps", OPTION_TIMESTAMPS, "WHICH", 0,
     "Connections whose replies the kernel stamps when they arrive: sample, all or off (sample)",
     6},
    {"fail-if", OPTION_FAIL_IF, "CONDITION", 0,
     "Exit 3 if it is true: 'response.p99>10ms', 'response[echo:64].p99>10ms', 'errors>0.1%', "
     "'throughput<5k/s'; may be repeated",
     6},
    {"strict", OPTION_STRICT, NULL, 0, "Exit 3 for CAUTION, too", 6},
    {"find-capacity", OPTION_FIND_CAPACITY, "CONDITION", 0,
     "Search the largest --rate at which it holds, such as 'response.p99<10ms', from --rate on "
     "(1k/s), in some 30 trials of --duration (3s)",
     6},
    {NULL, 0, NULL, 0, "Output (FILE - is standard output)", 7},
    {"output", OPTION_OUTPUT, "FILE", 0, "Write the trial as JSON; whole or not at all", 7},
    {"json", OPTION_JSON, NULL, 0, "Print the trial as JSON instead of a summary", 7},
    {"label", OPTION_LABEL, "NAME=VALUE", 0, "Note it in the trial; may be repeated", 7},
    {"hgrm", OPTION_HGRM, "FILE", 0,
     "Response time as HdrHistogram's percentile text, in milliseconds", 7},
    {"hlog", OPTION_HLOG, "FILE", 0, "Response time of each second and class, HdrHistogram log V2",
     7},
    {"stream", OPTION_STREAM, "FILE", 0, "A line of JSON a second while it runs", 7},
    {"openmetrics", OPTION_OPENMETRICS, "FILE", 0,
     "The result as OpenMetrics text, when it is over", 7},
    {"metrics-port", OPTION_METRICS_PORT, "PORT", 0,
     "Serve OpenMetrics on 127.0.0.1:PORT while it runs; 0 takes a free one", 7},
    {"dump", OPTION_DUMP, "FILE", 0,
     "Every request as a line of CSV: intended, sent, received, class, connection, outcome", 7},
    {"quiet", OPTION_QUIET, NULL, 0,
     "No summary and no progress; errors and missed conditions are still printed", 7},
    {"environment", OPTION_ENVIRONMENT, NULL, 0, "Print this machine as JSON, and exit", 7},
    {0},
};

static const char DOCUMENTATION[] =
    "Opens connections to a server, drives it in an open loop (--rate) "
    "or a closed one, verifies every reply and says what it measured and how far that can be "
    "trusted.\v"
    "Ctrl-C ends the load, waits at most a second for what is in flight and "
    "reports what was measured; twice, it does not wait.\n\n"
    "Exit status:\n"
    "    0  done\n"
    "    1  failed: the server could not be reached, an output not be written\n"
    "    2  wrong usage\n"
    "    3  measured, but not to be trusted, or a condition of --fail-if is\n"
    "       true, or no capacity was found\n"
    "  130  interrupted; the output is written, marked as partial\n\n"
    "Examples:\n"
    "  muelle-loadgen --rate 20k/s --arrival poisson 127.0.0.1:4444\n"
    "  muelle-loadgen --connections 1000 --duration 10s --request echo:64 \\\n"
    "                 --observe $SERVER_PID --output trial.json 127.0.0.1:4444\n"
    "  muelle-loadgen --rate 5k/s --fail-if 'response.p99>10ms' --strict \\\n"
    "                 127.0.0.1:4444\n"
    "  muelle-loadgen --find-capacity 'response.p99<10ms' 127.0.0.1:4444";

/* --- values of their own kind, or the end of the process ---------------------------------------
 */

void plan_options_parse_request(struct plan *plan, const char *text)
{
    const char *problem;

    if (request_mix_parse(text, &plan->requests_mix, &problem) < 0) {
        log_error("--request %s: %s", text, problem);
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

/* "5ms" or "exp(5ms)". */
static void parse_think(struct plan *plan, const char *text)
{
    size_t size = strlen(text);
    char inner[32];

    plan->think_is_exponential = strncmp(text, "exp(", 4) == 0 && text[size - 1] == ')';
    plan->think_text = text;
    if (plan->think_is_exponential && size - 5 < sizeof inner) {
        memcpy(inner, text + 4, size - 5);
        inner[size - 5] = '\0';
        plan->think_ns = option_duration("--think", inner, 1);
    } else {
        plan->think_ns = option_duration("--think", text, 1);
    }
    plan->loop = LOOP_THINK;
}

static void parse_warmup(struct plan *plan, const char *text)
{
    plan->warmup_auto = strcmp(text, "auto") == 0;
    plan->warmup_is_asked = true;
    plan->warmup_ns = plan->warmup_auto ? 0 : option_duration("--warmup", text, 0);
}

static void parse_source(struct plan *plan, const char *text)
{
    const char *problem;

    if (socket_address_parse_range(text, plan->sources, SOURCES_MAX, &plan->sources_count,
                                   &problem) < 0) {
        log_error("--source %s: %s", text, problem);
        exit(EXIT_USAGE);
    }
    plan->source_text = text;
}

static void parse_fail_if(struct plan *plan, const char *text)
{
    const char *problem;

    if (plan->thresholds_count == THRESHOLDS_MAX) {
        log_error("--fail-if %s: at most %d conditions", text, THRESHOLDS_MAX);
        exit(EXIT_USAGE);
    }
    if (threshold_parse(text, &plan->thresholds[plan->thresholds_count], &problem) < 0) {
        log_error("--fail-if %s: %s", text, problem);
        exit(EXIT_USAGE);
    }
    plan->thresholds_count++;
}

static void parse_find_capacity(struct plan *plan, const char *text)
{
    const char *problem;

    if (threshold_parse_goal(text, &plan->capacity_goal, &problem) < 0) {
        log_error("--find-capacity %s: %s", text, problem);
        exit(EXIT_USAGE);
    }
    plan->find_capacity = true;
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
    if (socket_address_resolve(text, plan->addresses, TARGETS_MAX, &plan->addresses_count,
                               &problem) < 0) {
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

/* --- the options ------------------------------------------------------------------------------ */

static error_t parse_load_option(int key, char *argument, struct plan *plan)
{
    static const char *const pacings[] = {"sleep", "hybrid", "spin", NULL};

    switch (key) {
    case OPTION_REQUEST:
        plan_options_parse_request(plan, argument);
        return 0;
    case OPTION_PROTOCOL:
        parse_protocol(plan, argument);
        return 0;
    case OPTION_SEED:
        plan->seed = option_count("--seed", argument, 0, INT64_MAX);
        return 0;
    case OPTION_RATE:
        plan->rate_per_s = option_rate("--rate", argument);
        return 0;
    case OPTION_ARRIVAL:
        plan->arrival_text = argument;
        return 0;
    case OPTION_PACING:
        plan->pacing = (enum pacing)option_choice("--pacing", argument, pacings);
        return 0;
    case OPTION_QUEUE_LIMIT:
        plan->queue_limit = option_count("--queue-limit", argument, 1, UINT64_MAX / 2);
        return 0;
    case OPTION_THINK:
        parse_think(plan, argument);
        return 0;
    case OPTION_PIPELINE:
        plan->pipeline = (unsigned)option_count("--pipeline", argument, 1, PIPELINE_MAX);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_connection_option(int key, char *argument, struct plan *plan)
{
    switch (key) {
    case OPTION_CONNECTIONS:
        plan->connections = (unsigned)option_count("--connections", argument, 1, 10000000);
        return 0;
    case OPTION_IDLE_CONNECTIONS:
        plan->idle_connections =
            (unsigned)option_count("--idle-connections", argument, 0, 10000000);
        return 0;
    case OPTION_THREADS:
        plan->threads = (unsigned)option_count("--threads", argument, 1, THREADS_MAX);
        return 0;
    case OPTION_CONNECT_RATE:
        plan->connect_rate_per_s = option_rate("--connect-rate", argument);
        return 0;
    case OPTION_REQUESTS_PER_CONNECTION:
        plan->requests_per_connection =
            option_count("--requests-per-connection", argument, 1, UINT64_MAX / 2);
        return 0;
    case OPTION_SOURCE:
        parse_source(plan, argument);
        return 0;
    case OPTION_TIMEOUT:
        plan->timeout_ns = option_duration("--timeout", argument, NS_PER_MS);
        return 0;
    default:
        return parse_load_option(key, argument, plan);
    }
}

static error_t parse_time_option(int key, char *argument, struct plan *plan)
{
    switch (key) {
    case OPTION_REQUESTS:
        plan->requests = option_count("--requests", argument, 1, UINT64_MAX / 2);
        return 0;
    case OPTION_DURATION:
        plan->duration_ns = option_duration("--duration", argument, 1);
        return 0;
    case OPTION_WARMUP:
        parse_warmup(plan, argument);
        return 0;
    case OPTION_DRAIN:
        plan->drain_ns = option_duration("--drain", argument, 0);
        return 0;
    default:
        return parse_connection_option(key, argument, plan);
    }
}

static error_t parse_trust_option(int key, char *argument, struct plan *plan)
{
    static const char *const timestamps[] = {"sample", "all", "off", NULL};

    switch (key) {
    case OPTION_OBSERVE:
        plan->observed_pid = (pid_t)option_count("--observe", argument, 1, INT32_MAX);
        return 0;
    case OPTION_TIMESTAMPS:
        plan->timestamps = (enum timestamps)option_choice("--timestamps", argument, timestamps);
        return 0;
    case OPTION_FAIL_IF:
        parse_fail_if(plan, argument);
        return 0;
    case OPTION_STRICT:
        plan->strict = true;
        return 0;
    case OPTION_FIND_CAPACITY:
        parse_find_capacity(plan, argument);
        return 0;
    default:
        return parse_time_option(key, argument, plan);
    }
}

static error_t parse_output_option(int key, char *argument, struct plan *plan)
{
    switch (key) {
    case OPTION_OUTPUT:
        plan->output_path = argument;
        return 0;
    case OPTION_HGRM:
        plan->hgrm_path = argument;
        return 0;
    case OPTION_HLOG:
        plan->hlog_path = argument;
        return 0;
    case OPTION_STREAM:
        plan->stream_path = argument;
        return 0;
    case OPTION_OPENMETRICS:
        plan->openmetrics_path = argument;
        return 0;
    case OPTION_METRICS_PORT:
        plan->metrics_port = (uint16_t)option_count("--metrics-port", argument, 0, UINT16_MAX);
        plan->serve_metrics = true;
        return 0;
    case OPTION_DUMP:
        plan->dump_path = argument;
        return 0;
    case OPTION_LABEL:
        parse_label(plan, argument);
        return 0;
    default:
        return parse_trust_option(key, argument, plan);
    }
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct plan *plan = state->input;

    switch (key) {
    case OPTION_JSON:
        plan->print_json = true;
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
        return parse_output_option(key, argument, plan);
    }
}

const char *argp_program_version = "muelle-loadgen " MUELLE_VERSION " (" MUELLE_REVISION ")";

void plan_options_parse(int argc, char **argv, struct plan *plan)
{
    const struct argp argp = {OPTIONS, parse_option, "HOST:PORT|unix:PATH", DOCUMENTATION, NULL,
                              NULL,    NULL};

    argp_err_exit_status = EXIT_USAGE;
    if (argp_parse(&argp, argc, argv, 0, NULL, plan) != 0)
        exit(EXIT_USAGE);
}
