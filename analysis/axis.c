/* SPDX-License-Identifier: MIT */
#include "analysis/axis.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_tick(struct axis *axis, enum unit unit, double at)
{
    if (axis->tick_count == AXIS_TICKS_MAX)
        return;
    struct tick *tick = &axis->ticks[axis->tick_count++];

    tick->at = at;
    number_short_text(unit, at, tick->text);
    memcpy(tick->text_narrow, tick->text, sizeof tick->text_narrow);
}

struct axis axis_linear(enum unit unit, double high)
{
    static const double steps[] = {1, 2, 2.5, 5, 10};
    struct axis axis = {.low = 0};
    size_t i = 0;

    if (!(high > 0))
        high = 1;
    /* Bytes are round in powers of 1024. */
    double base = unit == UNIT_MEMORY ? pow(1024, floor(log2(high / 4) / 10)) : 1;
    /* Four to six of the smallest step that gets there. */
    double magnitude = base * pow(10, floor(log10(high / 4 / base)));
    while (i + 1 < sizeof steps / sizeof steps[0] && steps[i] * magnitude * 5 < high)
        i++;
    double step = steps[i] * magnitude;
    for (unsigned tick = 0; axis.high < high; tick++) {
        axis.high = tick * step;
        add_tick(&axis, unit, axis.high);
    }
    return axis;
}

static void add_decades(struct axis *axis, enum unit unit)
{
    double decades = log10(axis->high / axis->low);
    bool with_halves = decades < 3.5;

    for (int exponent = (int)floor(log10(axis->low)); pow(10, exponent) <= axis->high; exponent++) {
        static const double digits[] = {1, 2, 5};

        for (size_t i = 0; i < (with_halves ? 3 : 1); i++) {
            double at = digits[i] * pow(10, exponent);

            if (at >= axis->low && at <= axis->high)
                add_tick(axis, unit, at);
        }
    }
}

static void add_doublings(struct axis *axis, enum unit unit)
{
    int step = log2(axis->high / axis->low) < 9 ? 1 : 2;

    for (int exponent = (int)ceil(log2(axis->low) / step) * step; exponent <= log2(axis->high);
         exponent += step)
        add_tick(axis, unit, pow(2, exponent));
}

struct axis axis_log(enum unit unit, double low, double high)
{
    assert(low > 0 && low <= high && isfinite(high));
    double margin = fmax(pow(high / low, 0.06), sqrt(fmax(1, 4 / (high / low))));
    struct axis axis = {.is_log = true, .low = low / margin, .high = high * margin};

    if (unit == UNIT_MEMORY)
        add_doublings(&axis, unit);
    else
        add_decades(&axis, unit);
    return axis;
}

/* Where a person would put them, as many as the range has room for. */
struct axis axis_ratio(double low, double high)
{
    enum { LONGEST = 20 };
    static const struct {
        double from; /* high / low beyond which these are enough */
        const char *at[LONGEST];
    } lists[] = {
        {200, {"0.001", "0.01", "0.1", "1", "10", "100", "1000"}},
        {6, {"0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10", "20", "50", "100"}},
        {1.6, {"0.25", "0.33", "0.5", "0.67", "0.8", "1", "1.25", "1.5", "2", "3", "4"}},
        {1.12,
         {"0.7", "0.8", "0.85", "0.9", "0.95", "1", "1.05", "1.1", "1.15", "1.2", "1.3", "1.4"}},
        {0, {"0.96", "0.98", "0.99", "1", "1.01", "1.02", "1.04"}},
    };
    struct axis axis = {.is_log = true, .low = fmin(low, 1), .high = fmax(high, 1)};
    double span = axis.high / axis.low;
    size_t list = 0;

    while (span <= lists[list].from)
        list++;
    double margin = fmax(pow(span, 0.06), 1.005);
    axis.low /= margin;
    axis.high *= margin;
    for (size_t i = 0; i < LONGEST && lists[list].at[i]; i++) {
        double at = strtod(lists[list].at[i], NULL);
        struct tick *tick = &axis.ticks[axis.tick_count];

        if (at < axis.low || at > axis.high)
            continue;
        axis.tick_count++;
        tick->at = at;
        snprintf(tick->text, sizeof tick->text, "%s", lists[list].at[i]);
        memcpy(tick->text_narrow, tick->text, sizeof tick->text_narrow);
    }
    return axis;
}

/* Where a tick stands on its axis, from 0 to 1. */
static double tick_place(const struct axis *axis, const struct tick *tick)
{
    return axis->is_log ? log(tick->at / axis->low) / log(axis->high / axis->low)
                        : (tick->at - axis->low) / (axis->high - axis->low);
}

/* The last label stays, and the first. */
static void thin_labels(struct axis *axis, double distance, bool narrow)
{
    double previous = -INFINITY;
    double last =
        axis->tick_count > 0 ? tick_place(axis, &axis->ticks[axis->tick_count - 1]) : INFINITY;

    for (size_t i = 0; i + 1 < axis->tick_count; i++) {
        struct tick *tick = &axis->ticks[i];
        double place = tick_place(axis, tick);

        if (place - previous >= distance && (last - place >= distance || i == 0))
            previous = place;
        else
            (narrow ? tick->text_narrow : tick->text)[0] = '\0';
    }
}

void axis_thin(struct axis *axis, double wide, double narrow)
{
    thin_labels(axis, wide, false);
    thin_labels(axis, narrow, true);
}

/* Columns of the longest label. */
static size_t longest_name(const struct level *levels, size_t count)
{
    size_t longest = 0;

    for (size_t i = 0; i < count; i++) {
        size_t width = strlen(levels[i].name);

        longest = width > longest ? width : longest;
    }
    return longest;
}

struct axis axis_levels(const struct level *levels, const double *places, size_t count)
{
    struct axis axis = {.low = places[0], .high = places[count - 1]};
    /* "10,000" has always had this much room. */
    double stretch = fmax(1, (double)longest_name(levels, count) / 7);

    for (size_t i = 0; i < count; i++) {
        struct tick *tick = &axis.ticks[axis.tick_count++];

        tick->at = places[i];
        memcpy(tick->text, levels[i].name, sizeof tick->text);
        memcpy(tick->text_narrow, levels[i].name, sizeof tick->text_narrow);
    }
    axis_thin(&axis, 0.065 * stretch, 0.16 * stretch);
    return axis;
}

struct axis axis_percentiles(double high)
{
    static const char *const labels[] = {"0",     "50",     "90",      "99",      "99.9",
                                         "99.99", "99.999", "99.9999", "99.99999"};
    struct axis axis = {.is_log = true, .low = 1, .high = high};
    double at = 1;

    for (size_t i = 0; i < sizeof labels / sizeof labels[0] && at <= high; i++) {
        struct tick *tick = &axis.ticks[axis.tick_count++];
        /* "50" has the least room of all; of many nines, every other has. */
        bool wide = (i != 1 || high <= 2e4) && (high < 1e7 || i < 4 || i % 2 == 1);
        bool narrow = i != 1 && (high < 1e6 || i < 4 || i % 2 == 1);

        tick->at = at;
        if (wide)
            snprintf(tick->text, sizeof tick->text, "%s %%", labels[i]);
        if (narrow)
            snprintf(tick->text_narrow, sizeof tick->text_narrow, "%s", labels[i]);
        at = i == 0 ? 2 : i == 1 ? 10 : at * 10;
    }
    return axis;
}
