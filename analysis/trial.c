/* SPDX-License-Identifier: MIT */
#include "analysis/trial.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/json_reader.h"
#include "common/histogram_codec.h"

enum {
    WINDOWS_MAX = 100000, /* more than a day of seconds */
    REASONS_MAX = 64,     /* the method knows fewer than twenty codes */
    LABEL_SIZE_MAX = 256, /* longer names are no names */
    BLOCKS_MAX = 10000,
};

static const struct {
    const char *member;
    double fraction;
} percentiles[PERCENTILES] = {
    [PERCENTILE_50] = {"p50_ns", 0.5},        [PERCENTILE_90] = {"p90_ns", 0.9},
    [PERCENTILE_99] = {"p99_ns", 0.99},       [PERCENTILE_999] = {"p999_ns", 0.999},
    [PERCENTILE_9999] = {"p9999_ns", 0.9999}, [PERCENTILE_MAX] = {"max_ns", 1},
};

static const char *const trust_texts[] = {"TRUSTED", "CAUTION", "NOT TRUSTED"};

const char *trust_text(enum trust trust)
{
    return trust_texts[trust];
}

double percentile_fraction(enum percentile percentile)
{
    return percentiles[percentile].fraction;
}

static const char *label(struct json_reader *reader, json_t *labels, const char *name,
                         const char *otherwise)
{
    if (!json_object_get(labels, name))
        return otherwise;
    const char *value = json_reader_string(reader, labels, name);
    if (strlen(value) > LABEL_SIZE_MAX)
        json_reader_fail(reader, "%s is longer than %d bytes", name, LABEL_SIZE_MAX);
    return *value ? value : otherwise;
}

static void read_labels(struct json_reader *reader, struct trial *trial)
{
    json_t *labels = json_reader_object(reader, trial->document, "labels");

    reader->where = "labels";
    trial->model = label(reader, labels, "model", "server");
    trial->experiment = label(reader, labels, "experiment", "");
    const char *block = label(reader, labels, "block", "0");
    char *end;
    unsigned long number = strtoul(block, &end, 10);
    if (*end || *block == '-' || number > BLOCKS_MAX)
        json_reader_fail(reader, "block is not a number from 1");
    trial->block = (unsigned)number;
    reader->where = "";
}

static void read_config(struct json_reader *reader, struct trial *trial)
{
    json_t *config = json_reader_object(reader, trial->document, "config");

    reader->where = "config";
    trial->protocol = json_reader_string(reader, config, "protocol");
    trial->loop = json_reader_string(reader, config, "loop");
    trial->request = json_reader_string(reader, config, "request");
    trial->connections = json_reader_count(reader, config, "connections");
    trial->threads = json_reader_count(reader, config, "threads");
    trial->duration_s = json_reader_number_or_null(reader, config, "duration_s");
    trial->warmup_s = json_reader_number(reader, config, "warmup_s");
    trial->timeout_s = json_reader_number(reader, config, "timeout_s");
    if (trial->connections == 0)
        json_reader_fail(reader, "connections is 0");
    reader->where = "";
}

static void read_measured(struct json_reader *reader, struct trial *trial)
{
    json_t *measured = json_reader_object(reader, trial->document, "measured");
    const char *kind;
    json_t *count;

    reader->where = "measured";
    trial->sent = json_reader_count(reader, measured, "sent");
    trial->ok = json_reader_count(reader, measured, "ok");
    trial->wrong = json_reader_count(reader, measured, "wrong");
    trial->timed_out = json_reader_count(reader, measured, "timed_out");
    json_t *errors = json_reader_object(reader, measured, "errors");
    json_object_foreach(errors, kind, count)
    {
        if (!json_is_integer(count) || json_integer_value(count) < 0)
            json_reader_fail(reader, "errors by kind are not all counts");
        trial->errors += (uint64_t)json_integer_value(count);
    }
    uint64_t in_flight = json_reader_count(reader, measured, "in_flight");
    uint64_t accounted = trial->ok + trial->wrong + trial->errors + trial->timed_out + in_flight;
    if (trial->sent != accounted)
        json_reader_fail(reader, "%llu requests were sent but %llu are accounted for",
                         (unsigned long long)trial->sent, (unsigned long long)accounted);
    reader->where = "connections";
    json_t *connections = json_reader_object(reader, trial->document, "connections");
    trial->established = json_reader_count(reader, connections, "established");
    trial->refused = json_reader_count(reader, connections, "refused");
    trial->lost = json_reader_count(reader, connections, "lost");
    trial->connections_failed = json_reader_count(reader, connections, "failed");
    reader->where = "";
}

static void read_latency(struct json_reader *reader, json_t *object, struct latency *latency)
{
    double previous = 0;
    json_t *bound;
    size_t i;

    latency->count = json_reader_count(reader, object, "count");
    latency->at_least_count = json_reader_count(reader, object, "at_least_count");
    latency->above_count = json_reader_count(reader, object, "above_count");
    latency->histogram = json_reader_string(reader, object, "histogram");
    for (enum percentile p = 0; p < PERCENTILES; p++) {
        const char *name = percentiles[p].member;

        latency->value_ns[p] = json_reader_number_or_null(reader, object, name);
        if (isnan(latency->value_ns[p]) != (latency->count == 0))
            json_reader_fail(reader, "%s is %s although count is %llu", name,
                             latency->count ? "null" : "a number",
                             (unsigned long long)latency->count);
        if (latency->value_ns[p] < previous && p != PERCENTILE_MAX)
            json_reader_fail(reader, "%s is below the percentile before it", name);
        previous = latency->value_ns[p];
    }
    json_t *bounds = json_reader_array(reader, object, "lower_bounds");
    json_array_foreach(bounds, i, bound)
    {
        for (enum percentile p = 0; p < PERCENTILES; p++) {
            if (json_is_string(bound) &&
                strcmp(json_string_value(bound), percentiles[p].member) == 0)
                latency->at_least[p] = true;
        }
    }
}

static bool is_latency_layout(const struct histogram *histogram)
{
    return histogram->lowest == HISTOGRAM_LOWEST_NS && histogram->highest == HISTOGRAM_HIGHEST_NS &&
           histogram->digits == HISTOGRAM_DIGITS;
}

/* The counters must hold what the numbers say (a histogram of another trial would go unnoticed), in
 * the one layout that merges exactly. */
static void check_histogram(struct json_reader *reader, const struct latency *latency)
{
    struct histogram histogram;

    if (json_reader_failed(reader))
        return;
    if (histogram_decode(latency->histogram, &histogram) < 0) {
        json_reader_fail(reader, "the histogram cannot be read");
        return;
    }
    uint64_t held = histogram.total_count + latency->above_count;
    if (held != latency->count)
        json_reader_fail(reader, "the histogram holds %llu values, count says %llu",
                         (unsigned long long)held, (unsigned long long)latency->count);
    if (!is_latency_layout(&histogram))
        json_reader_fail(reader, "the histogram has another layout than 1 ns to 1 h, 3 digits");
    histogram_release(&histogram);
}

static void read_latencies(struct json_reader *reader, struct trial *trial)
{
    json_t *latency = json_reader_object(reader, trial->document, "latency");

    reader->where = "latency.handshake";
    read_latency(reader, json_object_get(latency, "handshake"), &trial->handshake);
    reader->where = "latency.service";
    read_latency(reader, json_object_get(latency, "service"), &trial->service);
    check_histogram(reader, &trial->service);
    reader->where = "";
}

static void read_resources(struct json_reader *reader, json_t *object, struct resources *resources)
{
    resources->measured = true;
    resources->cpu_user_s = json_reader_number(reader, object, "cpu_user_s");
    resources->cpu_system_s = json_reader_number(reader, object, "cpu_system_s");
    resources->cpu_us_per_request =
        json_reader_number_or_null(reader, object, "cpu_us_per_request");
    resources->rss_bytes = (double)json_reader_count(reader, object, "rss_bytes");
    resources->threads = (double)json_reader_count(reader, object, "threads");
    resources->voluntary_switches = (double)json_reader_count(reader, object, "voluntary_switches");
    resources->involuntary_switches =
        (double)json_reader_count(reader, object, "involuntary_switches");
    resources->observed_s = json_reader_number(reader, object, "observed_s");
    resources->run_queue_delay_s = json_reader_number_or_null(reader, object, "run_queue_delay_s");
}

static void read_ends(struct json_reader *reader, struct trial *trial)
{
    json_t *server = json_object_get(trial->document, "server");

    reader->where = "server";
    if (!server)
        json_reader_fail(reader, "missing; null says that nobody observed it");
    if (!json_is_null(server))
        read_resources(reader, server, &trial->server);
    reader->where = "client";
    read_resources(reader, json_object_get(trial->document, "client"), &trial->client);
    reader->where = "";
}

/* "C8", "I1": short, so that there are few of them. */
static bool is_code(const char *code)
{
    size_t digits = strspn(code + 1, "0123456789");

    return (code[0] == 'C' || code[0] == 'I') && digits > 0 && digits < 4 && !code[1 + digits];
}

static void read_verdict(struct json_reader *reader, struct trial *trial)
{
    json_t *verdict = json_reader_object(reader, trial->document, "verdict");
    json_t *reason;
    size_t i;

    reader->where = "verdict";
    const char *level = json_reader_string(reader, verdict, "level");
    trial->trust = TRUST_FULL;
    while (trial->trust < TRUST_NONE && strcmp(level, trust_text(trial->trust)) != 0)
        trial->trust++;
    if (strcmp(level, trust_text(trial->trust)) != 0)
        json_reader_fail(reader, "level is none of TRUSTED, CAUTION and NOT TRUSTED");

    json_t *reasons = json_reader_array(reader, verdict, "reasons");
    size_t count = json_array_size(reasons);
    if (count > REASONS_MAX)
        json_reader_fail(reader, "more than %d reasons", REASONS_MAX);
    trial->reasons = calloc(count + 1, sizeof *trial->reasons);
    if (!trial->reasons || json_reader_failed(reader)) {
        json_reader_fail(reader, "out of memory");
        return;
    }
    json_array_foreach(reasons, i, reason)
    {
        trial->reasons[i].code = json_reader_string(reader, reason, "code");
        trial->reasons[i].value = json_number_value(json_object_get(reason, "value"));
        trial->reasons[i].text = json_reader_string(reader, reason, "text");
        if (*trial->reasons[i].code == '\0' || !is_code(trial->reasons[i].code))
            json_reader_fail(reader, "a code is not C or I and a number");
    }
    trial->reason_count = count;
    reader->where = "";
}

static void read_windows(struct json_reader *reader, struct trial *trial)
{
    json_t *windows = json_reader_array(reader, trial->document, "windows");
    size_t count = json_array_size(windows);
    json_t *object;
    size_t i;

    if (count > WINDOWS_MAX)
        json_reader_fail(reader, "more than %d windows", WINDOWS_MAX);
    if (json_reader_failed(reader))
        return;
    trial->windows = calloc(count + 1, sizeof *trial->windows);
    if (!trial->windows) {
        json_reader_fail(reader, "out of memory");
        return;
    }
    reader->where = "windows";
    json_array_foreach(windows, i, object)
    {
        struct window *window = &trial->windows[i];

        window->start_s = json_reader_number(reader, object, "start_s");
        window->duration_s = json_reader_number(reader, object, "duration_s");
        window->ok = json_reader_count(reader, object, "ok");
        window->errors = json_reader_count(reader, object, "errors");
        window->p50_ns = json_reader_number_or_null(reader, object, "p50_ns");
        window->p99_ns = json_reader_number_or_null(reader, object, "p99_ns");
        window->max_ns = json_reader_number_or_null(reader, object, "max_ns");
    }
    trial->window_count = count;
    reader->where = "";
}

static void read_trial(struct json_reader *reader, struct trial *trial)
{
    json_t *root = trial->document;

    if (strcmp(json_reader_string(reader, root, "format"), "muelle-trial/1") != 0)
        json_reader_fail(reader, "format is not muelle-trial/1");
    read_labels(reader, trial);
    read_config(reader, trial);
    trial->started_utc = json_reader_string(reader, root, "started_utc");
    trial->complete = json_reader_boolean(reader, root, "complete");
    read_measured(reader, trial);
    trial->measured_s = json_reader_number(reader, root, "measured_s");
    trial->throughput_per_s = json_reader_number(reader, root, "throughput_per_s");
    read_latencies(reader, trial);
    read_ends(reader, trial);
    read_verdict(reader, trial);
    read_windows(reader, trial);
}

int trial_parse(const char *text, size_t size, const char *file, struct trial *trial, char *problem,
                size_t problem_size)
{
    struct json_reader reader = {.where = ""};
    json_error_t error;

    *trial = (struct trial){.document = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error)};
    if (!trial->document) {
        snprintf(problem, problem_size, "not JSON: line %d: %.100s", error.line, error.text);
        return -1;
    }
    trial->file = strdup(file);
    if (!trial->file)
        json_reader_fail(&reader, "out of memory");
    read_trial(&reader, trial);
    if (json_reader_failed(&reader)) {
        snprintf(problem, problem_size, "%s", reader.problem);
        trial_release(trial);
        return -1;
    }
    return 0;
}

void trial_release(struct trial *trial)
{
    free(trial->file);
    free(trial->reasons);
    free(trial->windows);
    json_decref(trial->document);
    *trial = (struct trial){0};
}

int trial_merge_service(const struct trial *trial, struct histogram *into)
{
    struct histogram histogram;
    int error = histogram_decode(trial->service.histogram, &histogram);

    if (error)
        return error;
    error = histogram_merge(into, &histogram);
    histogram_release(&histogram);
    return error;
}
