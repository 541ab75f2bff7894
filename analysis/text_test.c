/* SPDX-License-Identifier: MIT */
/*
 * text_test.c: everything that turns values into text: escapes, numbers, ticks, looks, drawings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/axis.h"
#include "analysis/document.h"
#include "analysis/escape.h"
#include "analysis/palette.h"
#include "analysis/svg.h"

#define REPLACED "\xEF\xBF\xBD"

static char *escaped(void (*escape)(FILE *, const char *), const char *text)
{
    struct document document;

    assert_int_equal(document_open(&document), 0);
    escape(document.out, text);
    return document_text(&document);
}

static void assert_escaped(void (*escape)(FILE *, const char *), const char *text,
                           const char *expected)
{
    char *actual = escaped(escape, text);

    assert_string_equal(actual, expected);
    free(actual);
}

static void html_has_no_markup_left(void **state)
{
    (void)state;
    assert_escaped(escape_html, "<b a='1'>\"&", "&lt;b a=&#39;1&#39;&gt;&quot;&amp;");
    assert_escaped(escape_html, "\xC2\xB5s \xE2\x80\x94", "\xC2\xB5s \xE2\x80\x94");
}

static void a_script_cannot_be_closed(void **state)
{
    (void)state;
    assert_escaped(escape_script, "{\"a\":\"</script><!--\"}",
                   "{\"a\":\"\\u003c/script>\\u003c!--\"}");
}

static void broken_and_harmful_characters_are_replaced(void **state)
{
    (void)state;
    assert_escaped(escape_terminal, "a\033[31mb\x7F", "a" REPLACED "[31mb" REPLACED);
    assert_escaped(escape_terminal,
                   "\xC2\x9B"
                   "1m",
                   REPLACED "1m"); /* C1: CSI */
    assert_escaped(escape_terminal, "x\xE2\x80\xAEy",
                   "x" REPLACED "y");                               /* right-to-left override */
    assert_escaped(escape_terminal, "\xC0\xAF", REPLACED REPLACED); /* overlong */
    assert_escaped(escape_terminal, "\xED\xA0\x80", REPLACED REPLACED REPLACED); /* surrogate */
    assert_escaped(escape_terminal, "\xF0\x9F", REPLACED REPLACED);              /* cut short */
    assert_escaped(escape_terminal, "\xFF", REPLACED);
    assert_escaped(escape_terminal, "\xF0\x9F\x9A\xA2", "\xF0\x9F\x9A\xA2");
}

static void fields_stay_fields(void **state)
{
    (void)state;
    assert_escaped(escape_tsv, "a\t\"b\"\n", "a" REPLACED "'b'" REPLACED);
    assert_escaped(escape_csv, "plain", "plain");
    assert_escaped(escape_csv, "a,\"b\"", "\"a,\"\"b\"\"\"");
    assert_escaped(escape_markdown, "a|b_c`<d>", "a\\|b\\_c\\`&lt;d>");
}

static void gnuplot_gets_one_inert_constant(void **state)
{
    struct document document;

    (void)state;
    assert_int_equal(document_open(&document), 0);
    escape_gnuplot(document.out, "it's `id` \"x\"\n@m", 40);
    fputc('|', document.out);
    escape_gnuplot(document.out, "abcdef", 3);
    fputc('|', document.out);
    escape_gnuplot(document.out, "\xC2\xB5 \xE6\x97\xA5", 3);
    char *text = document_text(&document);
    assert_string_equal(text, "'it''s `id` \"x\"" REPLACED "@m'|'abc\xE2\x80\xA6'|'\xC2\xB5 ?'");
    free(text);
}

static void assert_number(enum unit unit, double value, const char *expected)
{
    char text[NUMBER_TEXT_SIZE];

    assert_string_equal(number_text(unit, value, text), expected);
}

static void numbers_have_units_and_separators(void **state)
{
    char text[NUMBER_TEXT_SIZE];

    (void)state;
    assert_number(UNIT_RATE, 21438.4, "21,438");
    assert_number(UNIT_RATE, 0, "0");
    assert_number(UNIT_RATE, 3.14159, "3.14");
    assert_number(UNIT_COUNT, 1000000, "1,000,000");
    assert_number(UNIT_COUNT, 999, "999");
    assert_number(UNIT_DURATION, 46123, "46.1 \xC2\xB5s");
    assert_number(UNIT_DURATION, 5e9, "5.00 s");
    assert_number(UNIT_MEMORY, 13002342, "12.4 MiB");
    assert_number(UNIT_RATIO, 1.017, "1.02");
    assert_number(UNIT_RATIO, 0.0004, "0.0004");
    assert_number(UNIT_SHARE, 0.01, "1.0 %");
    assert_number(UNIT_SHARE, 1.6, "160 %");
    assert_number(UNIT_DURATION, NAN, "\xE2\x80\x94");
    assert_number(UNIT_RATE, INFINITY, "\xE2\x80\x94");
    assert_string_equal(number_count_text(UINT64_MAX, text), "18,446,744,073,709,551,615");
}

static void ranges_name_the_unit_once(void **state)
{
    struct estimate near = {.count = 3, .low = 45100, .high = 47300, .median = 46000};
    struct estimate far = {.count = 3, .low = 900e3, .high = 5e9, .high_at_least = true};
    char text[NUMBER_TEXT_SIZE];

    (void)state;
    assert_string_equal(number_range_text(UNIT_DURATION, &near, text), "45.1\xE2\x80\x93"
                                                                       "47.3 \xC2\xB5s");
    assert_string_equal(number_range_text(UNIT_DURATION, &far, text),
                        "900 \xC2\xB5s\xE2\x80\x93>5.00 s");
    near.median_at_least = true;
    assert_string_equal(number_median_text(UNIT_DURATION, &near, text), ">46.0 \xC2\xB5s");
}

static void axes_have_round_ticks(void **state)
{
    struct axis linear = axis_linear(UNIT_RATE, 64200);
    struct axis latency = axis_log(UNIT_DURATION, 40e3, 1.2e9);
    struct axis narrow = axis_log(UNIT_DURATION, 100e3, 101e3);
    struct axis memory = axis_log(UNIT_MEMORY, 2 << 20, 160 << 20);

    (void)state;
    assert_true(linear.low == 0 && linear.high >= 64200);
    assert_string_equal(linear.ticks[0].text, "0");
    assert_string_equal(linear.ticks[1].text, "20,000");
    assert_string_equal(latency.ticks[0].text, "100 \xC2\xB5s");
    assert_true(latency.low < 40e3 && latency.high > 1.2e9);
    assert_true(narrow.high / narrow.low >= 4);
    assert_true(narrow.tick_count >= 2);
    assert_string_equal(memory.ticks[0].text, "2 MiB");
    assert_true(axis_linear(UNIT_RATE, 0).high > 0);
}

static void labels_of_levels_do_not_touch(void **state)
{
    struct level levels[] = {
        {.text = "10000"}, {.text = "1"}, {.text = "101"}, {.text = "100"}, {.text = "102"}};
    double places[5];

    (void)state;
    assert_int_equal(levels_order("connections", levels, 5), LEVEL_COUNT);
    assert_int_equal(levels_place(levels, 5, LEVEL_COUNT, places), LEVEL_SCALE_LOG);
    struct axis axis = axis_levels(levels, places, 5);
    struct axis single = axis_levels(levels, places, 1);
    assert_int_equal(axis.tick_count, 5);
    assert_string_equal(axis.ticks[1].text, "100");
    assert_string_equal(axis.ticks[2].text, "");
    assert_string_equal(axis.ticks[4].text, "10,000");
    assert_string_equal(single.ticks[0].text, "1");
}

/* The last label stays wherever its tick is, and those before it keep away from it. */
static void labels_of_values_do_not_touch(void **state)
{
    struct axis axis = axis_log(UNIT_MEMORY, 2e6, 240e6);

    (void)state;
    axis_thin(&axis, 0.16, 0.3);
    assert_string_equal(axis.ticks[0].text, "2 MiB");
    assert_string_equal(axis.ticks[1].text, "");
    assert_string_equal(axis.ticks[axis.tick_count - 2].text, "");
    assert_string_equal(axis.ticks[axis.tick_count - 1].text, "256 MiB");
    assert_string_equal(axis.ticks[axis.tick_count - 1].text_narrow, "256 MiB");
}

static void looks_depend_on_the_name_alone(void **state)
{
    struct style epoll = palette_style("epoll");
    struct style pool = palette_style("thread-pool");
    struct style unknown = palette_style("somebody's own");
    struct style again = palette_style("somebody's own");
    struct style epoll_again = palette_style("epoll'");

    (void)state;
    assert_int_not_equal(epoll.light, pool.light);
    assert_int_not_equal(epoll.point_filled, pool.point_filled);
    assert_memory_equal(&unknown, &again, sizeof unknown);
    assert_int_equal(epoll_again.light, epoll.light);
    assert_int_equal(epoll_again.point_filled, epoll.point_filled);
    assert_int_not_equal(epoll_again.dash, epoll.dash);
    assert_int_not_equal(epoll.point_filled, epoll.point_open);
}

/* A drawing has nothing but colours to say whose a mark is. */
static void no_two_models_of_a_drawing_share_a_colour(void **state)
{
    static const char *const models[] = {"epoll", "epoll-edge", "epoll'", "thread-pool",
                                         "epoll-pool"};
    enum { MODELS = sizeof models / sizeof models[0], SERIES_MAX = 64, GREY = 0x9AA1A9 };
    struct style styles[MODELS];

    (void)state;
    palette_styles(models, MODELS, styles);
    assert_int_equal(styles[0].light, palette_style("epoll").light);
    for (size_t i = 0; i < MODELS; i++) {
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(styles[i].light, styles[j].light);
        assert_true(styles[i].light - palette_style(models[i]).light < MODELS);
    }
    for (size_t i = 1; i <= SERIES_MAX; i++) {
        assert_int_not_equal(palette_mark(GREY, i), GREY);
        for (size_t j = 1; j < i; j++)
            assert_int_not_equal(palette_mark(GREY, i), palette_mark(GREY, j));
    }
}

static void drawings_get_ids_and_colours_of_the_page(void **state)
{
    const char *svg = "<?xml version=\"1.0\"?>\n<svg \n viewBox=\"0 0 84 52\"\n xmlns=\"x\">\n"
                      "<title>t</title><desc>Produced by GNUPLOT</desc><defs><circle id='gpDot'/>"
                      "</defs><g fill=\"none\">\n</g><use xlink:href='#gpDot' "
                      "color='rgb(  1,   2,   3)' stroke=\"black\"/>"
                      "<text>id='gp rgb(  1,   2,   3) &lt;</text></svg>";
    const struct svg_colour colours[] = {{0x010203, "var(--m1)"}};
    struct document document;

    (void)state;
    assert_int_equal(document_open(&document), 0);
    svg_inline(document.out, svg, &(struct svg_place){"a", "wide", "a-title", colours, 1});
    svg_inline(document.out, "no drawing", &(struct svg_place){"a", "wide", "t", colours, 1});
    char *text = document_text(&document);
    assert_string_equal(text, "<svg class=\"wide\" viewBox=\"0 0 84 52\" role=\"img\" "
                              "aria-labelledby=\"a-title\">\n<defs><circle id='a-gpDot'/></defs>"
                              "<use href='#a-gpDot' color='var(--m1)' stroke=\"currentColor\"/>"
                              "<text>id='gp\nrgb(\n1,\n2,\n3)\n&lt;</text></svg>");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_has_no_markup_left),
        cmocka_unit_test(a_script_cannot_be_closed),
        cmocka_unit_test(broken_and_harmful_characters_are_replaced),
        cmocka_unit_test(fields_stay_fields),
        cmocka_unit_test(gnuplot_gets_one_inert_constant),
        cmocka_unit_test(numbers_have_units_and_separators),
        cmocka_unit_test(ranges_name_the_unit_once),
        cmocka_unit_test(axes_have_round_ticks),
        cmocka_unit_test(labels_of_levels_do_not_touch),
        cmocka_unit_test(labels_of_values_do_not_touch),
        cmocka_unit_test(looks_depend_on_the_name_alone),
        cmocka_unit_test(no_two_models_of_a_drawing_share_a_colour),
        cmocka_unit_test(drawings_get_ids_and_colours_of_the_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
