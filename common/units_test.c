/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "common/units.h"

struct parsed {
    const char *text;
    uint64_t value;
};

/* What no parser takes. */
static const char *const never[] = {
    "",
    " ",
    "+1s",
    "-1s",
    "+1",
    "-1",
    " 1",
    "1 ",
    " 1s",
    "1s ",
    "1 s",
    "nan",
    "NaN",
    "inf",
    "inf s",
    "0x10",
    "0x10s",
    "1e3",
    "1e3s",
    "1e3k",
    "1_0",
    "1,5s",
    "1,5k",
    ".5s",
    ".5k",
    "1.s",
    "1.k",
    "1.",
    "1.5",
    ".",
    "..",
    "1..5s",
    "s",
    "k",
    "KiB",
    "1.5.5s",
    "1ss",
    "1kk",
    "1 k",
    "1x",
    "1S",
    "1K",
    "1US",
    "1kib",
    "1\n",
    "1s\n",
    "0.0",
    "\xd9\xa1s",
    /* 2^64 and beyond, and more digits than a fraction has a use for. */
    "18446744073709551616",
    "18446744073709551616ns",
    "99999999999999999999999",
    "1.0000000000000000001s",
    "0.1234567890123456789k",
};

static void durations_parse(void **state)
{
    static const struct parsed examples[] = {
        {"0", 0},
        {"0s", 0},
        {"1ns", 1},
        {"250us", 250000},
        {"1.5s", 1500000000},
        {"2m", 120000000000},
        {"1h", 3600000000000},
        {"0.25h", 900000000000},
        {"007ms", 7000000},
        {"1.05us", 1050},
        {"9223372036854775807ns", INT64_MAX},
        {"9223372036854775808ns", UINT64_C(9223372036854775808)},
        {"9007199254740993ns", UINT64_C(9007199254740993)},
        {"18446744073709551615ns", UINT64_MAX},
        {"18446744073.709551615s", UINT64_MAX},
        {"9007199.254740993s", UINT64_C(9007199254740993)},
        {"5124095h", UINT64_C(5124095) * 3600000000000},
        /* To the nearest nanosecond. */
        {"0.4ns", 0},
        {"0.5ns", 1},
        {"1.4999ns", 1},
        {"1.2344us", 1234},
        {"1.2345us", 1235},
        {"0.000000000499999999s", 0},
        {"0.999999999999999999s", 1000000000},
    };
    uint64_t value;

    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        value = 77;
        assert_int_equal(duration_parse(examples[i].text, &value), 0);
        assert_int_equal(value, examples[i].value);
    }
}

static void counts_parse(void **state)
{
    static const struct parsed examples[] = {
        {"0", 0},
        {"1000", 1000},
        {"10k", 10000},
        {"2.5M", 2500000},
        {"1.234k", 1234},
        {"1.000000000000000000k", 1000},
        {"9223372036854775808", UINT64_C(9223372036854775808)},
        {"18446744073709551615", UINT64_MAX},
        {"18446744073709551.615k", UINT64_MAX},
    };
    uint64_t value;

    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        assert_int_equal(count_parse(examples[i].text, &value), 0);
        assert_int_equal(value, examples[i].value);
    }
}

static void sizes_parse(void **state)
{
    static const struct parsed examples[] = {
        {"0", 0},
        {"4096", 4096},
        {"512B", 512},
        {"64KiB", 65536},
        {"1MiB", 1048576},
        {"2GiB", UINT64_C(2147483648)},
        {"10kB", 10000},
        {"3MB", 3000000},
        {"4GB", UINT64_C(4000000000)},
        {"1.5KiB", 1536},
        {"17179869183GiB", UINT64_C(17179869183) << 30},
    };
    uint64_t value;

    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        assert_int_equal(size_parse(examples[i].text, &value), 0);
        assert_int_equal(value, examples[i].value);
    }
}

static void rates_parse(void **state)
{
    static const struct {
        const char *text;
        double value;
    } examples[] = {
        {"3900/s", 3900},
        {"20k/s", 20000},
        {"1.5M/s", 1500000},
        {"0.5/s", 0.5},
        {"0.7/s", 0.7},
        {"0.1k/s", 100},
        {"33.333k/s", 33333},
        {"12345.678/s", 12345.678},
        {"1000M/s", 1e9},
        {"1000000k/s", 1e9},
        {"1000000000/s", 1e9},
        {"1000000000.000/s", 1e9},
        {"0.001/s", 0.001},
        {"007/s", 7},
        {"0.000000000000000001/s", 1e-18},
        {"999.999999999999M/s", 999999999.999999},
    };
    double value;

    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        value = 77;
        assert_int_equal(rate_parse(examples[i].text, &value), 0);
        /* Bit for bit: a rate that is nearly right drifts. */
        assert_true(value == examples[i].value);
    }
}

static void refuses_what_is_no_rate(void **state)
{
    static const char *const texts[] = {
        "1",
        "20k",
        "1.5M",
        "/s",
        "k/s",
        "1/",
        "1s",
        "1 /s",
        "1/s ",
        " 1/s",
        "-1/s",
        "+1/s",
        "1/S",
        "1K/s",
        "1m/s",
        "1G/s",
        "1k/m",
        "60/m",
        "1/h",
        "1/sec",
        "1/s/s",
        "1/ks",
        "1s/s",
        ".5/s",
        "1./s",
        "1e3/s",
        "0x10/s",
        "inf/s",
        "nan/s",
        "1,5/s",
        /* Nothing, and too much. */
        "0/s",
        "0.000/s",
        "0k/s",
        "1000000001/s",
        "1000000000.000000001/s",
        "1000.000000000001M/s",
        "1001M/s",
        "18446744073709551616/s",
        "18446744073709551615M/s",
        "0.0000000000000000001/s",
    };
    double value = 77;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(rate_parse(texts[i], &value), -EINVAL);
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        assert_int_equal(rate_parse(never[i], &value), -EINVAL);
    assert_true(value == 77);
}

static void refuses_what_is_not_a_quantity(void **state)
{
    uint64_t value = 77;

    (void)state;
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        assert_int_equal(duration_parse(never[i], &value), -EINVAL);
        assert_int_equal(count_parse(never[i], &value), -EINVAL);
        assert_int_equal(size_parse(never[i], &value), -EINVAL);
    }
    assert_int_equal(value, 77);
}

static void refuses_what_its_unit_does_not_allow(void **state)
{
    static const char *const durations[] = {"1",  "1000", "00",       "1k",
                                            "1B", "1.5",  "5124096h", "18446744073.709551616s"};
    static const char *const counts[] = {"1s", "1B", "1.2345k", "2.0", "1G", "18446744073709552k"};
    static const char *const sizes[] = {"1k", "1s", "1KB", "0.5B", "1.0001KiB", "17179869184GiB"};
    uint64_t value = 77;

    (void)state;
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++)
        assert_int_equal(duration_parse(durations[i], &value), -EINVAL);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        assert_int_equal(count_parse(counts[i], &value), -EINVAL);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        assert_int_equal(size_parse(sizes[i], &value), -EINVAL);
    assert_int_equal(value, 77);
}

static void durations_format(void **state)
{
    static const struct parsed examples[] = {
        {"0 ns", 0},
        {"1.00 ns", 1},
        {"999 ns", 999},
        {"1.00 us", 1000},
        {"12.0 us", 12000},
        {"21.3 us", 21345},
        {"9.99 us", 9994},
        {"10.0 us", 9995},
        {"100 us", 99950},
        {"999 us", 999499},
        {"1.00 ms", 999500},
        {"1.05 s", 1050000000},
        {"90.0 s", UINT64_C(90000000000)},
        {"16.7 m", UINT64_C(1000000000000)},
        {"16.7 h", UINT64_C(60000000000000)},
        {"5124096 h", UINT64_MAX},
    };
    char text[UNITS_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        assert_string_equal(duration_format(examples[i].value, text), examples[i].text);
}

static void counts_format(void **state)
{
    static const struct {
        const char *text;
        double value;
    } examples[] = {
        {"0", 0},           {"950", 950},        {"12.3 k", 12345},   {"1.20 M", 1.2e6},
        {"1.00", 1},        {"5.25", 5.25},      {"0.0523", 0.0523},  {"999 k", 999499},
        {"1.00 M", 999500}, {"3.50 G", 3.5e9},   {"7.00 T", 7e12},    {"-12.3 k", -12345},
        {"nan", NAN},       {"inf T", INFINITY}, {"1e+288 T", 1e300}, {"1.00", 0.9999},
    };
    char text[UNITS_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        assert_string_equal(count_format(examples[i].value, text), examples[i].text);
}

static void sizes_format(void **state)
{
    static const struct parsed examples[] = {
        {"0 B", 0},
        {"5 B", 5},
        {"512 B", 512},
        {"1023 B", 1023},
        {"1.00 KiB", 1024},
        {"12.3 KiB", 12595},
        {"1023 KiB", UINT64_C(1023) << 10},
        {"1.00 MiB", 1024 * 1024 - 1},
        {"1.20 GiB", UINT64_C(1288490189)},
        {"16.0 EiB", UINT64_MAX},
    };
    char text[UNITS_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        assert_string_equal(size_format(examples[i].value, text), examples[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_parse),
        cmocka_unit_test(counts_parse),
        cmocka_unit_test(sizes_parse),
        cmocka_unit_test(rates_parse),
        cmocka_unit_test(refuses_what_is_no_rate),
        cmocka_unit_test(refuses_what_is_not_a_quantity),
        cmocka_unit_test(refuses_what_its_unit_does_not_allow),
        cmocka_unit_test(durations_format),
        cmocka_unit_test(counts_format),
        cmocka_unit_test(sizes_format),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
