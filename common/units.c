/* SPDX-License-Identifier: MIT */
/*
 * units.c: decimal by hand, so that what people wrote is what is run.
 *
 * strtod(3) takes signs, spaces, hexadecimal, "inf" and "nan", has the locale's point and holds no
 * integer above 2^53 exactly: all of it wrong here. Integers and fractions are kept apart as 64-bit
 * integers, and 128 bits hold every product of them.
 */
#include "common/units.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"

/* Below 2^63, and finer than any unit has a use for. */
enum { FRACTION_DIGITS_MAX = 18 };

/* Wider than any product of a number and a unit's scale. */
__extension__ typedef unsigned __int128 wide;

struct unit {
    const char *name;
    uint64_t scale;
};

/* whole + fraction / fraction_scale. */
struct decimal {
    uint64_t whole;
    uint64_t fraction;
    uint64_t fraction_scale;
};

static const struct unit durations[] = {
    {"ns", 1},       {"us", NS_PER_US},    {"ms", NS_PER_MS},
    {"s", NS_PER_S}, {"m", 60 * NS_PER_S}, {"h", 3600 * NS_PER_S},
};

static const struct unit counts[] = {{"", 1}, {"k", 1000}, {"M", 1000000}};

static const struct unit sizes[] = {
    {"", 1},
    {"B", 1},
    {"kB", 1000},
    {"MB", 1000000},
    {"GB", 1000000000},
    {"KiB", UINT64_C(1) << 10},
    {"MiB", UINT64_C(1) << 20},
    {"GiB", UINT64_C(1) << 30},
};

static const struct unit rates[] = {{"/s", 1}, {"k/s", 1000}, {"M/s", 1000000}};
enum { RATE_MAX_PER_S = 1000000000 };

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/* Reads digits, with a fraction or without, and moves *text behind them. */
static int decimal_read(const char **text, struct decimal *decimal)
{
    const char *next = *text;

    *decimal = (struct decimal){.fraction_scale = 1};
    if (!is_digit(*next))
        return -EINVAL;
    for (; is_digit(*next); next++)
        if (__builtin_mul_overflow(decimal->whole, 10, &decimal->whole) ||
            __builtin_add_overflow(decimal->whole, *next - '0', &decimal->whole))
            return -EINVAL;
    if (*next == '.') {
        const char *fraction = ++next;

        for (; is_digit(*next) && next - fraction < FRACTION_DIGITS_MAX; next++) {
            decimal->fraction = decimal->fraction * 10 + (uint64_t)(*next - '0');
            decimal->fraction_scale *= 10;
        }
        if (next == fraction || is_digit(*next) || *next == '\0')
            return -EINVAL;
    }
    *text = next;
    return 0;
}

static const struct unit *unit_find(const struct unit *units, size_t unit_count, const char *name)
{
    for (size_t i = 0; i < unit_count; i++)
        if (strcmp(units[i].name, name) == 0)
            return &units[i];
    return NULL;
}

/* The number in `text` by one of `units`; what is left below 1 is rounded to the nearest, or
 * refused where only `whole` things exist. */
static int quantity_parse(const char *text, const struct unit *units, size_t unit_count, bool whole,
                          uint64_t *value)
{
    struct decimal decimal;
    int error = decimal_read(&text, &decimal);

    if (error)
        return error;
    const struct unit *unit = unit_find(units, unit_count, text);
    if (!unit)
        return -EINVAL;
    wide fraction = (wide)decimal.fraction * unit->scale;
    if (whole && fraction % decimal.fraction_scale != 0)
        return -EINVAL;
    wide result = (wide)decimal.whole * unit->scale +
                  (fraction + decimal.fraction_scale / 2) / decimal.fraction_scale;
    if (result > UINT64_MAX)
        return -EINVAL;
    *value = (uint64_t)result;
    return 0;
}

int duration_parse(const char *text, uint64_t *duration_ns)
{
    if (strcmp(text, "0") == 0) {
        *duration_ns = 0;
        return 0;
    }
    return quantity_parse(text, durations, COUNT_OF(durations), false, duration_ns);
}

int count_parse(const char *text, uint64_t *count)
{
    return quantity_parse(text, counts, COUNT_OF(counts), true, count);
}

int size_parse(const char *text, uint64_t *size)
{
    return quantity_parse(text, sizes, COUNT_OF(sizes), true, size);
}

int rate_parse(const char *text, double *rate_per_s)
{
    struct decimal decimal;
    int error = decimal_read(&text, &decimal);

    if (error)
        return error;
    const struct unit *unit = unit_find(rates, COUNT_OF(rates), text);
    if (!unit || decimal.whole > RATE_MAX_PER_S)
        return -EINVAL;
    /* Below 10^9 * 10^18 * 10^6, which 128 bits hold. */
    wide numerator =
        ((wide)decimal.whole * decimal.fraction_scale + decimal.fraction) * unit->scale;
    if (numerator == 0 || numerator > (wide)RATE_MAX_PER_S * decimal.fraction_scale)
        return -EINVAL;
    /* Both are powers of ten. Without the zeros they share, up to 15 digits are exact in a double,
     * and only the division rounds. */
    uint64_t shared = decimal.fraction_scale < unit->scale ? decimal.fraction_scale : unit->scale;
    numerator /= shared;
    decimal.fraction_scale /= shared;
    *rate_per_s = (double)numerator / (double)decimal.fraction_scale;
    return 0;
}

/* Three significant digits. The limits are where rounding would make a fourth. */
static char *number_format(double number, const char *unit, char *text)
{
    double magnitude = fabs(number);
    const char *gap = *unit ? " " : "";

    if (magnitude == 0)
        snprintf(text, UNITS_TEXT_SIZE, "0%s%s", gap, unit);
    else if (magnitude < 0.9995 || magnitude >= 1e9)
        snprintf(text, UNITS_TEXT_SIZE, "%.3g%s%s", number, gap, unit);
    else
        snprintf(text, UNITS_TEXT_SIZE, "%.*f%s%s",
                 magnitude < 9.995   ? 2
                 : magnitude < 99.95 ? 1
                                     : 0,
                 number, gap, unit);
    return text;
}

char *duration_format(uint64_t duration_ns, char *text)
{
    size_t i = 0;

    while (i + 1 < COUNT_OF(durations) && (double)duration_ns / (double)durations[i].scale >= 999.5)
        i++;
    return number_format((double)duration_ns / (double)durations[i].scale, durations[i].name, text);
}

char *count_format(double count, char *text)
{
    static const char *const units[] = {"", "k", "M", "G", "T"};
    size_t i = 0;

    while (i + 1 < COUNT_OF(units) && fabs(count) >= 999.5) {
        count /= 1000;
        i++;
    }
    return number_format(count, units[i], text);
}

char *size_format(uint64_t size, char *text)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double scaled = (double)size;
    size_t i = 0;

    if (size < 1024) {
        snprintf(text, UNITS_TEXT_SIZE, "%u B", (unsigned)size);
        return text;
    }
    while (i + 1 < COUNT_OF(units) && scaled >= 1023.5) {
        scaled /= 1024;
        i++;
    }
    return number_format(scaled, units[i], text);
}
