/* SPDX-License-Identifier: MIT */
#include "analysis/result.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/document.h"

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

/* All but the trials. */
static char *frame(const struct summary *summary, const struct verdict *verdict,
                   const struct findings *findings, enum detail detail)
{
    static const char *const left_out[] = {"[]", "[\"windows\"]", "[\"trials\"]"};
    const struct run *run = summary->run;
    json_t *cells = json_array();
    json_t *notes = json_array();

    for (size_t i = 0; i < summary->level_count * summary->model_count; i++) {
        if (summary->cells[i].trial_count > 0)
            json_array_append_new(cells, cell_json(summary, &summary->cells[i]));
    }
    for (size_t i = 0; i < run->note_count; i++)
        json_array_append_new(notes, json_string(run->notes[i]));
    json_t *root = json_pack(
        "{ss ss ss sO sO? so so so so so}", "format", "muelle-report/1", "title", run_title(run),
        "varies", summary->varies, "manifest", run->manifest, "machine", run_machine(run),
        "verdict", verdict_json(verdict), "findings", findings_json(findings), "notes", notes,
        "cells", cells, "left_out", json_loads(left_out[detail], 0, NULL));
    char *text = json_dumps(root, DUMP_FLAGS);
    json_decref(root);
    return text;
}

/* Writes the trials one by one, until there are more than `size_max` bytes: thousands of them are
 * never in memory a second time. 0, -E2BIG or -ENOMEM. */
static int write_trials(struct document *document, const struct run *run, enum detail detail,
                        size_t size_max)
{
    size_t size = 0;

    for (size_t i = 0; i < run->trial_count && detail != DETAIL_CELLS; i++) {
        json_t *json = run->trials[i].is_reduced ? NULL : trial_json(&run->trials[i], detail);
        char *text = json ? json_dumps(json, DUMP_FLAGS) : NULL;

        json_decref(json);
        if (!text)
            return run->trials[i].is_reduced ? -E2BIG : -ENOMEM;
        size += strlen(text) + 1;
        fprintf(document->out, "%s%s", i ? "," : "", text);
        free(text);
        if (size > size_max)
            return -E2BIG;
    }
    return 0;
}

/* 0, -E2BIG when it does not fit, or -ENOMEM. */
static int dump(const struct summary *summary, const struct verdict *verdict,
                const struct findings *findings, enum detail detail, size_t size_max, char **text)
{
    struct document document;
    char *head = frame(summary, verdict, findings, detail);
    int error = head ? document_open(&document) : -ENOMEM;

    if (error) {
        free(head);
        return error;
    }
    size_t size = strlen(head);
    /* The brace that ends it comes after the trials. */
    fprintf(document.out, "%.*s,\"trials\":[", (int)size - 1, head);
    free(head);
    error = write_trials(&document, summary->run, detail, size < size_max ? size_max - size : 0);
    fputs("]}", document.out);
    if (error) {
        document_discard(&document);
        return error;
    }
    *text = document_text(&document);
    return *text ? 0 : -ENOMEM;
}

int result_init(struct result *result, const struct summary *summary, const struct verdict *verdict,
                const struct findings *findings, size_t size_max)
{
    static const char *const left_out[] = {
        [DETAIL_WINDOWS] = "",
        [DETAIL_TRIALS] = "without the trials\xE2\x80\x99 windows, which windows.csv has",
        [DETAIL_CELLS] = "without the trials, which trials.csv and windows.csv have",
    };
    int error = -E2BIG;

    *result = (struct result){0};
    for (enum detail detail = DETAIL_WINDOWS; detail <= DETAIL_CELLS && error == -E2BIG; detail++) {
        error = dump(summary, verdict, findings, detail, size_max, &result->text);
        result->left_out = left_out[detail];
    }
    return error;
}

void result_release(struct result *result)
{
    free(result->text);
    *result = (struct result){0};
}
