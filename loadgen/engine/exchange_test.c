/* SPDX-License-Identifier: MIT */
/* The client's side of a conversation, fed by hand and with a made-up clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "loadgen/engine/exchange.h"

enum { DEPTH = 4 };
#define FRAME_SIZE ((size_t)69)

struct fixture {
    struct request_mix mix;
    struct request_source source;
    struct exchange exchange;
    struct flight flights[DEPTH];
    uint8_t sent[256];
    size_t sent_size;
};

static struct fixture fixture;

static int setup(void **state)
{
    const char *problem;

    (void)state;
    if (request_mix_parse("echo:64", &fixture.mix, &problem) < 0 ||
        request_source_init(&fixture.source, &fixture.mix, 1) < 0)
        return -1;
    exchange_init(&fixture.exchange, protocols[0], &fixture.source, 3, fixture.flights, DEPTH);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    exchange_clear(&fixture.exchange);
    request_source_release(&fixture.source);
    return 0;
}

static struct flight *send_into(uint8_t *frame, uint64_t intended_ns, uint64_t now_ns)
{
    struct request what = {.size = 64};

    return exchange_request(&fixture.exchange, &what, intended_ns, now_ns,
                            (struct space){frame, 128}, &fixture.sent_size);
}

static void send_one(uint64_t now_ns)
{
    send_into(fixture.sent, now_ns, now_ns);
}

/* The first judgement of what is received; what it is about is over, unless it is unfinished. */
static enum exchange_result receive(const uint8_t *data, size_t size)
{
    enum exchange_result result;

    assert_true(exchange_feed(&fixture.exchange, (struct bytes){data, size}));
    result = exchange_next_reply(&fixture.exchange);
    if (result == EXCHANGE_OK || result == EXCHANGE_WRONG || result == EXCHANGE_ERROR_REPLY) {
        exchange_drop_oldest(&fixture.exchange);
        assert_int_equal(exchange_next_reply(&fixture.exchange), EXCHANGE_UNFINISHED);
    }
    return result;
}

static void test_a_request_is_in_flight_until_it_is_answered(void **state)
{
    (void)state;
    send_one(1000);
    assert_non_null(exchange_oldest(&fixture.exchange));
    assert_int_equal(exchange_oldest(&fixture.exchange)->sent_ns, 1000);
    assert_int_equal(receive(fixture.sent, fixture.sent_size), EXCHANGE_OK);
    assert_null(exchange_oldest(&fixture.exchange));

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
        assert_non_null(exchange_oldest(&fixture.exchange));
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
    struct exchange *exchange = &fixture.exchange;
    uint8_t more[sizeof fixture.sent];

    /* Nobody asked. */
    assert_int_equal(receive((const uint8_t *)"?", 1), EXCHANGE_BROKEN);
    exchange_clear(exchange);

    /* More than was asked: an answer, and then something nobody asked for. */
    send_one(1);
    memcpy(more, fixture.sent, fixture.sent_size);
    more[fixture.sent_size] = 0;
    assert_true(exchange_feed(exchange, (struct bytes){more, fixture.sent_size + 1}));
    assert_int_equal(exchange_next_reply(exchange), EXCHANGE_OK);
    exchange_drop_oldest(exchange);
    assert_int_equal(exchange_next_reply(exchange), EXCHANGE_BROKEN);
    exchange_clear(exchange);

    /* A size no reply can have is told at once, not waited for. */
    send_one(2);
    assert_int_equal(receive((const uint8_t *)"\1\xff\xff\xff\x7f", 5), EXCHANGE_BROKEN);
}

static void test_each_in_flight_has_times_of_its_own(void **state)
{
    (void)state;
    struct exchange *exchange = &fixture.exchange;
    uint8_t frames[DEPTH][128], stream[DEPTH * FRAME_SIZE];

    /* Round the ring more than once, in reads that end in the middle of replies. */
    for (uint64_t round = 0; round < 10; round++) {
        for (unsigned i = 0; i < DEPTH; i++) {
            assert_true(exchange_has_room(exchange));
            send_into(frames[i], round * 100 + i, round * 100 + 10 * (uint64_t)i);
            assert_int_equal(fixture.sent_size, FRAME_SIZE);
            memcpy(stream + i * FRAME_SIZE, frames[i], FRAME_SIZE);
        }
        assert_false(exchange_has_room(exchange));
        size_t cut = 1 + (size_t)round * 27;
        unsigned answered = 0;

        for (int part = 0; part < 2; part++) {
            struct bytes in = {part == 0 ? stream : stream + cut,
                               part == 0 ? cut : sizeof stream - cut};

            assert_true(exchange_feed(exchange, in));
            while (exchange_next_reply(exchange) == EXCHANGE_OK) {
                assert_int_equal(exchange_oldest(exchange)->intended_ns, round * 100 + answered);
                assert_int_equal(exchange_oldest(exchange)->sent_ns,
                                 round * 100 + 10 * (uint64_t)answered);
                exchange_drop_oldest(exchange);
                answered++;
            }
            assert_int_equal(answered, part == 0 ? cut / FRAME_SIZE : DEPTH);
        }
        assert_null(exchange->partial.data);
    }
    /* Answers in another order are wrong answers. */
    send_into(frames[0], 1, 1);
    send_into(frames[1], 2, 2);
    assert_int_equal(receive(frames[1], FRAME_SIZE), EXCHANGE_WRONG);
    assert_int_equal(receive(frames[0], FRAME_SIZE), EXCHANGE_WRONG);
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
        cmocka_unit_test_setup_teardown(test_each_in_flight_has_times_of_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_error_frame_is_an_error_reply, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_welcome, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
