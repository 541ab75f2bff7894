/* SPDX-License-Identifier: MIT */
#include "analysis/conditions.h"

#include <stdio.h>
#include <string.h>

char *conditions_request(const struct summary *summary, char *text)
{
    const struct trial *trials = summary->run->trials;

    snprintf(text, CONDITIONS_TEXT_SIZE, "%.100s, %.20s loop", trials[0].request, trials[0].loop);
    for (size_t i = 1; i < summary->run->trial_count; i++) {
        if (strcmp(trials[i].request, trials[0].request) != 0 ||
            strcmp(trials[i].loop, trials[0].loop) != 0)
            snprintf(text, CONDITIONS_TEXT_SIZE, "different requests");
    }
    return text;
}

char *conditions_text(const struct summary *summary, char *text)
{
    const struct run *run = summary->run;
    const struct trial *trials = run->trials;
    char request[CONDITIONS_TEXT_SIZE];
    bool same = true;

    /* A length that was left to the number of requests is NAN, and like no other. */
    for (size_t i = 0; i < run->trial_count; i++)
        same = same && trials[i].duration_s == trials[0].duration_s &&
               trials[i].warmup_s == trials[0].warmup_s && trials[i].threads == trials[0].threads;
    int used = snprintf(text, CONDITIONS_TEXT_SIZE, "%.130s; %.40s protocol; %zu block%s; ",
                        conditions_request(summary, request), trials[0].protocol,
                        summary->block_count, summary->block_count == 1 ? "" : "s");
    if (same)
        snprintf(text + used, CONDITIONS_TEXT_SIZE - (size_t)used,
                 "%g s measured after %g s of warm-up; %llu thread%s of load", trials[0].duration_s,
                 trials[0].warmup_s, (unsigned long long)trials[0].threads,
                 trials[0].threads == 1 ? "" : "s");
    else
        snprintf(text + used, CONDITIONS_TEXT_SIZE - (size_t)used,
                 "trials of different lengths or threads of load");
    return text;
}
