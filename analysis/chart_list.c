/* SPDX-License-Identifier: MIT */
/*
 * chart_list.c: the charts of a report, in the order of its page.
 */
#include <string.h>

#include "analysis/plot.h"
#include "analysis/scaling.h"

#define UNOBSERVED "The server was not observed (muelle-loadgen --observe): nothing to draw."
#define TOO_FEW    "No trial has the requests this percentile needs: nothing to draw."

/* With one request a connection, a reply is a connection: one chart says both. */
static bool is_one_request_each(const struct summary *summary)
{
    for (size_t i = 0; i < summary->used_count; i++) {
        if (summary->members[i]->requests_per_connection != 1)
            return false;
    }
    return summary->used_count > 0;
}

static bool has_replies(const struct summary *summary)
{
    return !is_one_request_each(summary);
}

static bool has_churn(const struct summary *summary)
{
    return summary_shows_metric(summary, METRIC_CONNECTION_RATE);
}

static bool has_light_requests(const struct summary *summary)
{
    return *summary->light_class != '\0';
}

static bool has_share(const struct summary *summary)
{
    return has_light_requests(summary) && summary->level_count > 1;
}

static bool has_many(const struct summary *summary)
{
    return !has_light_requests(summary) && summary->model_count > LINES_MAX &&
           summary->level_count >= 3;
}

static bool has_memory_parts(const struct summary *summary)
{
    return summary_shows_metric(summary, METRIC_USER_MEMORY_CONNECTION);
}

static bool is_herd(const struct summary *summary)
{
    return strcmp(run_experiment(summary->run), "herd") == 0 &&
           summary_shows_metric(summary, METRIC_WAKEUPS_ACCEPT);
}

/* Two models with several workers have something to compare. */
static bool has_workers(const struct summary *summary)
{
    size_t models = 0;

    for (size_t model = 0; model < summary->model_count; model++) {
        size_t level = 0;

        while (level < summary->level_count &&
               !plot_has_number(summary_cell(summary, level, model), METRIC_BALANCE))
            level++;
        models += level < summary->level_count;
    }
    return models > 1;
}

/* The ratio to the baseline of some other model, by block. */
static bool has_rivals(const struct summary *summary)
{
    size_t rivals = 0;

    for (size_t model = 0; model < summary->model_count; model++)
        rivals += summary_compares(summary, model);
    return rivals > 1 && summary->block_count > 1;
}

static bool is_open(const struct summary *summary)
{
    for (size_t i = 0; i < summary->level_count * summary->model_count; i++) {
        if (summary->cells[i].is_open)
            return true;
    }
    return false;
}

/* What an open loop offers is no merit of the model. */
static bool has_closed_rivals(const struct summary *summary)
{
    return has_rivals(summary) && !is_open(summary);
}

/* From level to level more is asked of the server, and nothing else changes. */
static bool has_rising_load(const struct summary *summary)
{
    static const char *const loads[] = {"connections", "pipeline", "rate", "load-percent",
                                        "overload-percent"};

    if (summary->level_count < 2 || summary->level_kind == LEVEL_NAME)
        return false;
    for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++) {
        if (strcmp(summary->varies, loads[i]) == 0)
            return true;
    }
    return false;
}

/* Small panels of the median beside those of the tail would say too little for their room. */
static bool has_few_rising(const struct summary *summary)
{
    return has_rising_load(summary) && summary->model_count <= LINES_MAX;
}

const struct chart plot_charts[] = {
    {.name = "throughput",
     .title = "Throughput",
     .y_text = "replies a second",
     .absent = "Nothing was measured.",
     .reading = "Correct replies a second; higher is better. The axis starts at zero. Where bars "
                "overlap, the difference was not shown.",
     .more_is_better = true,
     .applies = has_replies,
     .write = plot_metric},
    {.name = "churn",
     .title = "Connections a second",
     .y_text = "connections a second",
     .absent = "Nothing was measured.",
     .reading = "Connections that were opened, greeted, served and closed again, a second; higher "
                "is better. The axis starts at zero.",
     .metric = METRIC_CONNECTION_RATE,
     .scale_first = METRIC_CONNECTION_RATE,
     .scale_last = METRIC_CONNECTION_RATE,
     .more_is_better = true,
     .applies = has_churn,
     .write = plot_metric},
    {.name = "ratio-throughput",
     .title = "Throughput",
     .y_text = "replies a second",
     .absent = "No other model has trials in the blocks of the baseline.",
     .reading =
         "How many times the replies of the baseline a model gives, block by block: right of "
         "1 is better. Within the band the two count as equal: it is 1 %, or what the "
         "machine shows between a configuration and itself. A bar wholly outside it differs.",
     .more_is_better = true,
     .applies = has_closed_rivals,
     .write = plot_ratios,
     .describe = plot_describe_ratios,
     .write_table = plot_table_ratios},
    {.name = "scaling",
     .title = "Universal Scalability Law: throughput",
     .y_text = "replies a second",
     .absent = "No model has a fit that may be shown; the reasons stand below.",
     .reading = "Points are measured, curves the law X(N) = λN / (1 + σ(N − 1) + κN(N − 1)): λ is "
                "what one client gets, σ the share of the work that waits in line, κ what agreeing "
                "costs: only with it throughput falls after a peak, N*.",
     .more_is_better = true,
     .applies = scaling_applies,
     .write = plot_scaling,
     .describe = plot_describe_scaling,
     .write_table = plot_table_scaling},
    {.name = "light-p99",
     .title = "p99 of the light requests",
     .y_text = "response time p99 (log scale)",
     .absent = TOO_FEW,
     .reading = "Only the light requests of the mix are in it: what they wait is what the others "
                "make them wait. Lower is better.",
     .metric = METRIC_LIGHT_P99,
     .scale_first = METRIC_LIGHT_P99,
     .scale_last = METRIC_LIGHT_P99,
     .applies = has_light_requests,
     .write = plot_metric},
    {.name = "heat-light-p99",
     .title = "p99 of the light requests, model by level",
     .y_text = "response time p99",
     .absent = TOO_FEW,
     .reading = "A row for each model, best first at the last level; a column for each level. The "
                "darker, the faster; colours follow the logarithm. Grey: not trusted.",
     .metric = METRIC_LIGHT_P99,
     .applies = has_share,
     .write = plot_heat},
    {.name = "heat-throughput",
     .title = "Throughput, model by level",
     .y_text = "replies a second",
     .absent = "Nothing was measured.",
     .reading = "A row for each model, best first at the last level; a column for each level. The "
                "brighter, the more; colours follow the logarithm. Grey: not trusted.",
     .metric = METRIC_THROUGHPUT,
     .more_is_better = true,
     .applies = has_many,
     .write = plot_heat},
    {.name = "hockey-p99",
     .title = "p99 latency",
     .y_text = "response time p99 (log scale)",
     .absent = TOO_FEW,
     .reading = "Right is more work done, low is a short wait: flat as long as there is room, up "
                "where there is none. Where a line turns back, more load brings less.",
     .metric = METRIC_RESPONSE_P99,
     .scale_first = METRIC_RESPONSE_P50,
     .scale_last = METRIC_RESPONSE_P99,
     .applies = has_rising_load,
     .write = plot_hockey,
     .describe = plot_describe_hockey},
    {.name = "hockey-p50",
     .title = "Median latency",
     .y_text = "response time p50 (log scale)",
     .absent = TOO_FEW,
     .reading = "The same for the median, on the same scale: the tail rises before it does.",
     .metric = METRIC_RESPONSE_P50,
     .scale_first = METRIC_RESPONSE_P50,
     .scale_last = METRIC_RESPONSE_P99,
     .applies = has_few_rising,
     .write = plot_hockey,
     .describe = plot_describe_hockey},
    {.name = "latency-p50",
     .title = "Median latency",
     .y_text = "response time p50 (log scale)",
     .absent = TOO_FEW,
     .reading = "Half of the requests were answered within this time, counted from when each was "
                "due; lower is better. The three latency charts share one scale.",
     .metric = METRIC_RESPONSE_P50,
     .scale_first = METRIC_RESPONSE_P50,
     .scale_last = METRIC_RESPONSE_P999,
     .write = plot_metric},
    {.name = "latency-p99",
     .title = "p99 latency",
     .y_text = "response time p99 (log scale)",
     .absent = TOO_FEW,
     .reading = "One request in a hundred took longer than this. Points stand where every trial "
                "has the 368 independent requests a p99 needs.",
     .metric = METRIC_RESPONSE_P99,
     .scale_first = METRIC_RESPONSE_P50,
     .scale_last = METRIC_RESPONSE_P999,
     .write = plot_metric},
    {.name = "latency-p999",
     .title = "p99.9 latency",
     .y_text = "response time p99.9 (log scale)",
     .absent = TOO_FEW,
     .reading = "One request in a thousand took longer than this. Points stand where every trial "
                "has the 3,688 independent requests a p99.9 needs.",
     .metric = METRIC_RESPONSE_P999,
     .scale_first = METRIC_RESPONSE_P50,
     .scale_last = METRIC_RESPONSE_P999,
     .write = plot_metric},
    {.name = "percentiles",
     .title = "Latency by percentile",
     .y_text = "response time (log scale)",
     .absent = "No sample is large enough for a curve.",
     .reading = "The whole distribution: read off how long the slowest 1 %, 0.1 %, … took. A line "
                "ends where its sample does not carry a further percentile.",
     .metric = METRIC_RESPONSE_P99,
     .write = plot_percentiles},
    {.name = "handshake-p50",
     .title = "Median handshake time",
     .y_text = "handshake p50 (log scale)",
     .absent = TOO_FEW,
     .reading = "From the greeting to the server's answer, half of the connections: how soon the "
                "model turns to a new client. Both handshake charts share one scale.",
     .metric = METRIC_HANDSHAKE_P50,
     .scale_first = METRIC_HANDSHAKE_P50,
     .scale_last = METRIC_HANDSHAKE_P99,
     .write = plot_metric},
    {.name = "handshake-p99",
     .title = "p99 handshake time",
     .y_text = "handshake p99 (log scale)",
     .absent = TOO_FEW,
     .reading = "One connection in a hundred waited longer for the server's answer. Points stand "
                "where every trial opened the 368 connections a p99 needs.",
     .metric = METRIC_HANDSHAKE_P99,
     .scale_first = METRIC_HANDSHAKE_P50,
     .scale_last = METRIC_HANDSHAKE_P99,
     .write = plot_metric},
    {.name = "cpu",
     .title = "Server CPU time per request",
     .y_text = "CPU time per request",
     .absent = UNOBSERVED,
     .reading = "Lower is better. The line on a bar is the interval of the whole.",
     .key = "Full colour: user time, faint: system time.",
     .metric = METRIC_CPU,
     .scale_first = METRIC_CPU,
     .scale_last = METRIC_CPU,
     .part_faint = METRIC_CPU_SYSTEM,
     .part_full = METRIC_CPU_USER,
     .applies = has_replies,
     .write = plot_parts},
    {.name = "ratio-cpu",
     .title = "CPU time per request",
     .y_text = "CPU time per request",
     .absent = UNOBSERVED,
     .reading = "How many times the CPU time of the baseline a request costs a model, block by "
                "block: left of 1 is better. Within the band the two count as equal.",
     .metric = METRIC_CPU,
     .applies = has_rivals,
     .write = plot_ratios,
     .describe = plot_describe_ratios,
     .write_table = plot_table_ratios},
    {.name = "cpu-connection",
     .title = "Server CPU time per connection",
     .y_text = "CPU time per connection",
     .absent = UNOBSERVED,
     .reading = "From accept to close, with its requests; lower is better. The line on a bar is "
                "the interval of the whole.",
     .key = "Full colour: user time, faint: system time.",
     .metric = METRIC_CPU_CONNECTION,
     .scale_first = METRIC_CPU_CONNECTION,
     .scale_last = METRIC_CPU_CONNECTION,
     .part_faint = METRIC_CPU_SYSTEM,
     .part_full = METRIC_CPU_USER,
     .applies = has_churn,
     .write = plot_parts},
    {.name = "wakeups",
     .title = "Wakeups per connection",
     .y_text = "wakeups per connection",
     .absent = UNOBSERVED,
     .reading = "How often a worker returned from the call it waits in, for each connection that "
                "was accepted; lower is better. One that wakes all workers grows with them.",
     .metric = METRIC_WAKEUPS_ACCEPT,
     .scale_first = METRIC_WAKEUPS_ACCEPT,
     .scale_last = METRIC_WAKEUPS_ACCEPT,
     .applies = is_herd,
     .write = plot_metric},
    {.name = "memory",
     .title = "Server memory",
     .y_text = "resident memory (log scale)",
     .absent = UNOBSERVED,
     .reading = "Resident memory of the server at the end of the measurement, all its processes "
                "and threads; lower is better. The kernel's socket buffers are not in it.",
     .metric = METRIC_MEMORY,
     .scale_first = METRIC_MEMORY,
     .scale_last = METRIC_MEMORY,
     .write = plot_metric},
    {.name = "memory-connection",
     .title = "Memory per connection",
     .y_text = "user memory per connection",
     .absent = UNOBSERVED,
     .reading = "All of the server's user memory, each shared page once, divided by the "
                "connections; lower is better. With few connections most of it is the program "
                "itself. The kernel's socket buffers are not in it.",
     .key = "Full colour: pages (PSS), faint: page tables.",
     .metric = METRIC_USER_MEMORY_CONNECTION,
     .scale_first = METRIC_USER_MEMORY_CONNECTION,
     .scale_last = METRIC_USER_MEMORY_CONNECTION,
     .part_faint = METRIC_PAGE_TABLES_CONNECTION,
     .part_full = METRIC_PSS_CONNECTION,
     .applies = has_memory_parts,
     .write = plot_last_level},
    {.name = "balance",
     .title = "Requests of each worker",
     .y_text = "share of the requests, busiest worker first",
     .absent = "No server has counters of its workers.",
     .reading =
         "A bar is all requests of a model, cut by the workers that answered them: even cuts "
         "are an even balance. Jain's index is 1.00 when all did the same and 1/n when one of n "
         "did everything.",
     .key = "Behind a bar: Jain's index, and the number of workers.",
     .metric = METRIC_BALANCE,
     .more_is_better = true,
     .applies = has_workers,
     .write = plot_balance},
    {.name = "time",
     .title = "Throughput over time",
     .y_text = "replies a second",
     .absent = "No trial has windows: nothing to draw.",
     .reading = "A line for each trial. Steady is flat and close together; a slope is drift, a dip "
                "a disturbance.",
     .write = plot_time},
};

const size_t plot_charts_count = sizeof plot_charts / sizeof plot_charts[0];
