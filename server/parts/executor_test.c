/* SPDX-License-Identifier: MIT */
/*
 * A loop whose requests are executed by one thread, with a queue of one: what clients do while
 * their request is executed elsewhere, or waits for room.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/native.h"
#include "protocol/payload.h"
#include "server/parts/executor.h"
#include "server/stop.h"

enum { REQUEST_SIZE = NATIVE_HEADER_SIZE + WORK_FIXED_SIZE, REPLY_PAYLOAD = 8 };
enum { REPLY_SIZE = NATIVE_HEADER_SIZE + REPLY_PAYLOAD, BLOCK_US = 20000 };

/* A server that runs on a thread of its own. */
struct trial {
    struct server_config config;
    struct server server;
    struct executor *executor;
    pthread_t thread;
};

static void *run(void *argument)
{
    struct trial *trial = argument;

    executor_run(trial->executor);
    return NULL;
}

static void trial_start_with(struct trial *trial, uint64_t idle_timeout_ns)
{
    trial->config = SERVER_CONFIG_DEFAULT;
    trial->config.port = 0;
    trial->config.protocol = &protocol_native;
    trial->config.workers = 1;
    trial->config.queue = 1;
    trial->config.idle_timeout_ns = idle_timeout_ns;
    assert_int_equal(server_open(&trial->server, &trial->config), 0);
    trial->executor = calloc(1, sizeof *trial->executor);
    assert_non_null(trial->executor);
    assert_int_equal(executor_start(trial->executor, &trial->server, service_blocks), 0);
    assert_int_equal(pthread_create(&trial->thread, NULL, run, trial), 0);
}

static void trial_start(struct trial *trial)
{
    trial_start_with(trial, 0);
}

/* Stops it and tells what was counted in all, and how often the loop woke up. */
static uint64_t trial_end(struct trial *trial, uint64_t *totals)
{
    stop_request(trial->server.stop_fd);
    pthread_join(trial->thread, NULL);
    uint64_t wakeups = counters_get(trial->executor->lending.epoll.loop.counters, COUNTER_WAKEUPS);

    executor_release(trial->executor);
    free(trial->executor);
    counters_sum(&trial->server.counters, totals);
    server_close(&trial->server);
    assert_int_equal(totals[COUNTER_CLOSES], totals[COUNTER_ACCEPTS]);
    return wakeups;
}

static int client_open(const struct trial *trial)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(trial->server.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    uint8_t welcome[4];

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(send(fd, "\1\0\0\0", 4, MSG_NOSIGNAL), 4);
    assert_int_equal(recv(fd, welcome, sizeof welcome, MSG_WAITALL), sizeof welcome);
    return fd;
}

static void client_asks(int fd, uint32_t block_us)
{
    const struct work work = {0, block_us, REPLY_PAYLOAD};
    uint8_t request[REQUEST_SIZE] = {OPERATION_WORK, WORK_FIXED_SIZE};
    struct space payload = {request + NATIVE_HEADER_SIZE, WORK_FIXED_SIZE};

    assert_int_equal(work_encode(&work, payload), WORK_FIXED_SIZE);
    assert_int_equal(send(fd, request, sizeof request, MSG_NOSIGNAL), sizeof request);
}

static void client_is_answered(int fd)
{
    uint8_t reply[REPLY_SIZE];

    assert_int_equal(recv(fd, reply, sizeof reply, MSG_WAITALL), sizeof reply);
    assert_int_equal(reply[0], OPERATION_WORK);
}

static void client_is_at_the_end(int fd)
{
    uint8_t byte;

    assert_int_equal(recv(fd, &byte, 1, MSG_WAITALL), 0);
}

/* Far more than the queue and the thread take; those that do not block overtake. */
static void test_everybody_is_answered_however_full_the_queue_is(void **state)
{
    (void)state;
    enum { CLIENTS = 12, REQUESTS = 3 };
    uint64_t totals[COUNTERS_COUNT];
    int clients[CLIENTS], hasty;
    struct trial trial;

    trial_start(&trial);
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = client_open(&trial);
    hasty = client_open(&trial);
    for (int i = 0; i < CLIENTS; i++) {
        for (int k = 0; k < REQUESTS; k++)
            client_asks(clients[i], BLOCK_US);
    }
    uint64_t start_ns = clock_now_ns();

    client_asks(hasty, 0);
    client_is_answered(hasty);
    /* Less than half of what all the others take. */
    assert_true(clock_now_ns() - start_ns < UINT64_C(18) * BLOCK_US * NS_PER_US);
    for (int i = 0; i < CLIENTS; i++) {
        for (int k = 0; k < REQUESTS; k++)
            client_is_answered(clients[i]);
        close(clients[i]);
    }
    close(hasty);
    trial_end(&trial, totals);
    assert_int_equal(totals[COUNTER_REQUESTS], CLIENTS * REQUESTS + 1);
    assert_in_range(totals[COUNTER_QUEUE_MAX], 1, 2);
    /* There and back, for every time that a client was lent. */
    assert_in_range(totals[COUNTER_HANDOFFS], 2 * CLIENTS, 2 * CLIENTS * REQUESTS);
}

/* More requests, the end of the input, a reset: nothing is lost, and the loop does not spin. */
static void test_who_is_lent_may_say_what_it_likes(void **state)
{
    (void)state;
    enum { WAKEUPS_MAX = 60 };
    const struct linger reset = {1, 0};
    uint64_t totals[COUNTERS_COUNT];
    struct trial trial;

    trial_start(&trial);
    int more = client_open(&trial), half_closed = client_open(&trial), gone = client_open(&trial);

    client_asks(more, BLOCK_US);
    client_asks(half_closed, BLOCK_US);
    client_asks(gone, BLOCK_US);
    poll(NULL, 0, BLOCK_US / 4000);
    client_asks(more, BLOCK_US);
    assert_int_equal(shutdown(half_closed, SHUT_WR), 0);
    assert_int_equal(setsockopt(gone, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
    close(gone);
    client_is_answered(more);
    client_is_answered(more);
    client_is_answered(half_closed);
    client_is_at_the_end(half_closed);
    close(more);
    close(half_closed);
    uint64_t wakeups = trial_end(&trial, totals);

    assert_in_range(wakeups, 3, WAKEUPS_MAX);
    assert_in_range(totals[COUNTER_REQUESTS], 3, 4);
}

static void test_the_stop_ends_who_is_lent_and_who_waits(void **state)
{
    (void)state;
    enum { CLIENTS = 6 };
    uint64_t totals[COUNTERS_COUNT], start_ns;
    int clients[CLIENTS];
    struct trial trial;

    trial_start(&trial);
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = client_open(&trial);
        client_asks(clients[i], WORK_TIME_MAX_US);
    }
    start_ns = clock_now_ns();
    trial_end(&trial, totals);
    assert_true(clock_now_ns() - start_ns < 2 * DRAIN_TIME_NS);
    for (int i = 0; i < CLIENTS; i++) {
        client_is_answered(clients[i]);
        client_is_at_the_end(clients[i]);
        close(clients[i]);
    }
}

/* A request that blocks longer than a client may be silent is no silence. */
static void test_who_is_lent_is_not_silent(void **state)
{
    (void)state;
    uint64_t totals[COUNTERS_COUNT];
    struct trial trial;

    trial_start_with(&trial, 200 * NS_PER_MS);
    int fd = client_open(&trial);

    client_asks(fd, 600 * 1000);
    client_is_answered(fd);
    client_is_at_the_end(fd); /* but this is */
    close(fd);
    trial_end(&trial, totals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everybody_is_answered_however_full_the_queue_is),
        cmocka_unit_test(test_who_is_lent_may_say_what_it_likes),
        cmocka_unit_test(test_the_stop_ends_who_is_lent_and_who_waits),
        cmocka_unit_test(test_who_is_lent_is_not_silent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
