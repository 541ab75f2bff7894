/* SPDX-License-Identifier: MIT */
/* What can only be judged when all options are known. */
#include "loadgen/plan.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/descriptors.h"
#include "common/file.h"
#include "common/log.h"
#include "loadgen/plan_options.h"

const char *loop_kind_name(enum loop_kind loop)
{
    static const char *const names[] = {
        [LOOP_CLOSED] = "closed", [LOOP_THINK] = "think", [LOOP_OPEN] = "open"};

    return names[loop];
}

bool plan_ends_by_itself(const struct plan *plan)
{
    return plan->requests > 0 ||
           (plan->arrival_text && strncmp(plan->arrival_text, "trace:", 6) == 0);
}

static bool is_stdout(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

bool plan_uses_stdout(const struct plan *plan)
{
    return plan->print_json || is_stdout(plan->output_path) || is_stdout(plan->hgrm_path) ||
           is_stdout(plan->hlog_path) || is_stdout(plan->stream_path) ||
           is_stdout(plan->openmetrics_path) || is_stdout(plan->dump_path);
}

/* --- the loop --------------------------------------------------------------------------------- */

static bool option_needs_open_loop(const struct plan *plan, const char **option)
{
    *option = plan->arrival_text ? "--arrival" : plan->queue_limit > 0 ? "--queue-limit" : NULL;
    return *option != NULL;
}

/* Which class each name of a trace is. */
static void match_trace_classes(struct plan *plan)
{
    const struct arrival_trace *trace = &plan->arrival.trace;

    for (size_t i = 0; i < trace->names_count; i++) {
        plan->trace_classes[i] = request_mix_find(&plan->requests_mix, trace->names[i]);
        if (plan->trace_classes[i] >= 0)
            continue;
        log_error("--arrival %s: the trace asks for '%s', which is no class of --request %s",
                  plan->arrival_text, trace->names[i], plan->request_text);
        exit(EXIT_USAGE);
    }
}

static void parse_arrival(struct plan *plan)
{
    /* A ramp lasts as long as the load does. */
    uint64_t load_ns = plan->duration_ns + plan->warmup_ns;
    const char *problem;
    int failed;

    if (!plan->arrival_text)
        plan->arrival_text = "uniform";
    failed = arrival_parse(plan->arrival_text, plan->rate_per_s,
                           plan->duration_ns == UINT64_MAX ? 10 * NS_PER_S : load_ns,
                           &plan->arrival, &problem);
    if (failed < 0) {
        log_error("--arrival %s: %s", plan->arrival_text, problem ? problem : strerror(-failed));
        exit(failed == -EINVAL ? EXIT_USAGE : EXIT_FAILED);
    }
    match_trace_classes(plan);
}

static bool is_steady(const struct plan *plan)
{
    return !plan->arrival_text || strcmp(plan->arrival_text, "uniform") == 0 ||
           strcmp(plan->arrival_text, "poisson") == 0;
}

static void check_capacity(const struct plan *plan)
{
    if (!plan->find_capacity)
        return;
    if (plan->requests > 0 || plan_ends_by_itself(plan) || !is_steady(plan)) {
        log_error("--find-capacity: searches a rate of uniform or poisson arrivals, for a time");
        exit(EXIT_USAGE);
    }
    if (plan->hgrm_path || plan->hlog_path || plan->stream_path || plan->openmetrics_path ||
        plan->dump_path || plan->serve_metrics) {
        log_error("--find-capacity: runs many trials, and writes --output alone");
        exit(EXIT_USAGE);
    }
}

static void check_loop(struct plan *plan)
{
    bool thinks = plan->loop == LOOP_THINK;
    const char *option;

    if (plan->rate_per_s == 0 && plan->find_capacity)
        plan->rate_per_s = 1000;
    if (plan->rate_per_s == 0 && !plan->arrival_text) {
        if (option_needs_open_loop(plan, &option)) {
            log_error("%s: only an open loop has it; give --rate", option);
            exit(EXIT_USAGE);
        }
        return;
    }
    if (thinks) {
        log_error("--think and --rate: think time is a closed loop's, a rate an open one's; choose "
                  "one");
        exit(EXIT_USAGE);
    }
    plan->loop = LOOP_OPEN;
    if (plan->queue_limit == 0)
        plan->queue_limit = QUEUE_LIMIT;
    parse_arrival(plan);
}

/* --- the rest --------------------------------------------------------------------------------- */

/* Some thirty trials: each short, unless it is said otherwise. */
static void set_capacity_times(struct plan *plan)
{
    if (plan->duration_ns == 0)
        plan->duration_ns = 3 * NS_PER_S;
    if (!plan->warmup_is_asked) {
        plan->warmup_auto = false;
        plan->warmup_ns = NS_PER_S;
    }
}

static void check_times(struct plan *plan)
{
    if (plan->find_capacity)
        set_capacity_times(plan);
    if (plan->duration_ns == 0 && plan_ends_by_itself(plan))
        plan->duration_ns = UINT64_MAX;
    if (plan->duration_ns == 0)
        plan->duration_ns = 10 * NS_PER_S;
    if (plan->drain_ns == UINT64_MAX)
        plan->drain_ns = plan->timeout_ns;
    if (is_steady(plan) || !plan->warmup_auto)
        return;
    if (plan->warmup_is_asked) {
        log_error("--warmup auto: a load that is meant to change never becomes steady; give a time "
                  "or 0");
        exit(EXIT_USAGE);
    }
    plan->warmup_auto = false; /* the schedule begins with the measurement */
}

static void check_descriptors(const struct plan *plan)
{
    /* An epoll descriptor, an eventfd, a signal pipe and a timer a loop; standard streams, the
     * outputs, those who look at the metrics, and what /proc needs. */
    size_t own = 5 * plan->threads + 48, allowed = descriptors_raise_limit();

    size_t connections = (size_t)plan->connections + plan->idle_connections;

    if (connections + own <= allowed)
        return;
    log_error("--connections %zu: needs %zu file descriptors, the hard limit is %zu: ask for at "
              "most %zu, idle ones included, or raise it (ulimit -Hn)",
              connections, connections + own, allowed, allowed > own ? allowed - own : 0);
    exit(EXIT_USAGE);
}

static void check_observed(const struct plan *plan)
{
    if (plan->observed_pid == 0 || kill(plan->observed_pid, 0) == 0 || errno == EPERM)
        return;
    log_error("--observe %d: there is no such process", (int)plan->observed_pid);
    exit(EXIT_USAGE);
}

static void check_writable(const char *option, const char *path)
{
    int failed;

    if (!path || is_stdout(path) || (failed = file_check_writable(path)) == 0)
        return;
    log_error("%s %s: %s", option, path, strerror(-failed));
    exit(EXIT_FAILED);
}

/* Two outputs in one file would be neither. */
static void check_distinct(const struct plan *plan)
{
    const char *const paths[] = {plan->print_json ? "-" : NULL,
                                 plan->output_path,
                                 plan->hgrm_path,
                                 plan->hlog_path,
                                 plan->stream_path,
                                 plan->openmetrics_path,
                                 plan->dump_path};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        for (size_t j = i + 1; j < sizeof paths / sizeof *paths; j++) {
            if (!paths[i] || !paths[j] || strcmp(paths[i], paths[j]) != 0 ||
                strncmp(paths[i], "/dev/", 5) == 0)
                continue;
            log_error("%s: two outputs cannot be written to one place",
                      is_stdout(paths[i]) ? "standard output" : paths[i]);
            exit(EXIT_USAGE);
        }
    }
}

static void check_outputs(const struct plan *plan)
{
    check_distinct(plan);
    check_writable("--output", plan->output_path);
    check_writable("--hgrm", plan->hgrm_path);
    check_writable("--hlog", plan->hlog_path);
    check_writable("--stream", plan->stream_path);
    check_writable("--openmetrics", plan->openmetrics_path);
    check_writable("--dump", plan->dump_path);
}

static void check_class(const struct plan *plan, const struct threshold *threshold)
{
    if (threshold->class_name[0] == '\0' ||
        request_mix_find(&plan->requests_mix, threshold->class_name) >= 0)
        return;
    log_error("%s %s: '%s' is no class of --request %s", threshold->option, threshold->text,
              threshold->class_name, plan->request_text);
    exit(EXIT_USAGE);
}

static void check_classes(const struct plan *plan)
{
    for (size_t i = 0; i < plan->thresholds_count; i++)
        check_class(plan, &plan->thresholds[i]);
    if (plan->find_capacity)
        check_class(plan, &plan->capacity_goal);
}

static void check_sources(const struct plan *plan)
{
    if (plan->sources_count == 0 ||
        plan->sources[0].generic.sa_family == plan->addresses[0].generic.sa_family)
        return;
    log_error("--source %s: not an address from which %s can be reached: another family",
              plan->source_text, plan->target);
    exit(EXIT_USAGE);
}

void plan_parse(int argc, char **argv, struct plan *plan)
{
    *plan = (struct plan){.protocol = protocols[0],
                          .connections = 100,
                          .threads = 1,
                          .pipeline = 1,
                          .warmup_auto = true,
                          .timeout_ns = 5 * NS_PER_S,
                          .drain_ns = UINT64_MAX,
                          .pacing = PACING_HYBRID,
                          .seed = 1};
    plan_options_parse_request(plan, "echo:64");
    plan_options_parse(argc, argv, plan);
    if (!plan->target) {
        log_error("whom to load? give HOST:PORT, such as 127.0.0.1:4444; see --help");
        exit(EXIT_USAGE);
    }
    if (plan->threads > plan->connections)
        plan->threads = plan->connections; /* a thread without a connection has nothing to do */
    check_times(plan);
    check_capacity(plan);
    check_loop(plan);
    check_classes(plan);
    check_sources(plan);
    check_descriptors(plan);
    check_observed(plan);
    check_outputs(plan);
}

void plan_release(struct plan *plan)
{
    for (size_t i = 0; i < plan->labels_count; i++)
        free(plan->labels[i].text);
    arrival_release(&plan->arrival);
}
