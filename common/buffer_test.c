/* SPDX-License-Identifier: MIT */
/* Buffer: whatever is appended comes out in order, and memory follows what is inside. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/buffer.h"

static void test_zero_initialised_is_empty_and_holds_nothing(void **state)
{
    (void)state;
    struct buffer buffer = {0};

    assert_int_equal(buffer_size(&buffer), 0);
    assert_null(buffer_bytes(&buffer).data);
    assert_int_equal(buffer_bytes(&buffer).size, 0);
    assert_true(buffer_append(&buffer, (struct bytes){NULL, 0}));
    assert_null(buffer.data);
    buffer_release(&buffer);
}

static void test_an_emptied_buffer_gives_its_memory_back(void **state)
{
    (void)state;
    struct buffer buffer = {0};

    assert_true(buffer_append(&buffer, (struct bytes){(const uint8_t *)"hola", 4}));
    buffer_consume(&buffer, 1);
    assert_int_equal(buffer_size(&buffer), 3);
    assert_memory_equal(buffer_bytes(&buffer).data, "ola", 3);
    buffer_consume(&buffer, 3);
    assert_null(buffer.data);
    assert_int_equal(buffer.capacity, 0);
}

static void test_reserving_keeps_what_is_there_and_grows_to_twice_the_need(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    uint8_t piece[1000];

    for (size_t i = 0; i < sizeof piece; i++)
        piece[i] = (uint8_t)(i * 3);
    for (size_t total = 0; total < 100 * sizeof piece; total += sizeof piece) {
        struct space space = buffer_reserve(&buffer, sizeof piece);

        assert_non_null(space.data);
        assert_true(space.size >= sizeof piece);
        assert_true(buffer.capacity <= 2 * (total + sizeof piece));
        memcpy(space.data, piece, sizeof piece);
        buffer_appended(&buffer, sizeof piece);
        assert_int_equal(buffer_size(&buffer), total + sizeof piece);
        assert_memory_equal(buffer_bytes(&buffer).data + total, piece, sizeof piece);
    }
    buffer_release(&buffer);
}

static void test_consumed_room_is_used_again(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    uint8_t piece[100] = {0};

    for (int i = 0; i < 1000; i++) {
        assert_true(buffer_append(&buffer, (struct bytes){piece, sizeof piece}));
        if (i >= 3)
            buffer_consume(&buffer, sizeof piece);
    }
    assert_true(buffer.capacity <= 1024);
    buffer_release(&buffer);
}

/* The same operations on a buffer and on a stream of numbered bytes. */
static void test_random_operations_keep_the_order(void **state)
{
    (void)state;
    unsigned seed = 20261122;
    struct buffer buffer = {0};
    uint8_t in = 0, out = 0;

    for (int round = 0; round < 20000; round++) {
        uint8_t piece[300];
        size_t size = (unsigned)rand_r(&seed) % sizeof piece;

        if (rand_r(&seed) % 2) {
            for (size_t i = 0; i < size; i++)
                piece[i] = in++;
            assert_true(buffer_append(&buffer, (struct bytes){piece, size}));
        } else if (buffer_size(&buffer) > 0) {
            struct bytes bytes = buffer_bytes(&buffer);

            size = size < bytes.size ? size : bytes.size;
            for (size_t i = 0; i < size; i++)
                piece[i] = out++;
            assert_memory_equal(bytes.data, piece, size);
            buffer_consume(&buffer, size);
        }
        assert_int_equal((uint8_t)(in - out), (uint8_t)buffer_size(&buffer));
    }
    buffer_release(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zero_initialised_is_empty_and_holds_nothing),
        cmocka_unit_test(test_an_emptied_buffer_gives_its_memory_back),
        cmocka_unit_test(test_reserving_keeps_what_is_there_and_grows_to_twice_the_need),
        cmocka_unit_test(test_consumed_room_is_used_again),
        cmocka_unit_test(test_random_operations_keep_the_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
