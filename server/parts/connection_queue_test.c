/* SPDX-License-Identifier: MIT */
/* The bounded queue of connections: order, bounds in length and time, and the end of waiting. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "protocol/native.h"
#include "server/counters.h"
#include "server/parts/connection_queue.h"

/* What the queue of one idle worker takes: one of them for the worker. */
enum { CAPACITY = 5 };

static void init(struct connection_queue *queue)
{
    assert_int_equal(connection_queue_init(queue, CAPACITY - 1, 1), 0);
    connection_queue_add_worker(queue);
}

/* Takes a connection and is done with it at once. */
static int take(struct connection_queue *queue)
{
    int fd = connection_queue_pop(queue);

    if (fd >= 0)
        connection_queue_served(queue);
    return fd;
}

static void test_first_in_first_out_round_the_ring(void **state)
{
    (void)state;
    struct connection_queue queue;
    int next_in = 100, next_out = 100;

    init(&queue);
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 3; i++)
            assert_true(connection_queue_push(&queue, next_in++, 1));
        for (int i = 0; i < 3; i++)
            assert_int_equal(take(&queue), next_out++);
    }
    connection_queue_release(&queue);
}

static void test_a_full_queue_leaves_the_descriptor_to_the_caller(void **state)
{
    (void)state;
    struct connection_queue queue;

    init(&queue);
    for (int fd = 0; fd < CAPACITY; fd++)
        assert_true(connection_queue_push(&queue, fd, 1));
    assert_false(connection_queue_push(&queue, CAPACITY, 1));
    assert_int_equal(take(&queue), 0);
    assert_true(connection_queue_push(&queue, CAPACITY, 1));
    for (int fd = 1; fd <= CAPACITY; fd++)
        assert_int_equal(take(&queue), fd);
    connection_queue_release(&queue);
}

/* --- refusals: by a clock of the test's own ------------------------------------------------------
 */

static struct server_config config;
static struct server server;
static struct counters *acceptor;

static int open_server(void **state)
{
    (void)state;
    config = SERVER_CONFIG_DEFAULT;
    config.protocol = &protocol_native;
    config.port = 0;
    if (server_open(&server, &config) < 0)
        return -1;
    acceptor = counters_join(&server.counters, "acceptor");
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    server_close(&server);
    return 0;
}

/* The server's end of a new connection; the client's goes to `client_fd`. */
static int connect_pair(int *client_fd)
{
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
    *client_fd = fds[1];
    atomic_fetch_add(server.clients_served, 1); /* as when it is admitted */
    return fds[0];
}

static void expect_refusals(struct connection_queue *queue, uint64_t now_ns, uint64_t refused,
                            uint64_t look_at_ns)
{
    assert_int_equal(connection_queue_refuse_overdue(queue, &server, acceptor, now_ns), look_at_ns);
    assert_int_equal(counters_get(acceptor, COUNTER_REJECTS), refused);
}

static void test_only_those_that_waited_too_long_are_refused(void **state)
{
    (void)state;
    const uint64_t begin_ns = 10 * NS_PER_S, later_ns = begin_ns + 1000;
    struct connection_queue queue;
    int clients[3];

    assert_int_equal(connection_queue_init(&queue, CAPACITY, 1), 0);
    expect_refusals(&queue, begin_ns, 0, 0);
    assert_true(connection_queue_push(&queue, connect_pair(&clients[0]), begin_ns));
    assert_true(connection_queue_push(&queue, connect_pair(&clients[1]), later_ns));
    expect_refusals(&queue, begin_ns + QUEUE_TIME_NS - 1, 0, begin_ns + QUEUE_TIME_NS);
    expect_refusals(&queue, begin_ns + QUEUE_TIME_NS, 1, later_ns + QUEUE_TIME_NS);
    expect_refusals(&queue, later_ns + QUEUE_TIME_NS, 2, 0);
    assert_true(connection_queue_push(&queue, connect_pair(&clients[2]), later_ns));
    connection_queue_close(&queue);
    connection_queue_refuse_all(&queue, &server, acceptor);
    expect_refusals(&queue, later_ns, 3, 0);
    for (int i = 0; i < 3; i++)
        close(clients[i]);
    connection_queue_release(&queue);
}

static void test_an_idle_worker_is_given_time_to_wake_up(void **state)
{
    (void)state;
    const uint64_t begin_ns = 10 * NS_PER_S, due_ns = begin_ns + QUEUE_TIME_NS;
    struct connection_queue queue;
    int clients[2];

    assert_int_equal(connection_queue_init(&queue, CAPACITY, 1), 0);
    connection_queue_set_idle(&queue, 1);
    assert_true(connection_queue_push(&queue, connect_pair(&clients[0]), begin_ns));
    assert_true(connection_queue_push(&queue, connect_pair(&clients[1]), begin_ns));
    expect_refusals(&queue, begin_ns, 0, due_ns);
    expect_refusals(&queue, due_ns, 0, due_ns + QUEUE_LOOK_NS);
    int taken = connection_queue_pop(&queue); /* now it is occupied */

    assert_true(taken >= 0);
    expect_refusals(&queue, due_ns + QUEUE_LOOK_NS, 1, 0);
    connection_queue_served(&queue);
    assert_true(connection_queue_push(&queue, taken, begin_ns));
    expect_refusals(&queue, due_ns + QUEUE_PATIENCE_NS, 2, 0);
    for (int i = 0; i < 2; i++)
        close(clients[i]);
    connection_queue_release(&queue);
}

static void *pop_until_closed(void *argument)
{
    struct connection_queue *queue = argument;
    intptr_t sum = 0;
    int fd;

    while ((fd = take(queue)) >= 0)
        sum += fd;
    return (void *)sum; // NOLINT(performance-no-int-to-ptr): a thread's result is a pointer
}

static void test_closing_ends_all_waiting_and_nothing_is_lost(void **state)
{
    (void)state;
    enum { WAITERS = 4, CONNECTIONS = 1000 };
    struct connection_queue queue;
    pthread_t waiters[WAITERS];
    intptr_t expected = 0, sum = 0;
    int fd;

    assert_int_equal(connection_queue_init(&queue, CAPACITY, WAITERS), 0);
    for (int i = 0; i < WAITERS; i++) {
        connection_queue_add_worker(&queue);
        assert_int_equal(pthread_create(&waiters[i], NULL, pop_until_closed, &queue), 0);
    }
    for (fd = 0; fd < CONNECTIONS; fd++) {
        if (connection_queue_push(&queue, fd, 1))
            expected += fd;
    }
    connection_queue_close(&queue);
    assert_false(connection_queue_push(&queue, fd, 1));
    for (int i = 0; i < WAITERS; i++) {
        void *result;

        assert_int_equal(pthread_join(waiters[i], &result), 0);
        sum += (intptr_t)result;
    }
    while ((fd = connection_queue_try_pop(&queue)) >= 0)
        sum += fd;
    assert_int_equal(sum, expected);
    assert_int_equal(connection_queue_pop(&queue), -1);
    connection_queue_release(&queue);
}

static void test_only_an_idle_worker_makes_room(void **state)
{
    (void)state;
    struct connection_queue queue;

    assert_int_equal(connection_queue_init(&queue, 0, 1), 0);
    assert_false(connection_queue_push(&queue, 1, 1));
    connection_queue_add_worker(&queue);
    assert_true(connection_queue_push(&queue, 2, 1));
    assert_false(connection_queue_push(&queue, 3, 1));
    assert_int_equal(connection_queue_pop(&queue), 2);
    assert_false(connection_queue_push(&queue, 4, 1)); /* it is being served */
    connection_queue_served(&queue);
    assert_true(connection_queue_push(&queue, 5, 1));
    connection_queue_release(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_in_first_out_round_the_ring),
        cmocka_unit_test(test_a_full_queue_leaves_the_descriptor_to_the_caller),
        cmocka_unit_test_setup_teardown(test_only_those_that_waited_too_long_are_refused,
                                        open_server, close_server),
        cmocka_unit_test_setup_teardown(test_an_idle_worker_is_given_time_to_wake_up, open_server,
                                        close_server),
        cmocka_unit_test(test_closing_ends_all_waiting_and_nothing_is_lost),
        cmocka_unit_test(test_only_an_idle_worker_makes_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
