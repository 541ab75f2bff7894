/* SPDX-License-Identifier: MIT */
/*
 * The laws of protocol.h, for every protocol of the table. Input lies flush against a page that
 * must not be touched, so a decoder that looks past the end dies here.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/guard_page.h"
#include "protocol/protocol.h"

enum { PAYLOAD_MAX = 4096, ENCODED_MAX = 2 * (PAYLOAD_MAX + 256) };

static struct guard_page guard;
static const size_t PAYLOAD_SIZES[] = {0, 1, 2, 63, 64, 65, 255, 256, 257, 1000, PAYLOAD_MAX};
#define PAYLOAD_SIZES_COUNT (sizeof PAYLOAD_SIZES / sizeof *PAYLOAD_SIZES)

typedef ssize_t encode_function(const struct message *, struct space);
typedef ssize_t decode_function(struct bytes, size_t, struct message *);

static void payload_fill(uint8_t *payload, size_t size, unsigned seed)
{
    for (size_t i = 0; i < size; i++)
        payload[i] = (uint8_t)((size_t)seed * 31 + i * 7 + (i >> 8));
}

static void assert_same_message(const struct message *a, const struct message *b)
{
    assert_int_equal(a->operation, b->operation);
    assert_int_equal(a->payload.size, b->payload.size);
    if (a->payload.size > 0)
        assert_memory_equal(a->payload.data, b->payload.data, a->payload.size);
}

/* decode(encode(m)) = m; strict prefixes need more; encoding into one byte less is refused. */
static void check_one_message(encode_function *encode, decode_function *decode,
                              const struct message *message)
{
    uint8_t buffer[ENCODED_MAX];
    struct message decoded;
    ssize_t size = encode(message, (struct space){buffer, sizeof buffer});

    assert_true(size > 0);
    struct bytes encoded = {buffer, (size_t)size};

    assert_int_equal(decode(guard_page_copy(&guard, encoded), PAYLOAD_MAX, &decoded), size);
    assert_same_message(message, &decoded);
    for (size_t prefix = 0; prefix < encoded.size; prefix++) {
        struct bytes cut = guard_page_copy(&guard, (struct bytes){buffer, prefix});

        assert_int_equal(decode(cut, PAYLOAD_MAX, &decoded), 0);
    }
    assert_int_equal(encode(message, guard_page_space(&guard, encoded.size - 1)), -ENOBUFS);
    assert_int_equal(encode(message, guard_page_space(&guard, encoded.size)), size);
}

static void check_two_in_a_row(encode_function *encode, decode_function *decode,
                               const struct message *first, const struct message *second)
{
    uint8_t buffer[ENCODED_MAX];
    struct space out = {buffer, sizeof buffer};
    struct message decoded;
    ssize_t first_size = encode(first, out);
    ssize_t second_size = encode(second, space_after(out, (size_t)first_size));
    struct bytes both =
        guard_page_copy(&guard, (struct bytes){buffer, (size_t)(first_size + second_size)});

    assert_int_equal(decode(both, PAYLOAD_MAX, &decoded), first_size);
    assert_same_message(first, &decoded);
    assert_int_equal(decode(bytes_after(both, (size_t)first_size), PAYLOAD_MAX, &decoded),
                     second_size);
    assert_same_message(second, &decoded);
}

/* Whatever byte is hit, there is an answer, and a decoded payload lies inside the input. */
static void check_corruption(encode_function *encode, decode_function *decode,
                             const struct message *message)
{
    uint8_t buffer[ENCODED_MAX];
    ssize_t size = encode(message, (struct space){buffer, sizeof buffer});

    for (size_t i = 0; i < (size_t)size; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            buffer[i] ^= (uint8_t)(1u << bit);
            struct bytes in = guard_page_copy(&guard, (struct bytes){buffer, (size_t)size});
            struct message decoded = {0};
            ssize_t consumed = decode(in, PAYLOAD_MAX, &decoded);

            assert_true(consumed >= -4095 && consumed <= size);
            if (consumed > 0) {
                assert_true(decoded.payload.data >= in.data);
                assert_true(decoded.payload.data + decoded.payload.size <= in.data + in.size);
            }
            buffer[i] ^= (uint8_t)(1u << bit);
        }
    }
}

static void check_direction(encode_function *encode, decode_function *decode)
{
    uint8_t payload[PAYLOAD_MAX];

    for (size_t i = 0; i < PAYLOAD_SIZES_COUNT; i++) {
        payload_fill(payload, PAYLOAD_SIZES[i], (unsigned)i);
        struct message message = {OPERATION_ECHO, {payload, PAYLOAD_SIZES[i]}};
        struct message other = {OPERATION_PERSONA, {payload, PAYLOAD_SIZES[i] / 2}};

        check_one_message(encode, decode, &message);
        check_two_in_a_row(encode, decode, &message, &other);
        if (PAYLOAD_SIZES[i] <= 256)
            check_corruption(encode, decode, &message);
    }
}

static void test_requests_and_replies_obey_the_laws(void **state)
{
    (void)state;
    for (const struct protocol *const *protocol = protocols; *protocol; protocol++) {
        check_direction((*protocol)->encode_request, (*protocol)->decode_request);
        check_direction((*protocol)->encode_reply, (*protocol)->decode_reply);
    }
}

static void test_random_bytes_always_get_an_answer(void **state)
{
    (void)state;
    unsigned seed = 20261122;

    for (const struct protocol *const *protocol = protocols; *protocol; protocol++) {
        for (unsigned round = 0; round < 20000; round++) {
            uint8_t noise[64];
            size_t size = (unsigned)rand_r(&seed) % sizeof noise;

            for (size_t i = 0; i < size; i++)
                noise[i] = (uint8_t)((unsigned)rand_r(&seed) >> 7);
            struct bytes in = guard_page_copy(&guard, (struct bytes){noise, size});
            struct message message;
            enum welcome welcome;

            assert_true((*protocol)->decode_request(in, PAYLOAD_MAX, &message) <= (ssize_t)size);
            assert_true((*protocol)->decode_reply(in, PAYLOAD_MAX, &message) <= (ssize_t)size);
            assert_true((*protocol)->decode_greeting(in) <= (ssize_t)size);
            assert_true((*protocol)->decode_welcome(in, &welcome) <= (ssize_t)size);
        }
    }
}

static void test_a_declared_size_above_the_limit_is_refused_at_once(void **state)
{
    (void)state;
    for (const struct protocol *const *protocol = protocols; *protocol; protocol++) {
        uint8_t payload[65] = {0}, buffer[256];
        struct message message = {OPERATION_ECHO, {payload, sizeof payload}}, decoded;
        ssize_t size = (*protocol)->encode_request(&message, (struct space){buffer, sizeof buffer});
        struct bytes header = {buffer, (size_t)size - sizeof payload};

        assert_int_equal((*protocol)->decode_request(header, 64, &decoded), -EMSGSIZE);
        assert_int_equal((*protocol)->decode_request(header, 65, &decoded), 0);
        assert_int_equal((*protocol)->decode_reply(header, 64, &decoded), -EMSGSIZE);
    }
}

static void test_greeting_and_welcome(void **state)
{
    (void)state;
    for (const struct protocol *const *protocol = protocols; *protocol; protocol++) {
        uint8_t buffer[256];
        struct space out = {buffer, sizeof buffer};
        ssize_t size = (*protocol)->encode_greeting(out);

        assert_true(size > 0);
        for (size_t prefix = 0; prefix < (size_t)size; prefix++) {
            struct bytes cut = guard_page_copy(&guard, (struct bytes){buffer, prefix});

            assert_int_equal((*protocol)->decode_greeting(cut), 0);
        }
        assert_int_equal((*protocol)->decode_greeting((struct bytes){buffer, (size_t)size}), size);
        assert_int_equal((*protocol)->encode_greeting((struct space){buffer, (size_t)size - 1}),
                         -ENOBUFS);

        for (enum welcome welcome = WELCOME_OK; welcome <= WELCOME_ERROR; welcome++) {
            enum welcome decoded;

            size = (*protocol)->encode_welcome(welcome, out);
            assert_true(size > 0);
            struct bytes in = guard_page_copy(&guard, (struct bytes){buffer, (size_t)size});

            assert_int_equal((*protocol)->decode_welcome(in, &decoded), size);
            assert_int_equal(decoded, welcome);
            in.size--;
            assert_int_equal((*protocol)->decode_welcome(in, &decoded), 0);
        }
    }
}

static void test_native_wire_is_the_documented_one(void **state)
{
    (void)state;
    const struct protocol *native = protocol_find("native");
    uint8_t buffer[64];
    struct space out = {buffer, sizeof buffer};
    struct message message = {OPERATION_ECHO, {(const uint8_t *)"hola", 4}};

    assert_non_null(native);
    assert_int_equal(native->encode_greeting(out), 4);
    assert_memory_equal(buffer, "\1\0\0\0", 4);
    assert_int_equal(native->encode_welcome(WELCOME_OK, out), 4);
    assert_memory_equal(buffer, "\0\0\0\0", 4);
    assert_int_equal(native->encode_welcome(WELCOME_ERROR, out), 4);
    assert_memory_equal(buffer, "\377\377\377\377", 4);
    assert_int_equal(native->encode_request(&message, out), 9);
    assert_memory_equal(buffer, "\1\4\0\0\0hola", 9);

    /* Everything that is not exactly 1. */
    const struct bytes wrong[] = {
        {(const uint8_t *)"1", 1},           {(const uint8_t *)"\2\0\0\0", 4},
        {(const uint8_t *)"GET / HTTP", 10}, {(const uint8_t *)"\1\0\0\1", 4},
        {(const uint8_t *)"\0\0\0\1", 4},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(native->decode_greeting(wrong[i]), -EPROTO);
    assert_null(protocol_find("nativ"));
    assert_null(protocol_find(""));
}

static int setup(void **state)
{
    (void)state;
    guard_page_init(&guard, ENCODED_MAX);
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
        cmocka_unit_test(test_requests_and_replies_obey_the_laws),
        cmocka_unit_test(test_random_bytes_always_get_an_answer),
        cmocka_unit_test(test_a_declared_size_above_the_limit_is_refused_at_once),
        cmocka_unit_test(test_greeting_and_welcome),
        cmocka_unit_test(test_native_wire_is_the_documented_one),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
