/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "loadgen/output/summary_text.h"

/* What summary_wrapped() prints, which the caller frees. */
static char *wrapped(int column, const char *text)
{
    char *all = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&all, &size);

    assert_non_null(out);
    summary_wrapped(out, column, text);
    assert_int_equal(fclose(out), 0);
    return all;
}

static void thousands_are_grouped(void **state)
{
    char text[SUMMARY_NUMBER_SIZE];

    (void)state;
    assert_string_equal(summary_grouped(0, text), "0");
    assert_string_equal(summary_grouped(999, text), "999");
    assert_string_equal(summary_grouped(1000, text), "1,000");
    assert_string_equal(summary_grouped(1234567, text), "1,234,567");
    assert_string_equal(summary_grouped(UINT64_MAX, text), "18,446,744,073,709,551,615");
}

static void one_is_not_many(void **state)
{
    (void)state;
    assert_string_equal(summary_plural(0), "s");
    assert_string_equal(summary_plural(1), "");
    assert_string_equal(summary_plural(2), "s");
}

static void a_short_sentence_is_one_line(void **state)
{
    char *text = wrapped(4, "all is well");

    (void)state;
    assert_string_equal(text, "all is well\n");
    free(text);
    text = wrapped(4, "");
    assert_string_equal(text, "\n");
    free(text);
}

static void a_line_is_full_at_its_last_column(void **state)
{
    char sentence[SUMMARY_LINE_WIDTH + 8], expected[SUMMARY_LINE_WIDTH + 16];

    (void)state;
    /* A word, a blank and "ab": together with the indentation exactly a line, then one too many. */
    for (int excess = 0; excess <= 1; excess++) {
        int first = SUMMARY_LINE_WIDTH - 4 - 3 + excess;

        memset(sentence, 'x', (size_t)first);
        memcpy(sentence + first, " ab", 4);
        memset(expected, 'x', (size_t)first);
        snprintf(expected + first, 16, "%s", excess ? "\n    ab\n" : " ab\n");
        char *text = wrapped(4, sentence);

        assert_string_equal(text, expected);
        free(text);
    }
}

static void a_long_word_stays_whole(void **state)
{
    char sentence[2 * SUMMARY_LINE_WIDTH] = "see ";
    char *text, *line;

    (void)state;
    memset(sentence + 4, 'x', SUMMARY_LINE_WIDTH + 10);
    text = wrapped(2, sentence);
    line = strchr(text, '\n');
    assert_non_null(line);
    assert_int_equal(line - text, 3);
    assert_int_equal(strspn(line + 3, "x"), SUMMARY_LINE_WIDTH + 10);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thousands_are_grouped),
        cmocka_unit_test(one_is_not_many),
        cmocka_unit_test(a_short_sentence_is_one_line),
        cmocka_unit_test(a_line_is_full_at_its_last_column),
        cmocka_unit_test(a_long_word_stays_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
