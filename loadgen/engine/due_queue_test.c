/* SPDX-License-Identifier: MIT */
/* The soonest comes first, whatever the order of adding and taking. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/random.h"
#include "loadgen/engine/due_queue.h"

enum { CAPACITY = 1000 };

static void test_an_empty_queue_is_never_due(void **state)
{
    (void)state;
    struct due_queue queue;

    assert_int_equal(due_queue_init(&queue, 0), 0);
    assert_int_equal(due_queue_soonest(&queue), UINT64_MAX);
    due_queue_release(&queue);
}

static void test_everything_comes_out_in_order(void **state)
{
    (void)state;
    struct random random = random_seeded(1);
    struct due_queue queue;
    uint64_t last_ns = 0;

    assert_int_equal(due_queue_init(&queue, CAPACITY), 0);
    for (int i = 0; i < CAPACITY; i++)
        due_queue_add(&queue, (struct due_entry){.at_ns = random_below(&random, 500)});
    for (int i = 0; i < CAPACITY; i++) {
        assert_true(due_queue_soonest(&queue) >= last_ns);
        last_ns = due_queue_take(&queue).at_ns;
    }
    assert_int_equal(queue.count, 0);
    due_queue_release(&queue);
}

/* What is added while others are taken, as think times are. */
static void test_a_queue_in_use(void **state)
{
    (void)state;
    struct random random = random_seeded(2);
    struct due_queue queue;
    uint64_t now_ns = 0, taken = 0;

    assert_int_equal(due_queue_init(&queue, CAPACITY), 0);
    for (int i = 0; i < 100; i++)
        due_queue_add(&queue, (struct due_entry){.at_ns = random_below(&random, 1000)});
    for (int i = 0; i < 100000; i++) {
        struct due_entry entry = due_queue_take(&queue);

        assert_true(entry.at_ns >= now_ns);
        now_ns = entry.at_ns;
        taken++;
        due_queue_add(&queue, (struct due_entry){.at_ns = now_ns + random_below(&random, 1000)});
    }
    assert_int_equal(queue.count, 100);
    assert_int_equal(taken, 100000);
    due_queue_release(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_queue_is_never_due),
        cmocka_unit_test(test_everything_comes_out_in_order),
        cmocka_unit_test(test_a_queue_in_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
