/* SPDX-License-Identifier: MIT */
#include "analysis/export/export_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/trial_level.h"
#include "common/clock.h"
#include "common/histogram_codec.h"
#include "common/histogram_log.h"
#include "common/histogram_text.h"

/* Seconds since 1970; 0 for a text that is no instant. */
static double instant_of(const char *utc)
{
    struct tm date = {0};

    return strptime(utc, "%Y-%m-%dT%H:%M:%S", &date) ? (double)timegm(&date) : 0;
}

int export_percentiles(FILE *out, const struct trial *trial, enum latency_choice choice)
{
    const struct latency *latency = latency_chosen(trial, choice);
    struct histogram histogram;

    if (latency->count == 0)
        return -ENODATA;
    int error = histogram_decode(latency->histogram, &histogram);
    if (error)
        return error;
    error =
        histogram_write_percentiles(out, &histogram, (double)NS_PER_MS, HISTOGRAM_TICKS_PER_HALF);
    histogram_release(&histogram);
    return error;
}

static int write_interval(FILE *out, const struct trial *trial, double start_s,
                          enum latency_choice choice)
{
    const struct latency *latency = latency_chosen(trial, choice);
    char level[TRIAL_LEVEL_TEXT_SIZE];
    struct histogram histogram;
    char *tag;

    if (asprintf(&tag, "%s:%s", trial->model, trial_level_text(trial, level)) < 0)
        return -ENOMEM;
    int error = histogram_decode(latency->histogram, &histogram);
    if (!error) {
        error = histogram_log_interval(out, tag, start_s, trial->measured_s, &histogram,
                                       (double)NS_PER_MS);
        histogram_release(&histogram);
    }
    free(tag);
    return error;
}

static int by_start(const void *left, const void *right)
{
    const struct trial *a = *(const struct trial *const *)left;
    const struct trial *b = *(const struct trial *const *)right;
    int order = strcmp(a->started_utc, b->started_utc);

    return order ? order : strcmp(a->file, b->file);
}

static int write_intervals(FILE *out, const struct trial **trials, size_t count,
                           enum latency_choice choice)
{
    double start_s = instant_of(trials[0]->started_utc);
    char comment[96];

    snprintf(comment, sizeof comment, "muelle: %s time, an interval a trial, tagged model:level",
             latency_choice_names[choice]);
    int error = histogram_log_begin(out, start_s, comment);
    for (size_t i = 0; i < count && !error; i++)
        error =
            write_interval(out, trials[i], instant_of(trials[i]->started_utc) - start_s, choice);
    return error;
}

int export_log(FILE *out, const struct run *run, enum latency_choice choice)
{
    const struct trial **trials = calloc(run->trial_count, sizeof(struct trial *));
    size_t count = 0;

    if (!trials)
        return -ENOMEM;
    for (size_t i = 0; i < run->trial_count; i++) {
        if (latency_chosen(&run->trials[i], choice)->count > 0)
            trials[count++] = &run->trials[i];
    }
    qsort(trials, count, sizeof(struct trial *), by_start);
    int error = count > 0 ? write_intervals(out, trials, count, choice) : -ENODATA;
    free(trials);
    return error;
}
