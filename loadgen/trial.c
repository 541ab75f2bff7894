/* SPDX-License-Identifier: MIT */
#include "loadgen/trial.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "common/histogram_codec.h"
#include "loadgen/environment.h"
#include "loadgen/percentiles.h"

static double seconds(uint64_t time_ns)
{
    return (double)time_ns / (double)NS_PER_S;
}

static json_t *errors_json(const uint64_t errors[FAILURES_COUNT])
{
    json_t *object = json_object();

    for (int i = 0; i < FAILURES_COUNT; i++) {
        if (errors[i] > 0)
            json_object_set_new(object, failure_names[i], json_integer((json_int_t)errors[i]));
    }
    return object;
}

static json_t *counts_json(const struct request_counts *counts, uint64_t refused)
{
    return json_pack("{sI sI sI so sI sI sI}",                   /**/
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
    return json_pack("{sI sI sI sI sI sI so}",                       /**/
                     "asked", (json_int_t)counts->asked,             /**/
                     "established", (json_int_t)counts->established, /**/
                     "lost", (json_int_t)counts->lost,               /**/
                     "refused", (json_int_t)counts->refused,         /**/
                     "failed", (json_int_t)counts->failed,           /**/
                     "reconnected", (json_int_t)counts->reconnected, /**/
                     "errors", errors_json(counts->errors));
}

static json_t *config_json(const struct plan *plan)
{
    return json_pack(
        "{ss ss ss sI sI ss so so sf sf sI}",         /**/
        "target", plan->target,                       /**/
        "protocol", plan->protocol->name,             /**/
        "loop", "closed",                             /**/
        "connections", (json_int_t)plan->connections, /**/
        "threads", (json_int_t)plan->threads,         /**/
        "request", plan->request_text,                /**/
        "requests", plan->requests > 0 ? json_integer((json_int_t)plan->requests) : json_null(),
        "duration_s",
        plan->duration_ns == UINT64_MAX ? json_null() : json_real(seconds(plan->duration_ns)),
        "warmup_s", seconds(plan->warmup_ns),   /**/
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

/* NULL when out of memory. */
static json_t *latency_json(const struct latency *latency)
{
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
    free(encoded);
    return object;
}

static json_t *latencies_json(const struct recorder *total)
{
    /* In a closed loop nothing says when a request was intended: response equals service. */
    return json_pack("{so so so so}",                              /**/
                     "connect", latency_json(&total->connect),     /**/
                     "handshake", latency_json(&total->handshake), /**/
                     "service", latency_json(&total->service),     /**/
                     "response", latency_json(&total->service));
}

/* --- windows ---------------------------------------------------------------------------------- */

static json_t *window_json(const struct run_result *result, size_t index, struct histogram *scratch)
{
    const struct window *window = &result->total.windows[index];
    uint64_t start_ns = index * WINDOW_NS;
    uint64_t left_ns = result->measured_ns - start_ns;

    recorder_window_histogram(&result->total, index, scratch);
    return json_pack("{sf sf sI sI so so so}",     /**/
                     "start_s", seconds(start_ns), /**/
                     "duration_s", seconds(left_ns < WINDOW_NS ? left_ns : WINDOW_NS), "ok",
                     (json_int_t)window->ok,                   /**/
                     "errors", (json_int_t)window->errors,     /**/
                     "p50_ns", percentile_json(scratch, 0.5),  /**/
                     "p99_ns", percentile_json(scratch, 0.99), /**/
                     "max_ns", duration_json(scratch, window->max_ns));
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

    return json_pack("{sf sf so sI sI sI sI sf so}",                    /**/
                     "cpu_user_s", seconds(resources->cpu_user_ns),     /**/
                     "cpu_system_s", seconds(resources->cpu_system_ns), /**/
                     "cpu_us_per_request", cpu_us < 0 ? json_null() : json_real(cpu_us),
                     "rss_bytes", (json_int_t)resources->rss_bytes, /**/
                     "threads", (json_int_t)resources->threads,     /**/
                     "voluntary_switches", (json_int_t)resources->voluntary_switches,
                     "involuntary_switches", (json_int_t)resources->involuntary_switches,
                     "observed_s", seconds(resources->observed_ns), /**/
                     "run_queue_delay_s",
                     resources->has_run_queue_delay
                         ? json_real(seconds(resources->run_queue_delay_ns))
                         : json_null());
}

static json_t *verdict_json(const struct verdict *verdict)
{
    json_t *reasons = json_array();

    for (unsigned i = 0; i < verdict->reasons_count; i++) {
        const struct verdict_reason *reason = &verdict->reasons[i];

        json_array_append_new(reasons, json_pack("{ss sf ss}", "code", reason->code, "value",
                                                 reason->value, "text", reason->text));
    }
    return json_pack("{ss so}", "level", verdict_level_name(verdict->level), "reasons", reasons);
}

int trial_text(const struct plan *plan, const struct run_result *result,
               const struct verdict *verdict, char **text)
{
    const struct recorder *total = &result->total;
    double measured_s = seconds(result->measured_ns);
    json_t *trial = json_pack(
        "{ss so so ss sb so so so sf sf so so so so so so}",            /**/
        "format", "muelle-trial/1",                                     /**/
        "config", config_json(plan),                                    /**/
        "labels", labels_json(plan),                                    /**/
        "started_utc", result->started_utc,                             /**/
        "complete", result->complete,                                   /**/
        "counts", counts_json(&total->all, total->connections.refused), /**/
        "measured", counts_json(&total->measured, total->connections.refused), "connections",
        connections_json(&total->connections),                                              /**/
        "measured_s", measured_s,                                                           /**/
        "throughput_per_s", measured_s > 0 ? (double)total->received_ok / measured_s : 0.0, /**/
        "latency", latencies_json(total),                                                   /**/
        "windows", windows_json(result),                                                    /**/
        "server",
        result->server_observed ? resources_json(&result->server, result) : json_null(), /**/
        "client", resources_json(&result->client, result),                               /**/
        "verdict", verdict_json(verdict),                                                /**/
        "environment", environment_json());

    /* json_pack() gives NULL when any part is: nothing needs checking on the way. */
    *text = trial ? json_dumps(trial, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(trial);
    return *text ? 0 : -ENOMEM;
}
