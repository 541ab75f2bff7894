/* SPDX-License-Identifier: MIT */
#include "loadgen/judge/threshold_lookup.h"

#include <string.h>

#include "loadgen/judge/offered_load.h"
#include "loadgen/record/precision.h"

/* --- latencies -------------------------------------------------------------------------------- */

/* False when that latency is not kept for that class. */
static bool find_kind(const struct threshold *threshold, const struct plan *plan,
                      enum latency_kind *kind)
{
    static const enum latency_kind kinds[THRESHOLD_LATENCIES_COUNT] = {
        [THRESHOLD_CONNECT] = LATENCY_CONNECT,   [THRESHOLD_HANDSHAKE] = LATENCY_HANDSHAKE,
        [THRESHOLD_RESPONSE] = LATENCY_RESPONSE, [THRESHOLD_SERVICE] = LATENCY_SERVICE,
        [THRESHOLD_SEND_LAG] = LATENCY_SEND_LAG, [THRESHOLD_QUEUE_WAIT] = LATENCY_QUEUE_WAIT,
        [THRESHOLD_WIRE] = LATENCY_WIRE,
    };
    int class_index;

    *kind = kinds[threshold->latency];
    if (threshold->class_name[0] == '\0')
        return true;
    class_index = request_mix_find(&plan->requests_mix, threshold->class_name);
    if (class_index < 0)
        return false;
    if (plan->requests_mix.count == 1)
        return true; /* all requests are of that class */
    /* In a closed loop the two are one. */
    if (*kind == LATENCY_SERVICE && plan->loop == LOOP_CLOSED)
        *kind = LATENCY_RESPONSE;
    if (*kind != LATENCY_RESPONSE)
        return false;
    *kind = (enum latency_kind)(LATENCY_CLASS + class_index);
    return true;
}

static void quantile_value(const struct recorder *total, enum latency_kind kind, double quantile,
                           struct threshold_value *value)
{
    const struct latency *latency = recorder_latency(total, kind);
    struct quantile_interval interval;

    precision_of(total, kind, quantile, &interval);
    value->insufficient = !interval.sufficient;
    value->needs = quantile_needs(quantile);
    value->at_least = latency_is_lower_bound(latency, quantile);
    value->value = interval.value_ns == UINT64_MAX ? (double)latency->histogram.highest
                                                   : (double)interval.value_ns;
}

static void latency_value(const struct threshold *threshold, const struct recorder *total,
                          enum latency_kind kind, struct threshold_value *value)
{
    const struct latency *latency = recorder_latency(total, kind);
    const struct histogram *histogram = &latency->histogram;

    value->known = histogram->total_count > 0 || threshold->statistic == THRESHOLD_COUNT;
    if (!value->known)
        return;
    switch (threshold->statistic) {
    case THRESHOLD_QUANTILE:
        quantile_value(total, kind, threshold->quantile, value);
        break;
    case THRESHOLD_MEAN:
        value->value = histogram_mean(histogram);
        value->at_least = latency->at_least_count > 0;
        break;
    case THRESHOLD_MIN:
        value->value = (double)histogram->min;
        value->at_least = latency->at_least_min_ns <= histogram->min;
        break;
    case THRESHOLD_MAX:
        value->value = (double)histogram->max;
        value->at_least = latency->at_least_count > 0;
        break;
    case THRESHOLD_COUNT:
        value->value = (double)histogram->total_count;
        break;
    }
}

/* --- counts ----------------------------------------------------------------------------------- */

/* As a count or as a share of the intended requests, as the threshold has it. */
static void count_value(const struct threshold *threshold, const struct request_counts *counts,
                        uint64_t count, struct threshold_value *value)
{
    value->known = threshold->unit != UNIT_SHARE || counts->intended > 0;
    value->value = (double)count;
    if (threshold->unit == UNIT_SHARE && value->known)
        value->value /= (double)counts->intended;
}

static void achieved_value(const struct plan *plan, const struct run_result *result,
                           struct threshold_value *value)
{
    struct offered_load load;

    if (plan->loop != LOOP_OPEN)
        return; /* nothing was offered but what was answered */
    offered_load_of(plan, result, &load);
    value->known = true;
    value->value = load.achieved;
}

void threshold_value_of(const struct threshold *threshold, const struct plan *plan,
                        const struct run_result *result, struct threshold_value *value)
{
    const struct request_counts *counts = &result->total.measured;
    enum latency_kind kind;

    *value = (struct threshold_value){.known = false};
    if (result->measured_ns == 0)
        return;
    switch (threshold->metric) {
    case THRESHOLD_LATENCY:
        if (find_kind(threshold, plan, &kind))
            latency_value(threshold, &result->total, kind, value);
        break;
    case THRESHOLD_ERRORS:
        count_value(threshold, counts,
                    failures_total(counts->errors) + counts->timed_out + counts->wrong +
                        counts->in_flight + counts->unsent,
                    value);
        break;
    case THRESHOLD_WRONG:
        count_value(threshold, counts, counts->wrong, value);
        break;
    case THRESHOLD_TIMEOUTS:
        count_value(threshold, counts, counts->timed_out, value);
        break;
    case THRESHOLD_UNSENT:
        count_value(threshold, counts, counts->unsent, value);
        break;
    case THRESHOLD_LOST:
        count_value(threshold, counts, result->total.connections.lost, value);
        break;
    case THRESHOLD_REFUSED:
        count_value(threshold, counts, result->total.connections.refused, value);
        break;
    case THRESHOLD_THROUGHPUT:
        value->known = true;
        value->value =
            (double)result->total.received_ok * (double)NS_PER_S / (double)result->measured_ns;
        break;
    case THRESHOLD_ACHIEVED:
        achieved_value(plan, result, value);
        break;
    }
}

/* --- the plan's thresholds -------------------------------------------------------------------- */

void thresholds_judge(const struct plan *plan, const struct run_result *result,
                      struct threshold_verdict *verdict)
{
    memset(verdict, 0, sizeof *verdict);
    for (size_t i = 0; i < plan->thresholds_count; i++) {
        struct threshold_finding *finding = &verdict->findings[verdict->count++];

        finding->threshold = &plan->thresholds[i];
        threshold_value_of(finding->threshold, plan, result, &finding->value);
        finding->outcome = threshold_judge(finding->threshold, &finding->value, finding->sentence,
                                           sizeof finding->sentence);
        verdict->missed += finding->outcome != THRESHOLD_HELD;
    }
}

void thresholds_print(FILE *out, const struct threshold_verdict *verdict)
{
    for (unsigned i = 0; i < verdict->count; i++) {
        if (verdict->findings[i].outcome != THRESHOLD_HELD)
            fprintf(out, "threshold missed: %s\n", verdict->findings[i].sentence);
    }
}
