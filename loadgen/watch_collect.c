/* SPDX-License-Identifier: MIT */
#include "loadgen/watch.h"

/* When the measured window really ended: as planned, with the last request, or by a signal. */
static uint64_t watch_end_ns(const struct watch *watch, uint64_t stopped_ns)
{
    uint64_t last_ns = atomic_load(&watch->run.measure_start_ns);

    if (watch_is_stopped(watch) && stopped_ns < watch->run.measure_end_ns)
        return stopped_ns;
    if (!plan_ends_by_itself(watch->run.plan))
        return watch->run.measure_end_ns;
    for (unsigned i = 0; i < watch->workers_count; i++) {
        if (watch->workers[i].last_end_ns > last_ns)
            last_ns = watch->workers[i].last_end_ns;
    }
    /* The last reply belongs to the window, whose end does not. */
    return last_ns + 1 < watch->run.measure_end_ns ? last_ns + 1 : watch->run.measure_end_ns;
}

static void collect_gaps(struct run_result *result, const struct worker *worker)
{
    const struct plan *plan = worker->plan;
    double p;

    if (!worker->samples_gaps)
        return;
    p = gap_sample_p(&worker->gaps, plan->threads / plan->arrival.rate_per_s * (double)NS_PER_S);
    if (p >= 0 && (result->gaps_p < 0 || p < result->gaps_p))
        result->gaps_p = p;
}

static void collect_use(struct run_result *result, const struct worker *worker)
{
    const struct thread_use *use = &worker->use, *most = &result->busiest;

    if (use->busy + use->starved > most->busy + most->starved)
        result->busiest = *use;
    if (worker->in_flight_samples > 0)
        result->in_flight_mean += worker->in_flight_sum / (double)worker->in_flight_samples;
    collect_gaps(result, worker);
    result->queue_longest += worker->load.queue_longest;
    result->queue_left += worker->queue_left;
}

int watch_collect(struct watch *watch, uint64_t stopped_ns, struct run_result *result)
{
    const struct plan *plan = watch->run.plan;
    uint64_t start_ns = atomic_load(&watch->run.measure_start_ns);
    uint64_t begin_ns = atomic_load(&watch->run.begin_ns);
    uint64_t end_ns = watch_end_ns(watch, stopped_ns), intended;
    uint64_t warm_ns = start_ns < end_ns ? start_ns : end_ns; /* when it was, or would have been */
    int failed = 0;

    for (unsigned i = 0; failed == 0 && i < watch->workers_count; i++) {
        failed = recorder_merge(&result->total, &watch->workers[i].recorder);
        collect_use(result, &watch->workers[i]);
    }
    intended = result->total.measured.intended;
    result->interrupted = watch_is_stopped(watch);
    /* Fewer than were asked for, and not because the time was over: the server was lost. */
    result->complete = !result->interrupted && (plan->requests == 0 || intended >= plan->requests ||
                                                end_ns >= watch->run.measure_end_ns);
    if (start_ns != UINT64_MAX && end_ns > start_ns) {
        result->measured_from_ns = start_ns;
        result->measured_ns = end_ns - start_ns;
    }
    if (begin_ns > 0 && warm_ns > begin_ns)
        result->warmup_ns = warm_ns - begin_ns;
    return failed;
}
