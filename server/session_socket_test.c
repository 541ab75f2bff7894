/* SPDX-License-Identifier: MIT */
/* session_advance(): one conversation over a socket that fills up, blocks, ends or breaks. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "protocol/native.h"
#include "server/server.h"
#include "server/session.h"

enum { MESSAGE_MAX = 1 << 20, SCRATCH_SIZE = 4096, REQUESTS_PER_TURN = 8 };

static struct server_config config;
static struct server server;
static struct counters *counters;

struct pair {
    struct session session;
    uint8_t input[SCRATCH_SIZE], output[SCRATCH_SIZE];
    int fd;     /* the session's end; it does not block unless asked to */
    int client; /* the other; never blocks */
};

static void pair_open(struct pair *pair, bool blocks)
{
    int fds[2], size = 4096;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | (blocks ? 0 : SOCK_NONBLOCK), 0, fds), 0);
    pair->fd = fds[0];
    pair->client = fds[1];
    /* Small, so that it fills up. */
    assert_int_equal(setsockopt(pair->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size), 0);
    session_init(&pair->session, &server, counters,
                 (struct session_scratch){{pair->input, sizeof pair->input},
                                          {pair->output, sizeof pair->output}},
                 blocks);
}

static void pair_close(struct pair *pair)
{
    session_end(&pair->session, pair->fd);
    if (pair->client >= 0)
        close(pair->client);
}

/* Another session of the same worker may run now. */
static enum session_need pair_advance(struct pair *pair)
{
    enum session_need need = session_advance(&pair->session, pair->fd);

    memset(pair->input, 0xA5, sizeof pair->input);
    memset(pair->output, 0x5A, sizeof pair->output);
    return need;
}

static void client_says(struct pair *pair, const void *data, size_t size)
{
    assert_int_equal(send(pair->client, data, size, MSG_NOSIGNAL | MSG_DONTWAIT), size);
}

static size_t client_hears(struct pair *pair, void *data, size_t size)
{
    ssize_t received = recv(pair->client, data, size, MSG_DONTWAIT);

    if (received < 0)
        assert_int_equal(errno, EAGAIN);
    return received < 0 ? 0 : (size_t)received;
}

static void test_a_reply_larger_than_the_socket_arrives_whole(void **state)
{
    (void)state;
    enum { SIZE = 300000 };
    uint8_t *frame = malloc(NATIVE_HEADER_SIZE + SIZE), *heard = malloc(NATIVE_HEADER_SIZE + SIZE);
    size_t said = 0, heard_size = 0;
    bool was_full = false;
    struct pair pair;

    assert_true(frame && heard);
    frame[0] = OPERATION_ECHO;
    u32_store(frame + 1, SIZE);
    for (size_t i = 0; i < SIZE; i++)
        frame[NATIVE_HEADER_SIZE + i] = (uint8_t)(i * 7 + (i >> 8));
    pair_open(&pair, false);
    client_says(&pair, "\1\0\0\0", 4);
    assert_int_equal(pair_advance(&pair), SESSION_READ);
    assert_int_equal(client_hears(&pair, heard, 10), 4);
    while (said < NATIVE_HEADER_SIZE + SIZE) {
        ssize_t sent = send(pair.client, frame + said, NATIVE_HEADER_SIZE + SIZE - said,
                            MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent > 0)
            said += (size_t)sent;
        assert_int_not_equal(pair_advance(&pair), SESSION_CLOSE);
    }
    while (heard_size < NATIVE_HEADER_SIZE + SIZE) {
        was_full |= pair_advance(&pair) == SESSION_WRITE;
        heard_size +=
            client_hears(&pair, heard + heard_size, NATIVE_HEADER_SIZE + SIZE - heard_size);
    }
    assert_true(was_full);
    assert_memory_equal(heard, frame, NATIVE_HEADER_SIZE + SIZE);
    assert_int_equal(pair_advance(&pair), SESSION_READ);
    assert_null(pair.session.kept_input.data);
    assert_null(pair.session.kept_output.data);
    pair_close(&pair);
    free(frame);
    free(heard);
}

static void test_a_turn_is_bounded_and_what_is_left_over_comes_next(void **state)
{
    (void)state;
    enum { REQUESTS = 3 * REQUESTS_PER_TURN - 1 };
    uint8_t requests[4 + REQUESTS * NATIVE_HEADER_SIZE] = {1}, heard[sizeof requests + 1];
    uint64_t before[COUNTERS_COUNT], after[COUNTERS_COUNT];
    struct pair pair;

    for (size_t i = 0; i < REQUESTS; i++)
        requests[4 + i * NATIVE_HEADER_SIZE] = OPERATION_ECHO;
    pair_open(&pair, false);
    client_says(&pair, requests, sizeof requests);
    for (int turn = 1; turn <= 3; turn++) {
        counters_sum(&server.counters, before);
        assert_int_equal(pair_advance(&pair), turn < 3 ? SESSION_WRITE : SESSION_READ);
        counters_sum(&server.counters, after);
        assert_int_equal(after[COUNTER_REQUESTS] - before[COUNTER_REQUESTS],
                         turn < 3 ? REQUESTS_PER_TURN : REQUESTS_PER_TURN - 1);
    }
    assert_int_equal(client_hears(&pair, heard, sizeof heard), sizeof requests);
    requests[0] = 0;
    assert_memory_equal(heard, requests, sizeof requests);
    pair_close(&pair);
}

/* A greeting, then two requests at once, then nothing: read and write, read and write, read in
 * vain. */
static void test_every_call_on_the_socket_is_counted(void **state)
{
    (void)state;
    static const struct {
        const char *said;
        size_t size;
        uint64_t calls;
    } turns[] = {{"\1\0\0\0", 4, 2}, {"\1\0\0\0\0\1\0\0\0\0", 10, 2}, {"", 0, 1}};
    uint64_t before[COUNTERS_COUNT], after[COUNTERS_COUNT];
    struct pair pair;

    pair_open(&pair, false);
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
        client_says(&pair, turns[i].said, turns[i].size);
        counters_sum(&server.counters, before);
        assert_int_equal(pair_advance(&pair), SESSION_READ);
        counters_sum(&server.counters, after);
        assert_int_equal(after[COUNTER_IO_CALLS] - before[COUNTER_IO_CALLS], turns[i].calls);
    }
    pair_close(&pair);
}

static void test_half_close_with_requests_under_way(void **state)
{
    (void)state;
    uint8_t heard[64];
    struct pair pair;

    pair_open(&pair, false);
    client_says(&pair, "\1\0\0\0\1\4\0\0\0hola", 13);
    assert_int_equal(shutdown(pair.client, SHUT_WR), 0);
    assert_int_equal(pair_advance(&pair), SESSION_READ); /* there was less than asked for */
    assert_int_equal(pair_advance(&pair), SESSION_CLOSE);
    assert_int_equal(client_hears(&pair, heard, sizeof heard), 13);
    assert_memory_equal(heard, "\0\0\0\0\1\4\0\0\0hola", 13);
    pair_close(&pair);
}

static void test_a_client_that_has_gone_ends_the_session(void **state)
{
    (void)state;
    struct pair pair;

    pair_open(&pair, false);
    client_says(&pair, "\1\0\0\0\1\4\0\0\0hola", 13);
    close(pair.client);
    pair.client = -1;
    while (pair_advance(&pair) != SESSION_CLOSE)
        ;
    pair_close(&pair);
}

static void test_silence_on_a_blocking_socket_ends_the_session(void **state)
{
    (void)state;
    struct timeval patience = {.tv_usec = 20000};
    struct pair pair;

    pair_open(&pair, true);
    assert_int_equal(setsockopt(pair.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    client_says(&pair, "\1\0\0\0\1\4", 6);
    while (pair_advance(&pair) != SESSION_CLOSE)
        ;
    pair_close(&pair);
}

static void test_a_last_word_survives_input_nobody_reads(void **state)
{
    (void)state;
    uint8_t heard[8], garbage[20000] = "GET / HTTP/1.1";
    struct pair pair;

    pair_open(&pair, false);
    client_says(&pair, garbage, sizeof garbage);
    while (pair_advance(&pair) != SESSION_CLOSE)
        ;
    session_end(&pair.session, pair.fd);
    /* Both the four bytes and a clean end, not a reset. */
    assert_int_equal(recv(pair.client, heard, sizeof heard, MSG_WAITALL), 4);
    assert_memory_equal(heard, "\377\377\377\377", 4);
    assert_int_equal(recv(pair.client, heard, sizeof heard, 0), 0);
    close(pair.client);
}

static bool echoes_are_left(const struct service *service, const struct message *request)
{
    (void)service;
    return request->operation == OPERATION_ECHO;
}

/* An unknown operation is answered here, an echo is left; with it what comes after it. */
static void test_a_request_can_be_left_for_another_thread(void **state)
{
    (void)state;
    static const uint8_t SAID[] = {1, 0, 0, 0, 99, 0, 0, 0, 0, 1, 1, 0, 0, 0, '!', 99, 0, 0, 0, 0};
    static const uint8_t REPLY[] = {1, 1, 0, 0, 0, '!'};
    uint8_t heard[256], other_input[SCRATCH_SIZE], other_output[SCRATCH_SIZE];
    struct session_scratch other = {{other_input, sizeof other_input},
                                    {other_output, sizeof other_output}};
    struct pair pair;

    pair_open(&pair, false);
    struct session_scratch own = pair.session.scratch;

    client_says(&pair, SAID, sizeof SAID);
    assert_int_equal(session_advance_until(&pair.session, pair.fd, echoes_are_left), SESSION_WORK);
    size_t error_size = client_hears(&pair, heard, sizeof heard) - 4;

    assert_true(error_size > 0);
    /* It stays so until somebody executes it. */
    assert_int_equal(session_advance_until(&pair.session, pair.fd, echoes_are_left), SESSION_WORK);
    assert_int_equal(client_hears(&pair, heard, sizeof heard), 0);

    session_hand_over(&pair.session, counters, other);
    session_execute(&pair.session);
    session_keep(&pair.session);
    session_hand_over(&pair.session, counters, own);
    memset(other_output, 0x5A, sizeof other_output);
    client_says(&pair, SAID + 4, 5);
    /* What was read is executed, what has arrived since then is not read. */
    assert_int_equal(session_resume(&pair.session, pair.fd, echoes_are_left), SESSION_READ);
    assert_int_equal(client_hears(&pair, heard, sizeof heard), sizeof REPLY + error_size);
    assert_memory_equal(heard, REPLY, sizeof REPLY);
    assert_int_equal(pair_advance(&pair), SESSION_READ);
    assert_int_equal(client_hears(&pair, heard, sizeof heard), error_size);
    pair_close(&pair);
}

static int setup(void **state)
{
    (void)state;
    config = SERVER_CONFIG_DEFAULT;
    config.protocol = &protocol_native;
    config.message_max = MESSAGE_MAX;
    config.requests_per_turn = REQUESTS_PER_TURN;
    config.port = 0;
    if (server_open(&server, &config) < 0)
        return -1;
    counters = counters_join(&server.counters, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    counters_leave(&server.counters, counters);
    server_close(&server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_reply_larger_than_the_socket_arrives_whole),
        cmocka_unit_test(test_a_turn_is_bounded_and_what_is_left_over_comes_next),
        cmocka_unit_test(test_every_call_on_the_socket_is_counted),
        cmocka_unit_test(test_half_close_with_requests_under_way),
        cmocka_unit_test(test_a_client_that_has_gone_ends_the_session),
        cmocka_unit_test(test_silence_on_a_blocking_socket_ends_the_session),
        cmocka_unit_test(test_a_last_word_survives_input_nobody_reads),
        cmocka_unit_test(test_a_request_can_be_left_for_another_thread),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
