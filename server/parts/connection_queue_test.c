/* SPDX-License-Identifier: MIT */
/* The bounded queue of connections: order, bounds in length and time, and the end of waiting. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

static void test_only_those_that_waited_too_long_come_out_early(void **state)
{
    (void)state;
    struct connection_queue queue;

    init(&queue);
    assert_int_equal(connection_queue_oldest_ns(&queue), 0);
    assert_int_equal(connection_queue_pop_older(&queue, UINT64_MAX), -1);
    assert_true(connection_queue_push(&queue, 7, 1000));
    assert_true(connection_queue_push(&queue, 8, 2000));
    assert_int_equal(connection_queue_oldest_ns(&queue), 1000);
    assert_int_equal(connection_queue_pop_older(&queue, 1000), -1);
    assert_int_equal(connection_queue_pop_older(&queue, 1001), 7);
    assert_int_equal(connection_queue_oldest_ns(&queue), 2000);
    assert_int_equal(connection_queue_pop_older(&queue, 1001), -1);
    assert_int_equal(connection_queue_pop_older(&queue, UINT64_MAX), 8);
    assert_int_equal(connection_queue_oldest_ns(&queue), 0);
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
    while ((fd = connection_queue_pop_older(&queue, UINT64_MAX)) >= 0)
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
        cmocka_unit_test(test_only_those_that_waited_too_long_come_out_early),
        cmocka_unit_test(test_closing_ends_all_waiting_and_nothing_is_lost),
        cmocka_unit_test(test_only_an_idle_worker_makes_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
