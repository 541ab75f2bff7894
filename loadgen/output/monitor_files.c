/* SPDX-License-Identifier: MIT */
#include "loadgen/output/monitor_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/histogram_text.h"
#include "common/log.h"

void monitor_set_latencies(struct run_metrics *run, const struct latency *latencies,
                           const struct recorder_plan *recording)
{
    bool separate = recording->separate_service;

    for (unsigned kind = 0; kind < recorder_kinds(recording); kind++) {
        bool is_lag = kind == LATENCY_SEND_LAG || kind == LATENCY_QUEUE_WAIT;
        bool is_setup = kind == LATENCY_CONNECT || kind == LATENCY_HANDSHAKE;

        if ((is_lag && !separate) || (is_setup && latencies[kind].histogram.total_count == 0) ||
            (kind == LATENCY_WIRE && run->plan->timestamps == TIMESTAMPS_OFF))
            continue;
        run->latencies[kind] = &latencies[kind];
    }
    /* Without an instant of its own to be sent at, a request is due when it is sent. */
    if (!separate)
        run->latencies[LATENCY_SERVICE] = &latencies[LATENCY_RESPONSE];
}

static int write_text(const char *path, const char *text, size_t size)
{
    if (strcmp(path, "-") != 0)
        return file_write(path, text, size);
    return fwrite(text, 1, size, stdout) == size && fflush(stdout) == 0 ? 0 : -errno;
}

static int percentiles_text(const struct recorder *total, char **text, size_t *size)
{
    FILE *out = open_memstream(text, size);
    int failed;

    if (!out)
        return -errno;
    failed = histogram_write_percentiles(out, &recorder_latency(total, LATENCY_RESPONSE)->histogram,
                                         (double)NS_PER_MS, HISTOGRAM_TICKS_PER_HALF);
    if (fclose(out) != 0 && failed == 0)
        failed = -ENOMEM;
    if (failed < 0)
        free(*text);
    return failed;
}

static int metrics_text(const struct plan *plan, const struct recorder *total,
                        const struct live_counts *counts, uint64_t measured_ns, char **text,
                        size_t *size)
{
    struct run_metrics run = {.plan = plan,
                              .counts = counts,
                              .ended = true,
                              .measured_s = (double)measured_ns / (double)NS_PER_S};

    if (measured_ns > 0) {
        run.offered_per_s = (double)total->measured.intended / run.measured_s;
        run.achieved_per_s = (double)total->received_ok / run.measured_s;
    }
    monitor_set_latencies(&run, total->latencies, &total->plan);
    return run_metrics_text(&run, text, size);
}

static int write_percentiles(const struct plan *plan, const struct recorder *total)
{
    char *text;
    size_t size;
    int failed = percentiles_text(total, &text, &size);

    if (failed == 0) {
        failed = write_text(plan->hgrm_path, text, size);
        free(text);
    }
    if (failed < 0)
        log_error("--hgrm %s: %s", plan->hgrm_path, strerror(-failed));
    return failed;
}

static int write_metrics(const struct plan *plan, const struct recorder *total,
                         const struct live_counts *counts, uint64_t measured_ns)
{
    char *text;
    size_t size;
    int failed = metrics_text(plan, total, counts, measured_ns, &text, &size);

    if (failed == 0) {
        failed = write_text(plan->openmetrics_path, text, size);
        free(text);
    }
    if (failed < 0)
        log_error("--openmetrics %s: %s", plan->openmetrics_path, strerror(-failed));
    return failed;
}

int monitor_write_files(const struct plan *plan, const struct recorder *total,
                        const struct live_counts *counts, uint64_t measured_ns)
{
    int failed = plan->hgrm_path ? write_percentiles(plan, total) : 0;
    int other = plan->openmetrics_path ? write_metrics(plan, total, counts, measured_ns) : 0;

    return failed < 0 ? failed : other;
}
