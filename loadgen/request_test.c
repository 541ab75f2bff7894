/* SPDX-License-Identifier: MIT */
/* Requests as the command line says them; what is a right answer and what is not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "loadgen/request.h"

static void test_kinds_are_parsed(void **state)
{
    (void)state;
    struct request_kind kind;

    assert_int_equal(request_kind_parse("echo:64", &kind), 0);
    assert_int_equal(kind.operation, OPERATION_ECHO);
    assert_int_equal(kind.size, 64);
    assert_int_equal(request_kind_parse("echo:4KiB", &kind), 0);
    assert_int_equal(kind.size, 4096);
    assert_int_equal(request_kind_parse("echo:0", &kind), 0);
    assert_int_equal(request_kind_parse("persona", &kind), 0);
    assert_int_equal(kind.operation, OPERATION_PERSONA);
    assert_int_equal(request_kind_parse("work:cpu=100us,block=1ms,reply=64", &kind), 0);
    assert_int_equal(kind.operation, OPERATION_WORK);
    assert_int_equal(kind.work.cpu_us, 100);
    assert_int_equal(kind.work.block_us, 1000);
    assert_int_equal(kind.work.reply_size, 64);
    assert_int_equal(request_kind_parse("work:block=20ms", &kind), 0);
    assert_int_equal(kind.work.cpu_us, 0);
    assert_int_equal(kind.work.reply_size, 0);
}

static void test_nonsense_is_refused(void **state)
{
    (void)state;
    static const char *const nonsense[] = {
        "",          "echo",         "echo:",        "echo:-1",     "echo:64x",
        "echo:2GiB", "Echo:64",      "persona:1",    "work:",       "work:cpu=100",
        "work:cpu",  "work:gpu=1ms", "work:reply=x", "work:cpu=2m", "echo:1.5"};
    struct request_kind kind;

    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++)
        assert_int_equal(request_kind_parse(nonsense[i], &kind), -EINVAL);
}

/* The right answer to an echo or a persona is the request itself. */
static void check_reflected(const char *text)
{
    struct request_source source;
    struct request_kind kind;
    uint8_t copy[4096];

    assert_int_equal(request_kind_parse(text, &kind), 0);
    assert_int_equal(request_source_init(&source, &kind, 42), 0);
    struct message request = request_source_make(&source, 7, 11);

    assert_int_equal(request.payload.size, kind.size);
    memcpy(copy, request.payload.data, request.payload.size);
    struct message reply = {request.operation, {copy, request.payload.size}};

    assert_true(request_source_verify(&source, 7, 11, &reply));
    assert_false(request_source_verify(&source, 8, 11, &reply));
    assert_false(request_source_verify(&source, 7, 12, &reply));
    for (size_t i = 0; i < kind.size; i++) {
        copy[i] ^= 1;
        assert_false(request_source_verify(&source, 7, 11, &reply));
        copy[i] ^= 1;
    }
    reply.payload.size--;
    assert_false(request_source_verify(&source, 7, 11, &reply));
    reply.payload.size++;
    reply.operation = OPERATION_WORK;
    assert_false(request_source_verify(&source, 7, 11, &reply));
    request_source_release(&source);
}

static void test_only_the_right_answer_is_right(void **state)
{
    (void)state;
    check_reflected("echo:64");
    check_reflected("echo:12");
    check_reflected("echo:3000");
    check_reflected("persona");
}

static void test_work_is_judged_by_its_size_and_its_zeros(void **state)
{
    (void)state;
    struct request_source source;
    struct request_kind kind;
    uint8_t payload[64] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct message reply = {OPERATION_WORK, {payload, sizeof payload}};

    assert_int_equal(request_kind_parse("work:cpu=1us,reply=64", &kind), 0);
    assert_int_equal(request_source_init(&source, &kind, 1), 0);
    struct message request = request_source_make(&source, 1, 1);
    struct work work;

    assert_int_equal(work_decode(request.payload, 64, &work), 0);
    assert_int_equal(work.cpu_us, 1);
    assert_int_equal(work.reply_size, 64);
    assert_true(request_source_verify(&source, 1, 1, &reply));
    payload[63] = 1;
    assert_false(request_source_verify(&source, 1, 1, &reply));
    payload[63] = 0;
    reply.payload.size = 63;
    assert_false(request_source_verify(&source, 1, 1, &reply));
    request_source_release(&source);
}

static void test_the_filling_is_a_function_of_the_seed(void **state)
{
    (void)state;
    struct request_source a, b, c;
    struct request_kind kind;

    assert_int_equal(request_kind_parse("echo:256", &kind), 0);
    assert_int_equal(request_source_init(&a, &kind, 5), 0);
    assert_int_equal(request_source_init(&b, &kind, 5), 0);
    assert_int_equal(request_source_init(&c, &kind, 6), 0);
    assert_memory_equal(a.payload, b.payload, 256);
    assert_memory_not_equal(a.payload, c.payload, 256);
    request_source_release(&a);
    request_source_release(&b);
    request_source_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds_are_parsed),
        cmocka_unit_test(test_nonsense_is_refused),
        cmocka_unit_test(test_only_the_right_answer_is_right),
        cmocka_unit_test(test_work_is_judged_by_its_size_and_its_zeros),
        cmocka_unit_test(test_the_filling_is_a_function_of_the_seed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
