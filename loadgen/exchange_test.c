/* SPDX-License-Identifier: MIT */
/* The client's side of a conversation, fed by hand and with a made-up clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "loadgen/exchange.h"

struct fixture {
    struct request_source source;
    struct exchange exchange;
    uint8_t sent[256];
    size_t sent_size;
};

static struct fixture fixture;

static int setup(void **state)
{
    struct request_kind kind;

    (void)state;
    if (request_kind_parse("echo:64", &kind) < 0 ||
        request_source_init(&fixture.source, &kind, 1) < 0)
        return -1;
    exchange_init(&fixture.exchange, protocols[0], &fixture.source, 3);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    exchange_clear(&fixture.exchange);
    request_source_release(&fixture.source);
    return 0;
}

static void send_one(uint64_t now_ns)
{
    fixture.sent_size = exchange_request(&fixture.exchange, now_ns,
                                         (struct space){fixture.sent, sizeof fixture.sent});
}

static enum exchange_result receive(const uint8_t *data, size_t size)
{
    return exchange_receive_reply(&fixture.exchange, (struct bytes){data, size});
}

static void test_a_request_is_in_flight_until_it_is_answered(void **state)
{
    (void)state;
    send_one(1000);
    assert_true(fixture.exchange.in_flight);
    assert_int_equal(fixture.exchange.sent_ns, 1000);
    assert_int_equal(receive(fixture.sent, fixture.sent_size), EXCHANGE_OK);
    assert_false(fixture.exchange.in_flight);

    /* The old answer is not an answer to the next request. */
    uint8_t old[sizeof fixture.sent];
    memcpy(old, fixture.sent, fixture.sent_size);
    send_one(2000);
    assert_int_equal(receive(old, fixture.sent_size), EXCHANGE_WRONG);
}

static void test_a_reply_may_come_in_any_pieces(void **state)
{
    (void)state;
    for (size_t cut = 1; cut < 69; cut++) {
        send_one(cut);
        assert_int_equal(receive(fixture.sent, cut), EXCHANGE_UNFINISHED);
        assert_true(fixture.exchange.in_flight);
        assert_int_equal(receive(fixture.sent + cut, fixture.sent_size - cut), EXCHANGE_OK);
        assert_null(fixture.exchange.partial.data);
    }
    send_one(1);
    for (size_t i = 0; i < fixture.sent_size - 1; i++)
        assert_int_equal(receive(fixture.sent + i, 1), EXCHANGE_UNFINISHED);
    assert_int_equal(receive(fixture.sent + fixture.sent_size - 1, 1), EXCHANGE_OK);
}

static void test_what_is_no_answer_is_broken(void **state)
{
    (void)state;
    uint8_t more[sizeof fixture.sent];

    /* Nobody asked. */
    assert_int_equal(receive((const uint8_t *)"?", 1), EXCHANGE_BROKEN);

    /* More than was asked. */
    send_one(1);
    memcpy(more, fixture.sent, fixture.sent_size);
    more[fixture.sent_size] = 0;
    assert_int_equal(receive(more, fixture.sent_size + 1), EXCHANGE_BROKEN);
    assert_false(fixture.exchange.in_flight);

    /* A size no reply can have is told at once, not waited for. */
    send_one(2);
    assert_int_equal(receive((const uint8_t *)"\1\xff\xff\xff\x7f", 5), EXCHANGE_BROKEN);
}

static void test_an_error_frame_is_an_error_reply(void **state)
{
    (void)state;
    send_one(1);
    assert_int_equal(receive((const uint8_t *)"\xff\x08\0\0\0\1\0\0\0\0\0\0\0", 13),
                     EXCHANGE_ERROR_REPLY);
}

static void test_the_welcome(void **state)
{
    (void)state;
    struct exchange *exchange = &fixture.exchange;
    uint8_t greeting[16];

    assert_int_equal(exchange_greet(exchange, (struct space){greeting, sizeof greeting}), 4);
    assert_memory_equal(greeting, "\1\0\0\0", 4);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(exchange_receive_welcome(exchange, (struct bytes){(uint8_t *)"\0", 1}),
                         EXCHANGE_UNFINISHED);
    assert_int_equal(exchange_receive_welcome(exchange, (struct bytes){(uint8_t *)"\0", 1}),
                     EXCHANGE_OK);
    assert_int_equal(
        exchange_receive_welcome(exchange, (struct bytes){(uint8_t *)"\xff\xff\xff\xff", 4}),
        EXCHANGE_REFUSED);
    assert_int_equal(exchange_receive_welcome(exchange, (struct bytes){(uint8_t *)"HTTP", 4}),
                     EXCHANGE_BROKEN);
    /* A server that talks before it was asked anything. */
    assert_int_equal(exchange_receive_welcome(exchange, (struct bytes){(uint8_t *)"\0\0\0\0!", 5}),
                     EXCHANGE_BROKEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_request_is_in_flight_until_it_is_answered, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_reply_may_come_in_any_pieces, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_answer_is_broken, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_error_frame_is_an_error_reply, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_welcome, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
