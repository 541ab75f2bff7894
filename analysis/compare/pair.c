/* SPDX-License-Identifier: MIT */
#include "analysis/compare/pair.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/compare/pair_values.h"
#include "common/log.h"

enum { NAMES_MAX = 256 }; /* models or levels of a side */

/* Different texts, in the order in which they were seen. */
struct names {
    const char *list[NAMES_MAX];
    size_t count;
};

static bool names_have(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->list[i], name) == 0)
            return true;
    }
    return false;
}

static void names_add(struct names *names, const char *name)
{
    if (names->count < NAMES_MAX && !names_have(names, name))
        names->list[names->count++] = name;
}

static bool is_number(const char *text)
{
    char *end;

    return isfinite(strtod(text, &end)) && end != text && *end == '\0';
}

/* Numbers in their order, before other texts in theirs. */
static int by_level(const void *left, const void *right)
{
    const char *a = *(const char *const *)left;
    const char *b = *(const char *const *)right;

    if (is_number(a) && is_number(b)) {
        double difference = strtod(a, NULL) - strtod(b, NULL);

        return (difference > 0) - (difference < 0);
    }
    return is_number(a) != is_number(b) ? is_number(b) - is_number(a) : strcmp(a, b);
}

static void models_of(const struct side *side, struct names *models)
{
    *models = (struct names){0};
    for (size_t i = 0; i < side->count; i++)
        names_add(models, side->observed[i].model);
}

/* Of one model; the level of a result that does not say it is not among them. */
static void levels_of(const struct side *side, const char *model, struct names *levels)
{
    *levels = (struct names){0};
    for (size_t i = 0; i < side->count; i++) {
        if (strcmp(side->observed[i].model, model) == 0 && *side->observed[i].level)
            names_add(levels, side->observed[i].level);
    }
    qsort(levels->list, levels->count, sizeof levels->list[0], by_level);
}

static bool is_again(const char *model)
{
    size_t length = strlen(model);

    return length > 1 && strcmp(model + length - 1, PAIR_AGAIN_MARK) == 0;
}

/* --- the noise of the machine ----------------------------------------------------------------- */

/* R of each metric at this level, by a configuration that a side measured twice. */
static int noise_of(const struct side *side, const char *level, double equivalence[],
                    struct notes *notes)
{
    struct side trusted = *side;
    const struct side *const sides[2] = {&trusted, &trusted};
    struct names models;
    bool differs = false;
    int error = 0;

    trusted.uses_untrusted = false;
    models_of(side, &models);
    for (size_t i = 0; i < models.count && !error; i++) {
        char once[NAMES_MAX] = "";

        if (!is_again(models.list[i]))
            continue;
        strncat(once, models.list[i],
                strnlen(models.list[i], sizeof once - 1) - strlen(PAIR_AGAIN_MARK));
        struct pair pair = {.models = {once, models.list[i]}, .level = level};
        struct members members;
        error = members_collect(&members, sides, &pair);
        for (enum compared c = 0; c < COMPARED_METRICS && !error; c++)
            error = members_noise(&members, c, &equivalence[c], &differs);
        members_release(&members);
    }
    if (differs)
        notes_add(notes,
                  "%s: a configuration that was measured twice differs from itself at %s: this "
                  "machine's blocks are not independent",
                  side->path, level);
    return error;
}

/* --- one pair --------------------------------------------------------------------------------- */

static void note_conditions(struct pairs *pairs, const struct members *members)
{
    if (members->count[BASELINE] == 0 || members->count[CANDIDATE] == 0)
        return;
    const struct observed *baseline = members->list[BASELINE][0];
    const struct observed *candidate = members->list[CANDIDATE][0];

    if (*baseline->load && *candidate->load && strcmp(baseline->load, candidate->load) != 0)
        notes_add(pairs->notes, "not the same load: A had %s; B had %s", baseline->load,
                  candidate->load);
    if (*baseline->machine && *candidate->machine &&
        strcmp(baseline->machine, candidate->machine) != 0)
        notes_add(pairs->notes, "not the same machine: A ran on %s; B on %s", baseline->machine,
                  candidate->machine);
    if (baseline->is_foreign != candidate->is_foreign)
        notes_add(pairs->notes, "not measured by the same tool: a difference of the tools counts "
                                "as one of the servers");
    if (baseline->is_open || candidate->is_open)
        notes_add(pairs->notes, "open loop: the throughput is what was offered, as far as it was "
                                "carried");
}

static void note_unequal_work(struct pairs *pairs, const struct pair *pair,
                              const struct members *members)
{
    for (size_t which = 0; which < 2; which++) {
        bool any = false;

        for (size_t i = 0; i < members->count[which]; i++)
            any |= members->list[which][i]->is_limited;
        if (any)
            notes_add(pairs->notes, "unequal work: %s refused connections at %s",
                      pair->models[which], pair->level);
    }
}

static void note_left_out(struct pairs *pairs, const struct pair *pair)
{
    static const char *const sides[2] = {"A", "B"};

    for (size_t which = 0; which < 2; which++) {
        if (pair->left_out[which] > 0)
            notes_add(pairs->notes, "left out of %s, not trusted or not complete: %zu of %s at %s",
                      sides[which], pair->left_out[which], pair->models[which], pair->level);
    }
    if (pair->unpaired > 0)
        notes_add(pairs->notes,
                  "left out, without the other one of its block: %zu of %s and %s "
                  "at %s",
                  pair->unpaired, pair->models[BASELINE], pair->models[CANDIDATE], pair->level);
}

/* A region that noise has made as wide as a barn door shows no equivalence to be in. */
static void limit_equivalence(struct pair_metric *metric, double equivalence_max)
{
    struct comparison *comparison = &metric->comparison;

    if (comparison->verdict == COMPARISON_EQUIVALENT && comparison->equivalence > equivalence_max) {
        metric->is_noisy = true;
        comparison->verdict = COMPARISON_UNDECIDED;
    }
}

static int compare(struct pairs *pairs, struct pair *pair, double equivalence)
{
    double regions[COMPARED_METRICS];
    struct members members;

    for (enum compared c = 0; c < COMPARED_METRICS; c++)
        regions[c] = equivalence;
    int error = members_collect(&members, pairs->sides, pair);
    for (size_t which = 0; which < 2 && !error; which++)
        error = noise_of(pairs->sides[which], pair->level, regions, pairs->notes);
    for (enum compared c = 0; c < COMPARED_METRICS && !error; c++) {
        error = members_compare(&members, c, regions[c], &pair->metrics[c]);
        limit_equivalence(&pair->metrics[c], fmax(equivalence, PAIR_EQUIVALENCE_MAX));
    }
    if (!error) {
        /* What has no trials says nothing of how they were taken. */
        if (members.count[BASELINE] > 0 && members.count[CANDIDATE] > 0)
            pairs->is_interleaved &= members.is_interleaved;
        note_conditions(pairs, &members);
        note_unequal_work(pairs, pair, &members);
        note_left_out(pairs, pair);
    }
    members_release(&members);
    return error;
}

static int add(struct pairs *pairs, const char *baseline, const char *candidate, const char *level,
               double equivalence)
{
    struct pair pair = {.models = {baseline, candidate}, .level = level};
    int error = compare(pairs, &pair, equivalence);

    if (error)
        return error;
    struct pair *list = reallocarray(pairs->list, pairs->count + 1, sizeof *list);
    if (!list)
        return -ENOMEM;
    pairs->list = list;
    list[pairs->count++] = pair;
    return 0;
}

/* Two models at every level both have; a result that does not tell its level is at the other's,
 * if that is one. */
static int add_models(struct pairs *pairs, const char *baseline, const char *candidate,
                      double equivalence)
{
    struct names levels[2];
    int error = 0;

    levels_of(pairs->sides[BASELINE], baseline, &levels[BASELINE]);
    levels_of(pairs->sides[CANDIDATE], candidate, &levels[CANDIDATE]);
    if (levels[BASELINE].count == 0 && levels[CANDIDATE].count == 0)
        return add(pairs, baseline, candidate, "", equivalence);
    for (size_t which = 0; which < 2; which++) {
        if (levels[which].count == 0 && levels[!which].count == 1)
            return add(pairs, baseline, candidate, levels[!which].list[0], equivalence);
    }
    for (size_t i = 0; i < levels[BASELINE].count && !error; i++) {
        const char *level = levels[BASELINE].list[i];

        if (names_have(&levels[CANDIDATE], level))
            error = add(pairs, baseline, candidate, level, equivalence);
        else
            notes_add(pairs->notes, "only A has %s %s of %s", pairs->varies, level, baseline);
    }
    for (size_t i = 0; i < levels[CANDIDATE].count && !error; i++) {
        if (!names_have(&levels[BASELINE], levels[CANDIDATE].list[i]))
            notes_add(pairs->notes, "only B has %s %s of %s", pairs->varies,
                      levels[CANDIDATE].list[i], candidate);
    }
    return error;
}

/* --- which models ----------------------------------------------------------------------------- */

static int check_model(const struct side *side, const struct names *models, const char *name)
{
    if (names_have(models, name))
        return 0;
    log_error("%s: no trial of a model '%s'", side->path, name);
    return -EINVAL;
}

/* The first model of one run against the others. */
static int add_within(struct pairs *pairs, const struct names *models, double equivalence)
{
    const char *baseline = names_have(models, pairs->sides[BASELINE]->baseline)
                               ? pairs->sides[BASELINE]->baseline
                               : models->list[0];
    int error = 0;

    for (size_t i = 0; i < models->count && !error; i++) {
        if (strcmp(models->list[i], baseline) != 0 && !is_again(models->list[i]))
            error = add_models(pairs, baseline, models->list[i], equivalence);
    }
    return error;
}

/* The models that both sides have; a single one on either side is compared whatever its name. */
static int add_across(struct pairs *pairs, const struct names models[2], double equivalence)
{
    int error = 0;

    if (models[BASELINE].count == 1 && models[CANDIDATE].count == 1)
        return add_models(pairs, models[BASELINE].list[0], models[CANDIDATE].list[0], equivalence);
    for (size_t i = 0; i < models[BASELINE].count && !error; i++) {
        const char *model = models[BASELINE].list[i];

        if (!names_have(&models[CANDIDATE], model))
            notes_add(pairs->notes, "only A has %s", model);
        else if (!is_again(model))
            error = add_models(pairs, model, model, equivalence);
    }
    for (size_t i = 0; i < models[CANDIDATE].count && !error; i++) {
        if (!names_have(&models[BASELINE], models[CANDIDATE].list[i]))
            notes_add(pairs->notes, "only B has %s", models[CANDIDATE].list[i]);
    }
    return error;
}

/* Those that were asked for: of one run the first against the others, of two runs one in both, or
 * the first of A against the second of B. */
static int add_asked(struct pairs *pairs, const struct names models[2], char *const *asked,
                     size_t asked_count, double equivalence)
{
    bool is_one = pairs->sides[BASELINE] == pairs->sides[CANDIDATE];
    int error = check_model(pairs->sides[BASELINE], &models[BASELINE], asked[0]);

    for (size_t i = is_one || asked_count > 1; i < asked_count && !error; i++) {
        error = check_model(pairs->sides[CANDIDATE], &models[CANDIDATE], asked[i]);
        if (!error)
            error = add_models(pairs, asked[0], asked[i], equivalence);
    }
    return error;
}

static int adjust(struct pairs *pairs)
{
    size_t count = pairs_comparison_count(pairs);
    struct comparison *list = calloc(count + 1, sizeof *list);
    size_t i = 0;

    if (!list)
        return -ENOMEM;
    for (size_t p = 0; p < pairs->count; p++) {
        for (enum compared c = 0; c < COMPARED_METRICS; c++) {
            if (!pairs->list[p].metrics[c].missing)
                list[i++] = pairs->list[p].metrics[c].comparison;
        }
    }
    int error = comparison_adjust(list, count);
    i = 0;
    for (size_t p = 0; p < pairs->count && !error; p++) {
        for (enum compared c = 0; c < COMPARED_METRICS; c++) {
            if (!pairs->list[p].metrics[c].missing)
                pairs->list[p].metrics[c].comparison = list[i++];
        }
    }
    free(list);
    return error;
}

int pairs_init(struct pairs *pairs, const struct side *baseline, const struct side *candidate,
               char *const *models, size_t model_count, double equivalence, struct notes *notes)
{
    struct names known[2];
    int error;

    *pairs = (struct pairs){.sides = {baseline, candidate},
                            .is_interleaved = true,
                            .varies = baseline->varies,
                            .notes = notes};
    models_of(baseline, &known[BASELINE]);
    models_of(candidate, &known[CANDIDATE]);
    if (model_count > 0)
        error = add_asked(pairs, known, models, model_count, equivalence);
    else if (baseline == candidate)
        error = add_within(pairs, &known[BASELINE], equivalence);
    else
        error = add_across(pairs, known, equivalence);
    return error ? error : adjust(pairs);
}

void pairs_release(struct pairs *pairs)
{
    free(pairs->list);
    *pairs = (struct pairs){0};
}

enum pair_names pairs_names(const struct pairs *pairs)
{
    bool all_shared = true;
    bool all_alike = true;

    for (size_t p = 0; p < pairs->count; p++) {
        const struct pair *pair = &pairs->list[p];

        all_shared &= strcmp(pair->models[BASELINE], pair->models[CANDIDATE]) == 0;
        for (size_t which = 0; which < 2; which++)
            all_alike &= strcmp(pair->models[which], pairs->list[0].models[which]) == 0;
    }
    return all_alike ? PAIR_NAMES_NONE : all_shared ? PAIR_NAMES_SHARED : PAIR_NAMES_BOTH;
}

size_t pairs_comparison_count(const struct pairs *pairs)
{
    size_t count = 0;

    for (size_t p = 0; p < pairs->count; p++) {
        for (enum compared c = 0; c < COMPARED_METRICS; c++)
            count += !pairs->list[p].metrics[c].missing;
    }
    return count;
}
