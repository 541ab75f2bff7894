/* SPDX-License-Identifier: MIT */
#include "analysis/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum detail { DETAIL_WINDOWS, DETAIL_TRIALS, DETAIL_CELLS };

/* Seventeen digits would be noise; nine keep every count of this size and every nanosecond. */
static const size_t DUMP_FLAGS = JSON_COMPACT | JSON_REAL_PRECISION(9);

static json_t *number_json(double number)
{
    if (!isfinite(number))
        return json_null();
    if (number == floor(number) && fabs(number) < 9e15)
        return json_integer((json_int_t)number);
    return json_real(number);
}

static json_t *metric_json(const struct cell_metric *metric)
{
    const struct estimate *estimate = &metric->estimate;

    if (estimate->count == 0)
        return metric->needs ? json_pack("{sI}", "needs", (json_int_t)metric->needs) : json_null();
    json_t *json = json_pack("{so so so si}", "median", number_json(estimate->median), "low",
                             number_json(estimate->low), "high", number_json(estimate->high),
                             "trials", (int)estimate->count);
    if (estimate->coverage > 0)
        json_object_set_new(json, "coverage", json_real(estimate->coverage));
    if (estimate->median_at_least)
        json_object_set_new(json, "at_least", json_true());
    return json;
}

static json_t *cell_json(const struct summary *summary, const struct cell *cell)
{
    json_t *metrics = json_object();

    for (enum metric m = 0; m < METRICS; m++)
        json_object_set_new(metrics, metric_name(m), metric_json(&cell->metrics[m]));
    return json_pack("{ss sI ss si so ss sb so}", "model", summary->models[cell->model],
                     "connections", (json_int_t)cell->trials[0]->connections, "level",
                     summary->levels[cell->level].text, "trials", (int)cell->trial_count, "rank",
                     cell->rank ? json_integer(cell->rank) : json_null(), "verdict",
                     trust_text(cell->trust), "limited", cell->is_limited, "metrics", metrics);
}

static json_t *verdict_json(const struct verdict *verdict)
{
    json_t *reasons = json_array();

    for (size_t i = 0; i < verdict->reason_count; i++) {
        const struct verdict_reason *reason = &verdict->reasons[i];

        json_array_append_new(reasons, json_pack("{ss si ss ss}", "code", reason->code, "trials",
                                                 (int)reason->trial_count, "where", reason->where,
                                                 "text", reason->text));
    }
    return json_pack("{ss ss so}", "level", trust_text(verdict->trust), "sentence",
                     verdict->sentence, "reasons", reasons);
}

/* A trial as it is on disk, without its histograms and the machine that all have in common. */
static json_t *trial_json(const struct trial *trial, enum detail detail)
{
    json_t *copy = json_deep_copy(trial->document);
    const char *name;
    json_t *latency;
    json_t *class;
    size_t i;

    json_object_foreach(json_object_get(copy, "latency"), name, latency)
        json_object_del(latency, "histogram");
    json_array_foreach(json_object_get(copy, "classes"), i, class)
        json_object_del(json_object_get(class, "response"), "histogram");
    json_object_del(copy, "environment");
    if (detail != DETAIL_WINDOWS)
        json_object_del(copy, "windows");
    json_object_set_new(copy, "file", json_string(trial->file));
    return copy;
}

static json_t *findings_json(const struct findings *findings)
{
    json_t *list = json_array();

    for (size_t i = 0; i < findings->count; i++)
        json_array_append_new(list, json_string(findings->list[i].text));
    return list;
}

static char *dump(const struct summary *summary, const struct verdict *verdict,
                  const struct findings *findings, enum detail detail)
{
    const struct run *run = summary->run;
    json_t *cells = json_array();
    json_t *trials = json_array();
    json_t *notes = json_array();

    for (size_t i = 0; i < summary->level_count * summary->model_count; i++) {
        if (summary->cells[i].trial_count > 0)
            json_array_append_new(cells, cell_json(summary, &summary->cells[i]));
    }
    for (size_t i = 0; i < run->trial_count && detail != DETAIL_CELLS; i++)
        json_array_append_new(trials, trial_json(&run->trials[i], detail));
    for (size_t i = 0; i < run->note_count; i++)
        json_array_append_new(notes, json_string(run->notes[i]));
    json_t *root =
        json_pack("{ss ss ss sO sO? so so so so so}", "format", "muelle-report/1", "title",
                  run_title(run), "varies", summary->varies, "manifest", run->manifest, "machine",
                  run_machine(run), "verdict", verdict_json(verdict), "findings",
                  findings_json(findings), "notes", notes, "cells", cells, "trials", trials);
    char *text = json_dumps(root, DUMP_FLAGS);
    json_decref(root);
    return text;
}

char *result_json(const struct summary *summary, const struct verdict *verdict,
                  const struct findings *findings, size_t size_max)
{
    for (enum detail detail = DETAIL_WINDOWS;; detail++) {
        char *text = dump(summary, verdict, findings, detail);

        if (!text || detail == DETAIL_CELLS || strlen(text) <= size_max)
            return text;
        free(text);
    }
}
