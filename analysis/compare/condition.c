/* SPDX-License-Identifier: MIT */
#include "analysis/compare/condition.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/escape.h"
#include "common/log.h"

/* "p99." before "slower": the metrics that are meant; NULL when it is none. */
static const char *metrics_parse(const char *text, bool applies[COMPARED_METRICS])
{
    applies[COMPARED_THROUGHPUT] = applies[COMPARED_P99] = applies[COMPARED_CPU] = true;
    if (strncmp(text, "slower=", 7) == 0)
        return text;
    for (enum compared c = 0; c < COMPARED_METRICS; c++) {
        size_t length = strlen(compared_name(c));

        if (strncmp(text, compared_name(c), length) != 0 || text[length] != '.' ||
            strncmp(text + length + 1, "slower=", 7) != 0)
            continue;
        memset(applies, 0, COMPARED_METRICS * sizeof *applies);
        applies[c] = true;
        return text + length + 1;
    }
    return NULL;
}

int condition_parse(const char *text, struct condition *condition)
{
    char *end;

    *condition = (struct condition){.text = text};
    const char *rest = metrics_parse(text, condition->applies);
    if (!rest)
        return -EINVAL;
    rest += strlen("slower=");
    double percent = strtod(rest, &end);
    bool is_plain = strspn(rest, "0123456789.") == (size_t)(end - rest);
    if (end == rest || !is_plain || strcmp(end, "%") != 0 || percent >= 100)
        return -EINVAL;
    condition->limit = percent / 100;
    return 0;
}

enum condition_outcome condition_judge(const struct condition *condition, enum compared compared,
                                       const struct pair_metric *metric)
{
    const struct comparison *comparison = &metric->comparison;

    if (metric->missing || comparison->coverage == 0)
        return CONDITION_UNKNOWN;
    if (compared_better(compared) == COMPARISON_MORE) {
        double limit = 1 - condition->limit;

        return comparison->high < limit   ? CONDITION_SHOWN
               : comparison->low >= limit ? CONDITION_EXCLUDED
                                          : CONDITION_UNKNOWN;
    }
    double limit = 1 + condition->limit;
    /* A bound of the ratio tells one end of its interval alone. */
    if (comparison->low > limit && !metric->ratio_at_most)
        return CONDITION_SHOWN;
    return comparison->high <= limit && !metric->ratio_at_least ? CONDITION_EXCLUDED
                                                                : CONDITION_UNKNOWN;
}

/* What was compared, for a line of a log. */
static const char *where(const struct pairs *pairs, const struct pair *pair, char *text,
                         size_t size)
{
    bool is_same = strcmp(pair->models[CANDIDATE], pair->models[BASELINE]) == 0;

    snprintf(text, size, "%.64s%s%.64s at %.32s %.64s", pair->models[CANDIDATE],
             is_same ? "" : " against ", is_same ? "" : pair->models[BASELINE], pairs->varies,
             pair->level);
    escape_plain(text);
    return text;
}

static void tell(const struct condition *condition, const char *place, enum compared compared,
                 const struct pair_metric *metric, bool is_shown)
{
    const struct comparison *comparison = &metric->comparison;

    if (metric->missing)
        log_error("condition missed: %s of %s: %s, so it cannot be excluded (--fail-if %s, "
                  "--strict)",
                  compared_name(compared), place, metric->missing, condition->text);
    else if (comparison->coverage == 0)
        log_error("condition missed: %s of %s: %zu are too few for an interval, so it cannot be "
                  "excluded (--fail-if %s, --strict)",
                  compared_name(compared), place, comparison->count, condition->text);
    else
        log_error("condition missed: %s of %s is %s%.3f times as much (%.3f to %.3f), %s "
                  "(--fail-if %s%s)",
                  compared_name(compared), place, metric->ratio_at_least ? "at least " : "",
                  comparison->ratio, comparison->low, comparison->high,
                  is_shown ? "slower by more than the limit" : "which does not exclude it",
                  condition->text, is_shown ? "" : ", --strict");
}

/* One that was never judged held in no sense of the word. */
static void tell_unjudged(const struct condition *condition, size_t judged)
{
    if (judged == 0)
        log_warning("--fail-if %s: nothing it is about has an interval; it holds for lack of "
                    "numbers (6 blocks are needed)",
                    condition->text);
}

static bool condition_missed(const struct condition *condition, const struct pairs *pairs,
                             bool is_strict)
{
    size_t judged = 0;
    bool missed = false;

    for (size_t p = 0; p < pairs->count; p++) {
        const struct pair *pair = &pairs->list[p];
        char place[256];

        for (enum compared c = 0; c < COMPARED_METRICS; c++) {
            const struct pair_metric *metric = &pair->metrics[c];

            if (!condition->applies[c])
                continue;
            enum condition_outcome outcome = condition_judge(condition, c, metric);
            judged += !metric->missing && metric->comparison.coverage > 0;
            if (outcome == CONDITION_EXCLUDED || (outcome == CONDITION_UNKNOWN && !is_strict))
                continue;
            tell(condition, where(pairs, pair, place, sizeof place), c, metric,
                 outcome == CONDITION_SHOWN);
            missed = true;
        }
    }
    if (!missed)
        tell_unjudged(condition, judged);
    return missed;
}

bool conditions_missed(const struct condition *conditions, size_t count, const struct pairs *pairs,
                       bool is_strict)
{
    bool missed = false;

    for (size_t i = 0; i < count; i++)
        missed |= condition_missed(&conditions[i], pairs, is_strict);
    return missed;
}
