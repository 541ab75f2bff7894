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
#include "analysis/synthetic_latency.h"
#include "common/file.h"

static json_t *windows_json(gsl_rng *random, const struct synthetic_trial *trial)
{
    json_t *windows = json_array();

    for (unsigned second = 0; second < trial->duration_s; second++) {
        double start = second;
        double length = fmin(1, trial->duration_s - start);
        double ok = trial->throughput_per_s * length * (1 + gsl_ran_gaussian(random, 0.02));
        json_int_t median_ns = (json_int_t)(trial->latency_us * 1e3);

        json_t *window = json_pack("{sf sf sI si sI sI sI}", "start_s", start, "duration_s", length,
                                   "ok", (json_int_t)ok, "errors", 0, "p50_ns", median_ns, "p99_ns",
                                   median_ns * 2, "max_ns", median_ns * 20);
        if (!trial->is_older)
            json_object_set_new(window, "sent", json_integer((json_int_t)ok));
        json_array_append_new(windows, window);
    }
    return windows;
}

/* An acceptor and the workers, each woken for every second request. */
static json_t *counters_json(const struct synthetic_trial *trial)
{
    json_t *rows = json_pack("[{ss sI}]", "role", "acceptor", "requests", (json_int_t)0);
    double sum = 0;

    for (unsigned i = 0; i < trial->workers; i++) {
        sum += trial->worker_requests[i];
        json_array_append_new(rows, json_pack("{ss sI}", "role", "worker", "requests",
                                              (json_int_t)trial->worker_requests[i]));
    }
    return json_pack("{sI sI sI sI sI sI sI so}", "accepts", (json_int_t)trial->connections,
                     "requests", (json_int_t)sum, "io_calls", (json_int_t)(sum * 2), "wakeups",
                     (json_int_t)(sum / 2), "empty_wakeups", (json_int_t)(sum / 20), "handoffs",
                     (json_int_t)trial->connections, "queue_max", (json_int_t)7, "workers", rows);
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

static json_t *server_json(const struct synthetic_trial *trial)
{
    if (trial->unobserved)
        return json_null();
    json_t *server = resources_json(trial);

    if (trial->pss_mib > 0)
        json_object_update_new(
            server, json_pack("{sI sI si}", "pss_bytes", (json_int_t)(trial->pss_mib * 1048576),
                              "page_tables_bytes", (json_int_t)(trial->page_tables_mib * 1048576),
                              "processes", 1));
    if (trial->worker_requests)
        json_object_set_new(server, "counters", counters_json(trial));
    return server;
}

static json_t *counts_json(const struct synthetic_trial *trial, uint64_t ok,
                           const struct synthetic_sample *sample, uint64_t refused)
{
    json_int_t sent = (json_int_t)ok + (json_int_t)sample->timed_out;
    json_t *counts = json_pack("{sI sI si s{} sI sI si}", "sent", sent, "ok", (json_int_t)ok,
                               "wrong", 0, "errors", "timed_out", (json_int_t)sample->timed_out,
                               "refused", (json_int_t)refused, "in_flight", 0);

    if (!trial->is_older) {
        json_object_set_new(counts, "intended", json_integer(sent + (json_int_t)sample->unsent));
        json_object_set_new(counts, "unsent", json_integer((json_int_t)sample->unsent));
    }
    return counts;
}

static json_t *connections_json(const struct synthetic_trial *trial, uint64_t served)
{
    json_t *connections = json_pack(
        "{sI sI si sI si si s{}}", "asked", (json_int_t)trial->connections, "established",
        (json_int_t)served, "lost", 0, "refused", (json_int_t)(trial->connections - served),
        "failed", 0, "reconnected", 0, "errors");

    if (!trial->is_older)
        json_object_update_new(connections, json_pack("{si si}", "recycled", 0, "retried", 0));
    return connections;
}

static json_t *config_json(const struct synthetic_trial *trial)
{
    bool is_open = trial->rate_per_s > 0;
    json_t *config = json_pack(
        "{ss ss ss sI si ss sn sf sf sf si}", "target", "127.0.0.1:4444", "protocol", "native",
        "loop",
        is_open        ? "open"
        : trial->think ? "think"
                       : "closed",
        "connections", (json_int_t)trial->connections, "threads", 1, "request",
        trial->light_latency_us > 0 ? "95*echo:64,5*work:block=5ms" : "echo:64", "requests",
        "duration_s", trial->duration_s, "warmup_s", 3.0, "timeout_s", 5.0, "seed", 1);

    if (trial->is_older)
        return config;
    if (trial->idle_connections > 0)
        json_object_set_new(config, "idle_connections",
                            json_integer((json_int_t)trial->idle_connections));
    json_object_update_new(
        config,
        json_pack("{ss si so so ss? so ss? sn sn so ss sb}", "address", "127.0.0.1:4444",
                  "pipeline", 1, "rate_per_s", is_open ? json_real(trial->rate_per_s) : json_null(),
                  "rate_offered_per_s", is_open ? json_real(trial->rate_per_s) : json_null(),
                  "arrival",
                  !is_open         ? NULL
                  : trial->arrival ? trial->arrival
                                   : "poisson",
                  "queue_limit", is_open ? json_integer(1000000) : json_null(), "think",
                  trial->think, "connect_rate_per_s", "source", "pacing",
                  is_open || trial->think ? json_string("hybrid") : json_null(), "timestamps",
                  "sample", "warmup_auto", 0));
    json_object_set_new(config, "requests_per_connection",
                        trial->requests_per_connection > 0
                            ? json_integer((json_int_t)trial->requests_per_connection)
                            : json_null());
    return config;
}

static json_t *generator_json(const struct synthetic_trial *trial)
{
    return json_pack("{sf sf sf sf sf sI si sn sn}", "busy", 0.5, "starved", 0.01, "spun", 0.2,
                     "idle", 0.49, "in_flight_mean",
                     trial->throughput_per_s * trial->latency_us / 1e6, "queue_longest",
                     (json_int_t)(trial->rate_per_s > 0 ? trial->connections : 0), "queue_left", 0,
                     "dumped", "dump_lost");
}

static json_t *environment_json(void)
{
    return json_pack("{ss ss ss ss ss ss ss ss si ss sI ss si si sf sf si}", "muelle", "0.1.0",
                     "revision", "83a8443c1f00", "compiler", "gcc 12.2.0", "build", "Release",
                     "libuv", "1.44.2", "kernel", "Linux 6.1.0-28-amd64", "machine", "x86_64",
                     "cpu", "Imaginary CPU 2.4 GHz", "cores", 2, "affinity", "1", "memory_bytes",
                     (json_int_t)8 << 30, "clocksource", "tsc", "descriptors", 1048576, "somaxconn",
                     4096, "load_average", 0.25, "clock_cost_ns", 24.5, "clock_tick_ns", 1);
}

static json_t *reasons_json(const struct synthetic_trial *trial)
{
    json_t *reasons = json_array();

    if (trial->code)
        json_array_append_new(reasons, json_pack("{ss sf ss}", "code", trial->code, "value", 1.5,
                                                 "text", trial->text));
    return reasons;
}

static json_t *verdict_json(const struct synthetic_trial *trial)
{
    json_t *verdict =
        json_pack("{ss so}", "level", trust_text(trial->trust), "reasons", reasons_json(trial));

    if (!trial->is_older)
        json_object_set_new(verdict, "checks",
                            json_pack("[{ss sb sf sf}]", "name", "littles_law", "passed", 1,
                                      "value", 0.01, "limit", 0.05));
    return verdict;
}

/* The classes of a mix, each with its own response times. */
static json_t *classes_json(const struct synthetic_trial *trial)
{
    static const char *const names[] = {"echo:64", "work:block=5ms"};
    json_t *classes = json_array();

    for (int i = 0; i < 2 && trial->light_latency_us > 0; i++) {
        struct synthetic_trial class = *trial;
        struct synthetic_sample sample = {.answered = i == 0 ? 1000 : 50};

        if (i == 0)
            class.latency_us = trial->light_latency_us;
        json_t *latencies =
            synthetic_latencies(&class, trial->block * 2UL + (unsigned long)i, &sample);
        json_array_append_new(classes,
                              json_pack("{ss si sO}", "name", names[i], "weight", i == 0 ? 95 : 5,
                                        "response", json_object_get(latencies, "response")));
        json_decref(latencies);
    }
    return classes;
}

/* What a trial of the present format has beside one of the format before it. */
static void add_newer(json_t *root, const struct synthetic_trial *trial)
{
    json_object_update_new(root, json_pack("{so so s[]}", "generator", generator_json(trial),
                                           "classes", classes_json(trial), "thresholds"));
    if (trial->varies)
        json_object_update_new(
            json_object_get(root, "labels"),
            json_pack("{ss ss}", "varies", trial->varies, "level", trial->level));
}

char *synthetic_trial_text(const struct synthetic_trial *trial)
{
    unsigned long seed =
        trial->connections * 131 + trial->block * UINT64_C(17) + strlen(trial->model);
    double length_s = trial->duration_s;
    uint64_t served = trial->connections;
    char block[24];

    if (trial->served_max && served > trial->served_max)
        served = trial->served_max;
    snprintf(block, sizeof block, "%u", trial->block);
    struct synthetic_sample sample = {
        .answered = (uint64_t)(trial->throughput_per_s * length_s),
        .timed_out = trial->timed_out,
        .unsent = (uint64_t)fmax((trial->rate_per_s - trial->throughput_per_s) * length_s, 0),
    };
    json_t *latencies = synthetic_latencies(trial, seed, &sample);
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    if (!latencies || !random) {
        json_decref(latencies);
        gsl_rng_free(random);
        return NULL;
    }
    gsl_rng_set(random, seed);
    uint64_t ok = sample.answered - (sample.timed_out - trial->timed_out);
    json_t *root = json_pack(
        "{ss so s{ss ss ss} ss sb so so so sf sf so so so so so so}", "format",
        trial->is_older ? "muelle-trial/1" : "muelle-trial/2", "config", config_json(trial),
        "labels", "experiment", "connections", "model", trial->model, "block", block, "started_utc",
        "2026-01-31T12:00:00Z", "complete", !trial->incomplete, "counts",
        counts_json(trial, ok, &sample, trial->connections - served), "measured",
        counts_json(trial, ok, &sample, 0), "connections", connections_json(trial, served),
        "measured_s", length_s, "throughput_per_s", trial->throughput_per_s, "latency", latencies,
        "windows", windows_json(random, trial), "server", server_json(trial), "client",
        resources_json(trial), "verdict", verdict_json(trial), "environment", environment_json());
    gsl_rng_free(random);
    if (!trial->is_older)
        add_newer(root, trial);
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

/* --- a run ------------------------------------------------------------------------------------ */

static const uint64_t levels[] = {1, 10, 100, 1000, 10000};
enum { LEVELS = sizeof levels / sizeof levels[0] };

/* What each model does in a closed loop, by level. */
static const struct model {
    const char *name;
    uint64_t served_max;
    double throughput[LEVELS], rss_mib[LEVELS], cpu_us[LEVELS];
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
enum { MODELS = sizeof models / sizeof models[0], CELLS = LEVELS * MODELS };

static void judge(struct synthetic_trial *trial, enum trust trust, const char *code,
                  const char *text)
{
    trial->trust = trust;
    trial->code = code;
    trial->text = text;
}

/* All connections wait for their answers. */
static void close_loop(struct synthetic_trial *trial, double capacity, double served)
{
    trial->throughput_per_s = capacity;
    trial->latency_us = served / capacity * 1e6 * 0.95;
    judge(trial, TRUST_CAUTION, "C6",
          "A closed loop under-counts stalls: while the server is stuck, nothing is sent.");
}

/* Few of them do, unless more is offered than can be served. */
static void open_loop(struct synthetic_trial *trial, double capacity, double rate_per_s)
{
    trial->rate_per_s = rate_per_s;
    trial->throughput_per_s = fmin(rate_per_s, capacity);
    trial->latency_us = 4e6 / capacity;
    if (rate_per_s > capacity)
        judge(trial, TRUST_NONE, "I2",
              "Only a part of the offered load was sent: latency is a backlog, not a response "
              "time.");
}

static int write_cell_trial(const char *folder, size_t cell, unsigned block,
                            const struct synthetic_trial *usual)
{
    const struct model *model = &models[cell % MODELS];
    size_t level = cell / MODELS;
    double luck = 1 + 0.02 * sin((double)block * 7 + (double)cell * 3);
    double capacity = model->throughput[level] * luck;
    double served = (double)levels[level];
    struct synthetic_trial trial = *usual;

    if (model->served_max)
        served = fmin(served, (double)model->served_max);
    trial.model = model->name;
    trial.connections = levels[level];
    trial.block = block;
    trial.served_max = model->served_max;
    trial.rss_mib = model->rss_mib[level];
    trial.cpu_us = model->cpu_us[level] * luck;
    if (usual->rate_per_s > 0)
        open_loop(&trial, capacity, usual->rate_per_s);
    else
        close_loop(&trial, capacity, served);
    if (cell == CELLS - MODELS && trial.trust != TRUST_NONE)
        judge(&trial, TRUST_NONE, "I1",
              "The generator was the limit: its core was 99 % busy, the server's 61 %.");
    return write_run_trial(folder, &trial, (unsigned)cell + 1 + (block - 1) * CELLS);
}

int synthetic_run(const char *folder, unsigned blocks, double duration_s, double rate_per_s)
{
    struct synthetic_trial usual = {.duration_s = duration_s, .rate_per_s = rate_per_s};
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
        for (size_t cell = 0; cell < CELLS && !error; cell++)
            error = write_cell_trial(folder, cell, block, &usual);
    }
    return error;
}
