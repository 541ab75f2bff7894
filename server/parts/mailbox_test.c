/* SPDX-License-Identifier: MIT */
/* The mailbox of connections: order, its bound, and that nobody sleeps while something is inside.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/parts/mailbox.h"

enum { CAPACITY = 4 };

static bool is_awake(const struct mailbox *mailbox, int timeout_ms)
{
    struct pollfd wake = {.fd = mailbox->wake_fd, .events = POLLIN};

    return poll(&wake, 1, timeout_ms) == 1;
}

static void test_all_comes_out_in_order(void **state)
{
    (void)state;
    struct mailbox mailbox;
    const int *fds;
    int next = 100;

    assert_int_equal(mailbox_init(&mailbox, CAPACITY), 0);
    assert_int_equal(mailbox_take(&mailbox, &fds), 0);
    for (int round = 0; round < 20; round++) {
        int first = next;
        size_t count = 1 + (size_t)round % CAPACITY;

        for (size_t i = 0; i < count; i++)
            assert_int_equal(mailbox_put(&mailbox, next++), i + 1);
        assert_int_equal(mailbox_take(&mailbox, &fds), count);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(fds[i], first + (int)i);
    }
    mailbox_release(&mailbox);
}

static void test_it_is_readable_while_something_is_inside(void **state)
{
    (void)state;
    struct mailbox mailbox;
    const int *fds;

    assert_int_equal(mailbox_init(&mailbox, CAPACITY), 0);
    assert_false(is_awake(&mailbox, 0));
    for (int round = 0; round < 3; round++) {
        assert_int_equal(mailbox_put(&mailbox, 1), 1);
        assert_int_equal(mailbox_put(&mailbox, 2), 2);
        assert_true(is_awake(&mailbox, 0));
        assert_int_equal(mailbox_take(&mailbox, &fds), 2);
        assert_false(is_awake(&mailbox, 0));
    }
    mailbox_release(&mailbox);
}

static void test_a_full_mailbox_leaves_the_descriptor_to_the_caller(void **state)
{
    (void)state;
    struct mailbox mailbox;
    const int *fds;

    assert_int_equal(mailbox_init(&mailbox, CAPACITY), 0);
    for (int fd = 0; fd < CAPACITY; fd++)
        assert_true(mailbox_put(&mailbox, fd));
    assert_false(mailbox_put(&mailbox, CAPACITY));
    assert_int_equal(mailbox_take(&mailbox, &fds), CAPACITY);
    assert_int_equal(mailbox_put(&mailbox, 7), 1);
    /* What was taken out stays as it is meanwhile. */
    for (int fd = 0; fd < CAPACITY; fd++)
        assert_int_equal(fds[fd], fd);
    mailbox_release(&mailbox);
}

enum { CONNECTIONS = 20000, WAIT_MS = 10000 };

/* Puts 1, 2, 3, … in, however often it has to try. */
static void *put_all(void *argument)
{
    struct mailbox *mailbox = argument;

    for (int fd = 1; fd <= CONNECTIONS; fd++) {
        while (mailbox_put(mailbox, fd) == 0)
            poll(NULL, 0, 0);
    }
    return NULL;
}

static void test_who_waits_misses_nothing(void **state)
{
    (void)state;
    struct mailbox mailbox;
    pthread_t putter;
    int expected = 1;

    assert_int_equal(mailbox_init(&mailbox, CAPACITY), 0);
    assert_int_equal(pthread_create(&putter, NULL, put_all, &mailbox), 0);
    while (expected <= CONNECTIONS) {
        const int *fds;

        assert_true(is_awake(&mailbox, WAIT_MS));
        for (size_t count = mailbox_take(&mailbox, &fds); count > 0; count--)
            assert_int_equal(*fds++, expected++);
    }
    pthread_join(putter, NULL);
    mailbox_release(&mailbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_comes_out_in_order),
        cmocka_unit_test(test_it_is_readable_while_something_is_inside),
        cmocka_unit_test(test_a_full_mailbox_leaves_the_descriptor_to_the_caller),
        cmocka_unit_test(test_who_waits_misses_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
