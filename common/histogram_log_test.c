/* SPDX-License-Identifier: MIT */
/*
 * histogram_log_test.c: the lines of a log, byte by byte, and streams that fail. That other
 * implementations read it is checked by scripts/development/check-hdr-histogram.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/histogram_codec.h"
#include "common/histogram_log.h"

#define HEADER_1441812279                                                                          \
    "#[Histogram log format version 1.3]\n"                                                        \
    "#[StartTime: 1441812279.474 (seconds since epoch), 2015-09-09T15:24:39Z]\n"                   \
    "#[BaseTime: 1441812279.474 (seconds since epoch)]\n"                                          \
    "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n"

struct fixture {
    struct histogram histogram;
    FILE *out;
    char *text;
    size_t size;
};

static struct fixture fixture;

static int setup(void **state)
{
    (void)state;
    fixture.out = open_memstream(&fixture.text, &fixture.size);
    return fixture.out ? histogram_init_latency(&fixture.histogram) : -1;
}

static int teardown(void **state)
{
    (void)state;
    fclose(fixture.out);
    free(fixture.text);
    histogram_release(&fixture.histogram);
    return 0;
}

static void test_the_header_says_when_it_began(void **state)
{
    (void)state;
    assert_int_equal(histogram_log_begin(fixture.out, 1441812279.474, NULL), 0);
    assert_string_equal(fixture.text, HEADER_1441812279);
}

static void test_a_comment_is_one_line_before_the_rest(void **state)
{
    (void)state;
    assert_int_equal(histogram_log_begin(fixture.out, 1441812279.474, "two\nlines\r."), 0);
    assert_string_equal(fixture.text, "#[two lines .]\n" HEADER_1441812279);
}

/* 119 bytes, then a character of two that would end in the 121st. */
static void test_a_long_comment_is_cut_between_characters(void **state)
{
    char comment[200];

    (void)state;
    memset(comment, 'x', sizeof comment - 1);
    comment[sizeof comment - 1] = '\0';
    assert_int_equal(histogram_log_begin(fixture.out, 1e9, comment), 0);
    assert_int_equal(strcspn(fixture.text, "\n"), 2 + 120 + 1);

    rewind(fixture.out);
    memcpy(comment + 119, "\xc3\xb1", 2);
    assert_int_equal(histogram_log_begin(fixture.out, 1e9, comment), 0);
    assert_int_equal(strcspn(fixture.text, "\n"), 2 + 119 + 1);
    assert_memory_equal(fixture.text + 119, "xx]\n", 4);
}

static void test_an_interval_carries_its_whole_histogram(void **state)
{
    const char *start = "1.000,0.998,1234.568,";

    (void)state;
    histogram_record(&fixture.histogram, 1234567890);
    histogram_record_many(&fixture.histogram, 777, 3);
    assert_int_equal(histogram_log_interval(fixture.out, NULL, 1, 0.998, &fixture.histogram, 1e6),
                     0);
    assert_memory_equal(fixture.text, start, strlen(start));

    struct histogram back;
    size_t end = strcspn(fixture.text, "\n");
    assert_int_equal(end + 1, fixture.size);
    fixture.text[end] = '\0';
    assert_int_equal(histogram_decode(fixture.text + strlen(start), &back), 0);
    assert_true(histogram_same_layout(&back, &fixture.histogram));
    assert_int_equal(back.total_count, 4);
    assert_memory_equal(back.counts, fixture.histogram.counts,
                        back.counts_length * sizeof *back.counts);
    histogram_release(&back);
}

static void test_an_empty_interval_is_a_line_too(void **state)
{
    (void)state;
    assert_int_equal(histogram_log_interval(fixture.out, "a", 2, 1, &fixture.histogram, 1e6), 0);
    assert_memory_equal(fixture.text, "Tag=a,2.000,1.000,0.000,HISTF", 29);
    assert_int_equal(fixture.text[fixture.size - 1], '\n');
}

static void test_a_tag_cannot_break_the_line(void **state)
{
    static const struct {
        const char *tag, *written;
    } cases[] = {
        {"echo:64", "Tag=echo:64,0.000,"},
        {"99*echo:uniform(16,4096)", "Tag=99*echo:uniform(16_4096),0.000,"},
        {"a b\tc\nd\re,f", "Tag=a_b_c_d_e_f,0.000,"},
        {"\"quoted\" \\", "Tag=_quoted___,0.000,"},
        {"a\xc3\xb1o", "Tag=a__o,0.000,"},
        {"#[StartTime: 1", "Tag=__StartTime:_1,0.000,"},
        {"work:cpu=1ms+50%/@-_.", "Tag=work:cpu=1ms+50%/@-_.,0.000,"},
        {"", "Tag=,0.000,"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rewind(fixture.out);
        assert_int_equal(
            histogram_log_interval(fixture.out, cases[i].tag, 0, 1, &fixture.histogram, 1), 0);
        assert_memory_equal(fixture.text, cases[i].written, strlen(cases[i].written));
    }
}

static void test_a_full_disk_is_an_error(void **state)
{
    FILE *full = fopen("/dev/full", "w");

    (void)state;
    assert_non_null(full);
    assert_int_equal(histogram_log_begin(full, 1e9, "comment"), -ENOSPC);
    assert_int_equal(histogram_log_interval(full, NULL, 0, 1, &fixture.histogram, 1), -ENOSPC);
    setvbuf(full, NULL, _IONBF, 0);
    assert_int_equal(histogram_log_begin(full, 1e9, "comment"), -ENOSPC);
    assert_int_equal(histogram_log_interval(full, "tag", 0, 1, &fixture.histogram, 1), -ENOSPC);
    fclose(full);
}

static void test_a_counter_the_format_has_no_place_for_is_an_error(void **state)
{
    (void)state;
    histogram_record_many(&fixture.histogram, 1, UINT64_C(1) << 63);
    assert_int_equal(histogram_log_interval(fixture.out, NULL, 0, 1, &fixture.histogram, 1),
                     -EOVERFLOW);
    fflush(fixture.out);
    assert_int_equal(fixture.size, 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_the_header_says_when_it_began),
        TEST(test_a_comment_is_one_line_before_the_rest),
        TEST(test_a_long_comment_is_cut_between_characters),
        TEST(test_an_interval_carries_its_whole_histogram),
        TEST(test_an_empty_interval_is_a_line_too),
        TEST(test_a_tag_cannot_break_the_line),
        TEST(test_a_full_disk_is_an_error),
        TEST(test_a_counter_the_format_has_no_place_for_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
