/* SPDX-License-Identifier: MIT */
/* Counts of made-up threads, and rates of counts at made-up instants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loadgen/record/live_counts.h"

#define START UINT64_C(1000000000000)

static void end_request(struct recorder *recorder, enum request_end end, enum failure failure)
{
    struct request_result result = {.intended_ns = START,
                                    .sent_ns = START,
                                    .ended_ns = START + 1000,
                                    .end = end,
                                    .failure = failure};

    recorder_intended(recorder, START);
    recorder_sent(recorder, &(struct request_times){START, START, START});
    recorder_ended(recorder, &result);
}

static void test_each_end_is_counted_once(void **state)
{
    (void)state;
    struct recorder_plan plan = {.classes = 1};
    struct recorder a, b;
    struct recorder *both[] = {&a, &b};
    struct live_counts counts;

    assert_int_equal(recorder_init(&a, &plan), 0);
    assert_int_equal(recorder_init(&b, &plan), 0);
    end_request(&a, REQUEST_OK, FAILURE_OTHER);
    end_request(&b, REQUEST_OK, FAILURE_OTHER);
    end_request(&a, REQUEST_WRONG, FAILURE_OTHER);
    end_request(&b, REQUEST_TIMED_OUT, FAILURE_OTHER);
    end_request(&a, REQUEST_FAILED, FAILURE_RESET);
    end_request(&b, REQUEST_FAILED, FAILURE_RESET);
    end_request(&b, REQUEST_FAILED, FAILURE_CLOSED);
    end_request(&b, REQUEST_IN_FLIGHT, FAILURE_OTHER);
    recorder_connection_failed(&a, FAILURE_REFUSED);
    atomic_store(&b.live_connections, 5);
    atomic_store(&a.live_spun_ns, 70);
    atomic_store(&b.live_spun_ns, 7);

    live_counts_read(&counts, both, 2);
    assert_int_equal(counts.intended, 8);
    assert_int_equal(counts.sent, 8);
    assert_int_equal(counts.ok, 2);
    assert_int_equal(counts.errors, 6);
    assert_int_equal(counts.wrong, 1);
    assert_int_equal(counts.timed_out, 1);
    assert_int_equal(counts.failures[FAILURE_RESET], 2);
    assert_int_equal(counts.failures[FAILURE_CLOSED], 1);
    assert_int_equal(failures_total(counts.failures), 3);
    assert_int_equal(counts.connection_failures[FAILURE_REFUSED], 1);
    assert_int_equal(failures_total(counts.connection_failures), 1);
    assert_int_equal(counts.connections, 5);
    assert_int_equal(counts.spun_ns, 77);
    assert_true(counts.cpu_ns > 0 && counts.taken_ns > 0);
    recorder_release(&a);
    recorder_release(&b);
}

/* Counts that have grown steadily since START: 1000 due and 900 answered a second, half a core busy
 * and another quarter spinning. */
static void add_at(struct live_rates *rates, uint64_t since_ms)
{
    struct live_counts counts = {.taken_ns = START + since_ms * NS_PER_MS,
                                 .cpu_ns = since_ms * NS_PER_MS * 3 / 4,
                                 .spun_ns = since_ms * NS_PER_MS / 4,
                                 .intended = since_ms,
                                 .ok = since_ms * 9 / 10};

    live_rates_add(rates, &counts);
}

static void test_rates_are_those_of_the_last_second(void **state)
{
    (void)state;
    struct live_rates rates = {0};
    struct live_counts still = {.taken_ns = START + 2500 * NS_PER_MS,
                                .cpu_ns = 3 * NS_PER_S / 2,
                                .spun_ns = NS_PER_S / 2,
                                .intended = 2000,
                                .ok = 1800};

    for (uint64_t ms = 0; ms <= 2000; ms += 250)
        add_at(&rates, ms);
    assert_float_equal(rates.offered_per_s, 1000, 1e-6);
    assert_float_equal(rates.achieved_per_s, 900, 1e-6);
    assert_float_equal(rates.cores, 0.5, 1e-9);
    live_rates_add(&rates, &still); /* half a second of it without anything */
    assert_float_equal(rates.offered_per_s, 500, 1e-6);
    still.taken_ns = START + 3000 * NS_PER_MS;
    live_rates_add(&rates, &still);
    assert_float_equal(rates.offered_per_s, 0, 1e-6);
    assert_float_equal(rates.cores, 0, 1e-9);
}

static void test_one_look_tells_no_rate(void **state)
{
    (void)state;
    struct live_rates rates = {0};

    add_at(&rates, 500);
    assert_float_equal(rates.offered_per_s, 0, 0);
    add_at(&rates, 600);
    assert_float_equal(rates.offered_per_s, 1000, 1e-6);
}

static void test_many_looks_forget_the_oldest(void **state)
{
    (void)state;
    struct live_rates rates = {0};

    for (uint64_t ms = 0; ms < 1000; ms++)
        add_at(&rates, ms);
    assert_true(rates.count <= LIVE_RATES_SAMPLES);
    assert_float_equal(rates.offered_per_s, 1000, 1e-6);
}

static void test_a_clock_that_stands_still_begins_anew(void **state)
{
    (void)state;
    struct live_rates rates = {0};

    add_at(&rates, 500);
    add_at(&rates, 600);
    add_at(&rates, 600);
    assert_float_equal(rates.offered_per_s, 0, 0);
    assert_int_equal(rates.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_end_is_counted_once),
        cmocka_unit_test(test_rates_are_those_of_the_last_second),
        cmocka_unit_test(test_one_look_tells_no_rate),
        cmocka_unit_test(test_many_looks_forget_the_oldest),
        cmocka_unit_test(test_a_clock_that_stands_still_begins_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
