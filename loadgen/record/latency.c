/* SPDX-License-Identifier: MIT */
#include "loadgen/record/latency.h"

const char *const latency_names[LATENCY_CLASS + 1] = {
    [LATENCY_CONNECT] = "connect",       [LATENCY_HANDSHAKE] = "handshake",
    [LATENCY_SERVICE] = "service",       [LATENCY_SEND_LAG] = "send_lag",
    [LATENCY_QUEUE_WAIT] = "queue_wait", [LATENCY_WIRE] = "wire",
    [LATENCY_RESPONSE] = "response",     [LATENCY_CLASS] = "response",
};

int latency_init(struct latency *latency)
{
    latency->at_least_count = 0;
    latency->at_least_min_ns = UINT64_MAX;
    return histogram_init_latency(&latency->histogram);
}

void latency_release(struct latency *latency)
{
    histogram_release(&latency->histogram);
}

void latency_clear(struct latency *latency)
{
    histogram_clear(&latency->histogram);
    latency->at_least_count = 0;
    latency->at_least_min_ns = UINT64_MAX;
}

void latency_note_at_least(struct latency *latency, uint64_t duration_ns)
{
    latency->at_least_count++;
    if (duration_ns < latency->at_least_min_ns)
        latency->at_least_min_ns = duration_ns;
}

void latency_merge(struct latency *into, const struct latency *from)
{
    int failed = histogram_merge(&into->histogram, &from->histogram);

    (void)failed; /* latency_init() gives all of them one layout */
    into->at_least_count += from->at_least_count;
    if (from->at_least_min_ns < into->at_least_min_ns)
        into->at_least_min_ns = from->at_least_min_ns;
}

bool latency_is_lower_bound(const struct latency *latency, double quantile)
{
    const struct histogram *histogram = &latency->histogram;
    uint64_t value = histogram_quantile(histogram, quantile);

    if (value == UINT64_MAX)
        return true; /* among the values above the range */
    if (latency->at_least_count == 0 || value < latency->at_least_min_ns)
        return false;
    /* Each that was cut off may in truth be longer than all others, which moves the true value up
     * by as many ranks at most. Where that makes no difference, the value is known. */
    double moved = quantile + (double)latency->at_least_count / (double)histogram->total_count;

    return moved > 1 || histogram_quantile(histogram, moved) != value;
}
