/* SPDX-License-Identifier: MIT */
#include "loadgen/judge/offered_load.h"

#include <math.h>
#include <stdbool.h>

/* The backlog at its lowest in a stretch of seconds. */
struct low_tide {
    bool found;
    double backlog;
    double arrived; /* until then */
};

/* Which seconds are looked at: `first` .. `count` - 1, in two parts. */
struct stretch {
    size_t first, count;
    size_t early_end, late_begin; /* indices: [first, early_end) and [late_begin, count) */
};

static size_t full_windows(const struct run_result *result)
{
    uint64_t seconds = result->measured_ns / WINDOW_NS;

    return seconds < result->total.windows_count ? (size_t)seconds : result->total.windows_count;
}

/* A load that began with the measurement first fills the server, for about one service time: that
 * is no backlog. */
static size_t settling_windows(const struct run_result *result)
{
    const struct latency *service = recorder_latency(&result->total, LATENCY_SERVICE);
    uint64_t median_ns = histogram_quantile(&service->histogram, 0.5);

    return median_ns > result->warmup_ns ? (size_t)((median_ns - result->warmup_ns) / WINDOW_NS)
                                         : 0;
}

/* False when there are too few seconds to tell. */
static bool find_stretch(const struct plan *plan, const struct run_result *result,
                         struct stretch *stretch)
{
    bool only_its_end_matters =
        plan->arrival.kind == ARRIVAL_RAMP || plan->arrival.kind == ARRIVAL_STEP;

    stretch->first = settling_windows(result);
    stretch->count = full_windows(result);
    if (stretch->count < 2 || stretch->first > stretch->count - 2)
        return false;
    stretch->early_end = stretch->first + (stretch->count - stretch->first) / 2;
    /* What grows to its end is the more than can be carried only there. */
    stretch->late_begin = only_its_end_matters ? stretch->count - 1 : stretch->early_end;
    return true;
}

static void low_tide_note(struct low_tide *tide, double backlog, double arrived)
{
    if (tide->found && backlog >= tide->backlog)
        return;
    *tide = (struct low_tide){.found = true, .backlog = backlog, .arrived = arrived};
}

/* By how much the low tide rose, as a share of what arrived meanwhile. */
static double deficit(const struct run_result *result, const struct stretch *stretch)
{
    /* So much the requests in flight vary without any cause: three standard deviations of a Poisson
     * variable, and a few for low rates. */
    double allowed = 3 + 3 * sqrt(result->in_flight_mean);
    double backlog = 0, arrived = 0;
    struct low_tide early = {.found = false}, late = {.found = false};

    for (size_t i = 0; i < stretch->count; i++) {
        const struct window *window = &result->total.windows[i];

        arrived += (double)window->intended;
        backlog += (double)window->intended - (double)window->ok - (double)window->errors;
        if (i >= stretch->first && i < stretch->early_end)
            low_tide_note(&early, backlog, arrived);
        if (i >= stretch->late_begin)
            low_tide_note(&late, backlog, arrived);
    }
    if (late.backlog - early.backlog <= allowed || late.arrived <= early.arrived)
        return 0;
    return (late.backlog - early.backlog) / (late.arrived - early.arrived);
}

static double carried_per_s(const struct run_result *result, const struct stretch *stretch)
{
    double ok = 0;

    for (size_t i = stretch->late_begin; i < stretch->count; i++)
        ok += (double)result->total.windows[i].ok;
    return ok / (double)(stretch->count - stretch->late_begin);
}

void offered_load_of(const struct plan *plan, const struct run_result *result,
                     struct offered_load *load)
{
    const struct request_counts *counts = &result->total.measured;
    double intended = (double)counts->intended, sent;
    uint64_t ended = 0;
    struct stretch stretch;

    for (size_t i = 0; i < result->total.windows_count; i++)
        ended += result->total.windows[i].ok + result->total.windows[i].errors;
    /* Due and not ended within the window; what the warm-up left is in the queue alone. */
    load->behind = counts->intended > ended ? counts->intended - ended : 0;
    if (load->behind < result->queue_left)
        load->behind = result->queue_left;
    if (find_stretch(plan, result, &stretch)) {
        load->achieved = 1 - deficit(result, &stretch);
        load->carried_per_s = carried_per_s(result, &stretch);
    } else {
        load->achieved = intended > 0 ? 1 - (double)result->queue_left / intended : 1;
        load->carried_per_s =
            (double)result->total.received_ok * (double)NS_PER_S / (double)result->measured_ns;
    }
    sent = intended > 0 ? 1 - (double)counts->unsent / intended : 1;
    load->achieved = fmax(fmin(load->achieved, sent), 0);
}
