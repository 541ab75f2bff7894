/* SPDX-License-Identifier: MIT */
/*
 * compare_files.c: compare.tsv and compare.json.
 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/compare/compare_text.h"
#include "analysis/escape.h"

static void write_number(FILE *out, double number)
{
    fputc('\t', out);
    if (isfinite(number))
        fprintf(out, "%.10g", number);
}

static void write_row(FILE *out, const struct pairs *pairs, const struct pair *pair,
                      enum compared compared)
{
    const struct pair_metric *metric = &pair->metrics[compared];
    const struct comparison *comparison = &metric->comparison;
    const double numbers[] = {metric->median[BASELINE],
                              metric->median[CANDIDATE],
                              comparison->ratio,
                              comparison->low,
                              comparison->high,
                              comparison->coverage,
                              comparison->p,
                              comparison->p_adjusted,
                              comparison->equivalence};

    escape_tsv(out, pairs->varies);
    fputc('\t', out);
    escape_tsv(out, pair->level);
    fputc('\t', out);
    escape_tsv(out, pair->models[BASELINE]);
    fputc('\t', out);
    escape_tsv(out, pair->models[CANDIDATE]);
    fprintf(out, "\t%s\t%zu\t%zu", metric_name(compared_metric(compared)), pair->used[BASELINE],
            pair->used[CANDIDATE]);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        write_number(out, metric->missing ? NAN : numbers[i]);
    fprintf(out, "\t%s\t%zu\t%d\n",
            metric->missing ? metric->missing : comparison_verdict_text(comparison->verdict),
            comparison->needed, comparison->is_interleaved);
}

void compare_write_tsv(FILE *out, const struct pairs *pairs)
{
    fputs("varies\tlevel\tbaseline\tcandidate\tmetric\tbaseline_trials\tcandidate_trials\t"
          "baseline_median\tcandidate_median\tratio\tratio_low\tratio_high\tcoverage\tp\tp_holm\t"
          "equivalence\tverdict\tneeded\tinterleaved\n",
          out);
    for (size_t p = 0; p < pairs->count; p++) {
        for (enum compared c = 0; c < COMPARED_METRICS; c++)
            write_row(out, pairs, &pairs->list[p], c);
    }
}

/* Text from anywhere: what is not UTF-8 became U+FFFD before it is JSON's. */
static json_t *text_json(const char *text)
{
    json_t *plain = json_string(text);

    if (plain)
        return plain;
    char *clean = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&clean, &size);
    if (!out)
        return NULL;
    escape_terminal(out, text);
    fclose(out);
    plain = json_string(clean);
    free(clean);
    return plain;
}

static json_t *metric_json(enum compared compared, const struct pair_metric *metric)
{
    const struct comparison *comparison = &metric->comparison;
    json_t *object = json_pack("{ss}", "metric", compared_name(compared));

    if (metric->missing) {
        json_object_update_new(
            object,
            json_pack("{ss so}", "missing", metric->missing, "needs",
                      metric->needs ? json_integer((json_int_t)metric->needs) : json_null()));
        return object;
    }
    const char *name = metric_name(compared_metric(compared));
    json_object_update_new(
        object,
        json_pack("{ss s[ff] sf sf sf sb sb sf sf sf sf ss sI sI}", "field", name, "medians",
                  metric->median[BASELINE], metric->median[CANDIDATE], "ratio", comparison->ratio,
                  "low", comparison->low, "high", comparison->high, "ratio_at_least",
                  metric->ratio_at_least, "ratio_at_most", metric->ratio_at_most, "coverage",
                  comparison->coverage, "p", comparison->p, "p_holm", comparison->p_adjusted,
                  "equivalence", comparison->equivalence, "verdict",
                  comparison_verdict_text(comparison->verdict), "count",
                  (json_int_t)comparison->count, "needed", (json_int_t)comparison->needed));
    json_object_set_new(object, "interleaved", json_boolean(comparison->is_interleaved));
    if (!comparison->is_interleaved)
        json_object_set_new(
            object, "cliffs_delta",
            json_pack("[fff]", comparison->delta_low, comparison->delta, comparison->delta_high));
    return object;
}

static json_t *pair_json(const struct pair *pair)
{
    json_t *metrics = json_array();

    for (enum compared c = 0; c < COMPARED_METRICS; c++)
        json_array_append_new(metrics, metric_json(c, &pair->metrics[c]));
    return json_pack("{so so so s[II] s[II] sI so}", "level", text_json(pair->level), "baseline",
                     text_json(pair->models[BASELINE]), "candidate",
                     text_json(pair->models[CANDIDATE]), "trials", (json_int_t)pair->used[BASELINE],
                     (json_int_t)pair->used[CANDIDATE], "left_out",
                     (json_int_t)pair->left_out[BASELINE], (json_int_t)pair->left_out[CANDIDATE],
                     "unpaired", (json_int_t)pair->unpaired, "metrics", metrics);
}

static json_t *conditions_json(const struct pairs *pairs, const struct condition *conditions,
                               size_t count)
{
    static const char *const outcomes[] = {"excluded", "unknown", "shown"};
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        enum condition_outcome worst = CONDITION_EXCLUDED;

        for (size_t p = 0; p < pairs->count; p++) {
            for (enum compared c = 0; c < COMPARED_METRICS; c++) {
                if (!conditions[i].applies[c])
                    continue;
                enum condition_outcome outcome =
                    condition_judge(&conditions[i], c, &pairs->list[p].metrics[c]);
                worst = outcome > worst ? outcome : worst;
            }
        }
        json_array_append_new(list, json_pack("{so ss}", "text", text_json(conditions[i].text),
                                              "outcome", outcomes[worst]));
    }
    return list;
}

char *compare_json(const struct pairs *pairs, const struct condition *conditions,
                   size_t condition_count)
{
    json_t *cells = json_array();
    json_t *notes = json_array();

    for (size_t p = 0; p < pairs->count; p++)
        json_array_append_new(cells, pair_json(&pairs->list[p]));
    for (size_t i = 0; i < pairs->notes->count; i++)
        json_array_append_new(notes, text_json(pairs->notes->list[i]));
    json_t *root =
        json_pack("{ss so so sb so so so so}", "format", "muelle-compare/1", "baseline",
                  text_json(pairs->sides[BASELINE]->path), "candidate",
                  text_json(pairs->sides[CANDIDATE]->path), "interleaved", pairs->is_interleaved,
                  "varies", text_json(pairs->varies), "pairs", cells, "conditions",
                  conditions_json(pairs, conditions, condition_count), "notes", notes);
    char *text = root ? json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(10)) : NULL;
    json_decref(root);
    return text;
}
