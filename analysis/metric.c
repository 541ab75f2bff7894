/* SPDX-License-Identifier: MIT */
#include "analysis/metric.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "common/quantile_interval.h"

static const struct {
    const char *name, *title;
    enum unit unit;
} metrics[METRICS] = {
    [METRIC_THROUGHPUT] = {"throughput_per_s", "Throughput", UNIT_RATE},
    [METRIC_RESPONSE_P50] = {"response_p50_ns", "Response p50", UNIT_DURATION},
    [METRIC_RESPONSE_P99] = {"response_p99_ns", "Response p99", UNIT_DURATION},
    [METRIC_RESPONSE_P999] = {"response_p999_ns", "Response p99.9", UNIT_DURATION},
    [METRIC_SERVICE_P50] = {"service_p50_ns", "Service p50", UNIT_DURATION},
    [METRIC_SERVICE_P99] = {"service_p99_ns", "Service p99", UNIT_DURATION},
    [METRIC_SERVICE_P999] = {"service_p999_ns", "Service p99.9", UNIT_DURATION},
    [METRIC_SEND_LAG_P99] = {"send_lag_p99_ns", "Send lag p99", UNIT_DURATION},
    [METRIC_WIRE_P50] = {"wire_p50_ns", "Wire p50", UNIT_DURATION},
    [METRIC_WIRE_P99] = {"wire_p99_ns", "Wire p99", UNIT_DURATION},
    [METRIC_LIGHT_P50] = {"light_p50_ns", "Light requests p50", UNIT_DURATION},
    [METRIC_LIGHT_P99] = {"light_p99_ns", "Light requests p99", UNIT_DURATION},
    [METRIC_HANDSHAKE_P50] = {"handshake_p50_ns", "Handshake p50", UNIT_DURATION},
    [METRIC_HANDSHAKE_P99] = {"handshake_p99_ns", "Handshake p99", UNIT_DURATION},
    [METRIC_CPU] = {"server_cpu_per_request_ns", "CPU per request", UNIT_DURATION},
    [METRIC_CPU_USER] = {"server_cpu_user_per_request_ns", "of it user", UNIT_DURATION},
    [METRIC_CPU_SYSTEM] = {"server_cpu_system_per_request_ns", "of it system", UNIT_DURATION},
    [METRIC_CPU_RATIO] = {"server_cpu_per_generator_cpu", "CPU server/generator", UNIT_RATIO},
    [METRIC_CONNECTION_RATE] = {"connections_per_s", "Connections a second", UNIT_RATE},
    [METRIC_CPU_CONNECTION] = {"server_cpu_per_connection_ns", "CPU per connection", UNIT_DURATION},
    [METRIC_USER_MEMORY_CONNECTION] = {"server_user_memory_per_connection_bytes",
                                       "Memory per connection", UNIT_MEMORY},
    [METRIC_PSS_CONNECTION] = {"server_pss_per_connection_bytes", "of it PSS", UNIT_MEMORY},
    [METRIC_PAGE_TABLES_CONNECTION] = {"server_page_tables_per_connection_bytes",
                                       "of it page tables", UNIT_MEMORY},
    [METRIC_PROCESSES] = {"server_processes", "Processes", UNIT_COUNT},
    [METRIC_IO_CALLS] = {"server_io_calls_per_request", "I/O calls per request", UNIT_RATIO},
    [METRIC_WAKEUPS] = {"server_wakeups_per_request", "Wakeups per request", UNIT_RATIO},
    [METRIC_EMPTY_WAKEUPS] = {"server_empty_wakeups_per_request", "of them empty", UNIT_RATIO},
    [METRIC_HANDOFFS] = {"server_handoffs_per_request", "Hand-offs per request", UNIT_RATIO},
    [METRIC_WAKEUPS_ACCEPT] = {"server_wakeups_per_accept", "Wakeups per connection", UNIT_RATIO},
    [METRIC_RUN_QUEUE] = {"server_run_queue_share", "Waited for a core", UNIT_SHARE},
    [METRIC_QUEUE_MAX] = {"server_queue_max", "Longest queue", UNIT_COUNT},
    [METRIC_BALANCE] = {"server_worker_balance", "Jain's index", UNIT_RATIO},
    [METRIC_MEMORY] = {"server_rss_bytes", "Memory", UNIT_MEMORY},
    [METRIC_THREADS] = {"server_threads", "Threads", UNIT_COUNT},
    [METRIC_SWITCHES] = {"server_voluntary_switches_per_request", "Switches per request",
                         UNIT_RATIO},
    [METRIC_ESTABLISHED] = {"established", "Established", UNIT_COUNT},
    [METRIC_REFUSED] = {"refused", "Refused", UNIT_COUNT},
};

const char *metric_name(enum metric metric)
{
    return metrics[metric].name;
}

const char *metric_title(enum metric metric)
{
    return metrics[metric].title;
}

enum unit metric_unit(enum metric metric)
{
    return metrics[metric].unit;
}

static struct reading percentile_of(const struct latency *latency, enum percentile percentile)
{
    if (latency_is_insufficient(latency, percentile))
        return (struct reading){.value = NAN,
                                .needs = quantile_needs(percentile_fraction(percentile))};
    return (struct reading){.value = latency->value_ns[percentile],
                            .at_least = latency->at_least[percentile]};
}

/* CPU time a request as the trial gives it, cut in the proportion of the two times. */
static double cpu_share_ns(const struct resources *server, double share_s)
{
    double both_s = server->cpu_user_s + server->cpu_system_s;

    return both_s > 0 ? server->cpu_us_per_request * 1e3 * share_s / both_s : NAN;
}

/* Share of the time that the server's threads were running or ready to run. */
static double run_queue_share(const struct resources *server)
{
    double wanted_s = server->cpu_user_s + server->cpu_system_s + server->run_queue_delay_s;

    return wanted_s > 0 ? server->run_queue_delay_s / wanted_s : NAN;
}

static double a_connection(double bytes, const struct trial *trial)
{
    return trial->established > 0 ? bytes / (double)trial->established : NAN;
}

static double counted_value(enum metric metric, const struct counted *counted)
{
    if (!counted->measured)
        return NAN;
    double requests = counted->requests > 0 ? counted->requests : NAN;
    double accepts = counted->accepts > 0 ? counted->accepts : NAN;

    switch (metric) {
    case METRIC_IO_CALLS:
        return counted->io_calls / requests;
    case METRIC_WAKEUPS:
        return counted->wakeups / requests;
    case METRIC_EMPTY_WAKEUPS:
        return counted->empty_wakeups / requests;
    case METRIC_HANDOFFS:
        return counted->handoffs / requests;
    case METRIC_WAKEUPS_ACCEPT:
        return counted->wakeups / accepts;
    case METRIC_QUEUE_MAX:
        return counted->queue_max;
    case METRIC_BALANCE:
        return counted_balance(counted);
    default:
        return NAN;
    }
}

/* On one core whatever disturbs meets both ends alike, and falls out of the quotient. On cores of
 * their own it does not, and the end that waits for the other polls in smaller batches, until both
 * cost about the same whatever they do. */
static double cpu_ratio(const struct trial *trial)
{
    const json_t *pinning = json_object_get(json_object_get(trial->document, "machine"), "pinning");
    const char *server = json_string_value(json_object_get(pinning, "server"));
    const char *client = json_string_value(json_object_get(pinning, "client"));

    if (!server || !client || strcmp(server, client) != 0)
        return NAN;
    return trial->client.cpu_us_per_request > 0
               ? trial->server.cpu_us_per_request / trial->client.cpu_us_per_request
               : NAN;
}

static double server_value(enum metric metric, const struct trial *trial)
{
    const struct resources *server = &trial->server;

    if (!server->measured)
        return NAN;
    switch (metric) {
    case METRIC_CPU:
        return server->cpu_us_per_request * 1e3;
    case METRIC_CPU_USER:
        return cpu_share_ns(server, server->cpu_user_s);
    case METRIC_CPU_SYSTEM:
        return cpu_share_ns(server, server->cpu_system_s);
    case METRIC_CPU_RATIO:
        return cpu_ratio(trial);
    case METRIC_CPU_CONNECTION:
        return trial->requests_per_connection > 0
                   ? server->cpu_us_per_request * 1e3 * (double)trial->requests_per_connection
                   : NAN;
    case METRIC_PSS_CONNECTION:
        return server->pss_bytes > 0 ? a_connection(server->pss_bytes, trial) : NAN;
    case METRIC_PAGE_TABLES_CONNECTION:
        return server->pss_bytes > 0 ? a_connection(server->page_tables_bytes, trial) : NAN;
    case METRIC_USER_MEMORY_CONNECTION:
        return server->pss_bytes > 0
                   ? a_connection(server->pss_bytes + server->page_tables_bytes, trial)
                   : NAN;
    case METRIC_PROCESSES:
        return server->processes;
    case METRIC_RUN_QUEUE:
        return run_queue_share(server);
    case METRIC_MEMORY:
        return server->rss_bytes;
    case METRIC_THREADS:
        return server->threads;
    case METRIC_SWITCHES:
        /* Both are rates: the two windows need not be equally long. */
        return server->observed_s > 0 && trial->throughput_per_s > 0
                   ? server->voluntary_switches / server->observed_s / trial->throughput_per_s
                   : NAN;
    default:
        return counted_value(metric, &trial->counted);
    }
}

/* Which percentile of which latency a metric is, if it is one. */
static const struct {
    size_t offset; /* of the latency in the trial; 0: it is none */
    enum percentile percentile;
    bool is_optional; /* not all trials have it: without one sample it is not measured */
} percentiles[METRICS] = {
    [METRIC_RESPONSE_P50] = {offsetof(struct trial, response), PERCENTILE_50, false},
    [METRIC_RESPONSE_P99] = {offsetof(struct trial, response), PERCENTILE_99, false},
    [METRIC_RESPONSE_P999] = {offsetof(struct trial, response), PERCENTILE_999, false},
    [METRIC_SERVICE_P50] = {offsetof(struct trial, service), PERCENTILE_50, false},
    [METRIC_SERVICE_P99] = {offsetof(struct trial, service), PERCENTILE_99, false},
    [METRIC_SERVICE_P999] = {offsetof(struct trial, service), PERCENTILE_999, false},
    [METRIC_SEND_LAG_P99] = {offsetof(struct trial, send_lag), PERCENTILE_99, true},
    [METRIC_WIRE_P50] = {offsetof(struct trial, wire), PERCENTILE_50, true},
    [METRIC_WIRE_P99] = {offsetof(struct trial, wire), PERCENTILE_99, true},
    [METRIC_LIGHT_P50] = {offsetof(struct trial, light), PERCENTILE_50, true},
    [METRIC_LIGHT_P99] = {offsetof(struct trial, light), PERCENTILE_99, true},
    [METRIC_HANDSHAKE_P50] = {offsetof(struct trial, handshake), PERCENTILE_50, false},
    [METRIC_HANDSHAKE_P99] = {offsetof(struct trial, handshake), PERCENTILE_99, false},
};

struct reading metric_read(enum metric metric, const struct trial *trial)
{
    if (percentiles[metric].offset > 0) {
        const struct latency *latency =
            (const struct latency *)((const char *)trial + percentiles[metric].offset);

        if (percentiles[metric].is_optional && latency->count == 0)
            return (struct reading){.value = NAN};
        return percentile_of(latency, percentiles[metric].percentile);
    }
    switch (metric) {
    case METRIC_THROUGHPUT:
        return (struct reading){.value = trial->throughput_per_s};
    case METRIC_CONNECTION_RATE:
        return (struct reading){.value = trial->requests_per_connection > 0
                                             ? trial->throughput_per_s /
                                                   (double)trial->requests_per_connection
                                             : NAN};
    case METRIC_ESTABLISHED:
        return (struct reading){.value = (double)trial->established};
    case METRIC_REFUSED:
        return (struct reading){.value = (double)trial->refused};
    default:
        return (struct reading){.value = server_value(metric, trial)};
    }
}
