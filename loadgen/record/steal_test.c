/* SPDX-License-Identifier: MIT */
/* What was stolen is a share of what was wanted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loadgen/record/steal.h"

static void test_the_share_is_of_what_was_wanted(void **state)
{
    const struct steal_sample before = {1000, 10}, after = {1200, 20};

    (void)state;
    assert_true(steal_share(&before, &after) == 0.05);
    assert_true(steal_share(&before, &before) < 0); /* nothing was wanted */
    assert_true(steal_share(&after, &before) < 0);
}

static void test_this_machine_has_run_for_a_while(void **state)
{
    struct steal_sample sample = steal_sample_now();

    (void)state;
    assert_true(sample.wanted > 0);
    assert_true(sample.stolen < sample.wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_share_is_of_what_was_wanted),
        cmocka_unit_test(test_this_machine_has_run_for_a_while),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
