/* SPDX-License-Identifier: MIT */
#include "loadgen/load/size_distribution.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "common/units.h"

/* Longer than any sensible text of a distribution. */
enum { TEXT_SIZE = 64 };

/* With S = 100 the second size is drawn once in 2^100: more than that says nothing new. */
enum { EXPONENT_MAX = 100 };

static const char PROBLEM_SIZE[] =
    "a size is a whole number of bytes up to 1GiB, such as 64 or 4KiB, or uniform(MIN,MAX), or "
    "zipf(MIN,MAX,S)";
static const char PROBLEM_ORDER[] = "MIN must not be above MAX";
static const char PROBLEM_EXPONENT[] =
    "the exponent of zipf(MIN,MAX,S) is a decimal number above 0 and up to 100, such as 1.1";

/* --- Zipf's distribution ---------------------------------------------------------------------- */

/*
 * Rejection-inversion (Hörmann and Derflinger, "Rejection-inversion to generate variates from
 * monotone discrete distributions", 1996), for the ranks k = 1 .. n with the weights h(k) = k^-S.
 *
 * h is convex, so by Hermite and Hadamard the area under it from k - 1/2 to k + 1/2 is at least
 * h(k): each rank has a strip wide enough for its weight. Draw a point evenly from the area under h
 * up to n + 1/2, find the x it lies at, and so the strip k; accept it when it is within the last
 * h(k) of that strip's area, else draw again. What is accepted falls on k with a probability
 * proportional to h(k), exactly. Of the first strip nothing but that part is offered, which is
 * where the area exceeds the weight most.
 */

/* H(x): the area under t^-S from 1 to x, negative below 1. (x^(1-S) - 1) / (1 - S), in the form
 * that keeps its digits when S is near 1. */
static double zipf_area(double exponent, double x)
{
    double power = 1 - exponent;

    return power == 0 ? log(x) : expm1(power * log(x)) / power;
}

/* The inverse: the x with zipf_area(x) == area. */
static double zipf_position(double exponent, double area)
{
    double power = 1 - exponent;

    return exp(power == 0 ? area : log1p(power * area) / power);
}

static uint32_t zipf_draw(const struct size_distribution *zipf, struct random *random)
{
    double count = (double)(zipf->max - zipf->min) + 1;

    for (;;) {
        double area = zipf->area_high - random_unit(random) * (zipf->area_high - zipf->area_low);
        double x = zipf_position(zipf->exponent, area);
        /* Rounding may lead a little out of the range; a steep tail's end is infinity. */
        double rank = fmax(1, fmin(floor(x + 0.5), count));

        /* h falls, so from x = k on the strip has less than h(k) / 2 left: no need to compute. */
        if (x >= rank || area >= zipf_area(zipf->exponent, rank + 0.5) - pow(rank, -zipf->exponent))
            return zipf->min + (uint32_t)(rank - 1);
    }
}

/* --- as the command line says it -------------------------------------------------------------- */

static int parse_size(const char *text, uint32_t *size)
{
    uint64_t value;

    if (size_parse(text, &value) < 0 || value > SIZE_DISTRIBUTION_MAX)
        return -EINVAL;
    *size = (uint32_t)value;
    return 0;
}

/* "1", "1.1", "0.05". Nine digits are below 2^53 and so is their scale: the quotient is the double
 * nearest to what is written. */
static int parse_exponent(const char *text, double *exponent)
{
    enum { DIGITS_MAX = 9 };
    uint32_t digits = 0, scale = 1;
    size_t whole = strspn(text, "0123456789");
    size_t fraction = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
    size_t length = strlen(text);

    if (whole == 0 || whole + fraction > DIGITS_MAX)
        return -EINVAL;
    if (length != whole && (fraction == 0 || length != whole + 1 + fraction))
        return -EINVAL;
    for (size_t i = 0; i < length; i++) {
        if (i > whole)
            scale *= 10;
        if (i != whole)
            digits = digits * 10 + (uint32_t)(text[i] - '0');
    }
    *exponent = (double)digits / scale;
    return *exponent > 0 && *exponent <= EXPONENT_MAX ? 0 : -EINVAL;
}

/* Is `text` NAME(A,B…) with `count` arguments? Cuts it into them. */
static bool cut_call(char *text, const char *name, char **arguments, size_t count)
{
    size_t name_length = strlen(name);
    size_t length = strlen(text);

    if (strncmp(text, name, name_length) != 0 || text[name_length] != '(' ||
        text[length - 1] != ')')
        return false;
    text[length - 1] = '\0';
    text += name_length + 1;
    for (size_t i = 0; i < count; i++)
        arguments[i] = strsep(&text, ",");
    return arguments[count - 1] && !text;
}

static int parse_range(char *const *arguments, struct size_distribution *distribution,
                       const char **problem)
{
    *problem = PROBLEM_SIZE;
    if (parse_size(arguments[0], &distribution->min) < 0 ||
        parse_size(arguments[1], &distribution->max) < 0)
        return -EINVAL;
    *problem = PROBLEM_ORDER;
    return distribution->min <= distribution->max ? 0 : -EINVAL;
}

static int parse_zipf(char *const *arguments, struct size_distribution *distribution,
                      const char **problem)
{
    int failed = parse_range(arguments, distribution, problem);

    if (failed)
        return failed;
    *problem = PROBLEM_EXPONENT;
    if (parse_exponent(arguments[2], &distribution->exponent) < 0)
        return -EINVAL;
    distribution->area_low = zipf_area(distribution->exponent, 1.5) - 1;
    distribution->area_high =
        zipf_area(distribution->exponent, (double)(distribution->max - distribution->min) + 1.5);
    return 0;
}

struct size_distribution size_distribution_fixed(uint32_t size)
{
    return (struct size_distribution){.kind = SIZE_FIXED, .min = size, .max = size};
}

int size_distribution_parse(const char *text, struct size_distribution *distribution,
                            const char **problem)
{
    char copy[TEXT_SIZE];
    char *arguments[3];
    size_t length = strlen(text);
    uint32_t size;
    int failed = 0;

    *problem = PROBLEM_SIZE;
    if (length >= sizeof copy)
        return -EINVAL;
    memcpy(copy, text, length + 1);
    *distribution = (struct size_distribution){.kind = SIZE_FIXED};
    if (parse_size(text, &size) == 0) {
        *distribution = size_distribution_fixed(size);
    } else if (cut_call(copy, "uniform", arguments, 2)) {
        distribution->kind = SIZE_UNIFORM;
        failed = parse_range(arguments, distribution, problem);
    } else if (cut_call(copy, "zipf", arguments, 3)) {
        distribution->kind = SIZE_ZIPF;
        failed = parse_zipf(arguments, distribution, problem);
    } else {
        return -EINVAL;
    }
    if (distribution->min == distribution->max)
        distribution->kind = SIZE_FIXED;
    return failed;
}

uint32_t size_distribution_draw(const struct size_distribution *distribution, struct random *random)
{
    switch (distribution->kind) {
    case SIZE_UNIFORM:
        return distribution->min +
               (uint32_t)random_below(random,
                                      (uint64_t)(distribution->max - distribution->min) + 1);
    case SIZE_ZIPF:
        return zipf_draw(distribution, random);
    case SIZE_FIXED:
    default:
        return distribution->min;
    }
}
