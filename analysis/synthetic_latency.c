/* SPDX-License-Identifier: MIT */
#include "analysis/synthetic_latency.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>

#include "common/histogram_codec.h"
#include "common/quantile_interval.h"

static const double TIMEOUT_NS = 5e9;

/* Every so many-th connection asks the kernel for its receive stamps. */
enum { STAMPED = 10 };

enum kind { CONNECT, HANDSHAKE, SERVICE, SEND_LAG, QUEUE_WAIT, WIRE, RESPONSE, KINDS };

static const char *const names[KINDS] = {"connect",    "handshake", "service", "send_lag",
                                         "queue_wait", "wire",      "response"};

static const struct {
    const char *name;
    double quantile;
} quantiles[] = {{"p50_ns", 0.5},    {"p90_ns", 0.9},      {"p99_ns", 0.99},
                 {"p999_ns", 0.999}, {"p9999_ns", 0.9999}, {"max_ns", 1}};

enum { QUANTILES = sizeof quantiles / sizeof quantiles[0], MAXIMUM = QUANTILES - 1 };

static json_t *bound_json(bool unbounded, uint64_t value_ns)
{
    return unbounded || value_ns == UINT64_MAX ? json_null() : json_integer((json_int_t)value_ns);
}

static void add_precision(json_t *latency, const struct histogram *histogram, double dispersion)
{
    json_t *intervals = json_object();
    json_t *effective = json_object();
    json_t *insufficient = json_array();

    for (size_t i = 0; i < MAXIMUM; i++) {
        struct quantile_interval interval;

        quantile_interval(histogram, quantiles[i].quantile, dispersion, &interval);
        json_object_set_new(intervals, quantiles[i].name,
                            json_pack("[oo]", bound_json(interval.low_unbounded, interval.low_ns),
                                      bound_json(interval.high_unbounded, interval.high_ns)));
        json_object_set_new(effective, quantiles[i].name, json_real(interval.effective_count));
        if (!interval.sufficient)
            json_array_append_new(insufficient, json_string(quantiles[i].name));
    }
    json_object_set_new(latency, "intervals", intervals);
    json_object_set_new(latency, "effective_counts", effective);
    json_object_set_new(latency, "insufficient", insufficient);
}

/* `timed_out` of the values are bounds from below. */
static json_t *latency_json(const struct histogram *histogram, uint64_t timed_out)
{
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
    for (size_t i = 0; i < QUANTILES; i++) {
        uint64_t value = histogram_quantile(histogram, quantiles[i].quantile);

        json_object_set_new(latency, quantiles[i].name,
                            count ? json_integer((json_int_t)value) : json_null());
        if (timed_out > 0 && (double)value >= TIMEOUT_NS)
            json_array_append_new(bounds, json_string(quantiles[i].name));
    }
    free(encoded);
    return latency;
}

/* Around `median_ns`, one in 300 twenty times as long. */
static double draw_ns(gsl_rng *random, double median_ns)
{
    double slow = gsl_rng_uniform(random) < 1.0 / 300 ? 20 : 1;

    return median_ns * slow * gsl_ran_lognormal(random, 0, 0.25);
}

/* One request that was answered, or would have been after the timeout. */
static void draw_request(gsl_rng *random, const struct synthetic_trial *trial, uint64_t index,
                         struct histogram *histograms, struct synthetic_sample *sample)
{
    bool waits = gsl_rng_uniform(random) < 0.05;
    double service_ns = draw_ns(random, trial->latency_us * 1e3);
    double delay_ns = 0;

    if (service_ns >= TIMEOUT_NS) {
        sample->timed_out++;
        return;
    }
    if (trial->rate_per_s > 0) {
        delay_ns = waits ? draw_ns(random, trial->latency_us * 2e3) : draw_ns(random, 8e3);
        histogram_record(&histograms[waits ? QUEUE_WAIT : SEND_LAG], (uint64_t)delay_ns);
    }
    histogram_record(&histograms[SERVICE], (uint64_t)service_ns);
    histogram_record(&histograms[RESPONSE], (uint64_t)(service_ns + delay_ns));
    if (index % STAMPED == 0)
        histogram_record(&histograms[WIRE], (uint64_t)(service_ns * 0.6));
}

static void draw(gsl_rng *random, const struct synthetic_trial *trial, struct histogram *histograms,
                 struct synthetic_sample *sample)
{
    for (uint64_t i = 0; i < trial->connections; i++) {
        histogram_record(&histograms[CONNECT], (uint64_t)draw_ns(random, 30e3));
        histogram_record(&histograms[HANDSHAKE],
                         (uint64_t)draw_ns(random, 60e3 + 50.0 * (double)trial->connections));
    }
    for (uint64_t i = 0; i < sample->answered; i++)
        draw_request(random, trial, i, histograms, sample);
    histogram_record_many(&histograms[SERVICE], (uint64_t)TIMEOUT_NS, sample->timed_out);
    histogram_record_many(&histograms[RESPONSE], (uint64_t)TIMEOUT_NS,
                          sample->timed_out + sample->unsent);
}

static json_t *latencies_json(const struct synthetic_trial *trial,
                              const struct histogram *histograms,
                              const struct synthetic_sample *sample)
{
    json_t *latencies = json_object();

    for (enum kind kind = 0; kind < KINDS; kind++) {
        uint64_t bounds = kind == SERVICE    ? sample->timed_out
                          : kind == RESPONSE ? sample->timed_out + sample->unsent
                                             : 0;

        if (trial->is_older && kind >= SEND_LAG && kind <= WIRE)
            continue;
        json_t *latency = latency_json(&histograms[kind], bounds);
        if (!trial->is_older)
            add_precision(latency, &histograms[kind],
                          kind >= SERVICE && trial->dispersion > 1 ? trial->dispersion : 1);
        json_object_set_new(latencies, names[kind], latency);
    }
    return latencies;
}

json_t *synthetic_latencies(const struct synthetic_trial *trial, unsigned long seed,
                            struct synthetic_sample *sample)
{
    struct histogram histograms[KINDS] = {0};
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    json_t *latencies = NULL;
    int error = random ? 0 : -1;

    for (enum kind kind = 0; kind < KINDS && !error; kind++)
        error = histogram_init_latency(&histograms[kind]);
    if (!error) {
        gsl_rng_set(random, seed);
        draw(random, trial, histograms, sample);
        latencies = latencies_json(trial, histograms, sample);
    }
    for (enum kind kind = 0; kind < KINDS; kind++)
        histogram_release(&histograms[kind]);
    gsl_rng_free(random);
    return latencies;
}
