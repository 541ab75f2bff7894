/* SPDX-License-Identifier: MIT */
/* Mixes of requests as the command line says them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "loadgen/load/request_mix.h"

static struct request_mix mix;

static void parse(const char *text)
{
    const char *problem = "";

    if (request_mix_parse(text, &mix, &problem) < 0)
        fail_msg("%s: %s", text, problem);
}

static void test_one_class_is_a_mix(void **state)
{
    (void)state;
    parse("echo:4KiB");
    assert_int_equal(mix.count, 1);
    assert_int_equal(mix.total_weight, 1);
    assert_int_equal(mix.classes[0].weight, 1);
    assert_string_equal(mix.classes[0].name, "echo:4KiB");
    assert_int_equal(mix.classes[0].kind.operation, OPERATION_ECHO);
    assert_int_equal(mix.classes[0].kind.size.max, 4096);
    parse("echo:0");
    assert_int_equal(mix.classes[0].kind.size.max, 0);
    parse("echo:uniform(16,4096)");
    assert_int_equal(mix.count, 1);
    assert_int_equal(mix.classes[0].kind.size.kind, SIZE_UNIFORM);
    parse("persona");
    assert_int_equal(mix.classes[0].kind.operation, OPERATION_PERSONA);
    assert_int_equal(mix.classes[0].kind.size.max, 25);
}

static void test_work_keeps_its_commas(void **state)
{
    (void)state;
    parse("work:cpu=100us,block=1ms,reply=64");
    assert_int_equal(mix.count, 1);
    assert_string_equal(mix.classes[0].name, "work:cpu=100us,block=1ms,reply=64");
    assert_int_equal(mix.classes[0].kind.operation, OPERATION_WORK);
    assert_int_equal(mix.classes[0].kind.size.max, WORK_FIXED_SIZE);
    assert_int_equal(mix.classes[0].kind.work.cpu_us, 100);
    assert_int_equal(mix.classes[0].kind.work.block_us, 1000);
    assert_int_equal(mix.classes[0].kind.work.reply_size, 64);
    parse("work:block=1.5ms");
    assert_int_equal(mix.classes[0].kind.work.block_us, 1500);
    assert_int_equal(mix.classes[0].kind.work.cpu_us, 0);
    assert_int_equal(mix.classes[0].kind.work.reply_size, 0);
    parse("work:reply=1GiB,cpu=60s");
    assert_int_equal(mix.classes[0].kind.work.cpu_us, WORK_TIME_MAX_US);
    assert_int_equal(mix.classes[0].kind.work.reply_size, 1 << 30);
}

static void test_a_mix_has_classes_and_weights(void **state)
{
    (void)state;
    parse("99*echo:64,1*work:cpu=20ms,reply=64,persona,1000000000*echo:zipf(16,4096,1.1),echo:1");
    assert_int_equal(mix.count, 5);
    assert_int_equal(mix.total_weight, 1000000102);
    assert_string_equal(mix.classes[0].name, "echo:64");
    assert_int_equal(mix.classes[0].weight, 99);
    assert_string_equal(mix.classes[1].name, "work:cpu=20ms,reply=64");
    assert_int_equal(mix.classes[1].weight, 1);
    assert_int_equal(mix.classes[1].kind.work.cpu_us, 20000);
    assert_int_equal(mix.classes[1].kind.work.reply_size, 64);
    assert_string_equal(mix.classes[2].name, "persona");
    assert_int_equal(mix.classes[2].weight, 1);
    assert_string_equal(mix.classes[3].name, "echo:zipf(16,4096,1.1)");
    assert_int_equal(mix.classes[3].weight, REQUEST_WEIGHT_MAX);
    assert_int_equal(mix.classes[3].kind.size.max, 4096);
    assert_string_equal(mix.classes[4].name, "echo:1");
    assert_int_equal(request_mix_find(&mix, "persona"), 2);
    assert_int_equal(request_mix_find(&mix, "echo:1"), 4);
    assert_int_equal(request_mix_find(&mix, "echo:64,"), -1);
    assert_int_equal(request_mix_find(&mix, "99*echo:64"), -1);
    assert_int_equal(request_mix_find(&mix, ""), -1);
}

static void test_sixteen_classes_and_no_more(void **state)
{
    (void)state;
    static const char text[] = "echo:1,echo:2,echo:3,echo:4,echo:5,echo:6,echo:7,echo:8,echo:9,"
                               "echo:10,echo:11,echo:12,echo:13,echo:14,echo:15,echo:16";
    char longer[sizeof text + 8];
    const char *problem = "";

    parse(text);
    assert_int_equal(mix.count, 16);
    assert_int_equal(mix.classes[15].kind.size.max, 16);
    memcpy(longer, text, sizeof text - 1);
    memcpy(longer + sizeof text - 1, ",persona", sizeof ",persona");
    assert_int_equal(request_mix_parse(longer, &mix, &problem), -EINVAL);
    assert_non_null(strstr(problem, "at most 16 classes"));
}

/* A name that is cut would be found under another one's text. */
static void test_a_name_fits_or_is_refused(void **state)
{
    (void)state;
    char text[REQUEST_CLASS_NAME_SIZE + 1];
    const char *problem = "";

    snprintf(text, sizeof text, "echo:%0*d", REQUEST_CLASS_NAME_SIZE - 6, 1);
    parse(text);
    assert_string_equal(mix.classes[0].name, text);
    assert_int_equal(mix.classes[0].kind.size.max, 1);
    snprintf(text, sizeof text, "echo:%0*d", REQUEST_CLASS_NAME_SIZE - 5, 1);
    assert_int_equal(request_mix_parse(text, &mix, &problem), -EINVAL);
    assert_non_null(strstr(problem, "at most 63 characters"));
    /* The weight is not of the name. */
    parse("0000000000000000000000000000000000000000000000000000000000007*persona");
    assert_int_equal(mix.total_weight, 7);
}

static const struct {
    const char *text, *reason;
} nonsense[] = {
    {"", "expected"},
    {"echo", "expected"},
    {"Echo:64", "expected"},
    {"ping", "expected"},
    {"persona:1", "expected"},
    {"echo:64,cpu", "expected"},
    {"echo:64 ,persona", "a size is"},
    {"echo:", "a size is"},
    {"echo:-1", "a size is"},
    {"echo:64x", "a size is"},
    {"echo:2GiB", "a size is"},
    {"echo:uniform(16,2GiB)", "a size is"},
    {"echo:uniform((16,32))", "a size is"},
    {"echo:uniform(16,32", "a size is"},
    {"echo:uniform(16,32,persona", "a size is"},
    {"echo:uniform 16,32)", "a size is"},
    {"echo:64)", "a size is"},
    {"echo:64,cpu=1ms", "a size is"},
    {"persona,cpu=1ms", "expected"},
    {"echo:uniform(32,16)", "MIN"},
    {"echo:zipf(16,32,0)", "the exponent"},
    {"echo:64,", "a class is missing"},
    {",echo:64", "a class is missing"},
    {"echo:64,,persona", "a class is missing"},
    {",", "a class is missing"},
    {"5*", "a class is missing"},
    {"5*,persona", "a class is missing"},
    {"work:cpu=1ms,", "a class is missing"},
    {"work:cpu=1ms,,reply=64", "a class is missing"},
    {"0*echo:64", "a weight is"},
    {"1*echo:64,0*persona", "a weight is"},
    {"-1*echo:64", "a weight is"},
    {"1.5*echo:64", "a weight is"},
    {" 1*echo:64", "a weight is"},
    {"*echo:64", "a weight is"},
    {"2*3*echo:64", "expected"},
    {"echo:64*2", "a weight is"},
    {"1000000001*echo:64", "a weight is"},
    {"18446744073709551617*echo:64", "a weight is"},
    {"echo:64,persona,echo:64", "a class stands there twice"},
    {"3*persona,persona", "a class stands there twice"},
    {"work:", "work takes"},
    {"work:cpu", "work takes"},
    {"work:gpu=1ms", "work takes"},
    {"work:cpu=1ms,gpu=1ms", "work takes"},
    {"work:cpu=1ms,cpu=2ms", "work takes"},
    {"work:reply=1,cpu=1ms,reply=1", "work takes"},
    {"work:cpu=", "cpu and block"},
    {"work:cpu=100", "cpu and block"},
    {"work:block=100", "cpu and block"},
    {"work:cpu=2m", "cpu and block"},
    {"work:cpu=1500ns", "cpu and block"},
    {"work:cpu=60000001us", "cpu and block"},
    {"work:reply=x", "reply takes"},
    {"work:reply=", "reply takes"},
    {"work:reply=1073741825", "reply takes"},
    {"work:reply=uniform(1,2)", "reply takes"},
};

static void test_nonsense_is_refused_with_a_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        const char *problem = "";

        if (request_mix_parse(nonsense[i].text, &mix, &problem) != -EINVAL)
            fail_msg("'%s' was taken", nonsense[i].text);
        if (strncmp(problem, nonsense[i].reason, strlen(nonsense[i].reason)) != 0)
            fail_msg("'%s': %s", nonsense[i].text, problem);
    }
}

static void test_the_largest_of_a_mix(void **state)
{
    (void)state;
    parse("persona,echo:uniform(1,4096),work:reply=64KiB");
    assert_int_equal(request_mix_size_max(&mix), 4096);
    assert_int_equal(request_mix_reply_max(&mix), 65536);
    parse("echo:2000,work:reply=64");
    assert_int_equal(request_mix_size_max(&mix), 2000);
    assert_int_equal(request_mix_reply_max(&mix), 2000);
    /* An error reply comes to the smallest request, too. */
    parse("work:reply=0");
    assert_int_equal(request_mix_size_max(&mix), WORK_FIXED_SIZE);
    assert_int_equal(request_mix_reply_max(&mix), 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_class_is_a_mix),
        cmocka_unit_test(test_work_keeps_its_commas),
        cmocka_unit_test(test_a_mix_has_classes_and_weights),
        cmocka_unit_test(test_sixteen_classes_and_no_more),
        cmocka_unit_test(test_a_name_fits_or_is_refused),
        cmocka_unit_test(test_nonsense_is_refused_with_a_reason),
        cmocka_unit_test(test_the_largest_of_a_mix),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
