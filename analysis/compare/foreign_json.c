/* SPDX-License-Identifier: MIT */
/*
 * foreign_json.c: results that are JSON: those of fortio, oha and k6.
 */
#include <math.h>
#include <string.h>

#include "analysis/compare/foreign_parse.h"

/* NAN where it is missing or no number. */
static double number(json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);

    return json_is_number(value) ? json_number_value(value) : NAN;
}

static void throughput(struct foreign *out, double rate)
{
    if (rate > 0 && isfinite(rate))
        out->readings[COMPARED_THROUGHPUT].value = rate;
}

/* Seconds; of all requests that came back. */
static void read_fortio(json_t *root, struct foreign *out)
{
    json_t *histogram = json_object_get(root, "DurationHistogram");
    json_t *percentile;
    json_t *count;
    const char *code;
    size_t i;

    out->tool = "fortio";
    out->caveat = "percentiles are interpolated within its buckets, and latency runs from the send";
    out->count = number(histogram, "Count");
    double connections = number(root, "NumThreads");
    out->connections = connections > 0 && connections < 1e9 ? (uint64_t)connections : 0;
    throughput(out, number(root, "ActualQPS"));
    json_array_foreach(json_object_get(histogram, "Percentiles"), i, percentile) foreign_percentile(
        out, number(percentile, "Percentile") / 100, number(percentile, "Value") * 1e9);
    json_t *codes = json_object_get(root, "RetCodes");
    out->failed = json_is_object(codes) ? 0 : NAN;
    /* HTTP's 2xx, and what its gRPC and TCP runners call success. */
    json_object_foreach(codes, code, count)
    {
        bool is_http_ok = strlen(code) == 3 && code[0] == '2';

        if (!is_http_ok && strcmp(code, "SERVING") != 0 && strcmp(code, "OK") != 0)
            out->failed += json_is_number(count) ? json_number_value(count) : 0;
    }
}

/* Seconds. */
static void read_oha(json_t *root, struct foreign *out)
{
    json_t *summary = json_object_get(root, "summary");
    json_t *percentiles = json_object_get(root, "latencyPercentiles");
    json_t *count;
    const char *name;

    out->tool = "oha";
    out->caveat = "by default a closed loop without correction (coordinated omission)";
    throughput(out, number(summary, "requestsPerSec"));
    for (enum compared c = 0; c < COMPARED_METRICS; c++) {
        if (compared_quantile(c) > 0)
            foreign_percentile(out, compared_quantile(c),
                               number(percentiles, compared_name(c)) * 1e9);
    }
    json_t *codes = json_object_get(root, "statusCodeDistribution");
    out->count = json_is_object(codes) ? 0 : NAN;
    out->failed = 0;
    json_object_foreach(codes, name, count)
    {
        out->count += json_number_value(count);
        out->failed += name[0] == '2' ? 0 : json_number_value(count);
    }
    json_object_foreach(json_object_get(root, "errorDistribution"), name, count) out->failed +=
        json_number_value(count);
}

/* The statistics of a metric: in "values" where handleSummary() got them, else beside its name. */
static json_t *k6_values(json_t *metrics, const char *name)
{
    json_t *metric = json_object_get(metrics, name);
    json_t *values = json_object_get(metric, "values");

    return values ? values : metric;
}

/* Milliseconds. */
static void read_k6(json_t *root, struct foreign *out)
{
    json_t *metrics = json_object_get(root, "metrics");
    json_t *duration = k6_values(metrics, "http_req_duration");
    json_t *requests = k6_values(metrics, "http_reqs");
    json_t *failed = k6_values(metrics, "http_req_failed");

    out->tool = "k6";
    out->caveat = "p99 and above are there with --summary-trend-stats alone, and latency runs from "
                  "the send (coordinated omission)";
    out->count = number(requests, "count");
    throughput(out, number(requests, "rate"));
    foreign_percentile(out, 0.5, number(duration, "med") * 1e6);
    foreign_percentile(out, 0.5, number(duration, "p(50)") * 1e6);
    foreign_percentile(out, 0.99, number(duration, "p(99)") * 1e6);
    foreign_percentile(out, 0.999, number(duration, "p(99.9)") * 1e6);
    double share = number(failed, "rate");
    if (isnan(share))
        share = number(failed, "value");
    out->failed = round(share * out->count);
}

int foreign_json(json_t *root, struct foreign *out)
{
    if (json_object_get(root, "DurationHistogram") && json_object_get(root, "ActualQPS"))
        read_fortio(root, out);
    else if (json_object_get(root, "latencyPercentiles") && json_object_get(root, "summary"))
        read_oha(root, out);
    else if (json_object_get(json_object_get(root, "metrics"), "http_reqs"))
        read_k6(root, out);
    else
        return 0;
    return 1;
}
