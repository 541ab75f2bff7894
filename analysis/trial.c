/* SPDX-License-Identifier: MIT */
#include "analysis/trial.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/json_reader.h"

enum {
    WINDOWS_MAX = 100000, /* more than a day of seconds */
    REASONS_MAX = 64,     /* the method knows fewer than twenty codes */
    LABEL_SIZE_MAX = 256, /* longer names are no names */
    BLOCKS_MAX = 10000,
};

static const char *const trust_texts[] = {"TRUSTED", "CAUTION", "NOT TRUSTED"};

const char *trust_text(enum trust trust)
{
    return trust_texts[trust];
}

static const char *const loop_texts[] = {"closed", "think", "open"};

const char *loop_text(enum loop loop)
{
    return loop_texts[loop];
}

bool trial_has_own_response(const struct trial *trial)
{
    return trial->loop != LOOP_CLOSED;
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
    trial->varies = label(reader, labels, "varies", "connections");
    const char *level = label(reader, labels, "level", "");
    if (*level)
        trial->level = strdup(level);
    const char *block = label(reader, labels, "block", "0");
    char *end;
    unsigned long number = strtoul(block, &end, 10);
    if (*end || *block == '-' || number > BLOCKS_MAX)
        json_reader_fail(reader, "block is not a number from 1");
    trial->block = (unsigned)number;
    reader->where = "";
}

/* "" where it is null. */
static const char *string_or_null(struct json_reader *reader, json_t *object, const char *name)
{
    return json_is_null(json_object_get(object, name)) ? ""
                                                       : json_reader_string(reader, object, name);
}

static void read_loop(struct json_reader *reader, json_t *config, struct trial *trial,
                      bool is_older)
{
    const char *loop = json_reader_string(reader, config, "loop");

    while (trial->loop < LOOP_OPEN && strcmp(loop, loop_text(trial->loop)) != 0)
        trial->loop++;
    if (strcmp(loop, loop_text(trial->loop)) != 0)
        json_reader_fail(reader, "loop is none of closed, think and open");
    trial->rate_per_s = NAN;
    trial->arrival = trial->think = "";
    trial->pipeline = 1;
    if (is_older)
        return;
    trial->rate_per_s = json_reader_number_or_null(reader, config, "rate_per_s");
    trial->arrival = string_or_null(reader, config, "arrival");
    trial->think = string_or_null(reader, config, "think");
    trial->pipeline = json_reader_count(reader, config, "pipeline");
    trial->warmup_auto = json_reader_boolean(reader, config, "warmup_auto");
}

/* Members that came later, or that are null without. */
static uint64_t optional_count(struct json_reader *reader, json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);

    return value && !json_is_null(value) ? json_reader_count(reader, object, name) : 0;
}

static void read_config(struct json_reader *reader, struct trial *trial, bool is_older)
{
    json_t *config = json_reader_object(reader, trial->document, "config");

    reader->where = "config";
    trial->protocol = json_reader_string(reader, config, "protocol");
    read_loop(reader, config, trial, is_older);
    trial->request = json_reader_string(reader, config, "request");
    trial->connections = json_reader_count(reader, config, "connections");
    trial->idle_connections = optional_count(reader, config, "idle_connections");
    trial->requests_per_connection = optional_count(reader, config, "requests_per_connection");
    trial->threads = json_reader_count(reader, config, "threads");
    trial->duration_s = json_reader_number_or_null(reader, config, "duration_s");
    trial->warmup_s = json_reader_number(reader, config, "warmup_s");
    trial->timeout_s = json_reader_number(reader, config, "timeout_s");
    if (trial->connections == 0)
        json_reader_fail(reader, "connections is 0");
    if (!trial->level &&
        asprintf(&trial->level, "%llu", (unsigned long long)trial->connections) < 0)
        trial->level = NULL;
    if (!trial->level)
        json_reader_fail(reader, "out of memory");
    reader->where = "";
}

static uint64_t read_errors(struct json_reader *reader, json_t *measured)
{
    json_t *errors = json_reader_object(reader, measured, "errors");
    uint64_t total = 0;
    const char *kind;
    json_t *count;

    json_object_foreach(errors, kind, count)
    {
        if (!json_is_integer(count) || json_integer_value(count) < 0)
            json_reader_fail(reader, "errors by kind are not all counts");
        total += (uint64_t)json_integer_value(count);
    }
    return total;
}

static void read_measured(struct json_reader *reader, struct trial *trial, bool is_older)
{
    json_t *measured = json_reader_object(reader, trial->document, "measured");

    reader->where = "measured";
    trial->sent = json_reader_count(reader, measured, "sent");
    trial->ok = json_reader_count(reader, measured, "ok");
    trial->wrong = json_reader_count(reader, measured, "wrong");
    trial->timed_out = json_reader_count(reader, measured, "timed_out");
    trial->errors = read_errors(reader, measured);
    uint64_t in_flight = json_reader_count(reader, measured, "in_flight");
    uint64_t accounted = trial->ok + trial->wrong + trial->errors + trial->timed_out + in_flight;
    if (trial->sent != accounted)
        json_reader_fail(reader, "%llu requests were sent but %llu are accounted for",
                         (unsigned long long)trial->sent, (unsigned long long)accounted);
    trial->intended = is_older ? trial->sent : json_reader_count(reader, measured, "intended");
    trial->unsent = is_older ? 0 : json_reader_count(reader, measured, "unsent");
    accounted = trial->sent + trial->unsent;
    if (trial->intended != accounted)
        json_reader_fail(reader, "%llu requests were intended but %llu sent or given up",
                         (unsigned long long)trial->intended, (unsigned long long)accounted);
    reader->where = "connections";
    json_t *connections = json_reader_object(reader, trial->document, "connections");
    trial->established = json_reader_count(reader, connections, "established");
    trial->refused = json_reader_count(reader, connections, "refused");
    trial->lost = json_reader_count(reader, connections, "lost");
    trial->connections_failed = json_reader_count(reader, connections, "failed");
    reader->where = "";
}

static void read_latencies(struct json_reader *reader, struct trial *trial, bool is_older)
{
    json_t *latency = json_reader_object(reader, trial->document, "latency");

    latency_read(reader, latency, "handshake", !is_older, &trial->handshake);
    latency_read(reader, latency, "service", !is_older, &trial->service);
    latency_read(reader, latency, "response", !is_older, &trial->response);
    if (is_older)
        return;
    latency_read(reader, latency, "send_lag", true, &trial->send_lag);
    latency_read(reader, latency, "queue_wait", true, &trial->queue_wait);
    latency_read(reader, latency, "wire", true, &trial->wire);
}

/* As a request is written: "work:block=5ms" is executed for a while, "echo:64" is not. */
static bool is_work(const char *name)
{
    return strncmp(name, "work:", strlen("work:")) == 0;
}

/* Among several classes that are no work, that of which most is sent. */
static void read_light_class(struct json_reader *reader, struct trial *trial)
{
    json_t *classes = json_object_get(trial->document, "classes");
    json_int_t most = -1;
    json_t *light = NULL;
    bool has_work = false;
    json_t *class;
    size_t i;

    trial->light_class = "";
    json_array_foreach(classes, i, class)
    {
        const char *name = json_reader_string(reader, class, "name");
        json_int_t weight = json_integer_value(json_object_get(class, "weight"));

        has_work = has_work || is_work(name);
        if (!is_work(name) && weight > most) {
            light = class;
            most = weight;
        }
    }
    if (has_work && light) {
        trial->light_class = json_reader_string(reader, light, "name");
        latency_read(reader, light, "response", true, &trial->light);
    } else if (!has_work && !is_work(trial->request)) {
        trial->light = trial->response;
    }
}

/* Members that came later: then NAN. */
static double optional_number(struct json_reader *reader, json_t *object, const char *name)
{
    return json_object_get(object, name) ? json_reader_number_or_null(reader, object, name) : NAN;
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
    resources->pss_bytes = optional_number(reader, object, "pss_bytes");
    resources->page_tables_bytes = optional_number(reader, object, "page_tables_bytes");
    resources->processes = optional_number(reader, object, "processes");
}

static void read_ends(struct json_reader *reader, struct trial *trial)
{
    json_t *server = json_object_get(trial->document, "server");

    reader->where = "server";
    if (!server)
        json_reader_fail(reader, "missing; null says that nobody observed it");
    if (!json_is_null(server))
        read_resources(reader, server, &trial->server);
    counted_read(reader, json_object_get(server, "counters"), &trial->counted);
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

static void read_windows(struct json_reader *reader, struct trial *trial, bool is_older)
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
        window->sent = is_older ? NAN : (double)json_reader_count(reader, object, "sent");
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

    const char *format = json_reader_string(reader, root, "format");
    bool is_older = strcmp(format, "muelle-trial/1") == 0;

    if (!is_older && strcmp(format, "muelle-trial/2") != 0)
        json_reader_fail(reader, "format is neither muelle-trial/2 nor muelle-trial/1");
    read_labels(reader, trial);
    read_config(reader, trial, is_older);
    trial->started_utc = json_reader_string(reader, root, "started_utc");
    trial->complete = json_reader_boolean(reader, root, "complete");
    read_measured(reader, trial, is_older);
    trial->measured_s = json_reader_number(reader, root, "measured_s");
    trial->throughput_per_s = json_reader_number(reader, root, "throughput_per_s");
    read_latencies(reader, trial, is_older);
    read_light_class(reader, trial);
    read_ends(reader, trial);
    read_verdict(reader, trial);
    read_windows(reader, trial, is_older);
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
    free(trial->level);
    counted_release(&trial->counted);
    free(trial->reasons);
    free(trial->windows);
    json_decref(trial->document);
    *trial = (struct trial){0};
}
