/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/random.h"
#include "tests/truth/reply_queue.h"

enum { REPLIES = 2000 };

static void an_empty_queue_has_no_first(void **state)
{
    struct reply_queue queue = {0};

    (void)state;
    assert_null(reply_queue_first(&queue));
    reply_queue_release(&queue);
}

/* Pops interleaved with pushes, and several replies to an instant. */
static void the_earliest_leaves_first_and_ties_in_order(void **state)
{
    struct reply_queue queue = {0};
    struct random random = random_seeded(3);
    uint64_t popped = 0;

    (void)state;
    for (uint64_t i = 0; i < REPLIES; i++) {
        assert_true(reply_queue_push(
            &queue, (struct due_reply){
                        .due_ns = random_next(&random) % 300, .client_id = i, .size = i + 1}));
        if (i % 3 == 2) {
            reply_queue_pop(&queue);
            popped++;
        }
    }
    assert_int_equal(queue.count, REPLIES - popped);

    struct due_reply last = *reply_queue_first(&queue);
    for (; queue.count > 0; popped++) {
        const struct due_reply *first = reply_queue_first(&queue);

        assert_true(first->due_ns > last.due_ns ||
                    (first->due_ns == last.due_ns && first->client_id >= last.client_id));
        assert_int_equal(first->size, first->client_id + 1);
        last = *first;
        reply_queue_pop(&queue);
    }
    assert_int_equal(popped, REPLIES);
    assert_null(reply_queue_first(&queue));
    reply_queue_release(&queue);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_queue_has_no_first),
        cmocka_unit_test(the_earliest_leaves_first_and_ties_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
