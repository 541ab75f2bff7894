/* SPDX-License-Identifier: MIT */
#include "loadgen/output/trial.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "common/histogram_codec.h"
#include "loadgen/environment.h"
#include "loadgen/record/percentiles.h"
#include "loadgen/record/precision.h"

static double seconds(uint64_t time_ns)
{
    return (double)time_ns / (double)NS_PER_S;
}

static json_t *errors_json(const uint64_t errors[FAILURES_COUNT])
{
    json_t *object = json_object();

    for (int i = 0; i < FAILURES_COUNT; i++) {
        if (errors[i] > 0)
            json_object_set_new(object, failure_name((enum failure)i),
                                json_integer((json_int_t)errors[i]));
    }
    return object;
}

static json_t *counts_json(const struct request_counts *counts, uint64_t refused)
{
    return json_pack("{sI sI sI sI sI so sI sI sI}",             /**/
                     "intended", (json_int_t)counts->intended,   /**/
                     "unsent", (json_int_t)counts->unsent,       /**/
                     "sent", (json_int_t)counts->sent,           /**/
                     "ok", (json_int_t)counts->ok,               /**/
                     "wrong", (json_int_t)counts->wrong,         /**/
                     "errors", errors_json(counts->errors),      /**/
                     "timed_out", (json_int_t)counts->timed_out, /**/
                     "refused", (json_int_t)refused,             /**/
                     "in_flight", (json_int_t)counts->in_flight);
}

static json_t *connections_json(const struct connection_counts *counts)
{
    return json_pack("{sI sI sI sI sI sI sI sI so}",                 /**/
                     "asked", (json_int_t)counts->asked,             /**/
                     "established", (json_int_t)counts->established, /**/
                     "lost", (json_int_t)counts->lost,               /**/
                     "refused", (json_int_t)counts->refused,         /**/
                     "failed", (json_int_t)counts->failed,           /**/
                     "recycled", (json_int_t)counts->recycled,       /**/
                     "reconnected", (json_int_t)counts->reconnected, /**/
                     "retried", (json_int_t)counts->retried,         /**/
                     "errors", errors_json(counts->errors));
}

/* --- what was asked --------------------------------------------------------------------------- */

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *count_or_null(uint64_t count)
{
    return count > 0 ? json_integer((json_int_t)count) : json_null();
}

static json_t *rate_or_null(double rate_per_s)
{
    return rate_per_s > 0 ? json_real(rate_per_s) : json_null();
}

static json_t *config_json(const struct plan *plan, const struct run_result *result)
{
    static const char *const pacings[] = {
        [PACING_SLEEP] = "sleep", [PACING_HYBRID] = "hybrid", [PACING_SPIN] = "spin"};
    static const char *const timestamps[] = {
        [TIMESTAMPS_SAMPLE] = "sample", [TIMESTAMPS_ALL] = "all", [TIMESTAMPS_OFF] = "off"};
    bool is_open = plan->loop == LOOP_OPEN;

    return json_pack(
        "{ss ss ss ss sI sI sI sI ss so so so so so so so so so ss so so sf sb sf sI}", /**/
        "target", plan->target,                                                         /**/
        "address", result->address,                                                     /**/
        "protocol", plan->protocol->name,                                               /**/
        "loop", loop_kind_name(plan->loop),                                             /**/
        "connections", (json_int_t)plan->connections,                                   /**/
        "idle_connections", (json_int_t)plan->idle_connections,                         /**/
        "threads", (json_int_t)plan->threads,                                           /**/
        "pipeline", (json_int_t)plan->pipeline,                                         /**/
        "request", plan->request_text,                                                  /**/
        "rate_per_s", rate_or_null(plan->rate_per_s),                                   /**/
        "arrival", text_or_null(is_open ? plan->arrival_text : NULL),                   /**/
        "pacing", text_or_null(plan->loop != LOOP_CLOSED ? pacings[plan->pacing] : NULL),
        "queue_limit", count_or_null(plan->queue_limit),                         /**/
        "think", text_or_null(plan->think_text),                                 /**/
        "requests_per_connection", count_or_null(plan->requests_per_connection), /**/
        "connect_rate_per_s", rate_or_null(plan->connect_rate_per_s),            /**/
        "source", text_or_null(plan->source_text),                               /**/
        "rate_offered_per_s",
        is_open && result->measured_ns > 0
            ? json_real((double)result->total.measured.intended / seconds(result->measured_ns))
            : json_null(),
        "timestamps", timestamps[plan->timestamps], /**/
        "requests", count_or_null(plan->requests),  /**/
        "duration_s",
        plan->duration_ns == UINT64_MAX ? json_null() : json_real(seconds(plan->duration_ns)),
        "warmup_s", seconds(result->warmup_ns), /**/
        "warmup_auto", plan->warmup_auto,       /**/
        "timeout_s", seconds(plan->timeout_ns), /**/
        "seed", (json_int_t)plan->seed);
}

static json_t *labels_json(const struct plan *plan)
{
    json_t *object = json_object();

    for (size_t i = 0; i < plan->labels_count; i++)
        json_object_set_new(object, plan->labels[i].name, json_string(plan->labels[i].value));
    return object;
}

/* --- latency ---------------------------------------------------------------------------------- */

static json_t *duration_json(const struct histogram *histogram, uint64_t duration_ns)
{
    return histogram->total_count > 0 ? json_integer((json_int_t)duration_ns) : json_null();
}

/* A percentile among the values above the range is only known to be above it. */
static json_t *percentile_json(const struct histogram *histogram, double quantile)
{
    uint64_t value = histogram_quantile(histogram, quantile);

    return duration_json(histogram, value == UINT64_MAX ? histogram->highest : value);
}

static json_t *lower_bounds_json(const struct latency *latency)
{
    json_t *array = json_array();

    for (size_t i = 0; i < PERCENTILES_COUNT; i++) {
        if (latency_is_lower_bound(latency, percentiles[i].quantile))
            json_array_append_new(array, json_string(percentiles[i].field));
    }
    if (latency_is_lower_bound(latency, 1.0))
        json_array_append_new(array, json_string("max_ns"));
    return array;
}

/* Its own percentiles' intervals, sizes of the samples they stand on, and which are too small. */
static void add_precision(json_t *object, const struct recorder *total, enum latency_kind kind)
{
    json_t *intervals = json_object(), *effective = json_object(), *insufficient = json_array();

    for (size_t i = 0; i < PERCENTILES_COUNT; i++) {
        const char *field = percentiles[i].field;
        struct quantile_interval interval;

        precision_of(total, kind, percentiles[i].quantile, &interval);
        json_object_set_new(intervals, field,
                            json_pack("[o o]",
                                      interval.low_unbounded
                                          ? json_null()
                                          : json_integer((json_int_t)interval.low_ns),
                                      interval.high_unbounded || interval.high_ns == UINT64_MAX
                                          ? json_null()
                                          : json_integer((json_int_t)interval.high_ns)));
        json_object_set_new(effective, field, json_real(interval.effective_count));
        if (!interval.sufficient)
            json_array_append_new(insufficient, json_string(field));
    }
    json_object_set_new(object, "intervals", intervals);
    json_object_set_new(object, "effective_counts", effective);
    json_object_set_new(object, "insufficient", insufficient);
}

/* NULL when out of memory. */
static json_t *latency_json(const struct recorder *total, enum latency_kind kind)
{
    const struct latency *latency = recorder_latency(total, kind);
    const struct histogram *histogram = &latency->histogram;
    bool any = histogram->total_count > 0;
    json_t *object;
    char *encoded;

    if (histogram_encode(histogram, &encoded) < 0)
        return NULL;
    object = json_pack("{sI so so so so sI sI so ss}",                     /**/
                       "count", (json_int_t)histogram->total_count,        /**/
                       "min_ns", duration_json(histogram, histogram->min), /**/
                       "mean_ns", any ? json_real(histogram_mean(histogram)) : json_null(),
                       "max_ns", duration_json(histogram, histogram->max),    /**/
                       "lower_bounds", lower_bounds_json(latency),            /**/
                       "at_least_count", (json_int_t)latency->at_least_count, /**/
                       "above_count", (json_int_t)histogram->above_count,     /**/
                       "p50_ns", percentile_json(histogram, 0.5),             /**/
                       "histogram", encoded);
    for (size_t i = 0; object && i < PERCENTILES_COUNT; i++)
        json_object_set_new(object, percentiles[i].field,
                            percentile_json(histogram, percentiles[i].quantile));
    if (object)
        add_precision(object, total, kind);
    free(encoded);
    return object;
}

static json_t *latencies_json(const struct recorder *total)
{
    json_t *object = json_object();

    for (int kind = 0; kind <= LATENCY_RESPONSE; kind++) {
        json_t *latency = latency_json(total, (enum latency_kind)kind);

        if (json_object_set_new(object, latency_names[kind], latency) < 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

/* The response time of each class, where there are several. */
static json_t *classes_json(const struct plan *plan, const struct recorder *total)
{
    const struct request_mix *mix = &plan->requests_mix;
    json_t *array = json_array();

    for (unsigned i = 0; i < mix->count && mix->count > 1; i++) {
        enum latency_kind kind = (enum latency_kind)(LATENCY_CLASS + i);
        json_t *object =
            json_pack("{ss sI so}", "name", mix->classes[i].name, "weight",
                      (json_int_t)mix->classes[i].weight, "response", latency_json(total, kind));

        json_array_append_new(array, object);
    }
    return array;
}

/* --- windows ---------------------------------------------------------------------------------- */

static json_t *window_json(const struct run_result *result, size_t index, struct histogram *scratch)
{
    const struct window *window = &result->total.windows[index];
    uint64_t start_ns = index * WINDOW_NS;
    uint64_t left_ns = result->measured_ns - start_ns;

    histogram_clear(scratch);
    recorder_add_window(&result->total, index, LATENCY_RESPONSE, scratch);
    return json_pack("{sf sf sI sI sI so so so}",  /**/
                     "start_s", seconds(start_ns), /**/
                     "duration_s", seconds(left_ns < WINDOW_NS ? left_ns : WINDOW_NS), "sent",
                     (json_int_t)window->sent,                 /**/
                     "ok", (json_int_t)window->ok,             /**/
                     "errors", (json_int_t)window->errors,     /**/
                     "p50_ns", percentile_json(scratch, 0.5),  /**/
                     "p99_ns", percentile_json(scratch, 0.99), /**/
                     "max_ns", duration_json(scratch, window->latencies[LATENCY_RESPONSE].max_ns));
}

static json_t *windows_json(const struct run_result *result)
{
    struct histogram scratch;
    json_t *array = json_array();

    if (histogram_init_latency(&scratch) < 0)
        return array;
    for (size_t i = 0; i < result->total.windows_count; i++) {
        if (i * WINDOW_NS < result->measured_ns)
            json_array_append_new(array, window_json(result, i, &scratch));
    }
    histogram_release(&scratch);
    return array;
}

/* --- the rest --------------------------------------------------------------------------------- */

double trial_cpu_us_per_request(const struct resources *resources, const struct run_result *result)
{
    double cpu_us = (double)(resources->cpu_user_ns + resources->cpu_system_ns) / (double)NS_PER_US;

    if (result->total.received_ok == 0 || resources->observed_ns == 0)
        return -1;
    /* The replies of the measured window, scaled to the span that was observed. */
    return cpu_us / ((double)result->total.received_ok * (double)resources->observed_ns /
                     (double)result->measured_ns);
}

static json_t *resources_json(const struct resources *resources, const struct run_result *result)
{
    double cpu_us = trial_cpu_us_per_request(resources, result);

    return json_pack("{sf sf so sI sI sI sI sI sI sI sf so}",           /**/
                     "cpu_user_s", seconds(resources->cpu_user_ns),     /**/
                     "cpu_system_s", seconds(resources->cpu_system_ns), /**/
                     "cpu_us_per_request", cpu_us < 0 ? json_null() : json_real(cpu_us),
                     "rss_bytes", (json_int_t)resources->rss_bytes, /**/
                     "pss_bytes", (json_int_t)resources->pss_bytes, /**/
                     "page_tables_bytes", (json_int_t)resources->page_tables_bytes, "processes",
                     (json_int_t)resources->processes,          /**/
                     "threads", (json_int_t)resources->threads, /**/
                     "voluntary_switches", (json_int_t)resources->voluntary_switches,
                     "involuntary_switches", (json_int_t)resources->involuntary_switches,
                     "observed_s", seconds(resources->observed_ns), /**/
                     "run_queue_delay_s",
                     resources->has_run_queue_delay
                         ? json_real(seconds(resources->run_queue_delay_ns))
                         : json_null());
}

static json_t *generator_json(const struct plan *plan, const struct run_result *result)
{
    const struct thread_use *use = &result->busiest;
    double idle = 1.0 - use->busy - use->starved;

    return json_pack(
        "{sf sf sf sf sf sI sI so so}",           /**/
        "busy", use->busy,                        /**/
        "starved", use->starved,                  /**/
        "spun", use->spun,                        /**/
        "idle", idle > 0 ? idle : 0.0,            /**/
        "in_flight_mean", result->in_flight_mean, /**/
        "queue_longest", (json_int_t)result->queue_longest, "queue_left",
        (json_int_t)result->queue_left, /**/
        "dumped", plan->dump_path ? json_integer((json_int_t)result->dump.written) : json_null(),
        "dump_lost", plan->dump_path ? json_integer((json_int_t)result->dump.lost) : json_null());
}

static json_t *reasons_json(const struct verdict *verdict)
{
    json_t *reasons = json_array();

    for (unsigned i = 0; i < verdict->checks_count; i++) {
        const struct check *check = &verdict->checks[i];

        if (!check->passed)
            json_array_append_new(reasons, json_pack("{ss sf ss}", "code", check->code, "value",
                                                     check->value, "text", check->text));
    }
    return reasons;
}

static json_t *checks_json(const struct verdict *verdict)
{
    json_t *checks = json_array();

    for (unsigned i = 0; i < verdict->checks_count; i++) {
        const struct check *check = &verdict->checks[i];

        json_array_append_new(checks, json_pack("{ss sb sf sf}", "name", check->name, "passed",
                                                check->passed, "value", check->value, "limit",
                                                check->limit));
    }
    return checks;
}

static json_t *verdict_json(const struct verdict *verdict)
{
    return json_pack("{ss so so}", "level", verdict_level_name(verdict->level), "reasons",
                     reasons_json(verdict), "checks", checks_json(verdict));
}

static json_t *thresholds_json(const struct threshold_verdict *thresholds)
{
    static const char *const outcomes[] = {
        [THRESHOLD_HELD] = "held", [THRESHOLD_MISSED] = "missed", [THRESHOLD_UNKNOWN] = "unknown"};
    json_t *array = json_array();

    for (unsigned i = 0; i < thresholds->count; i++) {
        const struct threshold_finding *finding = &thresholds->findings[i];

        json_array_append_new(array,
                              json_pack("{ss ss ss}", "text", finding->threshold->text, "outcome",
                                        outcomes[finding->outcome], "sentence", finding->sentence));
    }
    return array;
}

static json_t *monotonic_json(uint64_t instant_ns)
{
    return instant_ns > 0 ? json_integer((json_int_t)instant_ns) : json_null();
}

int trial_text(const struct plan *plan, const struct run_result *result,
               const struct verdict *verdict, const struct threshold_verdict *thresholds,
               char **text)
{
    const struct recorder *total = &result->total;
    double measured_s = seconds(result->measured_ns);
    json_t *trial = json_pack(
        "{ss so so ss sb so so so so sf sf so so so so so so so so so}", /**/
        "format", "muelle-trial/2",                                      /**/
        "config", config_json(plan, result),                             /**/
        "labels", labels_json(plan),                                     /**/
        "started_utc", result->started_utc,                              /**/
        "complete", result->complete,                                    /**/
        "counts", counts_json(&total->all, total->connections.refused),  /**/
        "measured", counts_json(&total->measured, total->connections.refused), "connections",
        connections_json(&total->connections), "measured_from_monotonic_ns",
        monotonic_json(result->measured_from_ns),                                           /**/
        "measured_s", measured_s,                                                           /**/
        "throughput_per_s", measured_s > 0 ? (double)total->received_ok / measured_s : 0.0, /**/
        "latency", latencies_json(total),                                                   /**/
        "classes", classes_json(plan, total),                                               /**/
        "windows", windows_json(result),                                                    /**/
        "server",
        result->server_observed ? resources_json(&result->server, result) : json_null(), /**/
        "client", resources_json(&result->client, result),                               /**/
        "generator", generator_json(plan, result),                                       /**/
        "verdict", verdict_json(verdict),                                                /**/
        "thresholds", thresholds_json(thresholds),                                       /**/
        "environment", environment_json());

    /* json_pack() gives NULL when any part is: nothing needs checking on the way. */
    *text = trial ? json_dumps(trial, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(trial);
    return *text ? 0 : -ENOMEM;
}
