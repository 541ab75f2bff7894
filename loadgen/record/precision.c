/* SPDX-License-Identifier: MIT */
#include "loadgen/record/precision.h"

#include <stdlib.h>

/* The last seconds may hold little more than what the drain brought: requests that were chosen by
 * being slow. They count with the second before them. Returns how many seconds are left. */
static size_t join_last(uint64_t *above, uint64_t *totals, size_t seconds)
{
    uint64_t all = 0;

    for (size_t i = 0; i < seconds; i++)
        all += totals[i];
    while (seconds > 1 && totals[seconds - 1] * 2 * seconds < all) {
        seconds--;
        above[seconds - 1] += above[seconds];
        totals[seconds - 1] += totals[seconds];
    }
    return seconds;
}

static double dispersion_above(const struct recorder *recorder, enum latency_kind kind,
                               uint64_t value_ns, bool *is_known)
{
    size_t seconds = recorder->windows_count;
    uint64_t *above = calloc(2 * seconds + 1, sizeof *above), *totals = above + seconds;
    double dispersion;

    if (!above)
        return 1; /* no second opinion without memory */
    for (size_t i = 0; i < seconds; i++) {
        struct window_split split = recorder_split_window(recorder, i, kind, value_ns);

        above[i] = split.above;
        totals[i] = split.total;
    }
    seconds = join_last(above, totals, seconds);
    *is_known = seconds >= PRECISION_SECONDS_MIN;
    dispersion = *is_known ? quantile_dispersion(above, totals, seconds) : 1;
    free(above);
    return dispersion;
}

void precision_of(const struct recorder *recorder, enum latency_kind kind, double quantile,
                  struct quantile_interval *interval)
{
    const struct histogram *histogram = &recorder_latency(recorder, kind)->histogram;
    double dispersion = 1;
    bool is_known = true;

    if (kind >= LATENCY_SERVICE && histogram->total_count > 0)
        dispersion =
            dispersion_above(recorder, kind, histogram_quantile(histogram, quantile), &is_known);
    quantile_interval(histogram, quantile, dispersion, interval);
    if (!is_known)
        interval->low_unbounded = interval->high_unbounded = true;
}
