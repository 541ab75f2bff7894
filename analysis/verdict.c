/* SPDX-License-Identifier: MIT */
#include "analysis/verdict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/document.h"

/* The method knows fewer than twenty; what lies beyond is in the trials. */
enum { REASONS_SHOWN_MAX = 32, MODELS_NAMED_MAX = 6 };

/* A trial carries each code at most once in what is counted, however often it names it. */
static const struct reason *reason_of(const struct trial *trial, const char *code)
{
    for (size_t i = 0; i < trial->reason_count; i++) {
        if (strcmp(trial->reasons[i].code, code) == 0)
            return &trial->reasons[i];
    }
    return NULL;
}

static enum trust code_trust(const char *code)
{
    return code[0] == 'I' ? TRUST_NONE : TRUST_CAUTION;
}

static bool cell_has_reason(const struct cell *cell, const char *code)
{
    for (size_t i = 0; i < cell->trial_count; i++) {
        if (reason_of(cell->trials[i], code))
            return true;
    }
    return false;
}

/* How many levels of a model have the reason; -1: all that were measured. */
static int count_levels(const struct summary *summary, size_t model, const char *code)
{
    int with_reason = 0;
    int measured = 0;

    for (size_t level = 0; level < summary->level_count; level++) {
        const struct cell *cell = summary_cell(summary, level, model);

        measured += cell->trial_count > 0;
        with_reason += cell_has_reason(cell, code);
    }
    return with_reason > 1 && with_reason == measured ? -1 : with_reason;
}

/* "14 models at 0 %, 18 models at 5 %". */
static void write_by_level(FILE *out, const struct summary *summary, const char *code)
{
    const char *separator = "";

    for (size_t level = 0; level < summary->level_count; level++) {
        size_t with_reason = 0;
        size_t only = 0;

        for (size_t model = 0; model < summary->model_count; model++) {
            if (!cell_has_reason(summary_cell(summary, level, model), code))
                continue;
            with_reason++;
            only = model;
        }
        if (with_reason == 1)
            fprintf(out, "%s%s", separator, summary->models[only]);
        else if (with_reason > 1)
            fprintf(out, "%s%zu models", separator, with_reason);
        else
            continue;
        fprintf(out, " at %s", summary->levels[level].name);
        separator = ", ";
    }
}

/* "epoll at every level; select at 1,000, 10,000". */
static void write_by_model(FILE *out, const struct summary *summary, const char *code)
{
    const char *separator = "";

    for (size_t model = 0; model < summary->model_count; model++) {
        int count = count_levels(summary, model, code);

        if (count == 0)
            continue;
        fprintf(out, "%s%s at", separator, summary->models[model]);
        separator = "; ";
        if (count < 0)
            fputs(" every level", out);
        for (size_t level = 0; count > 0 && level < summary->level_count; level++) {
            if (cell_has_reason(summary_cell(summary, level, model), code))
                fprintf(out, " %s%s", summary->levels[level].name, --count ? "," : "");
        }
    }
}

static char *where_text(const struct summary *summary, const char *code)
{
    struct document document;
    size_t everywhere = 0;
    size_t somewhere = 0;

    for (size_t model = 0; model < summary->model_count; model++) {
        int count = count_levels(summary, model, code);

        everywhere += count < 0;
        somewhere += count != 0;
    }
    if (everywhere > 1 && everywhere == summary->model_count)
        return strdup("every model at every level");
    if (document_open(&document) < 0)
        return NULL;
    /* The names of many would be read by nobody; the table marks them. */
    if (somewhere > MODELS_NAMED_MAX)
        write_by_level(document.out, summary, code);
    else
        write_by_model(document.out, summary, code);
    return document_text(&document);
}

static bool is_known(const struct verdict *verdict, const char *code)
{
    for (size_t i = 0; i < verdict->reason_count; i++) {
        if (strcmp(verdict->reasons[i].code, code) == 0)
            return true;
    }
    return false;
}

static int add_reason(struct verdict *verdict, struct verdict_reason reason)
{
    struct verdict_reason *reasons =
        reallocarray(verdict->reasons, verdict->reason_count + 1, sizeof *reasons);

    if (!reasons || !reason.where || !reason.text) {
        verdict->reasons = reasons ? reasons : verdict->reasons;
        free(reason.where);
        free(reason.text);
        return -ENOMEM;
    }
    verdict->reasons = reasons;
    verdict->reasons[verdict->reason_count++] = reason;
    return 0;
}

static int add_trial_reasons(struct verdict *verdict, const struct summary *summary,
                             const struct trial *trial)
{
    for (size_t i = 0; i < trial->reason_count; i++) {
        const char *code = trial->reasons[i].code;
        const char *text = trial->reasons[i].text;
        bool texts_differ = false;
        size_t count = 0;

        if (is_known(verdict, code) || verdict->reason_count == REASONS_SHOWN_MAX)
            continue;
        for (size_t j = 0; j < summary->used_count; j++) {
            const struct reason *other = reason_of(summary->members[j], code);

            count += other != NULL;
            texts_differ = texts_differ || (other && strcmp(other->text, text) != 0);
        }
        int error = add_reason(verdict, (struct verdict_reason){
                                            .code = code,
                                            .trust = code_trust(code),
                                            .trial_count = count,
                                            .where = where_text(summary, code),
                                            .text = strdup(text),
                                            .texts_differ = texts_differ,
                                        });
        if (error)
            return error;
    }
    return 0;
}

static int add_block_reason(struct verdict *verdict, size_t blocks)
{
    char *text;

    if (blocks >= TRIALS_TO_INFER)
        return 0;
    if (asprintf(&text, "%zu block%s only; %d are needed to infer.", blocks,
                 blocks == 1 ? " describes" : "s describe", TRIALS_TO_INFER) < 0)
        text = NULL;
    return add_reason(verdict,
                      (struct verdict_reason){
                          .code = "C8", .trust = TRUST_CAUTION, .where = strdup(""), .text = text});
}

/* The run's own reason stands before those of some trials: it holds for all. */
static int compare_reasons(const void *left, const void *right)
{
    const struct verdict_reason *a = left;
    const struct verdict_reason *b = right;

    if (a->trust != b->trust)
        return a->trust > b->trust ? -1 : 1;
    if ((a->trial_count == 0) != (b->trial_count == 0))
        return a->trial_count == 0 ? -1 : 1;
    if (a->trial_count != b->trial_count)
        return a->trial_count > b->trial_count ? -1 : 1;
    return strcmp(a->code, b->code);
}

static size_t count_untrusted(const struct summary *summary)
{
    size_t count = 0;

    for (size_t i = 0; i < summary->used_count; i++)
        count += summary->members[i]->trust == TRUST_NONE;
    return count;
}

/* What a reader in a hurry takes home. */
static char *sentence_text(const struct verdict *verdict, const struct summary *summary)
{
    const char *level = trust_text(verdict->trust);
    const char *reason = "see the trials";
    size_t untrusted = count_untrusted(summary);
    char *text;
    int length;

    for (size_t i = verdict->reason_count; i-- > 0;) {
        if (verdict->reasons[i].trust == verdict->trust)
            reason = verdict->reasons[i].text;
    }
    if (summary->used_count == 0)
        length = asprintf(&text, "%s \xE2\x80\x94 no trial was completed.", level);
    else if (verdict->trust == TRUST_NONE)
        length = asprintf(&text, "%s \xE2\x80\x94 %zu of %zu trials. %s", level, untrusted,
                          summary->used_count, reason);
    else if (verdict->trust == TRUST_CAUTION)
        length = asprintf(&text, "%s \xE2\x80\x94 %s", level, reason);
    else
        length = asprintf(&text, "%s \xE2\x80\x94 all %zu trials passed every check.", level,
                          summary->used_count);
    return length < 0 ? NULL : text;
}

int verdict_init(struct verdict *verdict, const struct summary *summary)
{
    int error = 0;

    *verdict = (struct verdict){.trust = summary->used_count ? TRUST_FULL : TRUST_NONE};
    for (size_t i = 0; i < summary->used_count && !error; i++) {
        const struct trial *trial = summary->members[i];

        if (trial->trust > verdict->trust)
            verdict->trust = trial->trust;
        error = add_trial_reasons(verdict, summary, trial);
    }
    if (!error)
        error = add_block_reason(verdict, summary->block_count);
    if (error) {
        verdict_release(verdict);
        return error;
    }
    if (summary->block_count < TRIALS_TO_INFER && verdict->trust == TRUST_FULL)
        verdict->trust = TRUST_CAUTION;
    if (verdict->reason_count > 0)
        qsort(verdict->reasons, verdict->reason_count, sizeof *verdict->reasons, compare_reasons);
    verdict->sentence = sentence_text(verdict, summary);
    if (verdict->sentence)
        return 0;
    verdict_release(verdict);
    return -ENOMEM;
}

void verdict_release(struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->reason_count; i++) {
        free(verdict->reasons[i].where);
        free(verdict->reasons[i].text);
    }
    free(verdict->reasons);
    free(verdict->sentence);
    *verdict = (struct verdict){0};
}
