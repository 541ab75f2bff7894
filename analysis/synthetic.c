/* SPDX-License-Identifier: MIT */
#include "analysis/synthetic.h"

#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analysis/document.h"
#include "common/file.h"
#include "common/histogram_codec.h"

static const double TIMEOUT_NS = 5e9;

static json_t *latency_json(const struct histogram *histogram, uint64_t timed_out)
{
    static const struct {
        const char *name;
        double quantile;
    } quantiles[] = {{"p50_ns", 0.5},    {"p90_ns", 0.9},      {"p99_ns", 0.99},
                     {"p999_ns", 0.999}, {"p9999_ns", 0.9999}, {"max_ns", 1}};
    uint64_t count = histogram->total_count;
    json_t *bounds = json_array();
    char *encoded = NULL;

    if (histogram_encode(histogram, &encoded) < 0)
        return NULL;
    json_t *latency = json_pack("{sI so sI sI so ss}", "count", (json_int_t)count, "min_ns",
                                count ? json_integer((json_int_t)histogram->min) : json_null(),
                                "at_least_count", (json_int_t)timed_out, "above_count",
                                (json_int_t)0, "lower_bounds", bounds, "histogram", encoded);
    json_object_set_new(latency, "mean_ns",
                        count ? json_real(histogram_mean(histogram)) : json_null());
    for (size_t i = 0; i < sizeof quantiles / sizeof quantiles[0]; i++) {
        uint64_t value = histogram_quantile(histogram, quantiles[i].quantile);

        json_object_set_new(latency, quantiles[i].name,
                            count ? json_integer((json_int_t)value) : json_null());
        if (timed_out > 0 && (double)value >= TIMEOUT_NS)
            json_array_append_new(bounds, json_string(quantiles[i].name));
    }
    free(encoded);
    return latency;
}

/* `count` latencies around `median_ns`, one in 300 of them twenty times as long; and `*timed_out`
 * more at the timeout, where those that would exceed it are added. */
static json_t *sample_json(gsl_rng *random, uint64_t count, double median_ns, uint64_t *timed_out)
{
    struct histogram histogram;

    if (histogram_init_latency(&histogram) < 0)
        return NULL;
    for (uint64_t i = 0; i < count; i++) {
        double slow = gsl_rng_uniform(random) < 1.0 / 300 ? 20 : 1;
        double value = median_ns * slow * gsl_ran_lognormal(random, 0, 0.25);

        if (value < TIMEOUT_NS)
            histogram_record(&histogram, (uint64_t)value);
        else
            ++*timed_out;
    }
    histogram_record_many(&histogram, (uint64_t)TIMEOUT_NS, *timed_out);
    json_t *latency = latency_json(&histogram, *timed_out);
    histogram_release(&histogram);
    return latency;
}

static json_t *windows_json(gsl_rng *random, const struct synthetic_trial *trial)
{
    json_t *windows = json_array();

    for (unsigned second = 0; second < trial->duration_s; second++) {
        double start = second;
        double length = fmin(1, trial->duration_s - start);
        double ok = trial->throughput_per_s * length * (1 + gsl_ran_gaussian(random, 0.02));
        json_int_t median_ns = (json_int_t)(trial->latency_us * 1e3);

        json_array_append_new(windows, json_pack("{sf sf sI si sI sI sI}", "start_s", start,
                                                 "duration_s", length, "ok", (json_int_t)ok,
                                                 "errors", 0, "p50_ns", median_ns, "p99_ns",
                                                 median_ns * 2, "max_ns", median_ns * 20));
    }
    return windows;
}

static json_t *resources_json(const struct synthetic_trial *trial)
{
    double cpu_s = trial->cpu_us * trial->throughput_per_s * trial->duration_s / 1e6;

    return json_pack("{sf sf sf sI si sI si sf sf}", "cpu_user_s", cpu_s * 0.2, "cpu_system_s",
                     cpu_s * 0.8, "cpu_us_per_request", trial->cpu_us, "rss_bytes",
                     (json_int_t)(trial->rss_mib * 1048576), "threads", 3, "voluntary_switches",
                     (json_int_t)(trial->throughput_per_s * trial->duration_s * 0.9),
                     "involuntary_switches", 120, "observed_s", trial->duration_s,
                     "run_queue_delay_s", 0.2);
}

static json_t *counts_json(uint64_t ok, uint64_t timed_out, uint64_t refused)
{
    json_int_t sent = (json_int_t)ok + (json_int_t)timed_out;

    return json_pack("{sI sI si s{} sI sI si}", "sent", sent, "ok", (json_int_t)ok, "wrong", 0,
                     "errors", "timed_out", (json_int_t)timed_out, "refused", (json_int_t)refused,
                     "in_flight", 0);
}

static json_t *environment_json(void)
{
    return json_pack("{ss ss ss ss ss ss ss ss si ss sI ss si si sf}", "muelle", "0.1.0",
                     "revision", "83a8443c1f00", "compiler", "gcc 12.2.0", "build", "Release",
                     "libuv", "1.44.2", "kernel", "Linux 6.1.0-28-amd64", "machine", "x86_64",
                     "cpu", "Imaginary CPU 2.4 GHz", "cores", 2, "affinity", "1", "memory_bytes",
                     (json_int_t)8 << 30, "clocksource", "tsc", "descriptors", 1048576, "somaxconn",
                     4096, "load_average", 0.25);
}

static json_t *reasons_json(const struct synthetic_trial *trial)
{
    json_t *reasons = json_array();

    if (trial->code)
        json_array_append_new(reasons, json_pack("{ss sf ss}", "code", trial->code, "value", 1.5,
                                                 "text", trial->text));
    return reasons;
}

char *synthetic_trial_text(const struct synthetic_trial *trial)
{
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    uint64_t served = trial->connections;
    char block[24];

    if (!random)
        return NULL;
    gsl_rng_set(random,
                trial->connections * 131 + trial->block * UINT64_C(17) + strlen(trial->model));
    if (trial->served_max && served > trial->served_max)
        served = trial->served_max;
    uint64_t refused = trial->connections - served;
    uint64_t ok = (uint64_t)(trial->throughput_per_s * trial->duration_s);
    double latency_ns = trial->latency_us * 1e3;
    snprintf(block, sizeof block, "%u", trial->block);

    uint64_t timed_out = trial->timed_out;
    uint64_t none = 0;
    json_t *service = sample_json(random, ok, latency_ns, &timed_out);
    ok -= timed_out - trial->timed_out;
    json_t *root = json_pack(
        "{ss s{ss ss ss sI si ss sn sf sf sf si} s{ss ss ss} ss sb so so "
        "s{sI sI si sI si si s{}} sf sf s{so so so sO} so so so s{ss so} so}",
        "format", "muelle-trial/1", "config", "target", "127.0.0.1:4444", "protocol", "native",
        "loop", "closed", "connections", (json_int_t)trial->connections, "threads", 1, "request",
        "echo:64", "requests", "duration_s", trial->duration_s, "warmup_s", 3.0, "timeout_s", 5.0,
        "seed", 1, "labels", "experiment", "connections", "model", trial->model, "block", block,
        "started_utc", "2026-01-31T12:00:00Z", "complete", !trial->incomplete, "counts",
        counts_json(ok, timed_out, refused), "measured", counts_json(ok, timed_out, 0),
        "connections", "asked", (json_int_t)trial->connections, "established", (json_int_t)served,
        "lost", 0, "refused", (json_int_t)refused, "failed", 0, "reconnected", 0, "errors",
        "measured_s", trial->duration_s, "throughput_per_s", trial->throughput_per_s, "latency",
        "connect", sample_json(random, trial->connections, 30e3, &none), "handshake",
        sample_json(random, trial->connections, 60e3 + 50.0 * (double)trial->connections, &none),
        "response", json_deep_copy(service), "service", service, "windows",
        windows_json(random, trial), "server",
        trial->unobserved ? json_null() : resources_json(trial), "client", resources_json(trial),
        "verdict", "level", trust_text(trial->trust), "reasons", reasons_json(trial), "environment",
        environment_json());
    json_decref(service);
    gsl_rng_free(random);
    char *text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    return text;
}

int synthetic_write(const char *folder, const char *name, const char *text)
{
    char *path = path_join(folder, name);
    int error = text && path ? 0 : -ENOMEM;

    for (char *slash = path; !error && slash; slash = strchr(slash + 1, '/')) {
        *slash = slash == path ? *slash : '\0';
        if (slash != path && mkdir(path, 0755) < 0 && errno != EEXIST)
            error = -errno;
        *slash = slash == path ? *slash : '/';
    }
    if (!error)
        error = file_write(path, text, strlen(text));
    free(path);
    return error;
}

static int write_run_trial(const char *folder, const struct synthetic_trial *trial, unsigned number)
{
    char *text = synthetic_trial_text(trial);
    char name[128];

    snprintf(name, sizeof name, "trials/%04u-%s-%llu-b%u.json", number, trial->model,
             (unsigned long long)trial->connections, trial->block);
    int error = synthetic_write(folder, name, text);
    free(text);
    return error;
}

int synthetic_run(const char *folder, unsigned blocks, double duration_s)
{
    static const uint64_t levels[] = {1, 10, 100, 1000, 10000};
    static const struct {
        const char *name;
        uint64_t served_max;
        double throughput[5], rss_mib[5], cpu_us[5];
    } models[] = {
        {"thread-per-client",
         0,
         {17400, 24100, 23000, 19100, 12900},
         {2.1, 2.3, 3.6, 16, 141},
         {8.9, 8.4, 9.1, 11.8, 17.5}},
        {"thread-pool",
         200,
         {16900, 23700, 22600, 23100, 22800},
         {3.9, 3.9, 4.6, 5.2, 5.2},
         {9.3, 8.6, 9.3, 9.2, 9.4}},
        {"epoll",
         0,
         {18100, 25900, 27400, 26600, 23800},
         {2.0, 2.0, 2.1, 3.4, 15.8},
         {8.1, 7.2, 6.7, 7.1, 8.3}},
    };
    unsigned number = 0;
    int error = synthetic_write(
        folder, "manifest.json",
        "{\"format\":\"muelle-run/1\",\"experiment\":\"connections\",\"preset\":\"quick\","
        "\"title\":\"Concurrency models against the number of connections\","
        "\"started_utc\":\"2026-01-31T12:00:00Z\",\"finished_utc\":\"2026-01-31T12:20:00Z\","
        "\"seed\":7,\"revision\":\"83a8443c1f00\",\"request\":\"echo:64\","
        "\"models\":[\"thread-per-client\",\"thread-pool\",\"epoll\"],"
        "\"pinning\":{\"server\":\"0\",\"client\":\"1\"},"
        "\"command\":\"scripts/bench connections --preset quick --seed 7\"}");

    for (unsigned block = 1; block <= blocks && !error; block++) {
        for (size_t i = 0; i < 15 && !error; i++) {
            size_t model = i % 3;
            size_t level = i / 3;
            double luck = 1 + 0.02 * sin((double)block * 7 + (double)i * 3);
            double throughput = models[model].throughput[level] * luck;
            double served = (double)levels[level];
            bool untrusted = model == 0 && level == 4;

            if (models[model].served_max)
                served = fmin(served, (double)models[model].served_max);
            error = write_run_trial(
                folder,
                &(struct synthetic_trial){
                    .model = models[model].name,
                    .connections = levels[level],
                    .block = block,
                    .served_max = models[model].served_max,
                    .duration_s = duration_s,
                    .throughput_per_s = throughput,
                    .latency_us = served / throughput * 1e6 * 0.95,
                    .rss_mib = models[model].rss_mib[level],
                    .cpu_us = models[model].cpu_us[level] * luck,
                    .trust = untrusted ? TRUST_NONE : TRUST_CAUTION,
                    .code = untrusted ? "I1" : "C6",
                    .text = untrusted ? "The generator was the limit: its core was 99 % busy, the "
                                        "server's 61 %."
                                      : "A closed loop under-counts stalls: while the server is "
                                        "stuck, nothing is sent.",
                },
                ++number);
        }
    }
    return error;
}
