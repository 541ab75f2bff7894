/* SPDX-License-Identifier: MIT */
#include "analysis/ratios.h"

#include <string.h>

size_t ratios_baseline(const struct summary *summary)
{
    const char *stated = run_manifest_text(summary->run, "baseline");
    size_t first = 0;

    while (first + 1 < summary->model_count && !summary_compares(summary, first))
        first++;
    for (size_t model = 0; model < summary->model_count; model++) {
        if (strcmp(summary->models[model], stated) == 0 && summary_compares(summary, model))
            return model;
    }
    return first;
}

int ratios_init(struct ratios *ratios, const struct summary *summary)
{
    char *models[MODELS_MAX];
    size_t count = 1;

    *ratios = (struct ratios){.summary = summary, .baseline = ratios_baseline(summary)};
    /* pairs_init() takes what argv holds; it changes nothing. */
    models[0] = (char *)summary->models[ratios->baseline];
    for (size_t model = 0; model < summary->model_count; model++) {
        if (model != ratios->baseline && summary_compares(summary, model) &&
            summary->machines[model] == summary->machines[ratios->baseline])
            models[count++] = (char *)summary->models[model];
    }
    int error = side_of_run(summary->run, &ratios->side);
    ratios->side.uses_untrusted = true;
    if (error)
        return error;
    return pairs_init(&ratios->pairs, &ratios->side, &ratios->side, models, count,
                      COMPARISON_EQUIVALENCE_MIN, &ratios->notes);
}

void ratios_release(struct ratios *ratios)
{
    pairs_release(&ratios->pairs);
    notes_release(&ratios->notes);
    side_release(&ratios->side);
    *ratios = (struct ratios){0};
}

const struct pair_metric *ratios_of(const struct ratios *ratios, const struct cell *cell,
                                    enum compared compared)
{
    const char *model = ratios->summary->models[cell->model];
    const char *level = ratios->summary->levels[cell->level].text;

    for (size_t i = 0; i < ratios->pairs.count; i++) {
        const struct pair *pair = &ratios->pairs.list[i];

        if (strcmp(pair->models[CANDIDATE], model) == 0 && strcmp(pair->level, level) == 0)
            return pair->metrics[compared].missing ? NULL : &pair->metrics[compared];
    }
    return NULL;
}

bool ratios_are_trusted(const struct ratios *ratios, const struct cell *cell)
{
    return cell->trust != TRUST_NONE &&
           summary_cell(ratios->summary, cell->level, ratios->baseline)->trust != TRUST_NONE;
}
