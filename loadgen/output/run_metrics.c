/* SPDX-License-Identifier: MIT */
#include "loadgen/output/run_metrics.h"

#include "loadgen/output/openmetrics.h"
#include "loadgen/record/outcome.h"

/* 1-2-5 from 10 us to 10 s: three a decade are enough to see a shape, and few enough to be kept for
 * years. Who wants percentiles to three digits finds the whole histograms in other outputs. */
static const double bounds_s[] = {10e-6,  20e-6, 50e-6, 100e-6, 200e-6, 500e-6, 1e-3,
                                  2e-3,   5e-3,  10e-3, 20e-3,  50e-3,  100e-3, 200e-3,
                                  500e-3, 1,     2,     5,      10};
enum { BOUNDS_COUNT = sizeof bounds_s / sizeof bounds_s[0] };

/* --- counters --------------------------------------------------------------------------------- */

static void add_labelled(struct openmetrics *metrics, const char *name, const char *label,
                         uint64_t count)
{
    openmetrics_sample_integer(metrics, &(struct openmetrics_label){name, label}, 1, count);
}

static void add_run(struct openmetrics *metrics, const struct plan *plan)
{
    const struct openmetrics_label labels[] = {{"target", plan->target},
                                               {"protocol", plan->protocol->name},
                                               {"request", plan->request_text},
                                               {"loop", loop_kind_name(plan->loop)}};

    openmetrics_family(metrics, "muelle_run", OPENMETRICS_INFO, NULL, "What is run.");
    openmetrics_sample_integer(metrics, labels, sizeof labels / sizeof labels[0], 1);
}

static void add_outcomes(struct openmetrics *metrics, const struct run_metrics *run)
{
    const struct live_counts *counts = run->counts;
    uint64_t known = counts->wrong + counts->timed_out + failures_total(counts->failures);

    openmetrics_family(metrics, "muelle_requests", OPENMETRICS_COUNTER, NULL,
                       "Requests that came to an end, by how they ended.");
    add_labelled(metrics, "outcome", outcome_names[REQUEST_OK], counts->ok);
    add_labelled(metrics, "outcome", outcome_names[REQUEST_WRONG], counts->wrong);
    add_labelled(metrics, "outcome", outcome_names[REQUEST_TIMED_OUT], counts->timed_out);
    for (unsigned i = 0; i < FAILURES_COUNT; i++) {
        if (counts->failures[i] > 0)
            add_labelled(metrics, "outcome", failure_name((enum failure)i), counts->failures[i]);
    }
    if (!run->ended)
        return;
    add_labelled(metrics, "outcome", outcome_names[REQUEST_IN_FLIGHT],
                 counts->errors > known ? counts->errors - known : 0);
    add_labelled(metrics, "outcome", outcome_names[REQUEST_UNSENT],
                 counts->intended > counts->sent ? counts->intended - counts->sent : 0);
}

static void add_requests(struct openmetrics *metrics, const struct run_metrics *run)
{
    openmetrics_family(metrics, "muelle_requests_intended", OPENMETRICS_COUNTER, NULL,
                       "Requests that were due.");
    openmetrics_sample_integer(metrics, NULL, 0, run->counts->intended);
    openmetrics_family(metrics, "muelle_requests_sent", OPENMETRICS_COUNTER, NULL,
                       "Requests that were sent.");
    openmetrics_sample_integer(metrics, NULL, 0, run->counts->sent);
    add_outcomes(metrics, run);
    openmetrics_family(metrics, "muelle_offered_rate", OPENMETRICS_GAUGE, NULL,
                       run->ended ? "Requests that were due, a second of the measured window."
                                  : "Requests that were due in the last second.");
    openmetrics_sample(metrics, NULL, 0, run->offered_per_s);
    openmetrics_family(metrics, "muelle_achieved_rate", OPENMETRICS_GAUGE, NULL,
                       run->ended ? "Correct replies, a second of the measured window."
                                  : "Correct replies in the last second.");
    openmetrics_sample(metrics, NULL, 0, run->achieved_per_s);
    openmetrics_family(metrics, "muelle_measured_seconds", OPENMETRICS_GAUGE, "seconds",
                       "Length of the measured window until now.");
    openmetrics_sample(metrics, NULL, 0, run->measured_s);
}

static void add_connections(struct openmetrics *metrics, const struct run_metrics *run)
{
    const struct live_counts *counts = run->counts;

    openmetrics_family(metrics, "muelle_connections", OPENMETRICS_GAUGE, NULL,
                       "Connections that were asked for, and that are open now.");
    add_labelled(metrics, "state", "asked", run->plan->connections + run->plan->idle_connections);
    add_labelled(metrics, "state", "open", counts->connections);
    openmetrics_family(metrics, "muelle_connection_failures", OPENMETRICS_COUNTER, NULL,
                       "Connections that failed, to be established or later, with no request in "
                       "flight.");
    for (unsigned i = 0; i < FAILURES_COUNT; i++) {
        if (counts->connection_failures[i] > 0)
            add_labelled(metrics, "reason", failure_name((enum failure)i),
                         counts->connection_failures[i]);
    }
}

/* --- histograms ------------------------------------------------------------------------------- */

static void add_histogram(struct openmetrics *metrics, const struct latency *latency,
                          const char *class_name)
{
    const struct openmetrics_label label = {"class", class_name};

    openmetrics_histogram(metrics, &label, class_name ? 1 : 0, &latency->histogram, bounds_s,
                          BOUNDS_COUNT);
}

/* Of each class: their sum is that of all. */
static void add_response(struct openmetrics *metrics, const struct run_metrics *run)
{
    const struct request_mix *mix = &run->plan->requests_mix;

    openmetrics_family(metrics, "muelle_response_seconds", OPENMETRICS_HISTOGRAM, "seconds",
                       "From the instant a request was due to the whole reply.");
    for (unsigned i = 0; i < mix->count; i++)
        add_histogram(metrics,
                      run->latencies[mix->count > 1 ? LATENCY_CLASS + i : LATENCY_RESPONSE],
                      mix->classes[i].name);
}

static void add_others(struct openmetrics *metrics, const struct run_metrics *run)
{
    static const struct {
        enum latency_kind kind;
        const char *name, *help;
    } families[] = {
        {LATENCY_SERVICE, "muelle_service_seconds", "From the sending to the whole reply."},
        {LATENCY_SEND_LAG, "muelle_send_lag_seconds",
         "From the instant a request was due to its sending, where a connection was free."},
        {LATENCY_QUEUE_WAIT, "muelle_queue_wait_seconds",
         "From the instant a request was due to its sending, where none was."},
        {LATENCY_WIRE, "muelle_wire_seconds",
         "From the sending to the kernel's receive stamp of the reply, of a sample."},
        {LATENCY_CONNECT, "muelle_connect_seconds", "To establish a connection."},
        {LATENCY_HANDSHAKE, "muelle_handshake_seconds", "From greeting to answer."},
    };

    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        if (!run->latencies[families[i].kind])
            continue;
        openmetrics_family(metrics, families[i].name, OPENMETRICS_HISTOGRAM, "seconds",
                           families[i].help);
        add_histogram(metrics, run->latencies[families[i].kind], NULL);
    }
}

int run_metrics_text(const struct run_metrics *run, char **text, size_t *size)
{
    struct openmetrics metrics;
    int failed = openmetrics_init(&metrics);

    if (failed < 0)
        return failed;
    add_run(&metrics, run->plan);
    add_requests(&metrics, run);
    add_connections(&metrics, run);
    openmetrics_family(&metrics, "muelle_generator_cpu_seconds", OPENMETRICS_COUNTER, "seconds",
                       "CPU time of the generator.");
    openmetrics_sample(&metrics, NULL, 0, (double)run->counts->cpu_ns / (double)NS_PER_S);
    openmetrics_family(&metrics, "muelle_generator_spin_seconds", OPENMETRICS_COUNTER, "seconds",
                       "CPU time of the generator, of the above, spent in waiting busily.");
    openmetrics_sample(&metrics, NULL, 0, (double)run->counts->spun_ns / (double)NS_PER_S);
    add_response(&metrics, run);
    add_others(&metrics, run);
    return openmetrics_finish(&metrics, text, size);
}
