/* SPDX-License-Identifier: MIT */
/*
 * threshold_parse.c: the grammar of threshold.h. What people write is cut into pieces that point
 * into their text; nothing is guessed, and every refusal says what was expected.
 */
#include "loadgen/judge/threshold.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/units.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

/* Longer is no number that people write. */
enum { LIMIT_SIZE = 40 };

const char *const threshold_latency_names[THRESHOLD_LATENCIES_COUNT] = {
    [THRESHOLD_CONNECT] = "connect",   [THRESHOLD_HANDSHAKE] = "handshake",
    [THRESHOLD_RESPONSE] = "response", [THRESHOLD_SERVICE] = "service",
    [THRESHOLD_SEND_LAG] = "send_lag", [THRESHOLD_QUEUE_WAIT] = "queue_wait",
    [THRESHOLD_WIRE] = "wire",
};

/* A metric that is no latency. */
struct plain_metric {
    const char *name;
    enum threshold_metric metric;
    enum threshold_unit unit;
    bool as_share;    /* a count that may also be given as a share of the intended requests */
    double share_max; /* more than that is a mistake */
};

static const struct plain_metric plain_metrics[] = {
    {"errors", THRESHOLD_ERRORS, UNIT_COUNT, true, 1},
    {"wrong", THRESHOLD_WRONG, UNIT_COUNT, true, 1},
    {"timeouts", THRESHOLD_TIMEOUTS, UNIT_COUNT, true, 1},
    {"unsent", THRESHOLD_UNSENT, UNIT_COUNT, true, 1},
    {"lost", THRESHOLD_LOST, UNIT_COUNT, false, 0},
    {"refused", THRESHOLD_REFUSED, UNIT_COUNT, false, 0},
    {"throughput", THRESHOLD_THROUGHPUT, UNIT_RATE_PER_S, false, 0},
    /* A generator that sends too much is worth a threshold as well. */
    {"achieved", THRESHOLD_ACHIEVED, UNIT_SHARE, false, HUGE_VAL},
};

static const char problem_metric[] =
    "there is no such metric; there are errors, wrong, timeouts, unsent, lost, refused, throughput "
    "and achieved, and the latencies connect, handshake, response, service, send_lag, queue_wait "
    "and wire, each with .p50, .p99, .p99.9 (any percentile), .mean, .min, .max or .count";
static const char problem_statistic[] = "a latency needs a statistic: .p50, .p99, .p99.9 (any "
                                        "percentile above 0 and below 100), .mean, "
                                        ".min, .max or .count, such as response.p99>10ms";
static const char problem_class[] =
    "a class of requests stands in brackets behind a latency of requests, such as "
    "response[echo:64].p99>10ms";
static const char problem_relation[] =
    "expected a metric, one of > >= < <=, and a limit, such as response.p99>10ms or errors>0.1%";
static const char *const problem_limit[] = {
    [UNIT_DURATION_NS] =
        "its limit is a time with its unit (ns us ms s m h), such as 250us or 10ms",
    [UNIT_SHARE] = "its limit is a share in percent, at most all, such as 0.1%",
    [UNIT_COUNT] = "its limit is a whole number, such as 0 or 10k",
    [UNIT_RATE_PER_S] = "its limit is a number a second above 0, such as 500/s or 5k/s",
};
static const char problem_count_or_share[] =
    "its limit is a whole number or a share in percent, such as 10 or 0.1%";
static const char problem_goal[] =
    "a capacity is the largest load at which something still holds, such as response.p99<10ms, "
    "errors<=0.1% or achieved>=99%; more load makes this one easier";

/* --- pieces of text --------------------------------------------------------------------------- */

/* A part of the caller's text. */
struct piece {
    const char *text;
    size_t size;
};

static bool is_blank(char character)
{
    return character == ' ' || character == '\t';
}

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static struct piece piece_trimmed(const char *begin, const char *end)
{
    while (begin < end && is_blank(*begin))
        begin++;
    while (end > begin && is_blank(end[-1]))
        end--;
    return (struct piece){begin, (size_t)(end - begin)};
}

static bool piece_is(struct piece piece, const char *word)
{
    return strlen(word) == piece.size && memcmp(word, piece.text, piece.size) == 0;
}

/* Digits with a fraction or without, the whole piece of them: mantissa / scale. Both stay below
 * 2^53, so one division of them is rounded once. */
static bool piece_decimal(struct piece piece, double *mantissa, double *scale)
{
    enum { DIGITS_MAX = 15 };
    size_t digits = 0, point = SIZE_MAX;

    *mantissa = 0;
    *scale = 1;
    for (size_t i = 0; i < piece.size; i++) {
        if (piece.text[i] == '.' && point == SIZE_MAX) {
            point = i;
            continue;
        }
        if (!is_digit(piece.text[i]) || ++digits > DIGITS_MAX)
            return false;
        *mantissa = *mantissa * 10 + (piece.text[i] - '0');
        if (point != SIZE_MAX)
            *scale *= 10;
    }
    return digits > 0 && point != 0 && point != piece.size - 1;
}

/* --- the left side ---------------------------------------------------------------------------- */

static bool parse_statistic(struct piece piece, struct threshold *threshold)
{
    static const struct {
        const char *name;
        enum threshold_statistic statistic;
    } statistics[] = {
        {"mean", THRESHOLD_MEAN},
        {"min", THRESHOLD_MIN},
        {"max", THRESHOLD_MAX},
        {"count", THRESHOLD_COUNT},
    };
    double mantissa, scale;

    for (size_t i = 0; i < COUNT_OF(statistics); i++) {
        if (piece_is(piece, statistics[i].name)) {
            threshold->statistic = statistics[i].statistic;
            threshold->unit =
                statistics[i].statistic == THRESHOLD_COUNT ? UNIT_COUNT : UNIT_DURATION_NS;
            return true;
        }
    }
    if (piece.size < 2 || piece.text[0] != 'p' ||
        !piece_decimal((struct piece){piece.text + 1, piece.size - 1}, &mantissa, &scale) ||
        mantissa == 0 || mantissa >= 100 * scale)
        return false;
    threshold->statistic = THRESHOLD_QUANTILE;
    threshold->quantile = mantissa / (100 * scale);
    threshold->unit = UNIT_DURATION_NS;
    return true;
}

/* What stands between the brackets, if there are any; `rest` is what follows. */
static const char *parse_class(const char *begin, const char *end, struct threshold *threshold,
                               const char **rest)
{
    *rest = begin;
    if (begin == end || *begin != '[')
        return NULL;
    const char *close = memchr(begin, ']', (size_t)(end - begin));

    if (!close)
        return problem_class;
    struct piece class_name = piece_trimmed(begin + 1, close);

    if (class_name.size == 0 || class_name.size >= THRESHOLD_CLASS_SIZE ||
        threshold->latency == THRESHOLD_CONNECT || threshold->latency == THRESHOLD_HANDSHAKE)
        return problem_class;
    memcpy(threshold->class_name, class_name.text, class_name.size);
    threshold->class_name[class_name.size] = '\0';
    *rest = piece_trimmed(close + 1, end).text;
    return NULL;
}

static const char *parse_latency(const char *begin, const char *end, struct threshold *threshold)
{
    const char *rest, *problem = parse_class(begin, end, threshold, &rest);

    threshold->metric = THRESHOLD_LATENCY;
    if (problem)
        return problem;
    if (rest == end || *rest != '.')
        return problem_statistic;
    struct piece statistic = piece_trimmed(rest + 1, end);

    if (!parse_statistic(statistic, threshold))
        return problem_statistic;
    const char *latency = threshold_latency_names[threshold->latency];

    /* A statistic is as long as the longest percentile at most: the name always fits. */
    if (threshold->class_name[0])
        snprintf(threshold->name, sizeof threshold->name, "%s[%s].%.*s", latency,
                 threshold->class_name, (int)statistic.size, statistic.text);
    else
        snprintf(threshold->name, sizeof threshold->name, "%s.%.*s", latency, (int)statistic.size,
                 statistic.text);
    return NULL;
}

/* The left side is the text up to `end`, trimmed. NULL or the problem. */
static const char *parse_metric(const char *begin, const char *end, struct threshold *threshold,
                                const struct plain_metric **plain)
{
    const char *stop = begin;

    *plain = NULL;
    while (stop < end && *stop != '.' && *stop != '[' && !is_blank(*stop))
        stop++;
    struct piece word = {begin, (size_t)(stop - begin)};
    const char *rest = piece_trimmed(stop, end).text;

    for (int i = 0; i < THRESHOLD_LATENCIES_COUNT; i++) {
        if (piece_is(word, threshold_latency_names[i])) {
            threshold->latency = (enum threshold_latency)i;
            return parse_latency(rest, end, threshold);
        }
    }
    for (size_t i = 0; i < COUNT_OF(plain_metrics); i++) {
        if (piece_is(word, plain_metrics[i].name) && rest == end) {
            *plain = &plain_metrics[i];
            threshold->metric = plain_metrics[i].metric;
            threshold->unit = plain_metrics[i].unit;
            snprintf(threshold->name, sizeof threshold->name, "%s", plain_metrics[i].name);
            return NULL;
        }
        if (piece_is(word, plain_metrics[i].name) && *rest == '[')
            return problem_class;
    }
    return problem_metric;
}

/* --- the right side --------------------------------------------------------------------------- */

/* Copies the limit without the blanks between its number and its unit: "10 ms" is how times are
 * printed, so it can be read. Blanks between digits stay, and are no number. */
static bool limit_copy(struct piece piece, char limit[LIMIT_SIZE])
{
    size_t used = 0;

    for (size_t i = 0; i < piece.size; i++) {
        if (is_blank(piece.text[i])) {
            struct piece next = piece_trimmed(piece.text + i, piece.text + piece.size);

            if (!is_digit(next.text[0]) && next.text[0] != '.')
                continue;
        }
        if (used == LIMIT_SIZE - 1)
            return false;
        limit[used++] = piece.text[i];
    }
    limit[used] = '\0';
    return used > 0;
}

static bool parse_share(const char *text, double share_max, double *share)
{
    size_t size = strlen(text);
    double mantissa, scale;

    if (size < 2 || text[size - 1] != '%' ||
        !piece_decimal((struct piece){text, size - 1}, &mantissa, &scale))
        return false;
    *share = mantissa / (100 * scale);
    return *share <= share_max;
}

static bool parse_limit(const char *text, const struct plain_metric *plain,
                        struct threshold *threshold)
{
    uint64_t whole = 0;

    if (plain && plain->as_share && strchr(text, '%'))
        threshold->unit = UNIT_SHARE;
    switch (threshold->unit) {
    case UNIT_DURATION_NS:
        if (duration_parse(text, &whole) < 0)
            return false;
        threshold->limit = (double)whole;
        return true;
    case UNIT_COUNT:
        if (count_parse(text, &whole) < 0)
            return false;
        threshold->limit = (double)whole;
        return true;
    case UNIT_SHARE:
        return parse_share(text, plain ? plain->share_max : 1, &threshold->limit);
    default:
        return rate_parse(text, &threshold->limit) == 0;
    }
}

/* --- the whole -------------------------------------------------------------------------------- */

/* Where the relation begins: the first > or < that is not in brackets. NULL when there is none. */
static const char *find_relation(const char *text)
{
    bool in_class = false;

    for (; *text; text++) {
        if (*text == '[')
            in_class = true;
        else if (*text == ']')
            in_class = false;
        else if (!in_class && (*text == '>' || *text == '<'))
            return text;
    }
    return NULL;
}

static const char *parse(const char *text, struct threshold *threshold)
{
    const char *relation = find_relation(text), *problem;
    const struct plain_metric *plain;
    char limit[LIMIT_SIZE] = "";

    *threshold = (struct threshold){.text = text, .option = "--fail-if"};
    if (!relation)
        return strchr(text, '[') && !strchr(text, ']') ? problem_class : problem_relation;
    struct piece left = piece_trimmed(text, relation);

    problem = left.size == 0 ? problem_relation
                             : parse_metric(left.text, left.text + left.size, threshold, &plain);
    if (problem)
        return problem;
    bool or_equal = relation[1] == '=';
    const char *right = relation + 1 + or_equal;

    threshold->relation = *relation == '>' ? (or_equal ? RELATION_AT_LEAST : RELATION_ABOVE)
                                           : (or_equal ? RELATION_AT_MOST : RELATION_BELOW);
    if (!limit_copy(piece_trimmed(right, right + strlen(right)), limit))
        return problem_relation;
    if (!parse_limit(limit, plain, threshold))
        return plain && plain->as_share ? problem_count_or_share : problem_limit[threshold->unit];
    return NULL;
}

int threshold_parse(const char *text, struct threshold *threshold, const char **problem)
{
    *problem = parse(text, threshold);
    return *problem ? -EINVAL : 0;
}

static enum threshold_relation relation_contrary(enum threshold_relation relation)
{
    static const enum threshold_relation contraries[] = {
        [RELATION_ABOVE] = RELATION_AT_MOST,
        [RELATION_AT_LEAST] = RELATION_BELOW,
        [RELATION_BELOW] = RELATION_AT_LEAST,
        [RELATION_AT_MOST] = RELATION_ABOVE,
    };

    return contraries[relation];
}

/* Does load beyond the capacity make the threshold fail? */
static bool fails_under_load(const struct threshold *threshold)
{
    bool fails_above =
        threshold->relation == RELATION_ABOVE || threshold->relation == RELATION_AT_LEAST;

    if (threshold->metric == THRESHOLD_ACHIEVED)
        return !fails_above;
    /* Both grow with the load until the server breaks, and say nothing about how it answers. */
    if (threshold->metric == THRESHOLD_THROUGHPUT ||
        (threshold->metric == THRESHOLD_LATENCY && threshold->statistic == THRESHOLD_COUNT))
        return false;
    return fails_above;
}

int threshold_parse_goal(const char *text, struct threshold *threshold, const char **problem)
{
    *problem = parse(text, threshold);
    if (*problem)
        return -EINVAL;
    threshold->option = "--find-capacity";
    threshold->relation = relation_contrary(threshold->relation);
    if (!fails_under_load(threshold)) {
        *problem = problem_goal;
        return -EINVAL;
    }
    return 0;
}
