/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "analysis/conditions.h"

static const struct trial usual = {.request = "echo:64",
                                   .protocol = "native",
                                   .loop = LOOP_CLOSED,
                                   .rate_per_s = NAN,
                                   .arrival = "",
                                   .think = "",
                                   .pipeline = 1,
                                   .threads = 1,
                                   .duration_s = 10,
                                   .warmup_s = 3};

/* Of the one trial, or of the two if there is another. */
static const char *text_of(char *(*words)(const struct summary *, char *),
                           const struct trial *first, const struct trial *second)
{
    static char text[CONDITIONS_TEXT_SIZE];
    struct trial trials[2] = {*first, second ? *second : *first};
    struct run run = {.trials = trials, .trial_count = 2};
    struct summary summary = {.run = &run, .block_count = 2};

    return words(&summary, text);
}

static void a_load_is_named_by_its_loop(void **state)
{
    struct trial trial = usual;

    (void)state;
    assert_string_equal(text_of(conditions_request, &trial, NULL), "echo:64, closed loop");
    trial.pipeline = 8;
    assert_string_equal(text_of(conditions_request, &trial, NULL),
                        "echo:64, closed loop, pipeline 8");
    trial = usual;
    trial.loop = LOOP_THINK;
    trial.think = "exp(5ms)";
    assert_string_equal(text_of(conditions_request, &trial, NULL),
                        "echo:64, closed loop, think time exp(5ms)");
    trial = usual;
    trial.loop = LOOP_OPEN;
    trial.rate_per_s = 20000;
    trial.arrival = "poisson";
    assert_string_equal(text_of(conditions_request, &trial, NULL),
                        "echo:64, open loop, 20,000/s poisson");
    trial.rate_per_s = NAN;
    trial.arrival = "ramp:from=1k/s,to=50k/s";
    assert_string_equal(text_of(conditions_request, &trial, NULL),
                        "echo:64, open loop, ramp:from=1k/s,to=50k/s");
}

static void trials_that_differ_are_not_named_by_one(void **state)
{
    struct trial other = usual;

    (void)state;
    other.request = "echo:65";
    assert_string_equal(text_of(conditions_request, &usual, &other), "different requests");
    other = usual;
    other.loop = LOOP_OPEN;
    other.rate_per_s = 20000;
    other.arrival = "poisson";
    assert_string_equal(text_of(conditions_request, &usual, &other), "different loads");
    struct trial faster = other;
    faster.rate_per_s = 20001;
    assert_string_equal(text_of(conditions_request, &other, &faster), "different loads");
}

static void a_warm_up_is_asked_for_or_found(void **state)
{
    struct trial found = usual;
    struct trial other = usual;

    (void)state;
    assert_string_equal(text_of(conditions_text, &usual, NULL),
                        "echo:64, closed loop; native protocol; 2 blocks; 10 s measured after 3 s "
                        "of warm-up; 1 thread of load");
    other.warmup_s = 4;
    assert_non_null(strstr(text_of(conditions_text, &usual, &other), "different lengths"));
    found.warmup_auto = true;
    assert_non_null(strstr(text_of(conditions_text, &usual, &found), "different lengths"));
    other.warmup_auto = true;
    assert_non_null(strstr(text_of(conditions_text, &found, &other),
                           "after 3 to 4 s of warm-up, until it was steady; 1 thread"));
    assert_non_null(strstr(text_of(conditions_text, &found, NULL),
                           "after 3 s of warm-up, until it was steady; 1 thread"));
    other = usual;
    other.duration_s = NAN;
    assert_non_null(strstr(text_of(conditions_text, &other, NULL), "different lengths"));
}

/* Nobody promises short texts. */
static void long_texts_are_cut(void **state)
{
    static char endless[5000];
    struct trial trial = usual;

    (void)state;
    memset(endless, 'x', sizeof endless - 1);
    trial.request = trial.arrival = trial.protocol = endless;
    trial.loop = LOOP_OPEN;
    trial.pipeline = UINT64_MAX;
    assert_true(strlen(text_of(conditions_text, &trial, NULL)) < CONDITIONS_TEXT_SIZE);
    trial.rate_per_s = 1e18;
    assert_non_null(strstr(text_of(conditions_request, &trial, NULL), "open loop, 1,000,"));
    trial.loop = LOOP_THINK;
    trial.think = endless;
    assert_non_null(strstr(text_of(conditions_request, &trial, NULL), "think time xxx"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_load_is_named_by_its_loop),
        cmocka_unit_test(trials_that_differ_are_not_named_by_one),
        cmocka_unit_test(a_warm_up_is_asked_for_or_found),
        cmocka_unit_test(long_texts_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
