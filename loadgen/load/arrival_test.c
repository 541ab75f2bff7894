/* SPDX-License-Identifier: MIT */
/* What the command line may say, what is said about the rest, and what is to be expected of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "loadgen/load/arrival.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

/* --- the command line ------------------------------------------------------------------------- */

static void kinds_parse(void **state)
{
    static const struct {
        const char *text;
        double rate_per_s;
        enum arrival_kind kind;
        bool steady;
    } examples[] = {
        {"uniform", 3900, ARRIVAL_UNIFORM, true},
        {"poisson", 0.5, ARRIVAL_POISSON, true},
        {"burst:on=100ms,off=900ms", 1000, ARRIVAL_BURST, false},
        {"burst:off=1ns,on=24h", 1000, ARRIVAL_BURST, false},
        {"ramp:from=1k/s,to=50k/s", 0, ARRIVAL_RAMP, false},
        {"step:1k/s,2k/s,4k/s@5s", 0, ARRIVAL_STEP, false},
        {"step:0.5/s@1ns", 0, ARRIVAL_STEP, false},
    };
    struct arrival arrival;
    const char *problem;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        assert_int_equal(
            arrival_parse(examples[i].text, examples[i].rate_per_s, NS_PER_S, &arrival, &problem),
            0);
        assert_null(problem);
        assert_int_equal(arrival.kind, examples[i].kind);
        assert_int_equal(arrival_is_steady(&arrival), examples[i].steady);
        assert_false(arrival_is_finite(&arrival));
        arrival_release(&arrival);
    }
}

static void values_are_kept(void **state)
{
    struct arrival arrival;
    const char *problem;

    (void)state;
    assert_int_equal(arrival_parse("burst:off=900ms,on=100ms", 1000, 0, &arrival, &problem), 0);
    assert_int_equal(arrival.on_ns, 100 * NS_PER_MS);
    assert_int_equal(arrival.off_ns, 900 * NS_PER_MS);
    assert_true(arrival.rate_per_s == 1000);
    assert_int_equal(arrival_parse("ramp:to=3/s,from=1/s", 0, 4 * NS_PER_S, &arrival, &problem), 0);
    assert_int_equal(arrival.segments_count, 2);
    assert_true(arrival.segments[0].rate_per_s == 1);
    assert_true(arrival.segments[0].slope_per_s2 == 0.5);
    assert_int_equal(arrival.segments[1].start_ns, 4 * NS_PER_S);
    assert_true(arrival.segments[1].before == 8);
    assert_true(arrival.segments[1].rate_per_s == 3);
    assert_int_equal(arrival_parse("step:1/s,2/s,0.5/s@2s", 0, 0, &arrival, &problem), 0);
    assert_int_equal(arrival.segments_count, 3);
    assert_int_equal(arrival.segments[2].start_ns, 4 * NS_PER_S);
    assert_true(arrival.segments[2].before == 6);
    assert_true(arrival.segments[2].rate_per_s == 0.5);
}

static const char of_kinds[] = "expected uniform, poisson, burst:on=TIME,off=TIME, "
                               "ramp:from=RATE,to=RATE, step:RATE,RATE,...@TIME or trace:FILE";
static const char of_burst[] =
    "expected burst:on=TIME,off=TIME, each from 1ns to 24h, such as burst:on=100ms,off=900ms";
static const char of_ramp[] = "expected ramp:from=RATE,to=RATE, each above 0 and at most 1000M/s, "
                              "such as ramp:from=1k/s,to=50k/s";
static const char of_step[] =
    "expected step:RATE,RATE,...@TIME, each rate above 0 and at most 1000M/s, kept for TIME of at "
    "most 24h, such as step:1k/s,2k/s,4k/s@5s";
static const char of_no_rate[] = "expected a --rate with it, such as --rate 10k/s";
static const char of_two_rates[] =
    "expected no --rate with it: it says itself when requests are due";
static const char of_duration[] =
    "expected a --duration of at most 24h with it, which is what a ramp takes";

static void assert_refused(const char *text, double rate_per_s, uint64_t duration_ns,
                           const char *expected)
{
    struct arrival arrival;
    const char *problem = NULL;

    if (arrival_parse(text, rate_per_s, duration_ns, &arrival, &problem) != -EINVAL)
        fail_msg("'%s' is taken", text);
    if (!problem || strcmp(problem, expected) != 0)
        fail_msg("'%s': %s", text, problem);
}

struct refused {
    const char *text, *sentence;
};

static const struct refused with_rate[] = {
    {"", of_kinds},
    {"constant", of_kinds},
    {"uniform:", of_kinds},
    {"uniformly", of_kinds},
    {" uniform", of_kinds},
    {"Poisson", of_kinds},
    {"poisson ", of_kinds},
    {"burst", of_kinds},
    {"ramp", of_kinds},
    {"step", of_kinds},
    {"trace", of_kinds},
    {"burst:", of_burst},
    {"burst:on=100ms", of_burst},
    {"burst:off=100ms", of_burst},
    {"burst:on=100ms,off=900ms,", of_burst},
    {"burst:,on=100ms,off=900ms", of_burst},
    {"burst:on=100ms,on=900ms", of_burst},
    {"burst:on=100ms,off=900ms,off=1s", of_burst},
    {"burst:on=100ms,off=900ms,rate=1/s", of_burst},
    {"burst:on,off", of_burst},
    {"burst:on=,off=1s", of_burst},
    {"burst:on=100,off=900ms", of_burst},
    {"burst:on=0,off=900ms", of_burst},
    {"burst:on=100ms,off=0s", of_burst},
    {"burst:on=100ms,off=25h", of_burst},
    {"burst:on=100ms;off=900ms", of_burst},
    {"ramp:from=1k/s,to=50k/s", of_two_rates},
    {"step:1k/s@5s", of_two_rates},
    {"trace:/dev/null", of_two_rates},
};

static const struct refused without_rate[] = {
    {"uniform", of_no_rate},
    {"poisson", of_no_rate},
    {"burst:on=100ms,off=900ms", of_no_rate},
    {"ramp:", of_ramp},
    {"ramp:from=1k/s", of_ramp},
    {"ramp:to=1k/s", of_ramp},
    {"ramp:from=1k,to=50k", of_ramp},
    {"ramp:from=0/s,to=50k/s", of_ramp},
    {"ramp:from=1k/s,to=1001M/s", of_ramp},
    {"ramp:from=1k/s,to=50k/s,", of_ramp},
    {"ramp:from=1k/s,from=50k/s", of_ramp},
    {"ramp:1k/s,50k/s", of_ramp},
    {"step:", of_step},
    {"step:@5s", of_step},
    {"step:1k/s,2k/s", of_step},
    {"step:1k/s,2k/s@", of_step},
    {"step:1k/s,2k/s@0", of_step},
    {"step:1k/s,2k/s@5", of_step},
    {"step:1k/s,2k/s@25h", of_step},
    {"step:1k/s@5s,2k/s@5s", of_step},
    {"step:1k/s,,2k/s@5s", of_step},
    {"step:1k/s,@5s", of_step},
    {"step:0/s,2k/s@5s", of_step},
    {"step:1k,2k@5s", of_step},
    {"trace:", "expected trace:FILE, such as trace:arrivals.csv"},
    {"trace:/dev/null", "expected a file with an arrival at least"},
    {"trace:/dev/zero", "line 1: expected text of at most 1023 characters"},
};

static void refuses_with_a_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(with_rate); i++)
        assert_refused(with_rate[i].text, 1000, NS_PER_S, with_rate[i].sentence);
    for (size_t i = 0; i < COUNT_OF(without_rate); i++)
        assert_refused(without_rate[i].text, 0, NS_PER_S, without_rate[i].sentence);
    assert_refused("ramp:from=1k/s,to=50k/s", 0, 0, of_duration);
    assert_refused("ramp:from=1k/s,to=50k/s", 0, UINT64_MAX, of_duration);
    assert_refused("uniform", NAN, 0, of_no_rate);
}

static void steps_have_a_limit(void **state)
{
    char levels[8 * ARRIVAL_STEPS_MAX] = "1/s";
    char text[sizeof levels + 16];
    size_t length = strlen(levels);
    struct arrival arrival;
    const char *problem;

    (void)state;
    for (unsigned i = 1; i < ARRIVAL_STEPS_MAX; i++)
        length += (size_t)snprintf(levels + length, sizeof levels - length, ",2/s");
    snprintf(text, sizeof text, "step:%s@24h", levels);
    assert_int_equal(arrival_parse(text, 0, 0, &arrival, &problem), 0);
    assert_int_equal(arrival.segments_count, ARRIVAL_STEPS_MAX);
    snprintf(text, sizeof text, "step:%s,3/s@24h", levels);
    assert_refused(text, 0, 0, "expected at most 64 steps");
}

/* --- a trace ------------------------------------------------------------------------------- */

static void files_that_cannot_be_read(void **state)
{
    struct arrival arrival;
    const char *problem = "untouched";

    (void)state;
    assert_int_equal(arrival_parse("trace:/nonexistent/trace", 0, 0, &arrival, &problem), -ENOENT);
    assert_null(problem);
    assert_int_equal(arrival_parse("trace:/", 0, 0, &arrival, &problem), -EISDIR);
    assert_null(problem);
}

static void a_trace_as_an_arrival(void **state)
{
    static const char text[] = "0,a\n1\n1.5,b\n3\n";
    char path[] = "/tmp/arrival_test.XXXXXX";
    char argument[sizeof "trace:" + sizeof path];
    int fd = mkstemp(path);
    struct arrival arrival;
    const char *problem;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    snprintf(argument, sizeof argument, "trace:%s", path);
    int failed = arrival_parse(argument, 0, 0, &arrival, &problem);
    unlink(path);
    assert_int_equal(failed, 0);
    assert_int_equal(arrival.kind, ARRIVAL_TRACE);
    assert_true(arrival_is_finite(&arrival));
    assert_false(arrival_is_steady(&arrival));
    assert_int_equal(arrival.trace.entries_count, 4);
    assert_int_equal(arrival.trace.names_count, 2);
    assert_true(arrival_expected(&arrival, 3 * NS_PER_S) == 3);
    assert_true(arrival_mean_rate(&arrival, 2 * NS_PER_S) == 1.5);
    arrival_release(&arrival);
    assert_null(arrival.trace.entries);
}

/* --- what is to be expected ------------------------------------------------------------------- */

static void expects_the_integral_of_the_rate(void **state)
{
    static const struct {
        const char *text;
        double rate_per_s;
        uint64_t end_ns;
        double expected;
    } examples[] = {
        {"uniform", 3900, 0, 0},
        {"uniform", 3900, 3600 * NS_PER_S, 14040000},
        {"poisson", 0.5, NS_PER_S, 0.5},
        {"burst:on=100ms,off=900ms", 1000, 50 * NS_PER_MS, 50},
        {"burst:on=100ms,off=900ms", 1000, 100 * NS_PER_MS, 100},
        {"burst:on=100ms,off=900ms", 1000, 999 * NS_PER_MS, 100},
        {"burst:on=100ms,off=900ms", 1000, 2010 * NS_PER_MS, 210},
        {"ramp:from=2/s,to=6/s", 0, 0, 0},
        {"ramp:from=2/s,to=6/s", 0, 2 * NS_PER_S, 6},
        {"ramp:from=2/s,to=6/s", 0, 4 * NS_PER_S, 16},
        {"ramp:from=2/s,to=6/s", 0, 5 * NS_PER_S, 22},
        {"step:1/s,2/s,4/s@2s", 0, NS_PER_S, 1},
        {"step:1/s,2/s,4/s@2s", 0, 2 * NS_PER_S, 2},
        {"step:1/s,2/s,4/s@2s", 0, 3 * NS_PER_S, 4},
        {"step:1/s,2/s,4/s@2s", 0, 14 * NS_PER_S, 46},
    };
    struct arrival arrival;
    const char *problem;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        assert_int_equal(arrival_parse(examples[i].text, examples[i].rate_per_s, 4 * NS_PER_S,
                                       &arrival, &problem),
                         0);
        double expected = arrival_expected(&arrival, examples[i].end_ns);
        if (fabs(expected - examples[i].expected) > 1e-9 * examples[i].expected)
            fail_msg("%s: %g instead of %g", examples[i].text, expected, examples[i].expected);
        assert_true(examples[i].end_ns > 0 || arrival_mean_rate(&arrival, 0) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_parse),
        cmocka_unit_test(values_are_kept),
        cmocka_unit_test(refuses_with_a_sentence),
        cmocka_unit_test(steps_have_a_limit),
        cmocka_unit_test(files_that_cannot_be_read),
        cmocka_unit_test(a_trace_as_an_arrival),
        cmocka_unit_test(expects_the_integral_of_the_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
