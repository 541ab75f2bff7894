/* SPDX-License-Identifier: MIT */
#include "tests/truth/options.h"

#include <argp.h>
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "common/log.h"
#include "common/units.h"

enum option_key {
    OPTION_PORT = 'p',
    OPTION_BIND = 0x100,
    OPTION_UNIX,
    OPTION_FREEZE,
    OPTION_DELAY,
    OPTION_CAPACITY,
    OPTION_HANG_AFTER,
    OPTION_CLOSE_AFTER,
    OPTION_SEED,
    OPTION_SLEEP,
    OPTION_LOG,
};

static const struct argp_option OPTIONS[] = {
    {NULL, 0, NULL, 0, "When replies leave", 1},
    {"freeze", OPTION_FREEZE, "TIME@PERIOD", 0,
     "Do nothing for the last TIME of every PERIOD, from the start on; what is sent meanwhile "
     "waits "
     "in the kernel",
     1},
    {"delay", OPTION_DELAY, "TIME[:WEIGHT,TIME:WEIGHT...]", 0,
     "Each reply leaves so long after its request arrived, though it be read later; of several, "
     "one is drawn for each request",
     1},
    {"capacity", OPTION_CAPACITY, "N/s", 0,
     "One request after another takes 1/N s; the rest waits in a queue without a limit", 1},
    {"seed", OPTION_SEED, "N", 0, "Of the drawing (1)", 1},
    {NULL, 0, NULL, 0, "What fails", 2},
    {"hang-after", OPTION_HANG_AFTER, "N", 0,
     "Answer N requests, then read what comes and say nothing more", 2},
    {"close-after", OPTION_CLOSE_AFTER, "K", 0, "Close each client after its K-th reply", 2},
    {NULL, 0, NULL, 0, "Where", 3},
    {"bind", OPTION_BIND, "ADDRESS", 0, "Numeric loopback address (127.0.0.1)", 3},
    {"port", OPTION_PORT, "N", 0, "0 takes a free one (0)", 3},
    {"unix", OPTION_UNIX, "PATH", 0, "Listen on a Unix socket instead", 3},
    {"sleep", OPTION_SLEEP, NULL, 0,
     "Wait in the kernel: costs no core, but replies are late by what the scheduler takes", 3},
    {NULL, 0, NULL, 0, "What it tells", 4},
    {"log", OPTION_LOG, "FILE", 0,
     "Write at the end, of each delayed reply (up to a million), when its request arrived "
     "(CLOCK_MONOTONIC) and how long it took from there until it had left, in nanoseconds",
     4},
    {0},
};

static const char DOCUMENTATION[] =
    "A server whose latency is known: what a load generator measures can be held against it. "
    "Speaks the native protocol, and HTTP/1.1 to a client that begins with GET.\v"
    "Prints `listening HOST:PORT` or `listening unix:PATH` when it is ready and, when SIGINT or "
    "SIGTERM has ended it, what it did, among it how late its replies left: where that is large, "
    "the server is not the truth it is meant to be. It spins, so give it a core of its own.\n\n"
    "The replies of one client leave in the order of its requests, so a short delay waits for a "
    "longer one before it; with one request in flight a connection every delay is exact.\n\n"
    "Example:\n"
    "  taskset -c 0 timed-server --delay 1ms:99,20ms:1";

/* Ends the process, saying what was meant. */
static _Noreturn void misused(const char *option, const char *text, const char *expected)
{
    log_error("%s %s: expected %s", option, text, expected);
    exit(EXIT_USAGE);
}

static uint64_t parse_count(const char *option, const char *text, uint64_t min, uint64_t max,
                            const char *expected)
{
    uint64_t value;

    if (count_parse(text, &value) < 0 || value < min || value > max)
        misused(option, text, expected);
    return value;
}

static bool is_loopback(const struct socket_address *address)
{
    if (address->generic.sa_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&address->ip6.sin6_addr);
    return ntohl(address->ip4.sin_addr.s_addr) >> 24 == 127;
}

/* The port may come before the address or behind it. */
static void parse_bind(struct options *options, const char *text)
{
    uint16_t port = socket_address_port(&options->address);

    if (socket_address_parse_numeric(text, port, &options->address) < 0 ||
        !is_loopback(&options->address))
        misused("--bind", text, "a loopback address, such as 127.0.0.1 or ::1");
}

static void parse_unix(struct options *options, const char *text)
{
    if (*text == '\0' || strlen(text) >= sizeof((struct sockaddr_un *)NULL)->sun_path)
        misused("--unix", text, "a path of 1 to 107 characters");
    options->unix_path = text;
}

static int parse_timing(int key, const char *text, struct timing *timing)
{
    switch (key) {
    case OPTION_FREEZE:
        if (timing_parse_freeze(timing, text) < 0)
            misused("--freeze", text, "TIME@PERIOD, the period longer, such as 1s@5s");
        return 0;
    case OPTION_DELAY:
        if (timing_parse_delays(timing, text) < 0)
            misused("--delay", text, "a time such as 2ms, or up to eight such as 1ms:99,20ms:1");
        return 0;
    case OPTION_CAPACITY:
        if (timing_parse_capacity(timing, text) < 0)
            misused("--capacity", text, "a rate from 1/s to 1M/s, such as 5k/s");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case OPTION_BIND:
        parse_bind(options, argument);
        return 0;
    case OPTION_PORT:
        /* The port stands at the same place in both families. */
        options->address.ip4.sin_port = htons(
            (uint16_t)parse_count("--port", argument, 0, UINT16_MAX, "a number from 0 to 65535"));
        return 0;
    case OPTION_UNIX:
        parse_unix(options, argument);
        return 0;
    case OPTION_HANG_AFTER:
        options->hang_after =
            parse_count("--hang-after", argument, 0, UINT64_MAX, "a number of requests");
        return 0;
    case OPTION_CLOSE_AFTER:
        options->close_after =
            parse_count("--close-after", argument, 1, UINT64_MAX, "a number of replies from 1");
        return 0;
    case OPTION_SEED:
        options->timing.random =
            random_seeded(parse_count("--seed", argument, 0, UINT64_MAX, "a number"));
        return 0;
    case OPTION_LOG:
        options->log_path = argument;
        return 0;
    case OPTION_SLEEP:
        options->sleep = true;
        return 0;
    case ARGP_KEY_ARG:
        log_error("%s: unexpected argument; see --help", argument);
        exit(EXIT_USAGE);
    default:
        return parse_timing(key, argument, &options->timing);
    }
}

void options_parse(int argc, char **argv, struct options *options)
{
    static const struct argp argp = {OPTIONS, parse_option, NULL, DOCUMENTATION, NULL, NULL, NULL};

    *options = (struct options){
        .address = {.ip4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
                    .size = sizeof options->address.ip4},
        .timing.random = random_seeded(1),
        .hang_after = UINT64_MAX,
        .close_after = UINT64_MAX,
    };
    argp_err_exit_status = EXIT_USAGE;
    if (argp_parse(&argp, argc, argv, 0, NULL, options) != 0)
        exit(EXIT_USAGE);
    /* The queue's clock would go on while the server stands still: no truth is known of both. */
    if (options->timing.freeze_ns > 0 && options->timing.service_ns > 0) {
        log_error("--freeze and --capacity do not go together");
        exit(EXIT_USAGE);
    }
}
