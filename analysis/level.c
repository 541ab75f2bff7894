/* SPDX-License-Identifier: MIT */
#include "analysis/level.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"

/* Numbers that span less than this are read more easily on a linear axis. */
static const double LOG_FROM = 8;

/* Names of what varies are options or words of an experiment: longer ones are shown as they are. */
enum { VARIES_SIZE_MAX = 60 };

static bool ends_in(const char *text, const char *end)
{
    size_t length = strlen(text);

    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

/* "blocking-percent": a share of requests. */
static bool is_share(const char *varies)
{
    return ends_in(varies, "-percent") && strlen(varies) < VARIES_SIZE_MAX &&
           strlen(varies) > strlen("-percent");
}

/* "5" or "2.5", with "%" or without. */
static bool percent_parse(const char *text, double *value)
{
    char *end;

    *value = strtod(text, &end);
    if (*end == '%')
        end++;
    return end != text && !*end && strspn(text, "0123456789.%") == strlen(text);
}

static bool level_parse(enum level_kind kind, const char *text, double *value)
{
    uint64_t number = 0;
    int error = -1;

    switch (kind) {
    case LEVEL_PERCENT:
        return percent_parse(text, value);
    case LEVEL_RATE:
        return rate_parse(text, value) == 0;
    case LEVEL_COUNT:
        error = count_parse(text, &number);
        break;
    case LEVEL_DURATION:
        error = duration_parse(text, &number);
        break;
    case LEVEL_SIZE:
        error = size_parse(text, &number);
        break;
    case LEVEL_NAME:
        break;
    }
    *value = (double)number;
    return error == 0;
}

static bool are_all(enum level_kind kind, const struct level *levels, size_t count)
{
    double value;

    for (size_t i = 0; i < count; i++) {
        if (!level_parse(kind, levels[i].text, &value))
            return false;
    }
    return true;
}

static bool have_percent_signs(const struct level *levels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!ends_in(levels[i].text, "%"))
            return false;
    }
    return true;
}

static enum level_kind find_kind(const char *varies, const struct level *levels, size_t count)
{
    bool is_percent = ends_in(varies, "percent") || have_percent_signs(levels, count);
    enum level_kind kind = is_percent ? LEVEL_PERCENT : LEVEL_COUNT;

    while (kind < LEVEL_NAME && !are_all(kind, levels, count))
        kind++;
    return kind;
}

/* A name is cut where it would not fit, never within a character. */
static void name_cut(const char *text, char name[NUMBER_TEXT_SIZE])
{
    size_t length = strlen(text);
    size_t kept = length < NUMBER_TEXT_SIZE - 4 ? length : NUMBER_TEXT_SIZE - 4;

    while (kept > 0 && kept < length && ((unsigned char)text[kept] & 0xC0) == 0x80)
        kept--;
    snprintf(name, NUMBER_TEXT_SIZE, "%.*s%s", (int)kept, text,
             kept < length ? "\xE2\x80\xA6" : "");
}

static void level_name(enum level_kind kind, struct level *level)
{
    char text[NUMBER_TEXT_SIZE];

    switch (kind) {
    case LEVEL_COUNT:
        number_count_text((uint64_t)level->value, level->name);
        break;
    case LEVEL_PERCENT:
        snprintf(level->name, sizeof level->name, "%g %%", level->value);
        break;
    case LEVEL_DURATION:
        number_short_text(UNIT_DURATION, level->value, level->name);
        break;
    case LEVEL_SIZE:
        number_short_text(UNIT_MEMORY, level->value, level->name);
        break;
    case LEVEL_RATE:
        snprintf(level->name, sizeof level->name, "%.60s/s",
                 number_short_text(UNIT_RATE, level->value, text));
        break;
    case LEVEL_NAME:
        name_cut(level->text, level->name);
        break;
    }
}

static int compare_levels(const void *left, const void *right)
{
    const struct level *a = left;
    const struct level *b = right;

    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return strcmp(a->text, b->text);
}

enum level_kind levels_order(const char *varies, struct level *levels, size_t count)
{
    enum level_kind kind = find_kind(varies, levels, count);

    for (size_t i = 0; i < count; i++) {
        levels[i].value = NAN;
        if (kind != LEVEL_NAME && !level_parse(kind, levels[i].text, &levels[i].value))
            levels[i].value = NAN;
        level_name(kind, &levels[i]);
    }
    if (kind != LEVEL_NAME)
        qsort(levels, count, sizeof *levels, compare_levels);
    return kind;
}

/* What the options that a campaign can vary are as quantities. */
static const struct {
    const char *varies, *quantity;
} quantities[] = {
    {"idle", "idle connections"},
    {"rate", "offered load"},
    {"load-percent", "offered load, of the capacity"},
    {"overload-percent", "peak load, of the capacity"},
    {"think", "think time"},
    {"pipeline", "pipelined requests"},
    {"requests-per-connection", "requests per connection"},
    {"requests-per-turn", "requests per turn"},
    {"queue", "places in the queue"},
};

char *level_quantity_text(const char *varies, char *text)
{
    for (size_t i = 0; i < sizeof quantities / sizeof quantities[0]; i++) {
        if (strcmp(quantities[i].varies, varies) == 0) {
            snprintf(text, NUMBER_TEXT_SIZE, "%s", quantities[i].quantity);
            return text;
        }
    }
    if (is_share(varies)) {
        char word[NUMBER_TEXT_SIZE];

        name_cut(varies, word);
        *strstr(word, "-percent") = '\0';
        snprintf(text, NUMBER_TEXT_SIZE, "share of %.60s requests", word);
        return text;
    }
    name_cut(varies, text);
    for (char *at = text; (at = strchr(at, '-')) != NULL;)
        *at = ' ';
    return text;
}

char *level_phrase(const char *varies, enum level_kind kind, const struct level *level, char *text)
{
    char quantity[NUMBER_TEXT_SIZE];
    size_t length = strlen(level_quantity_text(varies, quantity));

    if (kind == LEVEL_COUNT) {
        /* "1 connection". */
        if (level->value == 1 && ends_in(quantity, "s") && !strchr(quantity, ' '))
            quantity[length - 1] = '\0';
        snprintf(text, NUMBER_TEXT_SIZE, "%.30s %.60s", level->name, quantity);
    } else if (kind == LEVEL_PERCENT && is_share(varies)) {
        name_cut(varies, quantity);
        *strstr(quantity, "-percent") = '\0';
        snprintf(text, NUMBER_TEXT_SIZE, "%.30s %.60s", level->name, quantity);
    } else {
        snprintf(text, NUMBER_TEXT_SIZE, "%.30s %.60s", quantity, level->name);
    }
    return text;
}

enum level_scale levels_place(const struct level *levels, size_t count, enum level_kind kind,
                              double *places)
{
    size_t zeros = count > 0 && levels[0].value == 0;
    bool has_span = kind != LEVEL_NAME && count > zeros + 1 && levels[zeros].value > 0 &&
                    levels[count - 1].value / levels[zeros].value >= LOG_FROM;

    for (size_t i = 0; i < count; i++) {
        if (kind == LEVEL_NAME || count == 1)
            places[i] = (double)i;
        else if (has_span && i >= zeros)
            places[i] = log10(levels[i].value);
        else
            places[i] = levels[i].value;
    }
    if (kind == LEVEL_NAME)
        return LEVEL_SCALE_NAMES;
    if (!has_span)
        return LEVEL_SCALE_LINEAR;
    /* The 0 stands as far below as the others stand apart, on average. */
    if (zeros)
        places[0] = places[1] - (places[count - 1] - places[1]) / (double)(count - 2);
    return zeros ? LEVEL_SCALE_LOG_ZERO : LEVEL_SCALE_LOG;
}
