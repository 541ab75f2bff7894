/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "common/clock.h"
#include "tests/truth/timing.h"

static const uint64_t start_ns = 1000 * NS_PER_S + 7;

static void assert_refused(int (*parse)(struct timing *timing, const char *text), const char *text)
{
    struct timing timing = {0};

    if (parse(&timing, text) != -EINVAL)
        fail_msg("\"%s\" was taken", text);
}

static void refuses_what_is_no_freeze(void **state)
{
    static const char *const wrong[] = {"",       "1s",    "1s@",   "@5s",      "5s@1s",
                                        "1s@1s",  "0@5s",  "1@5",   "1s@5s@9s", "-1s@5s",
                                        "1s @5s", "1s@2h", "1s@5sx"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_refused(timing_parse_freeze, wrong[i]);
}

static void refuses_what_is_no_delay(void **state)
{
    static const char *const wrong[] = {
        "",
        ",",
        "2",
        "2ms,",
        ",2ms",
        "2ms:",
        "2ms:0",
        "2ms:-1",
        "2ms:1.5",
        "2ms:2000000",
        "2ms:1:1",
        "2h",
        "2ms;20ms",
        "fast",
        "1ms,1ms,1ms,1ms,1ms,1ms,1ms,1ms,1ms",
        "1ms:1000000000000000000000000000000000000000000000000000000000000000000000000",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_refused(timing_parse_delays, wrong[i]);
}

static void refuses_what_is_no_capacity(void **state)
{
    static const char *const wrong[] = {"",     "/s",    "5k",    "0/s",        "-1/s",
                                        "5k/m", "5k/s ", "0.9/s", "1.000001M/s"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_refused(timing_parse_capacity, wrong[i]);
}

static void without_behaviour_a_reply_is_due_at_once(void **state)
{
    struct timing timing = {.start_ns = start_ns};

    (void)state;
    assert_int_equal(timing_due_ns(&timing, start_ns), start_ns);
    assert_int_equal(timing_due_ns(&timing, start_ns + 5), start_ns + 5);
    assert_int_equal(timing_thaw_ns(&timing, start_ns + 5), start_ns + 5);
}

static void is_frozen_for_the_last_part_of_every_period(void **state)
{
    struct timing timing = {.start_ns = start_ns};

    (void)state;
    assert_int_equal(timing_parse_freeze(&timing, "1s@5s"), 0);
    for (uint64_t period = 0; period < 1000; period += 333) {
        uint64_t begin_ns = start_ns + (period * 5 + 4) * NS_PER_S;
        uint64_t end_ns = begin_ns + NS_PER_S;

        assert_int_equal(timing_thaw_ns(&timing, begin_ns - 1), begin_ns - 1);
        assert_int_equal(timing_thaw_ns(&timing, begin_ns), end_ns);
        assert_int_equal(timing_thaw_ns(&timing, end_ns - 1), end_ns);
        assert_int_equal(timing_thaw_ns(&timing, end_ns), end_ns);
    }
    for (uint64_t before_ns = 1; before_ns < 5 * NS_PER_S; before_ns += NS_PER_S / 10)
        assert_int_equal(timing_thaw_ns(&timing, start_ns - before_ns), start_ns - before_ns);
}

static void what_is_due_within_a_freeze_leaves_at_its_end(void **state)
{
    struct timing timing = {.start_ns = start_ns};
    uint64_t begin_ns = start_ns + 4 * NS_PER_S;

    (void)state;
    assert_int_equal(timing_parse_freeze(&timing, "1s@5s"), 0);
    assert_int_equal(timing_parse_delays(&timing, "2ms"), 0);
    assert_int_equal(timing_due_ns(&timing, begin_ns - NS_PER_MS), begin_ns + NS_PER_S);
    assert_int_equal(timing_due_ns(&timing, begin_ns - 3 * NS_PER_MS), begin_ns - NS_PER_MS);
}

static void one_delay_is_everybodys(void **state)
{
    struct timing timing = {.random = random_seeded(1)};

    (void)state;
    assert_int_equal(timing_parse_delays(&timing, "2ms"), 0);
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(timing_due_ns(&timing, start_ns + i), start_ns + i + 2 * NS_PER_MS);
    assert_int_equal(timing.delays[0].chosen, 100);
}

/* 100,000 draws of 1 in 100: 1,000 with a standard deviation of 31; the seed is fixed. */
static void delays_are_drawn_by_their_weights_and_the_seed(void **state)
{
    struct timing timing = {.random = random_seeded(7)};
    struct timing again = {.random = random_seeded(7)};
    struct timing other = {.random = random_seeded(8)};
    uint64_t differing = 0;

    (void)state;
    assert_int_equal(timing_parse_delays(&timing, "1ms:99,20ms:1"), 0);
    assert_int_equal(timing_parse_delays(&again, "1ms:99,20ms:1"), 0);
    assert_int_equal(timing_parse_delays(&other, "1ms:99,20ms:1"), 0);
    for (uint64_t i = 0; i < 100000; i++) {
        uint64_t delay_ns = timing_due_ns(&timing, start_ns + i) - start_ns - i;

        assert_true(delay_ns == NS_PER_MS || delay_ns == 20 * NS_PER_MS);
        assert_int_equal(timing_due_ns(&again, start_ns + i), start_ns + i + delay_ns);
        differing += timing_due_ns(&other, start_ns + i) != start_ns + i + delay_ns;
    }
    assert_int_equal(timing.delays[0].chosen + timing.delays[1].chosen, 100000);
    assert_in_range(timing.delays[1].chosen, 1000 - 4 * 31, 1000 + 4 * 31);
    assert_in_range(differing, 1, 99999);
}

static void delays_asked_for_twice_are_the_last(void **state)
{
    struct timing timing = {.random = random_seeded(1)};

    (void)state;
    assert_int_equal(timing_parse_delays(&timing, "1ms:99,20ms:1"), 0);
    assert_int_equal(timing_parse_delays(&timing, "3ms"), 0);
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(timing_due_ns(&timing, start_ns), start_ns + 3 * NS_PER_MS);
}

/* A queue with one server and a service time of 200 us: idle, busy, idle again. */
static void capacity_serves_one_after_another(void **state)
{
    struct timing timing = {0};
    uint64_t service_ns = 200 * NS_PER_US;

    (void)state;
    assert_int_equal(timing_parse_capacity(&timing, "5k/s"), 0);
    assert_int_equal(timing_due_ns(&timing, start_ns), start_ns + service_ns);
    assert_int_equal(timing_due_ns(&timing, start_ns), start_ns + 2 * service_ns);
    assert_int_equal(timing_due_ns(&timing, start_ns + 50), start_ns + 3 * service_ns);
    assert_int_equal(timing_due_ns(&timing, start_ns + NS_PER_S), start_ns + NS_PER_S + service_ns);
}

/* Offered twice the capacity for 10 s: the queue has grown by half of what was offered. */
static void overload_makes_the_queue_grow(void **state)
{
    struct timing timing = {0};
    uint64_t due_ns = 0;

    (void)state;
    assert_int_equal(timing_parse_capacity(&timing, "2k/s"), 0);
    for (uint64_t i = 0; i < 40000; i++)
        due_ns = timing_due_ns(&timing, start_ns + i * 250 * NS_PER_US);
    assert_int_equal(due_ns, start_ns + 20 * NS_PER_S);
}

static void a_delay_comes_behind_the_queue(void **state)
{
    struct timing timing = {.random = random_seeded(1)};

    (void)state;
    assert_int_equal(timing_parse_capacity(&timing, "1k/s"), 0);
    assert_int_equal(timing_parse_delays(&timing, "20ms"), 0);
    assert_int_equal(timing_due_ns(&timing, start_ns), start_ns + 21 * NS_PER_MS);
    assert_int_equal(timing_due_ns(&timing, start_ns), start_ns + 22 * NS_PER_MS);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_freeze),
        cmocka_unit_test(refuses_what_is_no_delay),
        cmocka_unit_test(refuses_what_is_no_capacity),
        cmocka_unit_test(without_behaviour_a_reply_is_due_at_once),
        cmocka_unit_test(is_frozen_for_the_last_part_of_every_period),
        cmocka_unit_test(what_is_due_within_a_freeze_leaves_at_its_end),
        cmocka_unit_test(one_delay_is_everybodys),
        cmocka_unit_test(delays_are_drawn_by_their_weights_and_the_seed),
        cmocka_unit_test(delays_asked_for_twice_are_the_last),
        cmocka_unit_test(capacity_serves_one_after_another),
        cmocka_unit_test(overload_makes_the_queue_grow),
        cmocka_unit_test(a_delay_comes_behind_the_queue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
