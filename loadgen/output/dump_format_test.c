/* SPDX-License-Identifier: MIT */
/* dump_format_test.c: the text of numbers, instants and fields, to the byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loadgen/output/dump_format.h"

static void test_numbers_are_decimal(void **state)
{
    static const uint64_t numbers[] = {0, 9, 10, 4294967295, UINT64_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char expected[32], text[32] = "";

        snprintf(expected, sizeof expected, "%" PRIu64, numbers[i]);
        char *end = dump_format_number(numbers[i], text);
        assert_string_equal(text, expected);
        assert_ptr_equal(end, text + strlen(expected));
    }
}

static void test_instants_are_seconds_since_the_epoch(void **state)
{
    static const struct {
        uint64_t time_ns, epoch_ns;
        const char *text;
    } cases[] = {
        {1000000000, 1000000000, "0.000000000"},   {1000000001, 1000000000, "0.000000001"},
        {3500000000, 1000000000, "2.500000000"},   {999999999, 1000000000, "-0.000000001"},
        {1, 12000000001, "-12.000000000"},         {UINT64_MAX, 0, "18446744073.709551615"},
        {1, UINT64_MAX, "-18446744073.709551614"}, {0, 1000000000, ""}, /* never */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[DUMP_INSTANT_SIZE_MAX + 1] = "";
        char *end = dump_format_instant(cases[i].time_ns, cases[i].epoch_ns, text);
        assert_string_equal(text, cases[i].text);
        assert_ptr_equal(end, text + strlen(cases[i].text));
    }
}

static void test_fields_are_quoted_where_they_must_be(void **state)
{
    static const char *const cases[][2] = {
        {"echo:64", "echo:64"}, {"", ""},         {"a b;c'd", "a b;c'd"}, {"a,b", "\"a,b\""},
        {"a\nb", "\"a\nb\""},   {"\r", "\"\r\""}, {"\"", "\"\"\"\""},     {"\"\"", "\"\"\"\"\"\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *field = dump_format_field(cases[i][0]);
        assert_non_null(field);
        assert_string_equal(field, cases[i][1]);
        free(field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_decimal),
        cmocka_unit_test(test_instants_are_seconds_since_the_epoch),
        cmocka_unit_test(test_fields_are_quoted_where_they_must_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
