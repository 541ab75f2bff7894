/* SPDX-License-Identifier: MIT */
#include "loadgen/output/second_text.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/histogram_codec.h"
#include "common/histogram_log.h"
#include "loadgen/record/percentiles.h"

/* Digits of a time in seconds: to the microsecond in more than a day. */
enum { REAL_DIGITS = 12 };
/* Beyond p99.9 a second has hardly ever enough requests. */
#define STREAM_QUANTILE_MAX 0.999

/* --- the stream ------------------------------------------------------------------------------- */

/* The percentile of a histogram that is not empty. Among the values above its range it is only
 * known to be above it. */
static void add_percentile(json_t *object, json_t *lower_bounds, const struct latency *latency,
                           const struct percentile *percentile)
{
    const struct histogram *histogram = &latency->histogram;
    uint64_t value = histogram_quantile(histogram, percentile->quantile);

    json_object_set_new(
        object, percentile->field,
        json_integer((json_int_t)(value == UINT64_MAX ? histogram->highest : value)));
    if (latency_is_lower_bound(latency, percentile->quantile))
        json_array_append_new(lower_bounds, json_string(percentile->field));
}

/* NULL when out of memory, or when the histogram cannot be encoded. */
static json_t *latency_json(const struct latency *latency)
{
    const struct histogram *histogram = &latency->histogram;
    bool any = histogram->total_count > 0;
    json_t *object = json_object(), *lower_bounds = json_array();
    char *encoded;

    if (histogram_encode(histogram, &encoded) < 0) {
        json_decref(lower_bounds);
        json_decref(object);
        return NULL;
    }
    json_object_set_new(object, "count", json_integer((json_int_t)histogram->total_count));
    for (size_t i = 0; i < PERCENTILES_COUNT; i++) {
        if (percentiles[i].quantile > STREAM_QUANTILE_MAX)
            continue;
        if (any)
            add_percentile(object, lower_bounds, latency, &percentiles[i]);
        else
            json_object_set_new(object, percentiles[i].field, json_null());
    }
    if (any && latency_is_lower_bound(latency, 1.0))
        json_array_append_new(lower_bounds, json_string("max_ns"));
    json_object_set_new(object, "max_ns",
                        any ? json_integer((json_int_t)histogram->max) : json_null());
    json_object_set_new(object, "lower_bounds", lower_bounds);
    json_object_set_new(object, "at_least_count",
                        json_integer((json_int_t)latency->at_least_count));
    json_object_set_new(object, "above_count", json_integer((json_int_t)histogram->above_count));
    json_object_set_new(object, "histogram", json_string(encoded));
    free(encoded);
    return object;
}

static int add_latency(json_t *object, const struct seconds *seconds, enum latency_kind kind)
{
    return json_object_set_new(object, latency_names[kind],
                               latency_json(&seconds->last.latencies[kind]));
}

/* The latencies that such a load has. */
static int add_latencies(json_t *object, const struct plan *plan, const struct seconds *seconds)
{
    int failed = add_latency(object, seconds, LATENCY_RESPONSE);

    failed |= add_latency(object, seconds, LATENCY_SERVICE);
    if (seconds->plan.separate_service) {
        failed |= add_latency(object, seconds, LATENCY_SEND_LAG);
        failed |= add_latency(object, seconds, LATENCY_QUEUE_WAIT);
    }
    if (plan->timestamps != TIMESTAMPS_OFF)
        failed |= add_latency(object, seconds, LATENCY_WIRE);
    return failed;
}

static int add_classes(json_t *object, const struct plan *plan, const struct seconds *seconds)
{
    json_t *array;
    int failed = 0;

    if (seconds->plan.classes < 2)
        return 0;
    array = json_array();
    for (unsigned i = 0; i < seconds->plan.classes; i++)
        failed |= json_array_append_new(
            array, json_pack("{ss so}", "name", plan->requests_mix.classes[i].name, "response",
                             latency_json(&seconds->last.latencies[LATENCY_CLASS + i])));
    return failed | json_object_set_new(object, "classes", array);
}

int second_stream_line(const struct plan *plan, const struct seconds *seconds, uint64_t duration_ns,
                       char **text, size_t *size)
{
    const struct seconds_sum *last = &seconds->last;
    size_t number = seconds->count - 1;
    json_t *object = json_pack("{sI sf sf sI sI sI}", "second", (json_int_t)number,        /**/
                               "start_s", (double)number * (double)WINDOW_NS / NS_PER_S,   /**/
                               "duration_s", (double)duration_ns / NS_PER_S,               /**/
                               "sent", (json_int_t)last->sent, "ok", (json_int_t)last->ok, /**/
                               "errors", (json_int_t)last->errors);
    char *line = NULL;

    *text = NULL;
    if (object && add_latencies(object, plan, seconds) == 0 &&
        add_classes(object, plan, seconds) == 0)
        line = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS));
    json_decref(object);
    if (!line)
        return -ENOMEM;

    int length = asprintf(text, "%s\n", line);

    free(line);
    *size = length > 0 ? (size_t)length : 0;
    return length > 0 ? 0 : -ENOMEM;
}

/* --- the log ---------------------------------------------------------------------------------- */

/* Ends what was written to a stream in memory; `failed` is what went wrong until then. */
static int memory_close(FILE *out, int failed, char **text)
{
    if (fclose(out) != 0 && failed == 0)
        failed = -ENOMEM;
    if (failed < 0) {
        free(*text);
        *text = NULL;
    }
    return failed;
}

int second_log_header(const struct plan *plan, double start_epoch_s, char **text, size_t *size)
{
    FILE *out = open_memstream(text, size);
    char comment[256];

    if (!out)
        return -errno;
    snprintf(comment, sizeof comment, "muelle-loadgen, response time of %s", plan->target);
    return memory_close(out, histogram_log_begin(out, start_epoch_s, comment), text);
}

int second_log_lines(const struct plan *plan, const struct seconds *seconds, char **text,
                     size_t *size)
{
    double length_s = (double)WINDOW_NS / NS_PER_S;
    FILE *out = open_memstream(text, size);
    int failed = 0;

    if (!out)
        return -errno;
    for (unsigned i = 0; failed == 0 && i < seconds->plan.classes; i++) {
        unsigned kind = seconds->plan.classes > 1 ? LATENCY_CLASS + i : LATENCY_RESPONSE;

        failed = histogram_log_interval(out, plan->requests_mix.classes[i].name,
                                        (double)(seconds->count - 1) * length_s, length_s,
                                        &seconds->last.latencies[kind].histogram, NS_PER_MS);
    }
    return memory_close(out, failed, text);
}
