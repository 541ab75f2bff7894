/* SPDX-License-Identifier: MIT */
/* Rows of seconds that drift, jump, or only tremble. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "loadgen/judge/made_up_run.h"

static struct made_up_run run;

static const uint64_t LEVEL = 10000;

/* Per cent of the level, in no order: what a machine varies by without any cause. */
static int tremble(unsigned i)
{
    static const int noise[] = {1, -3, 2, 0, 3, -1, -2, 4, -4, 1, 2, -2, 0, 3, -3};

    return noise[i % (sizeof noise / sizeof *noise)];
}

static void add_closed(int per_cent)
{
    uint64_t replies = LEVEL / 100 * (uint64_t)(100 + per_cent);
    const struct made_up_second second = {replies, replies, replies, NS_PER_MS};

    made_up_run_add(&run, &second);
}

static void add_open(uint64_t response_ns)
{
    const struct made_up_second second = {LEVEL, LEVEL, LEVEL, response_ns};

    made_up_run_add(&run, &second);
}

static int closed_loop(void **state)
{
    (void)state;
    made_up_run_init(&run, LOOP_CLOSED);
    return 0;
}

static int open_loop(void **state)
{
    (void)state;
    made_up_run_init(&run, LOOP_OPEN);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    made_up_run_release(&run);
    return 0;
}

static void test_noise_is_no_change(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 30; i++)
        add_closed(tremble(i));
    assert_null(made_up_run_failed(&run, "C2"));
    assert_null(made_up_run_failed(&run, "C3"));
    assert_non_null(made_up_run_check(&run, "trend"));
    assert_non_null(made_up_run_check(&run, "stationarity"));
    assert_non_null(made_up_run_check(&run, "level_shift"));
}

static void test_a_drift(void **state)
{
    const struct check *check;

    (void)state;
    for (unsigned i = 0; i < 20; i++)
        add_closed(tremble(i) - 2 * (int)i);
    check = made_up_run_failed(&run, "C2");
    assert_non_null(check);
    assert_string_equal(check->name, "trend");
    assert_true(check->value < -0.9);
    assert_non_null(strstr(check->text, "throughput fell"));
    assert_false(made_up_run_check(&run, "stationarity")->passed);
}

/* One of the size of what neighbours differ by is not told from it. */
static void test_a_drift_beyond_the_noise(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 28; i++)
        add_closed((i % 2 == 0 ? 8 : -8) - 5 * (int)i / 6);
    assert_null(made_up_run_failed(&run, "C2"));
    assert_true(made_up_run_check(&run, "trend")->value < -0.5);
    made_up_run_release(&run);
    made_up_run_init(&run, LOOP_CLOSED);
    for (unsigned i = 0; i < 30; i++)
        add_closed(2 * tremble(i) - (int)i);
    assert_non_null(made_up_run_failed(&run, "C2"));
}

/* Sure as it is, nobody has to know. */
static void test_a_drift_too_small_to_matter(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 30; i++)
        add_closed((int)i / 10);
    assert_null(made_up_run_failed(&run, "C2"));
    assert_true(made_up_run_check(&run, "trend")->value > 0.9);
}

static void test_two_levels(void **state)
{
    const struct check *check;

    (void)state;
    for (unsigned i = 0; i < 30; i++)
        add_closed(tremble(i) / 2 - (i < 18 ? 0 : 25));
    check = made_up_run_failed(&run, "C3");
    assert_non_null(check);
    assert_non_null(strstr(check->text, "down by 25% after 18 s"));
}

/* Of an open loop the throughput is what was offered: its latency must stay. */
static void test_the_latency_of_an_open_loop(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 12; i++)
        add_open((500 + 10 * (uint64_t)(tremble(i) + 5)) * NS_PER_US);
    assert_null(made_up_run_failed(&run, "C2"));
    assert_non_null(made_up_run_check(&run, "trend"));
    made_up_run_release(&run);
    made_up_run_init(&run, LOOP_OPEN);
    for (unsigned i = 0; i < 12; i++)
        add_open((500 + 30 * (uint64_t)i) * NS_PER_US);
    assert_non_null(strstr(made_up_run_failed(&run, "C2")->text, "median response time rose"));
    /* 40 us or 50 us are the machine's. */
    made_up_run_release(&run);
    made_up_run_init(&run, LOOP_OPEN);
    for (unsigned i = 0; i < 12; i++)
        add_open((40 + (uint64_t)i) * NS_PER_US);
    assert_null(made_up_run_failed(&run, "C2"));
    assert_true(made_up_run_check(&run, "trend")->value > 0.9);
}

static void test_seconds_without_replies_have_no_latency(void **state)
{
    const struct made_up_second silent = {0, 0, 0, 0};

    (void)state;
    for (unsigned i = 0; i < 7; i++)
        add_open(NS_PER_MS);
    made_up_run_repeat(&run, 7, &silent);
    made_up_run_failed(&run, "");
    assert_null(made_up_run_check(&run, "trend")); /* seven seconds are too few */
    add_open(NS_PER_MS);
    made_up_run_failed(&run, "");
    assert_non_null(made_up_run_check(&run, "trend"));
    assert_true(made_up_run_check(&run, "trend")->passed);
}

static void test_what_need_not_be_steady(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 7; i++)
        add_closed(-5 * (int)i);
    made_up_run_failed(&run, "");
    assert_null(made_up_run_check(&run, "trend")); /* too short to tell */
    for (unsigned i = 7; i < 12; i++)
        add_closed(-5 * (int)i);
    assert_non_null(made_up_run_failed(&run, "C2"));
    run.plan.requests = 1;
    assert_null(made_up_run_failed(&run, "C2")); /* its connections run out of requests */
    run.plan.requests = 0;
    run.plan.loop = LOOP_OPEN;
    run.plan.arrival.kind = ARRIVAL_BURST;
    made_up_run_failed(&run, "");
    assert_null(made_up_run_check(&run, "trend"));
}

/* The window's last part that is no whole second. */
static void test_a_part_of_a_second_is_left_out(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8; i++)
        add_closed(0);
    run.result.measured_ns -= NS_PER_S / 2;
    made_up_run_failed(&run, "");
    assert_null(made_up_run_check(&run, "trend"));
}

static void test_warm_up(void **state)
{
    (void)state;
    add_closed(0);
    run.result.steady = false;
    run.result.warmup_spread = 0.083;
    run.result.warmup_ns = 30 * NS_PER_S;
    assert_null(made_up_run_failed(&run, "I7"));
    run.plan.warmup_auto = true;
    assert_non_null(strstr(made_up_run_failed(&run, "I7")->text, "8.3%"));
    run.result.steady = true;
    assert_null(made_up_run_failed(&run, "I7"));
    assert_true(made_up_run_check(&run, "warm_up_s")->value == 30);
}

int main(void)
{
#define CLOSED(name) cmocka_unit_test_setup_teardown(name, closed_loop, teardown)
#define OPEN(name)   cmocka_unit_test_setup_teardown(name, open_loop, teardown)
    const struct CMUnitTest tests[] = {
        CLOSED(test_noise_is_no_change),
        CLOSED(test_a_drift),
        CLOSED(test_a_drift_beyond_the_noise),
        CLOSED(test_a_drift_too_small_to_matter),
        CLOSED(test_two_levels),
        OPEN(test_the_latency_of_an_open_loop),
        OPEN(test_seconds_without_replies_have_no_latency),
        CLOSED(test_what_need_not_be_steady),
        CLOSED(test_a_part_of_a_second_is_left_out),
        CLOSED(test_warm_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
