/* SPDX-License-Identifier: MIT */
#include "analysis/findings.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/finding.h"

struct ratio ratio_of(const struct estimate *one, const struct estimate *other)
{
    return (struct ratio){one->low / other->high, one->high / other->low};
}

/* Two or three digits: intervals leave no more certain. */
static int digits_behind(double value)
{
    return value >= 10 ? 0 : value >= 2 ? 1 : value >= 0.1 ? 2 : 3;
}

char *ratio_text(struct ratio ratio, char *text)
{
    char low[NUMBER_TEXT_SIZE / 4];
    char high[NUMBER_TEXT_SIZE / 4];
    int digits = digits_behind(ratio.low < 1 ? ratio.low : ratio.high);

    /* "1.0" would deny what the sentence claims. */
    if (ratio.low >= 1 && ratio.low < 1.1)
        digits = 2;
    snprintf(low, sizeof low, "%.*f", digits, fmin(ratio.low, 1e12));
    snprintf(high, sizeof high, "%.*f", digits, fmin(ratio.high, 1e12));
    if (strcmp(low, high) == 0)
        snprintf(text, NUMBER_TEXT_SIZE, "%s \xC3\x97", low);
    else
        snprintf(text, NUMBER_TEXT_SIZE, "%s\xE2\x80\x93%s \xC3\x97", low, high);
    return text;
}

bool finding_is_based(const struct cell *cell, enum metric metric)
{
    const struct estimate *estimate = &cell->metrics[metric].estimate;
    char served[NUMBER_TEXT_SIZE];

    return cell->trial_count > 1 && cell->trust != TRUST_NONE && estimate->count > 1 &&
           estimate->low > 0 && !estimate->high_at_least && !estimate->median_at_least &&
           *cell_served_text(cell, served) == '\0';
}

void finding_write_value(FILE *out, const struct cell *cell, enum metric metric)
{
    const struct estimate *estimate = &cell->metrics[metric].estimate;
    enum unit unit = metric_unit(metric);
    char text[NUMBER_TEXT_SIZE];
    char low[NUMBER_TEXT_SIZE];

    fputs(cell_metric_text(cell, metric, text), out);
    /* One too narrow for these digits says nothing more. */
    if (strcmp(number_text(unit, estimate->low, low), number_text(unit, estimate->high, text)) != 0)
        fprintf(out, " (%s)", cell_range_text(cell, metric, text));
}

void finding_write_names(FILE *out, const struct summary *summary, const struct cell *const *cells,
                         size_t count)
{
    /* "and 1 other" would take the room of its name. */
    size_t said = count > NAMES_SAID_MAX + 1 ? NAMES_SAID_MAX : count;

    for (size_t i = 0; i < said; i++) {
        bool last = i + 1 == count;

        fprintf(out, "%s%s", i == 0 ? "" : last ? " and " : ", ", summary->models[cells[i]->model]);
    }
    if (said < count)
        fprintf(out, " and %zu others", count - said);
}

bool finding_open(struct candidates *candidates, struct document *document)
{
    if (candidates->count == CANDIDATES_MAX)
        return false;
    if (document_open(document) == 0)
        return true;
    candidates->out_of_memory = true;
    return false;
}

void finding_add(struct candidates *candidates, struct document *document, double strength)
{
    char *text = document_text(document);

    if (text)
        candidates->list[candidates->count++] = (struct finding){strength, text};
    else
        candidates->out_of_memory = true;
}

static int compare_findings(const void *left, const void *right)
{
    const struct finding *a = left;
    const struct finding *b = right;

    if (a->strength != b->strength)
        return a->strength > b->strength ? -1 : 1;
    return strcmp(a->text, b->text);
}

/* What the sentences rest on; NULL without memory. */
static char *basis_text(const struct summary *summary, size_t findings)
{
    char interval[NUMBER_TEXT_SIZE];
    struct document document;
    size_t untrusted = 0;
    size_t measured = 0;
    size_t single = 0;

    if (document_open(&document) < 0)
        return NULL;
    for (size_t i = 0; i < summary->level_count * summary->model_count; i++) {
        const struct cell *cell = &summary->cells[i];

        measured += cell->trial_count > 0;
        single += cell->trial_count == 1;
        untrusted += cell->trial_count > 0 && cell->trust == TRUST_NONE;
    }
    summary_interval_text(summary, interval);
    if (single == measured)
        fputs("With one trial of each there is no interval, and without one nothing is compared.",
              document.out);
    else if (findings == 0)
        fputs("No difference was shown: the intervals overlap, or what differs is not trusted.",
              document.out);
    else
        fprintf(document.out,
                "Strongest first. In brackets stands the %s; “1.8–2.1 ×” is the least and the most "
                "that two of them allow.%s",
                interval,
                summary->block_count < TRIALS_TO_INFER
                    ? " So few blocks describe these trials and infer nothing."
                    : "");
    if (untrusted > 0)
        fprintf(document.out, " Left out: %zu of %zu cells, which are not trusted.", untrusted,
                measured);
    return document_text(&document);
}

static void apply_rules(struct candidates *candidates, const struct summary *summary)
{
    static void (*const rules[])(struct candidates *) = {
        find_leaders,   find_extremes, find_collapses,
        find_crossings, find_refusals, find_carried_loads,
    };

    candidates->summary = summary;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        rules[i](candidates);
}

/* Two machines differ in everything at once: what one model does on one and another on the other is
 * no finding about models. 0 or -errno. */
static int apply_by_machine(struct candidates *candidates, const struct run *run)
{
    size_t begin = 0;
    int error = 0;

    while (begin < run->trial_count && !error) {
        struct run one = *run;
        struct summary summary;
        size_t end = begin;

        while (end < run->trial_count && run->trials[end].machine == run->trials[begin].machine)
            end++;
        one.trials = run->trials + begin;
        one.trial_count = end - begin;
        error = summary_init(&summary, &one);
        if (!error) {
            apply_rules(candidates, &summary);
            summary_release(&summary);
        }
        begin = end;
    }
    return error;
}

int findings_init(struct findings *findings, const struct summary *summary)
{
    struct candidates *candidates = calloc(1, sizeof *candidates);
    int error = 0;

    *findings = (struct findings){0};
    if (!candidates)
        return -ENOMEM;
    if (summary->run->machine_count > 1)
        error = apply_by_machine(candidates, summary->run);
    else
        apply_rules(candidates, summary);
    if (candidates->count > 0)
        qsort(candidates->list, candidates->count, sizeof candidates->list[0], compare_findings);
    for (size_t i = 0; i < candidates->count; i++) {
        if (i < FINDINGS_MAX)
            findings->list[findings->count++] = candidates->list[i];
        else
            free(candidates->list[i].text);
    }
    findings->basis = basis_text(summary, findings->count);
    if (candidates->out_of_memory || !findings->basis)
        error = -ENOMEM;
    free(candidates);
    return error;
}

void findings_release(struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        free(findings->list[i].text);
    free(findings->basis);
    *findings = (struct findings){0};
}
