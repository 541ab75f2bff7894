/* SPDX-License-Identifier: MIT */
#include "analysis/metric.h"

#include <math.h>

static const struct {
    const char *name, *title;
    enum unit unit;
} metrics[METRICS] = {
    [METRIC_THROUGHPUT] = {"throughput_per_s", "Throughput", UNIT_RATE},
    [METRIC_SERVICE_P50] = {"service_p50_ns", "p50", UNIT_DURATION},
    [METRIC_SERVICE_P99] = {"service_p99_ns", "p99", UNIT_DURATION},
    [METRIC_SERVICE_P999] = {"service_p999_ns", "p99.9", UNIT_DURATION},
    [METRIC_HANDSHAKE_P50] = {"handshake_p50_ns", "Handshake p50", UNIT_DURATION},
    [METRIC_HANDSHAKE_P99] = {"handshake_p99_ns", "Handshake p99", UNIT_DURATION},
    [METRIC_CPU] = {"server_cpu_per_request_ns", "CPU per request", UNIT_DURATION},
    [METRIC_CPU_USER] = {"server_cpu_user_per_request_ns", "of it user", UNIT_DURATION},
    [METRIC_CPU_SYSTEM] = {"server_cpu_system_per_request_ns", "of it system", UNIT_DURATION},
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
    uint64_t needs = quantile_needs(percentile_fraction(percentile));

    if (latency->count < needs)
        return (struct reading){.value = NAN, .needs = needs};
    return (struct reading){.value = latency->value_ns[percentile],
                            .at_least = latency->at_least[percentile]};
}

/* CPU time a request as the trial gives it, cut in the proportion of the two times. */
static double cpu_share_ns(const struct resources *server, double share_s)
{
    double both_s = server->cpu_user_s + server->cpu_system_s;

    return both_s > 0 ? server->cpu_us_per_request * 1e3 * share_s / both_s : NAN;
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
        return NAN;
    }
}

struct reading metric_read(enum metric metric, const struct trial *trial)
{
    switch (metric) {
    case METRIC_THROUGHPUT:
        return (struct reading){.value = trial->throughput_per_s};
    case METRIC_SERVICE_P50:
        return percentile_of(&trial->service, PERCENTILE_50);
    case METRIC_SERVICE_P99:
        return percentile_of(&trial->service, PERCENTILE_99);
    case METRIC_SERVICE_P999:
        return percentile_of(&trial->service, PERCENTILE_999);
    case METRIC_HANDSHAKE_P50:
        return percentile_of(&trial->handshake, PERCENTILE_50);
    case METRIC_HANDSHAKE_P99:
        return percentile_of(&trial->handshake, PERCENTILE_99);
    case METRIC_ESTABLISHED:
        return (struct reading){.value = (double)trial->established};
    case METRIC_REFUSED:
        return (struct reading){.value = (double)trial->refused};
    default:
        return (struct reading){.value = server_value(metric, trial)};
    }
}
