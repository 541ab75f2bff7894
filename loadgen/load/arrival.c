/* SPDX-License-Identifier: MIT */
#include "loadgen/load/arrival.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/units.h"

/* As long as a run may be: 64 of them are far below 2^64 ns. */
#define TIME_MAX_NS (NS_PER_S * 3600 * 24)

static int refuse(const char **problem, const char *sentence)
{
    *problem = sentence;
    return -EINVAL;
}

/* A time that is not nothing. */
static int time_parse(const char *text, uint64_t *time_ns)
{
    if (duration_parse(text, time_ns) < 0 || *time_ns == 0 || *time_ns > TIME_MAX_NS)
        return -EINVAL;
    return 0;
}

/* "A=value,B=value" in either order, each once. `text` is cut up. */
static int pair_split(char *text, const char *const names[2], const char *values[2])
{
    char *part;

    values[0] = NULL;
    values[1] = NULL;
    while ((part = strsep(&text, ",")) != NULL) {
        char *equals = strchr(part, '=');

        if (!equals)
            return -EINVAL;
        *equals = '\0';
        size_t which = strcmp(part, names[0]) == 0 ? 0 : 1;
        if (strcmp(part, names[which]) != 0 || values[which])
            return -EINVAL;
        values[which] = equals + 1;
    }
    return values[0] && values[1] ? 0 : -EINVAL;
}

/* --- the kinds -------------------------------------------------------------------------------- */

static int burst_parse(char *text, struct arrival *arrival, const char **problem)
{
    static const char *const names[] = {"on", "off"};
    const char *values[2];

    if (pair_split(text, names, values) < 0 || time_parse(values[0], &arrival->on_ns) < 0 ||
        time_parse(values[1], &arrival->off_ns) < 0)
        return refuse(problem, "expected burst:on=TIME,off=TIME, each from 1ns to 24h, such as"
                               " burst:on=100ms,off=900ms");
    return 0;
}

static void segment_append(struct arrival *arrival, struct arrival_segment segment)
{
    segment.before = arrival_expected(arrival, segment.start_ns);
    arrival->segments[arrival->segments_count++] = segment;
}

static int ramp_parse(char *text, uint64_t duration_ns, struct arrival *arrival,
                      const char **problem)
{
    static const char *const names[] = {"from", "to"};
    const char *values[2];
    double from;
    double to;

    if (pair_split(text, names, values) < 0 || rate_parse(values[0], &from) < 0 ||
        rate_parse(values[1], &to) < 0)
        return refuse(problem, "expected ramp:from=RATE,to=RATE, each above 0 and at most 1000M/s,"
                               " such as ramp:from=1k/s,to=50k/s");
    if (duration_ns == 0 || duration_ns > TIME_MAX_NS)
        return refuse(problem, "expected a --duration of at most 24h with it, which is what a ramp"
                               " takes");
    segment_append(arrival,
                   (struct arrival_segment){.rate_per_s = from,
                                            .slope_per_s2 = (to - from) / (double)duration_ns *
                                                            (double)NS_PER_S});
    segment_append(arrival, (struct arrival_segment){.start_ns = duration_ns, .rate_per_s = to});
    return 0;
}

static int step_parse(char *text, struct arrival *arrival, const char **problem)
{
    static const char expected[] =
        "expected step:RATE,RATE,...@TIME, each rate above 0 and at most 1000M/s, kept for TIME of"
        " at most 24h, such as step:1k/s,2k/s,4k/s@5s";
    char *at = strchr(text, '@');
    char *level;
    uint64_t level_ns;

    if (!at || time_parse(at + 1, &level_ns) < 0)
        return refuse(problem, expected);
    *at = '\0';
    while ((level = strsep(&text, ",")) != NULL) {
        double rate_per_s;

        if (rate_parse(level, &rate_per_s) < 0)
            return refuse(problem, expected);
        if (arrival->segments_count == ARRIVAL_STEPS_MAX)
            return refuse(problem, "expected at most 64 steps");
        segment_append(arrival,
                       (struct arrival_segment){.start_ns = arrival->segments_count * level_ns,
                                                .rate_per_s = rate_per_s});
    }
    return 0;
}

static int trace_parse(const char *path, struct arrival *arrival, const char **problem)
{
    if (*path == '\0')
        return refuse(problem, "expected trace:FILE, such as trace:arrivals.csv");
    int failed = arrival_trace_load(&arrival->trace, path, ARRIVAL_TRACE_ENTRIES_MAX);

    if (failed == -EINVAL && arrival->trace.problem[0] != '\0')
        *problem = arrival->trace.problem;
    return failed;
}

static int arguments_parse(char *text, uint64_t duration_ns, struct arrival *arrival,
                           const char **problem)
{
    switch (arrival->kind) {
    case ARRIVAL_BURST:
        return burst_parse(text, arrival, problem);
    case ARRIVAL_RAMP:
        return ramp_parse(text, duration_ns, arrival, problem);
    case ARRIVAL_STEP:
        return step_parse(text, arrival, problem);
    case ARRIVAL_TRACE:
        return trace_parse(text, arrival, problem);
    case ARRIVAL_UNIFORM:
    case ARRIVAL_POISSON:
        break;
    }
    return 0;
}

/* --- all of it -------------------------------------------------------------------------------- */

/* Which kind `text` names; *arguments is what follows the colon, empty for a kind without. */
static int kind_parse(const char *text, enum arrival_kind *kind, const char **arguments)
{
    static const char *const names[] = {
        [ARRIVAL_UNIFORM] = "uniform", [ARRIVAL_POISSON] = "poisson", [ARRIVAL_BURST] = "burst:",
        [ARRIVAL_RAMP] = "ramp:",      [ARRIVAL_STEP] = "step:",      [ARRIVAL_TRACE] = "trace:",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t length = strlen(names[i]);

        if (strncmp(text, names[i], length) != 0)
            continue;
        *kind = (enum arrival_kind)i;
        *arguments = text + length;
        return names[i][length - 1] == ':' || **arguments == '\0' ? 0 : -EINVAL;
    }
    return -EINVAL;
}

static bool has_own_rate(enum arrival_kind kind)
{
    return kind == ARRIVAL_RAMP || kind == ARRIVAL_STEP || kind == ARRIVAL_TRACE;
}

static void rate_set(struct arrival *arrival, double rate_per_s)
{
    long double period_ns = (long double)NS_PER_S / rate_per_s;

    arrival->rate_per_s = rate_per_s;
    if (period_ns >= 0x1p64L) {
        arrival->period_ns = UINT64_MAX; /* a second arrival nobody will see */
        return;
    }
    arrival->period_ns = (uint64_t)period_ns;
    arrival->period_fraction = (uint64_t)((period_ns - (long double)arrival->period_ns) * 0x1p64L);
}

int arrival_parse(const char *text, double rate_per_s, uint64_t duration_ns,
                  struct arrival *arrival, const char **problem)
{
    const char *arguments;

    *arrival = (struct arrival){0};
    *problem = NULL;
    if (kind_parse(text, &arrival->kind, &arguments) < 0)
        return refuse(problem,
                      "expected uniform, poisson, burst:on=TIME,off=TIME, ramp:from=RATE,to=RATE,"
                      " step:RATE,RATE,...@TIME or trace:FILE");
    if (has_own_rate(arrival->kind) && rate_per_s > 0)
        return refuse(problem, "expected no --rate with it: it says itself when requests are due");
    if (!has_own_rate(arrival->kind)) {
        if (!(rate_per_s > 0))
            return refuse(problem, "expected a --rate with it, such as --rate 10k/s");
        rate_set(arrival, rate_per_s);
    }
    char *copy = strdup(arguments);
    if (!copy)
        return -ENOMEM;
    int failed = arguments_parse(copy, duration_ns, arrival, problem);

    free(copy);
    return failed;
}

void arrival_release(struct arrival *arrival)
{
    arrival_trace_release(&arrival->trace);
}

/* --- what is to be expected of it ------------------------------------------------------------- */

static double segments_expected(const struct arrival *arrival, uint64_t end_ns)
{
    size_t i = arrival->segments_count;

    while (i > 0 && arrival->segments[i - 1].start_ns > end_ns)
        i--;
    if (i == 0)
        return 0;
    const struct arrival_segment *segment = &arrival->segments[i - 1];
    double seconds = (double)(end_ns - segment->start_ns) / (double)NS_PER_S;
    return segment->before + seconds * (segment->rate_per_s + segment->slope_per_s2 * seconds / 2);
}

static uint64_t burst_on_ns(const struct arrival *arrival, uint64_t end_ns)
{
    uint64_t cycle_ns = arrival->on_ns + arrival->off_ns;
    uint64_t rest_ns = end_ns % cycle_ns;

    return end_ns / cycle_ns * arrival->on_ns +
           (rest_ns < arrival->on_ns ? rest_ns : arrival->on_ns);
}

double arrival_expected(const struct arrival *arrival, uint64_t end_ns)
{
    switch (arrival->kind) {
    case ARRIVAL_RAMP:
    case ARRIVAL_STEP:
        return segments_expected(arrival, end_ns);
    case ARRIVAL_TRACE:
        return (double)arrival_trace_count_before(&arrival->trace, end_ns);
    case ARRIVAL_BURST:
        end_ns = burst_on_ns(arrival, end_ns);
        break;
    case ARRIVAL_UNIFORM:
    case ARRIVAL_POISSON:
        break;
    }
    return arrival->rate_per_s * ((double)end_ns / (double)NS_PER_S);
}

double arrival_mean_rate(const struct arrival *arrival, uint64_t duration_ns)
{
    if (duration_ns == 0)
        return 0;
    return arrival_expected(arrival, duration_ns) / ((double)duration_ns / (double)NS_PER_S);
}

bool arrival_is_steady(const struct arrival *arrival)
{
    return arrival->kind == ARRIVAL_UNIFORM || arrival->kind == ARRIVAL_POISSON;
}

bool arrival_is_finite(const struct arrival *arrival)
{
    return arrival->kind == ARRIVAL_TRACE;
}
