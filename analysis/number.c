/* SPDX-License-Identifier: MIT */
#include "analysis/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/units.h"

char *number_count_text(uint64_t count, char *text)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)count);
    char *end = text;

    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            *end++ = ',';
        *end++ = digits[i];
    }
    *end = '\0';
    return text;
}

/* units.h writes "us" for terminals of any encoding; the report is UTF-8 and can write it right. */
static char *duration_text(double duration_ns, char *text)
{
    char plain[UNITS_TEXT_SIZE];
    size_t length = strlen(duration_format((uint64_t)llround(duration_ns), plain));

    if (length > 2 && strcmp(plain + length - 2, "us") == 0)
        snprintf(text, NUMBER_TEXT_SIZE, "%.*s\xC2\xB5s", (int)length - 2, plain);
    else
        snprintf(text, NUMBER_TEXT_SIZE, "%s", plain);
    return text;
}

static char *rounded_text(double value, char *text)
{
    if (value >= 99.95 || value == floor(value))
        return number_count_text((uint64_t)llround(value), text);
    snprintf(text, NUMBER_TEXT_SIZE, value < 9.995 ? "%.2f" : "%.1f", value);
    return text;
}

char *number_text(enum unit unit, double value, char *text)
{
    /* No trial file holds negative or larger numbers; this keeps the conversions defined anyway. */
    if (!isfinite(value) || value < 0 || value > 9e18) {
        snprintf(text, NUMBER_TEXT_SIZE, "\xE2\x80\x94");
        return text;
    }
    switch (unit) {
    case UNIT_DURATION:
        return duration_text(value, text);
    case UNIT_MEMORY:
        return size_format((uint64_t)value, text);
    case UNIT_RATIO:
        snprintf(text, NUMBER_TEXT_SIZE, value < 0.00995 && value >= 0.00005 ? "%.4f" : "%.2f",
                 value);
        return text;
    case UNIT_SHARE:
        snprintf(text, NUMBER_TEXT_SIZE, value < 0.0995 && value > 0 ? "%.1f %%" : "%.0f %%",
                 value * 100);
        return text;
    case UNIT_RATE:
    case UNIT_COUNT:
        break;
    }
    return rounded_text(value, text);
}

char *number_median_text(enum unit unit, const struct estimate *estimate, char *text)
{
    char value[NUMBER_TEXT_SIZE];

    snprintf(text, NUMBER_TEXT_SIZE, "%s%.60s", estimate->median_at_least ? ">" : "",
             number_text(unit, estimate->median, value));
    return text;
}

char *number_range_text(enum unit unit, const struct estimate *estimate, char *text)
{
    char low[NUMBER_TEXT_SIZE];
    char high[NUMBER_TEXT_SIZE];

    number_text(unit, estimate->low, low);
    number_text(unit, estimate->high, high);
    char *low_unit = strchr(low, ' ');
    const char *high_unit = strchr(high, ' ');
    if (low_unit && high_unit && strcmp(low_unit, high_unit) == 0)
        *low_unit = '\0';
    snprintf(text, NUMBER_TEXT_SIZE, "%s%.40s\xE2\x80\x93%s%.40s",
             estimate->low_at_least ? ">" : "", low, estimate->high_at_least ? ">" : "", high);
    return text;
}

char *number_short_text(enum unit unit, double value, char *text)
{
    static const char *const durations[] = {"ns", "\xC2\xB5s", "ms", "s"};
    static const char *const sizes[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    bool is_memory = unit == UNIT_MEMORY;
    double step = is_memory ? 1024 : 1000;
    size_t last = is_memory ? 4 : 3;
    size_t i = 0;

    if (unit == UNIT_SHARE) {
        snprintf(text, NUMBER_TEXT_SIZE, "%g %%", value * 100);
        return text;
    }
    if (unit != UNIT_DURATION && !is_memory) {
        if (value >= 1000)
            number_count_text((uint64_t)llround(value), text);
        else
            snprintf(text, NUMBER_TEXT_SIZE, "%g", value);
        return text;
    }
    while (i < last && value >= step * 0.9999) {
        value /= step;
        i++;
    }
    if (value == 0)
        snprintf(text, NUMBER_TEXT_SIZE, "0");
    else
        snprintf(text, NUMBER_TEXT_SIZE, "%g %s", value, (is_memory ? sizes : durations)[i]);
    return text;
}
