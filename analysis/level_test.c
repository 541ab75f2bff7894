/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "analysis/counted.h"
#include "analysis/level.h"

enum { TEXTS_MAX = 6 };

static struct level levels[TEXTS_MAX];
static double places[TEXTS_MAX];

/* Orders `texts`, NULL-ended. */
static enum level_kind order(const char *varies, const char *const texts[TEXTS_MAX])
{
    size_t count = 0;

    for (; count < TEXTS_MAX && texts[count]; count++)
        levels[count] = (struct level){.text = texts[count]};
    return levels_order(varies, levels, count);
}

static void numbers_are_ordered_by_size(void **state)
{
    (void)state;
    assert_int_equal(order("connections", (const char *[TEXTS_MAX]){"1000", "9", "10k"}),
                     LEVEL_COUNT);
    assert_string_equal(levels[0].text, "9");
    assert_string_equal(levels[1].name, "1,000");
    assert_string_equal(levels[2].name, "10,000");
    assert_int_equal(order("think", (const char *[TEXTS_MAX]){"10ms", "100us", "1s"}),
                     LEVEL_DURATION);
    assert_string_equal(levels[0].name, "100 \xC2\xB5s");
    assert_string_equal(levels[2].name, "1 s");
    assert_int_equal(order("rate", (const char *[TEXTS_MAX]){"20k/s", "500/s"}), LEVEL_RATE);
    assert_string_equal(levels[0].name, "500/s");
    assert_string_equal(levels[1].name, "20,000/s");
    assert_int_equal(order("stack-size", (const char *[TEXTS_MAX]){"1MiB", "64KiB"}), LEVEL_SIZE);
    assert_string_equal(levels[0].name, "64 KiB");
    assert_int_equal(order("blocking-percent", (const char *[TEXTS_MAX]){"5", "0", "2.5"}),
                     LEVEL_PERCENT);
    assert_string_equal(levels[1].name, "2.5 %");
}

static void names_keep_their_order(void **state)
{
    (void)state;
    assert_int_equal(order("request", (const char *[TEXTS_MAX]){"persona", "echo:64", "5"}),
                     LEVEL_NAME);
    assert_string_equal(levels[0].name, "persona");
    assert_true(isnan(levels[2].value));
    assert_int_equal(levels_place(levels, 3, LEVEL_NAME, places), LEVEL_SCALE_NAMES);
    assert_true(places[0] == 0 && places[2] == 2);
}

/* A name is anybody's: any length, any bytes. */
static void a_long_name_is_cut_between_characters(void **state)
{
    char text[401];

    (void)state;
    for (size_t i = 0; i < 400; i += 2)
        memcpy(text + i, "\xC3\xA9", 2);
    text[400] = '\0';
    for (size_t shift = 0; shift < 2; shift++) {
        text[0] = shift ? 'x' : '\xC3';
        order(text, (const char *[TEXTS_MAX]){text + shift});
        assert_true(strlen(levels[0].name) < NUMBER_TEXT_SIZE);
        assert_non_null(strstr(levels[0].name, "\xC3\xA9\xE2\x80\xA6"));
    }
    char phrase[NUMBER_TEXT_SIZE];
    level_phrase(text, LEVEL_NAME, &levels[0], phrase);
    assert_true(strlen(phrase) > 0);
}

static void wide_spans_are_logarithmic(void **state)
{
    (void)state;
    order("connections", (const char *[TEXTS_MAX]){"1", "10", "100"});
    assert_int_equal(levels_place(levels, 3, LEVEL_COUNT, places), LEVEL_SCALE_LOG);
    assert_true(places[0] == 0 && places[1] == 1 && places[2] == 2);
    order("idle", (const char *[TEXTS_MAX]){"0", "10", "100", "1000"});
    assert_int_equal(levels_place(levels, 4, LEVEL_COUNT, places), LEVEL_SCALE_LOG_ZERO);
    assert_true(places[0] == 0 && places[1] == 1);
    order("workers", (const char *[TEXTS_MAX]){"1", "2", "4"});
    assert_int_equal(levels_place(levels, 3, LEVEL_COUNT, places), LEVEL_SCALE_LINEAR);
    assert_true(places[2] == 4);
    order("idle", (const char *[TEXTS_MAX]){"0", "5000"});
    assert_int_equal(levels_place(levels, 2, LEVEL_COUNT, places), LEVEL_SCALE_LINEAR);
    order("idle", (const char *[TEXTS_MAX]){"7"});
    levels_place(levels, 1, LEVEL_COUNT, places);
    assert_true(places[0] == 0);
}

static void phrases_name_the_quantity(void **state)
{
    char text[NUMBER_TEXT_SIZE];

    (void)state;
    enum level_kind kind = order("connections", (const char *[TEXTS_MAX]){"1", "10000"});
    assert_string_equal(level_phrase("connections", kind, &levels[0], text), "1 connection");
    assert_string_equal(level_phrase("connections", kind, &levels[1], text), "10,000 connections");
    assert_string_equal(level_phrase("idle", kind, &levels[1], text), "10,000 idle connections");
    kind = order("blocking-percent", (const char *[TEXTS_MAX]){"5"});
    assert_string_equal(level_phrase("blocking-percent", kind, &levels[0], text), "5 % blocking");
    assert_string_equal(level_quantity_text("blocking-percent", text),
                        "share of blocking requests");
    assert_string_equal(level_quantity_text("load-percent", text), "offered load, of the capacity");
    assert_string_equal(level_phrase("load-percent", kind, &levels[0], text), "5 % load");
    kind = order("think", (const char *[TEXTS_MAX]){"5ms"});
    assert_string_equal(level_phrase("think", kind, &levels[0], text), "think time 5 ms");
    assert_string_equal(level_quantity_text("stack-size", text), "stack size");
    assert_string_equal(level_quantity_text("-percent", text), " percent");
}

static void jains_index_of_known_shares(void **state)
{
    double requests[] = {10, 10, 10, 10};
    struct counted counted = {.worker_requests = requests, .worker_count = 4};

    (void)state;
    assert_true(fabs(counted_balance(&counted) - 1) < 1e-12);
    requests[1] = requests[2] = requests[3] = 0;
    assert_true(fabs(counted_balance(&counted) - 0.25) < 1e-12);
    requests[1] = 10;
    assert_true(fabs(counted_balance(&counted) - 0.5) < 1e-12);
    counted.worker_count = 1;
    assert_true(isnan(counted_balance(&counted)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_ordered_by_size),
        cmocka_unit_test(names_keep_their_order),
        cmocka_unit_test(a_long_name_is_cut_between_characters),
        cmocka_unit_test(wide_spans_are_logarithmic),
        cmocka_unit_test(phrases_name_the_quantity),
        cmocka_unit_test(jains_index_of_known_shares),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
