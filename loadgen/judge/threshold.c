/* SPDX-License-Identifier: MIT */
#include "loadgen/judge/threshold.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "common/units.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

/* Exactly, or to `digits` significant ones. */
static void format_digits(enum threshold_unit unit, double value, int digits,
                          char text[UNITS_TEXT_SIZE])
{
    static const struct {
        const char *name;
        double scale;
    } durations[] = {{"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}};
    size_t i = 0;

    switch (unit) {
    case UNIT_DURATION_NS:
        while (i + 1 < COUNT_OF(durations) && value < durations[i].scale)
            i++;
        snprintf(text, UNITS_TEXT_SIZE, "%.*g %s", digits, value / durations[i].scale,
                 durations[i].name);
        break;
    case UNIT_SHARE:
        snprintf(text, UNITS_TEXT_SIZE, "%.*g %%", digits, value * 100);
        break;
    case UNIT_COUNT:
        snprintf(text, UNITS_TEXT_SIZE, "%.0f", value);
        break;
    case UNIT_RATE_PER_S:
        snprintf(text, UNITS_TEXT_SIZE, "%.*g%s/s", digits, value >= 1000 ? value / 1000 : value,
                 value >= 1000 ? " k" : "");
        break;
    }
}

static void format_limit(const struct threshold *threshold, char text[UNITS_TEXT_SIZE])
{
    /* As many digits as people give to a limit. */
    format_digits(threshold->unit, threshold->limit, 9, text);
}

/* Three digits, unless that hides on which side of the limit the value lies. */
static void format_value(const struct threshold *threshold, double value,
                         char text[UNITS_TEXT_SIZE])
{
    double distance = fabs(value - threshold->limit);

    if (threshold->unit == UNIT_DURATION_NS && distance > 0.01 * threshold->limit)
        duration_format(value < 1.8e19 ? (uint64_t)(value + 0.5) : UINT64_MAX, text);
    else
        format_digits(threshold->unit, value,
                      value == threshold->limit || distance <= 0.01 * threshold->limit ? 12 : 3,
                      text);
}

static bool relation_is_true(enum threshold_relation relation, double value, double limit)
{
    switch (relation) {
    case RELATION_ABOVE:
        return value > limit;
    case RELATION_AT_LEAST:
        return value >= limit;
    case RELATION_BELOW:
        return value < limit;
    default:
        return value <= limit;
    }
}

/* For a value of which only "at least this" is known. */
static enum threshold_outcome judge_at_least(const struct threshold *threshold, double value)
{
    bool is_true = relation_is_true(threshold->relation, value, threshold->limit);

    if (threshold->relation == RELATION_ABOVE || threshold->relation == RELATION_AT_LEAST)
        return is_true ? THRESHOLD_MISSED : THRESHOLD_UNKNOWN;
    return is_true ? THRESHOLD_UNKNOWN : THRESHOLD_HELD;
}

/* What the relation says of a value for which it is true, and for which it is not. */
static const char *const when_true[] = {
    [RELATION_ABOVE] = "above",
    [RELATION_AT_LEAST] = "at or above",
    [RELATION_BELOW] = "below",
    [RELATION_AT_MOST] = "at or below",
};
static const char *const when_false[] = {
    [RELATION_ABOVE] = "not above",
    [RELATION_AT_LEAST] = "below",
    [RELATION_BELOW] = "not below",
    [RELATION_AT_MOST] = "above",
};

enum threshold_outcome threshold_judge(const struct threshold *threshold,
                                       const struct threshold_value *value, char *sentence,
                                       size_t size)
{
    const char *name = threshold->name, *option = threshold->option, *written = threshold->text;
    enum threshold_relation relation = threshold->relation;
    char measured[UNITS_TEXT_SIZE], limit[UNITS_TEXT_SIZE];
    enum threshold_outcome outcome;

    if (!value->known || !isfinite(value->value) || value->value < 0) {
        snprintf(sentence, size,
                 "%s was not measured, so it cannot be shown to hold and counts as missed (%s %s)",
                 name, option, written);
        return THRESHOLD_UNKNOWN;
    }
    if (value->insufficient) {
        snprintf(sentence, size,
                 "%s needs %" PRIu64 " samples and there are fewer, so it cannot be shown to hold "
                 "and counts as missed (%s %s)",
                 name, value->needs, option, written);
        return THRESHOLD_UNKNOWN;
    }
    outcome = value->at_least ? judge_at_least(threshold, value->value)
              : relation_is_true(relation, value->value, threshold->limit) ? THRESHOLD_MISSED
                                                                           : THRESHOLD_HELD;
    format_value(threshold, value->value, measured);
    format_limit(threshold, limit);
    if (outcome == THRESHOLD_UNKNOWN)
        snprintf(sentence, size,
                 "%s is at least %s, which may or may not be %s the limit of %s, so it cannot be "
                 "shown to hold and counts as missed (%s %s)",
                 name, measured, when_true[relation], limit, option, written);
    else
        snprintf(sentence, size, "%s is %s%s, %s the limit of %s (%s %s)", name,
                 value->at_least ? "at least " : "", measured,
                 outcome == THRESHOLD_MISSED ? when_true[relation] : when_false[relation], limit,
                 option, written);
    return outcome;
}
