/* SPDX-License-Identifier: MIT */
#include "analysis/conditions.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/merge/machine.h"

enum { LOAD_TEXT_SIZE = 256 };

/* "closed loop, think time exp(5ms)", "open loop, 20,000/s poisson", "open loop, step:…". */
static char *load_text(const struct trial *trial, char text[LOAD_TEXT_SIZE])
{
    char rate[NUMBER_TEXT_SIZE];
    int used = 0;

    if (trial->loop != LOOP_OPEN)
        used = snprintf(text, LOAD_TEXT_SIZE, "closed loop%s%.60s",
                        *trial->think ? ", think time " : "", trial->think);
    else if (isnan(trial->rate_per_s))
        used = snprintf(text, LOAD_TEXT_SIZE, "open loop, %.100s", trial->arrival);
    else
        used = snprintf(text, LOAD_TEXT_SIZE, "open loop, %.40s/s %.80s",
                        number_text(UNIT_RATE, trial->rate_per_s, rate), trial->arrival);
    if (trial->pipeline > 1)
        snprintf(text + used, LOAD_TEXT_SIZE - (size_t)used, ", pipeline %llu",
                 (unsigned long long)trial->pipeline);
    return text;
}

/* As the experiment states them, "{level}" and all, if it does. */
static void different_requests(const struct summary *summary, const char *load, char *text)
{
    const char *stated = run_manifest_text(summary->run, "request");

    if (strchr(stated, '{'))
        snprintf(text, CONDITIONS_TEXT_SIZE, "%.200s, %s", stated, load);
    else
        snprintf(text, CONDITIONS_TEXT_SIZE, "different requests");
}

static void add_machines(const struct run *run, char *text)
{
    char machines[MACHINES_TEXT_SIZE];
    size_t used = strlen(text);

    if (run->machine_count > 1)
        snprintf(text + used, CONDITIONS_TEXT_SIZE - used, ", on %s",
                 machines_text(json_object_get(run->manifest, "machines"), machines));
}

char *conditions_request(const struct summary *summary, char *text)
{
    const struct trial *trials = summary->run->trials;
    char load[LOAD_TEXT_SIZE];
    char other[LOAD_TEXT_SIZE];

    snprintf(text, CONDITIONS_TEXT_SIZE, "%.100s, %s", trials[0].request,
             load_text(&trials[0], load));
    for (size_t i = 1; i < summary->run->trial_count; i++) {
        if (strcmp(trials[i].request, trials[0].request) != 0)
            different_requests(summary, load, text);
        else if (strcmp(load_text(&trials[i], other), load) != 0)
            snprintf(text, CONDITIONS_TEXT_SIZE, "different loads");
        else
            continue;
        break;
    }
    add_machines(summary->run, text);
    return text;
}

/* Length and threads of load are the same everywhere. A length that was left to the number of
 * requests is NAN, and like no other. */
static bool are_alike(const struct run *run)
{
    const struct trial *trials = run->trials;

    for (size_t i = 0; i < run->trial_count; i++) {
        if (trials[i].duration_s != trials[0].duration_s ||
            trials[i].threads != trials[0].threads ||
            trials[i].warmup_auto != trials[0].warmup_auto ||
            (!trials[i].warmup_auto && trials[i].warmup_s != trials[0].warmup_s))
            return false;
    }
    return true;
}

/* "3 s of warm-up"; where each trial found its own, from the shortest to the longest. */
static char *warmup_text(const struct run *run, char text[NUMBER_TEXT_SIZE])
{
    double least = run->trials[0].warmup_s;
    double most = least;

    for (size_t i = 1; i < run->trial_count; i++) {
        least = fmin(least, run->trials[i].warmup_s);
        most = fmax(most, run->trials[i].warmup_s);
    }
    if (least < most)
        snprintf(text, NUMBER_TEXT_SIZE, "%.3g to %.3g s of warm-up, until it was steady", least,
                 most);
    else
        snprintf(text, NUMBER_TEXT_SIZE, "%g s of warm-up%s", least,
                 run->trials[0].warmup_auto ? ", until it was steady" : "");
    return text;
}

char *conditions_text(const struct summary *summary, char *text)
{
    const struct run *run = summary->run;
    const struct trial *first = &run->trials[0];
    char request[CONDITIONS_TEXT_SIZE];
    char warmup[NUMBER_TEXT_SIZE];

    int used = snprintf(text, CONDITIONS_TEXT_SIZE, "%.250s; %.40s protocol; %zu block%s%s; ",
                        conditions_request(summary, request), first->protocol, summary->block_count,
                        summary->block_count == 1 ? "" : "s",
                        run->merged_count > 0 ? " or more of each model" : "");
    if (are_alike(run))
        snprintf(text + used, CONDITIONS_TEXT_SIZE - (size_t)used,
                 "%g s measured after %s; %llu thread%s of load", first->duration_s,
                 warmup_text(run, warmup), (unsigned long long)first->threads,
                 first->threads == 1 ? "" : "s");
    else
        snprintf(text + used, CONDITIONS_TEXT_SIZE - (size_t)used,
                 "trials of different lengths or threads of load");
    return text;
}
