/* SPDX-License-Identifier: MIT */
#include "tests/truth/timing.h"

#include <errno.h>
#include <string.h>

#include "common/clock.h"
#include "common/units.h"

/* Longer than any test; instants and delays then add up without an overflow. */
#define DURATION_MAX_NS (3600 * NS_PER_S)

enum {
    WEIGHT_MAX = 1000000,   /* nobody needs more, and their sum stays far below 2^64 */
    CAPACITY_MAX = 1000000, /* above it, rounding to a nanosecond would be felt */
    PIECE_SIZE = 64,        /* of one number with its unit */
};

/* Copies the `size` first characters, so that a parser that wants a whole string has one. */
static int piece_copy(char piece[PIECE_SIZE], const char *text, size_t size)
{
    if (size >= PIECE_SIZE)
        return -EINVAL;
    memcpy(piece, text, size);
    piece[size] = '\0';
    return 0;
}

static int parse_limited_duration(const char *text, size_t size, uint64_t *duration_ns)
{
    char piece[PIECE_SIZE];

    if (piece_copy(piece, text, size) < 0 || duration_parse(piece, duration_ns) < 0 ||
        *duration_ns > DURATION_MAX_NS)
        return -EINVAL;
    return 0;
}

int timing_parse_freeze(struct timing *timing, const char *text)
{
    size_t length = strcspn(text, "@");
    uint64_t freeze_ns;
    uint64_t period_ns;

    if (text[length] != '@' || parse_limited_duration(text, length, &freeze_ns) < 0 ||
        parse_limited_duration(text + length + 1, strlen(text + length + 1), &period_ns) < 0)
        return -EINVAL;
    if (freeze_ns == 0 || period_ns <= freeze_ns)
        return -EINVAL;
    timing->freeze_ns = freeze_ns;
    timing->period_ns = period_ns;
    return 0;
}

/* "20ms:1" of `size` characters; without a weight it is the only one. */
static int parse_delay(struct timing *timing, const char *text, size_t size)
{
    const char *colon = memchr(text, ':', size);
    size_t length = colon ? (size_t)(colon - text) : size;
    struct timing_delay delay = {.weight = 1};
    char weight[PIECE_SIZE];

    if (timing->delays_count == TIMING_DELAYS_MAX)
        return -EINVAL;
    if (parse_limited_duration(text, length, &delay.delay_ns) < 0)
        return -EINVAL;
    if (colon) {
        if (piece_copy(weight, colon + 1, size - length - 1) < 0 ||
            count_parse(weight, &delay.weight) < 0 || delay.weight == 0 ||
            delay.weight > WEIGHT_MAX)
            return -EINVAL;
    }
    timing->delays[timing->delays_count++] = delay;
    timing->weight_total += delay.weight;
    return 0;
}

int timing_parse_delays(struct timing *timing, const char *text)
{
    timing->delays_count = 0;
    timing->weight_total = 0;
    for (;;) {
        size_t length = strcspn(text, ",");

        if (parse_delay(timing, text, length) < 0)
            return -EINVAL;
        if (text[length] == '\0')
            return 0;
        text += length + 1;
    }
}

int timing_parse_capacity(struct timing *timing, const char *text)
{
    double per_s;

    if (rate_parse(text, &per_s) < 0 || per_s < 1 || per_s > CAPACITY_MAX)
        return -EINVAL;
    timing->service_ns = (uint64_t)((double)NS_PER_S / per_s + 0.5);
    return 0;
}

uint64_t timing_thaw_ns(const struct timing *timing, uint64_t now_ns)
{
    if (timing->freeze_ns == 0 || now_ns < timing->start_ns)
        return now_ns;
    uint64_t into_period_ns = (now_ns - timing->start_ns) % timing->period_ns;

    if (into_period_ns < timing->period_ns - timing->freeze_ns)
        return now_ns;
    return now_ns + (timing->period_ns - into_period_ns);
}

static uint64_t delay_choose(struct timing *timing)
{
    if (timing->delays_count == 0)
        return 0;
    uint64_t point = random_below(&timing->random, timing->weight_total);
    struct timing_delay *delay = timing->delays;

    while (point >= delay->weight) {
        point -= delay->weight;
        delay++;
    }
    delay->chosen++;
    return delay->delay_ns;
}

uint64_t timing_due_ns(struct timing *timing, uint64_t read_ns)
{
    uint64_t served_ns = read_ns;

    if (timing->service_ns > 0) {
        uint64_t begun_ns = timing->idle_ns > read_ns ? timing->idle_ns : read_ns;

        served_ns = begun_ns + timing->service_ns;
        timing->idle_ns = served_ns;
    }
    return timing_thaw_ns(timing, served_ns + delay_choose(timing));
}
