/* SPDX-License-Identifier: MIT */
/* What a frame says, that it fits on every screen, and how it is drawn over the one before. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "loadgen/output/live_view.h"
#include "loadgen/record/outcome.h"

static uint64_t history[300];
static uint64_t errors[FAILURES_COUNT];
static char out[LIVE_VIEW_SIZE];

static const struct live_view_style wide = {.columns = 80, .rows = 24, .unicode = true};

static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof history / sizeof history[0]; i++)
        history[i] = 100000 + i * 3000;
    memset(errors, 0, sizeof errors);
    return 0;
}

static struct live_view_state usual(void)
{
    return (struct live_view_state){
        .target = "127.0.0.1:4444",
        .load_text = "echo:64, open loop, poisson 50k/s",
        .phase = RUN_MEASURE,
        .elapsed_s = 12.4,
        .left_s = 17.6,
        .offered_per_s = 50000,
        .achieved_per_s = 49950,
        .connections_open = 100,
        .connections_asked = 100,
        .second = {.p50_ns = 21300, .p99_ns = 104000, .p999_ns = 1200000, .known = true},
        .run = {.p50_ns = 20100, .p99_ns = 99000, .p999_ns = UINT64_MAX, .known = true},
        .p99_history_ns = history,
        .p99_history_count = sizeof history / sizeof history[0],
        .errors = errors,
        .generator_cores = 0.52,
        .threads = 1,
    };
}

/* Lines, and the widest of them in characters without its colours. */
static unsigned measure(const char *text, unsigned *columns)
{
    unsigned lines = 0, width = 0;

    *columns = 0;
    for (; *text; text++) {
        if (*text == '\n') {
            lines++;
            width = 0;
        } else if (*text == '\033') {
            assert_int_equal(text[1], '[');
            text += strcspn(text, "m");
            assert_int_equal(*text, 'm');
        } else if (((unsigned char)*text & 0xC0) != 0x80) {
            assert_true((unsigned char)*text >= 0x20 && *text != 0x7F);
            width++;
        }
        *columns = width > *columns ? width : *columns;
    }
    return lines;
}

static void format(const struct live_view_state *state, const struct live_view_style *style)
{
    unsigned columns, lines = live_view_format(out, sizeof out, state, style);

    assert_int_equal(measure(out, &columns), lines);
    assert_true(columns <= style->columns && columns <= LIVE_VIEW_COLUMNS_MAX);
    assert_true(lines == 0 || lines < style->rows);
}

static void test_a_frame(void **state)
{
    struct live_view_state shown = usual();

    (void)state;
    shown.p99_history_count = 3;
    history[0] = 100000;
    history[1] = 0;
    history[2] = 999000;
    errors[FAILURE_RESET] = 2;
    errors[FAILURE_REFUSED] = 1;
    shown.timed_out = 4;
    format(&shown, &wide);
    assert_string_equal(out,
                        "127.0.0.1:4444  echo:64, open loop, poisson 50k/s\n"
                        "measuring   12 s, 18 s left  [################........................]\n"
                        "rate        50.0 k/s of 50.0 k/s offered (99.9 %)\n"
                        "connections 100 of 100 open\n"
                        "latency             p50        p99      p99.9\n"
                        "last second     21.3 us     104 us    1.20 ms\n"
                        "run             20.1 us    99.0 us       >1 h\n"
                        "p99         ▁ █\n"
                        "            100 us to 1.00 ms, log scale, a second each\n"
                        "errors      3 failed, 4 timed out, 0 wrong\n"
                        "            1 refused, 2 reset\n"
                        "generator   0.52 cores, 52 % of 1 thread\n");
}

static void test_a_bound_from_below_says_so(void **state)
{
    struct live_view_state shown = usual();
    char line[LIVE_VIEW_LINE_SIZE];

    (void)state;
    shown.second.p99_ns = shown.run.p99_ns = 5 * UINT64_C(1000000000);
    shown.second.p99_at_least = shown.run.p99_at_least = true;
    format(&shown, &wide);
    assert_non_null(strstr(out, "last second     21.3 us    >5.00 s    1.20 ms\n"));
    live_view_line(line, sizeof line, &shown);
    assert_non_null(strstr(line, "p50 21.3 us  p99 >5.00 s  "));
}

static void test_what_is_not_known_is_not_shown(void **state)
{
    struct live_view_state shown = usual();

    (void)state;
    shown.phase = RUN_WARMUP;
    shown.left_s = -1;
    shown.offered_per_s = -1;
    shown.second.known = shown.run.known = false;
    shown.p99_history_count = 0;
    shown.p99_history_ns = NULL;
    format(&shown, &wide);
    assert_string_equal(out, "127.0.0.1:4444  echo:64, open loop, poisson 50k/s\n"
                             "warming up  12 s\n"
                             "rate        50.0 k/s achieved\n"
                             "connections 100 of 100 open\n"
                             "latency             p50        p99      p99.9\n"
                             "last second           -          -          -\n"
                             "run                   -          -          -\n"
                             "errors      0 failed, 0 timed out, 0 wrong\n"
                             "generator   0.52 cores, 52 % of 1 thread\n");

    /* Seconds without a reply have no p99. */
    memset(history, 0, sizeof history);
    shown.p99_history_ns = history;
    shown.p99_history_count = 10;
    format(&shown, &wide);
    assert_null(strstr(out, "\np99"));
}

/* The text behind the label of the sparkline. */
static const char *sparkline(const struct live_view_state *state,
                             const struct live_view_style *style)
{
    format(state, style);
    char *line = strstr(out, "\np99         "), *end;

    assert_non_null(line);
    line += strlen("\np99         ");
    end = strchr(line, '\n');
    assert_non_null(end);
    *end = '\0';
    return line;
}

static void test_the_sparkline(void **state)
{
    static const uint64_t doubling[] = {1000,  2000,  4000,       8000, 16000,
                                        32000, 64000, UINT64_MAX, 0,    99000};
    struct live_view_state shown = usual();
    struct live_view_style style = wide;

    (void)state;
    /* From 1 us to 100 us in eight equal ratios of 1.78; what is beyond the range is the top. */
    shown.p99_history_ns = doubling;
    shown.p99_history_count = 10;
    assert_string_equal(sparkline(&shown, &style), "▁▂▃▄▅▇██ █");
    style.unicode = false;
    assert_string_equal(sparkline(&shown, &style), "_.-~=*## #");

    /* The last ones, where there is no room for all. */
    style.columns = 12 + 4;
    /* Their scale is their own: 50 us to 100 us. */
    assert_string_equal(sparkline(&shown, &style), "-# #");

    /* A steady value stands on the ground of its scale, one decade step high. */
    static const uint64_t steady[] = {1000, 1000, 1001};

    shown.p99_history_ns = steady;
    shown.p99_history_count = 3;
    style = wide;
    assert_string_equal(sparkline(&shown, &style), "▁▁▁");
}

static void test_every_frame_fits(void **state)
{
    struct live_view_state shown = usual();

    (void)state;
    for (int i = 0; i < FAILURES_COUNT; i++)
        errors[i] = UINT64_MAX / FAILURES_COUNT;
    shown.timed_out = shown.wrong = UINT64_MAX / 4;
    shown.connections_open = shown.connections_asked = UINT64_MAX;
    shown.offered_per_s = shown.achieved_per_s = 1e300;
    shown.elapsed_s = shown.left_s = 1e30;
    shown.generator_cores = 1e30;
    shown.threads = 4000000000;
    shown.run.p50_ns = UINT64_MAX - 1;
    for (unsigned columns = 0; columns <= 300; columns += columns < 100 ? 1 : 50) {
        for (unsigned rows = 0; rows <= 30; rows++) {
            for (int look = 0; look < 4; look++) {
                struct live_view_style style = {columns, rows, look & 1, look & 2};

                format(&shown, &style);
                assert_true(strlen(out) < sizeof out);
                if (columns > 0 && rows > 1)
                    assert_true(out[0] != '\0');
            }
        }
    }
}

static void test_a_number_that_is_none_does_no_harm(void **state)
{
    struct live_view_state shown = usual();

    (void)state;
    shown.elapsed_s = shown.left_s = shown.offered_per_s = shown.achieved_per_s = NAN;
    shown.generator_cores = NAN;
    shown.threads = 0;
    format(&shown, &wide);
    shown.elapsed_s = -1;
    shown.left_s = 0;
    shown.offered_per_s = 0;
    format(&shown, &wide);
    assert_non_null(strstr(out, "measuring   0 s, 0 s left\n"));
    assert_non_null(strstr(out, " of 0/s offered\n"));
}

static void test_a_low_screen_keeps_what_matters(void **state)
{
    struct live_view_state shown = usual();
    struct live_view_style style = wide;

    (void)state;
    style.rows = 2;
    format(&shown, &style);
    assert_int_equal(strncmp(out, "measuring", 9), 0);
    style.rows = 5;
    format(&shown, &style);
    assert_non_null(strstr(out, "measuring"));
    assert_non_null(strstr(out, "rate"));
    assert_non_null(strstr(out, "last second"));
    assert_non_null(strstr(out, "errors"));
    assert_null(strstr(out, "127.0.0.1"));
}

static void test_foreign_text_cannot_reach_the_terminal(void **state)
{
    struct live_view_state shown = usual();

    (void)state;
    shown.target = "unix:/tmp/\033[2J\x7f~~\nñ\xff";
    format(&shown, &wide);
    assert_int_equal(strncmp(out, "unix:/tmp/?[2J?~~???  echo", 26), 0);
}

static void test_what_is_cut_says_so(void **state)
{
    struct live_view_state shown = usual();
    struct live_view_style style = wide;

    (void)state;
    style.columns = 20;
    format(&shown, &style);
    assert_int_equal(strncmp(out, "127.0.0.1:4444  ech…\n", strlen("127.0.0.1:4444  ech…\n")), 0);
    style.unicode = false;
    format(&shown, &style);
    assert_int_equal(strncmp(out, "127.0.0.1:4444  ech~\n", 21), 0);
    /* What just fits is whole. */
    style.columns = 80;
    shown.load_text = "";
    shown.target = "12345678901234567890123456789012345678901234567890123456789012345678901234567"
                   "8";
    format(&shown, &style);
    assert_null(strchr(out, '~'));
}

static void test_forty_columns_hold_the_percentiles(void **state)
{
    struct live_view_state shown = usual();
    struct live_view_style style = wide;

    (void)state;
    style.columns = 40;
    format(&shown, &style);
    assert_non_null(strstr(out, "\nlatency           p50      p99    p99.9\n"));
    assert_non_null(strstr(out, "\nlast second   21.3 us   104 us  1.20 ms\n"));
}

static void test_colours_mark_what_is_wrong(void **state)
{
    struct live_view_state shown = usual();
    struct live_view_style style = wide;

    (void)state;
    format(&shown, &style);
    assert_null(strchr(out, '\033'));
    style.coloured = true;
    format(&shown, &style);
    assert_null(strstr(out, "\033[31m"));
    assert_null(strstr(out, "\033[33m"));
    shown.wrong = 1;
    format(&shown, &style);
    assert_non_null(strstr(out, "\033[31m0 failed"));
    shown.achieved_per_s = 40000;
    format(&shown, &style);
    assert_non_null(strstr(out, "\033[33m40.0 k/s of 50.0 k/s offered"));
    shown.generator_cores = 0.95;
    format(&shown, &style);
    assert_non_null(strstr(out, "\033[33m0.95 cores, 95 % of 1 thread: near its limit"));
}

static void test_a_small_buffer_gets_whole_lines(void **state)
{
    struct live_view_state shown = usual();

    (void)state;
    for (size_t size = 0; size < 700; size++) {
        char *small = malloc(size + 1);
        unsigned columns;

        assert_non_null(small);
        small[size] = 'x';
        unsigned lines = live_view_format(small, size, &shown, &wide);

        assert_int_equal(small[size], 'x');
        if (size > 0)
            assert_int_equal(measure(small, &columns), lines);
        free(small);
    }
}

static void test_a_line(void **state)
{
    struct live_view_state shown = usual();
    char small[10];

    (void)state;
    shown.wrong = 2;
    shown.timed_out = 3;
    errors[FAILURE_CLOSED] = 4;
    size_t size = live_view_line(out, sizeof out, &shown);

    assert_string_equal(out, "measuring 12 s  50.0 k/s  p50 21.3 us  p99 104 us  100 connections  "
                             "9 failed");
    assert_int_equal(size, strlen(out));
    shown.second.known = false;
    shown.connections_open = 1;
    live_view_line(out, sizeof out, &shown);
    assert_string_equal(out, "measuring 12 s  50.0 k/s  p50 -  p99 -  1 connection  9 failed");
    assert_int_equal(live_view_line(small, sizeof small, &shown), 9);
    assert_string_equal(small, "measuring");
    assert_int_equal(live_view_line(small, 0, &shown), 0);
}

/* --- drawing ---------------------------------------------------------------------------------- */

static char *drawn;
static size_t drawn_size;

static FILE *canvas(void)
{
    FILE *stream = open_memstream(&drawn, &drawn_size);

    assert_non_null(stream);
    return stream;
}

static void test_no_terminal_gets_a_line_a_second(void **state)
{
    struct live_view_state shown = usual();
    struct live_view view;
    FILE *stream = tmpfile();
    unsigned lines = 0;
    int character;

    (void)state;
    assert_non_null(stream);
    live_view_init(&view, stream);
    assert_false(view.on_screen || view.style.coloured);
    shown.phase = RUN_WARMUP;
    for (unsigned i = 0; i <= 8; i++) { /* 0 … 2 s: three lines */
        shown.elapsed_s = i * 0.25;
        live_view_draw(&view, &shown);
    }
    shown.phase = RUN_MEASURE;
    for (unsigned i = 9; i <= 400; i++) { /* at once, 3 … 60 s, 70, 80, 90 and 100 s */
        shown.elapsed_s = i * 0.25;
        live_view_draw(&view, &shown);
    }
    live_view_clear(&view);
    rewind(stream);
    while ((character = fgetc(stream)) != EOF) {
        assert_true(character != '\033');
        lines += character == '\n';
    }
    assert_int_equal(lines, 3 + 1 + 58 + 4);
    fclose(stream);
}

static void test_a_frame_is_drawn_over_the_one_before(void **state)
{
    struct live_view_state shown = usual();
    static struct live_view view;
    FILE *stream = canvas();

    (void)state;
    /* A stream without a size is taken for 80 by 24. */
    view = (struct live_view){.out = stream, .on_screen = true};
    live_view_draw(&view, &shown);
    assert_int_equal(strncmp(drawn, "\033[?25l127.0.0.1:4444", 20), 0);
    assert_int_equal(strcmp(drawn + drawn_size - 5, "\033[K\n\033[J") == 0, 0);
    assert_string_equal(drawn + drawn_size - 7, "\033[K\n\033[J");
    assert_int_equal(view.lines, 11);
    size_t first = drawn_size;

    live_view_draw(&view, &shown);
    assert_int_equal(strncmp(drawn + first, "\r\033[11A127.0.0.1:4444", 20), 0);
    assert_null(strstr(drawn + first, "\033[?25l"));
    size_t second = drawn_size;

    /* Wiped from its first line on, and the cursor is back; once. */
    live_view_clear(&view);
    assert_string_equal(drawn + second, "\r\033[11A\033[J\033[?25h");
    size_t cleared = drawn_size;

    live_view_clear(&view);
    assert_int_equal(drawn_size, cleared);
    fclose(stream);
    free(drawn);
}

static void test_a_narrower_terminal_has_wrapped_the_frame(void **state)
{
    struct live_view_state shown = usual();
    static struct live_view view;
    FILE *stream = canvas();

    (void)state;
    /* At 80 columns: three rows; two, as the colour takes no column; and one that just fits. */
    view = (struct live_view){.out = stream, .on_screen = true, .lines = 3};
    memset(view.frame, 'x', 200);
    memcpy(view.frame + 200, "\n\033[31m", 6);
    memset(view.frame + 206, 'y', 158);
    view.frame[364] = '\n';
    memset(view.frame + 365, 'z', 80);
    view.frame[445] = '\n';
    live_view_draw(&view, &shown);
    assert_int_equal(strncmp(drawn, "\033[?25l\r\033[6A", 11), 0);
    fclose(stream);
    free(drawn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_frame, setup),
        cmocka_unit_test_setup(test_a_bound_from_below_says_so, setup),
        cmocka_unit_test_setup(test_what_is_not_known_is_not_shown, setup),
        cmocka_unit_test_setup(test_the_sparkline, setup),
        cmocka_unit_test_setup(test_every_frame_fits, setup),
        cmocka_unit_test_setup(test_a_number_that_is_none_does_no_harm, setup),
        cmocka_unit_test_setup(test_a_low_screen_keeps_what_matters, setup),
        cmocka_unit_test_setup(test_foreign_text_cannot_reach_the_terminal, setup),
        cmocka_unit_test_setup(test_what_is_cut_says_so, setup),
        cmocka_unit_test_setup(test_forty_columns_hold_the_percentiles, setup),
        cmocka_unit_test_setup(test_colours_mark_what_is_wrong, setup),
        cmocka_unit_test_setup(test_a_small_buffer_gets_whole_lines, setup),
        cmocka_unit_test_setup(test_a_line, setup),
        cmocka_unit_test_setup(test_no_terminal_gets_a_line_a_second, setup),
        cmocka_unit_test_setup(test_a_frame_is_drawn_over_the_one_before, setup),
        cmocka_unit_test_setup(test_a_narrower_terminal_has_wrapped_the_frame, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
