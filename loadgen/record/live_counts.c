/* SPDX-License-Identifier: MIT */
#include "loadgen/record/live_counts.h"

#include <string.h>
#include <time.h>

static uint64_t get(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void counts_add(struct live_counts *counts, const struct recorder *recorder)
{
    counts->spun_ns += get(&recorder->live_spun_ns);
    counts->intended += get(&recorder->live_intended);
    counts->sent += get(&recorder->live_sent);
    counts->ok += get(&recorder->live_ok);
    counts->errors += get(&recorder->live_errors);
    counts->connections += get(&recorder->live_connections);
    counts->wrong += get(&recorder->live_wrong);
    counts->timed_out += get(&recorder->live_timed_out);
    for (unsigned i = 0; i < FAILURES_COUNT; i++) {
        counts->failures[i] += get(&recorder->live_failures[i]);
        counts->connection_failures[i] += get(&recorder->live_connection_failures[i]);
    }
}

void live_counts_read(struct live_counts *counts, struct recorder *const *recorders,
                      unsigned recorders_count)
{
    struct timespec cpu;

    memset(counts, 0, sizeof *counts);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    counts->cpu_ns = timespec_ns(cpu);
    counts->taken_ns = clock_now_ns();
    for (unsigned i = 0; i < recorders_count; i++)
        counts_add(counts, recorders[i]);
}

static unsigned place(const struct live_rates *rates, unsigned index)
{
    return (rates->first + index) % LIVE_RATES_SAMPLES;
}

/* Leaves the youngest of those that are a whole span old: what is left reaches just as far back. */
static void drop_old(struct live_rates *rates, uint64_t now_ns)
{
    while (rates->count > 1 &&
           rates->samples[place(rates, 1)].taken_ns + LIVE_RATES_SPAN_NS <= now_ns) {
        rates->first = place(rates, 1);
        rates->count--;
    }
    if (rates->count == LIVE_RATES_SAMPLES) {
        rates->first = place(rates, 1);
        rates->count--;
    }
}

void live_rates_add(struct live_rates *rates, const struct live_counts *counts)
{
    if (rates->count > 0 &&
        counts->taken_ns <= rates->samples[place(rates, rates->count - 1)].taken_ns)
        memset(rates, 0, sizeof *rates);
    drop_old(rates, counts->taken_ns);

    unsigned last = place(rates, rates->count++), first = rates->first;
    uint64_t busy_ns = counts->cpu_ns > counts->spun_ns ? counts->cpu_ns - counts->spun_ns : 0;

    rates->samples[last].taken_ns = counts->taken_ns;
    rates->samples[last].busy_ns = busy_ns;
    rates->samples[last].intended = counts->intended;
    rates->samples[last].ok = counts->ok;
    if (rates->count == 1)
        return;

    double span_ns = (double)(counts->taken_ns - rates->samples[first].taken_ns);

    rates->offered_per_s =
        (double)(counts->intended - rates->samples[first].intended) * NS_PER_S / span_ns;
    rates->achieved_per_s = (double)(counts->ok - rates->samples[first].ok) * NS_PER_S / span_ns;
    /* A thread tells what it has spun a little later than the kernel what it ran. */
    rates->cores = busy_ns > rates->samples[first].busy_ns
                       ? (double)(busy_ns - rates->samples[first].busy_ns) / span_ns
                       : 0;
}
