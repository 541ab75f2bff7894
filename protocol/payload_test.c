/* SPDX-License-Identifier: MIT */
/* The records inside the messages: known bytes, round trips, every cut and every lie refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/guard_page.h"
#include "protocol/payload.h"

static struct guard_page guard;

static void test_persona_is_the_guides_record(void **state)
{
    (void)state;
    struct persona persona = {12345678, 45, 87654321, {(const uint8_t *)"Juana", 5}}, decoded;
    uint8_t buffer[64];
    ssize_t size = persona_encode(&persona, (struct space){buffer, sizeof buffer});

    assert_int_equal(size, PERSONA_FIXED_SIZE + 5);
    assert_memory_equal(buffer, "\x4e\x61\xbc\x00\x2d\xb1\x7f\x39\x05\x05\x00\x00\x00Juana", 18);
    assert_int_equal(persona_decode((struct bytes){buffer, (size_t)size}, &decoded), 0);
    assert_int_equal(decoded.dni, 12345678);
    assert_int_equal(decoded.edad, 45);
    assert_int_equal(decoded.pasaporte, 87654321);
    assert_int_equal(decoded.nombre.size, 5);
    assert_memory_equal(decoded.nombre.data, "Juana", 5);
    for (size_t room = 0; room < (size_t)size; room++)
        assert_int_equal(persona_encode(&persona, guard_page_space(&guard, room)), -ENOBUFS);
}

static void test_persona_that_lies_about_its_length_is_refused(void **state)
{
    (void)state;
    struct persona persona = {1, 2, 3, {(const uint8_t *)"nombre", 6}}, decoded;
    uint8_t buffer[64] = {0};
    ssize_t size = persona_encode(&persona, (struct space){buffer, sizeof buffer});

    for (size_t cut = 0; cut < (size_t)size; cut++) {
        struct bytes in = guard_page_copy(&guard, (struct bytes){buffer, cut});

        assert_int_equal(persona_decode(in, &decoded), -EBADMSG);
    }
    assert_int_equal(persona_decode((struct bytes){buffer, (size_t)size + 1}, &decoded), -EBADMSG);
    buffer[12] = 0xFF;
    assert_int_equal(persona_decode((struct bytes){buffer, (size_t)size}, &decoded), -EBADMSG);
    buffer[12] = 0;
    buffer[PERSONA_FIXED_SIZE + 2] = '\0';
    assert_int_equal(persona_decode((struct bytes){buffer, (size_t)size}, &decoded), -EBADMSG);
}

static void test_work_has_limits(void **state)
{
    (void)state;
    struct work work = {100, 1000, 64}, decoded;
    uint8_t buffer[WORK_FIXED_SIZE + 8] = {0};
    struct bytes whole = {buffer, WORK_FIXED_SIZE};

    assert_int_equal(work_encode(&work, guard_page_space(&guard, WORK_FIXED_SIZE - 1)), -ENOBUFS);
    assert_int_equal(work_encode(&work, (struct space){buffer, sizeof buffer}), WORK_FIXED_SIZE);
    assert_int_equal(work_decode(whole, 64, &decoded), 0);
    assert_int_equal(decoded.cpu_us, 100);
    assert_int_equal(decoded.block_us, 1000);
    assert_int_equal(decoded.reply_size, 64);
    assert_int_equal(work_decode((struct bytes){buffer, sizeof buffer}, 64, &decoded), 0);
    assert_int_equal(work_decode(whole, 63, &decoded), -EBADMSG);
    for (size_t cut = 0; cut < WORK_FIXED_SIZE; cut++) {
        struct bytes in = guard_page_copy(&guard, (struct bytes){buffer, cut});

        assert_int_equal(work_decode(in, 64, &decoded), -EBADMSG);
    }
    u32_store(buffer, WORK_TIME_MAX_US + 1);
    assert_int_equal(work_decode(whole, 64, &decoded), -EBADMSG);
    u32_store(buffer, 0);
    u32_store(buffer + 4, WORK_TIME_MAX_US + 1);
    assert_int_equal(work_decode(whole, 64, &decoded), -EBADMSG);
}

static void test_error_round_trip(void **state)
{
    (void)state;
    const char *text = error_text(ERROR_UNKNOWN_OPERATION);
    struct error error = {ERROR_UNKNOWN_OPERATION, {(const uint8_t *)text, strlen(text)}}, decoded;
    uint8_t buffer[128];
    ssize_t size = error_encode(&error, (struct space){buffer, sizeof buffer});

    assert_int_equal(size, ERROR_FIXED_SIZE + strlen(text));
    assert_int_equal(error_decode((struct bytes){buffer, (size_t)size}, &decoded), 0);
    assert_int_equal(decoded.code, ERROR_UNKNOWN_OPERATION);
    assert_int_equal(decoded.text.size, strlen(text));
    for (size_t cut = 0; cut < (size_t)size; cut++) {
        struct bytes in = guard_page_copy(&guard, (struct bytes){buffer, cut});

        assert_int_equal(error_decode(in, &decoded), -EBADMSG);
    }
    assert_int_equal(error_encode(&error, guard_page_space(&guard, (size_t)size - 1)), -ENOBUFS);
    assert_string_equal(error_text(4711), "unknown error");
    for (uint32_t code = ERROR_UNKNOWN_OPERATION; code <= ERROR_OVERLOADED; code++)
        assert_string_not_equal(error_text(code), error_text(4711));
}

static int setup(void **state)
{
    (void)state;
    guard_page_init(&guard, 4096);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    guard_page_release(&guard);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_persona_is_the_guides_record),
        cmocka_unit_test(test_persona_that_lies_about_its_length_is_refused),
        cmocka_unit_test(test_work_has_limits),
        cmocka_unit_test(test_error_round_trip),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
