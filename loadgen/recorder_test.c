/* SPDX-License-Identifier: MIT */
/* What counts where: the measured window, the seconds in it, the merge of threads. All times are
 * made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loadgen/percentiles.h"
#include "loadgen/recorder.h"

#define START UINT64_C(1000000000000)
#define END   (START + 3 * NS_PER_S)

static void request(struct recorder *recorder, uint64_t sent_ns, uint64_t took_ns,
                    enum request_end end)
{
    recorder_sent(recorder, sent_ns);
    recorder_ended(recorder, sent_ns, sent_ns + took_ns, end, FAILURE_RESET);
}

static void test_latency_by_sending_throughput_by_receiving(void **state)
{
    (void)state;
    struct recorder recorder;

    assert_int_equal(recorder_init(&recorder), 0);
    recorder_begin(&recorder, START, END);
    request(&recorder, START - 2000, 1000, REQUEST_OK); /* warm-up */
    request(&recorder, START - 1000, 5000, REQUEST_OK); /* received within, sent before */
    request(&recorder, START + 1000, 7000, REQUEST_OK); /* within */
    request(&recorder, END - 1000, 900000, REQUEST_OK); /* sent within, received after */
    request(&recorder, END - 500, 900000, REQUEST_FAILED);
    recorder_finish(&recorder, END);

    assert_int_equal(recorder.all.sent, 5);
    assert_int_equal(recorder.all.ok, 4);
    assert_int_equal(recorder.measured.sent, 3);
    assert_int_equal(recorder.measured.ok, 2);
    assert_int_equal(recorder.measured.errors[FAILURE_RESET], 1);
    assert_int_equal(recorder.received_ok, 2);
    assert_int_equal(recorder.service.histogram.total_count, 2);
    assert_int_equal(recorder.service.histogram.min, 7000);
    assert_int_equal(recorder.service.histogram.max, 900000);
    assert_true(request_counts_are_conserved(&recorder.all));
    assert_true(request_counts_are_conserved(&recorder.measured));
    recorder_release(&recorder);
}

static void test_a_silent_second_is_a_second(void **state)
{
    (void)state;
    struct recorder recorder;
    struct histogram histogram;

    assert_int_equal(recorder_init(&recorder), 0);
    assert_int_equal(histogram_init_latency(&histogram), 0);
    recorder_begin(&recorder, START, END);
    request(&recorder, START + 10, 1000, REQUEST_OK);
    request(&recorder, START + 20, 3000, REQUEST_OK);
    request(&recorder, START + 10, 2 * NS_PER_S + NS_PER_MS, REQUEST_OK);
    recorder_finish(&recorder, END);

    assert_int_equal(recorder.windows_count, 3);
    assert_int_equal(recorder.windows[0].ok, 2);
    assert_int_equal(recorder.windows[1].ok, 0);
    assert_int_equal(recorder.windows[2].ok, 1);
    recorder_window_histogram(&recorder, 0, &histogram);
    assert_int_equal(histogram.total_count, 2);
    assert_in_range(histogram_quantile(&histogram, 1.0), 3000, 3003);
    recorder_window_histogram(&recorder, 1, &histogram);
    assert_int_equal(histogram.total_count, 0);
    histogram_release(&histogram);
    recorder_release(&recorder);
}

static void test_nothing_is_dropped_that_was_never_answered(void **state)
{
    (void)state;
    struct recorder recorder;

    assert_int_equal(recorder_init(&recorder), 0);
    recorder_begin(&recorder, START, END);
    for (int i = 0; i < 98; i++)
        request(&recorder, START + 10, 1000, REQUEST_OK);
    request(&recorder, START + 10, 5 * NS_PER_S, REQUEST_TIMED_OUT);
    request(&recorder, START + 10, 3 * NS_PER_S, REQUEST_IN_FLIGHT);
    recorder_finish(&recorder, END);

    assert_int_equal(recorder.all.timed_out, 1);
    assert_int_equal(recorder.all.in_flight, 1);
    assert_true(request_counts_are_conserved(&recorder.all));
    assert_int_equal(recorder.service.histogram.total_count, 100);
    assert_int_equal(recorder.service.at_least_count, 2);
    assert_int_equal(recorder.service.at_least_min_ns, 3 * NS_PER_S);
    assert_false(latency_is_lower_bound(&recorder.service, 0.98));
    assert_true(latency_is_lower_bound(&recorder.service, 0.99));
    assert_true(latency_is_lower_bound(&recorder.service, 1.0));
    recorder_release(&recorder);
}

static void test_a_few_cut_off_make_no_bound_of_what_they_cannot_move(void **state)
{
    (void)state;
    struct recorder recorder;

    assert_int_equal(recorder_init(&recorder), 0);
    recorder_begin(&recorder, START, END);
    for (int i = 0; i < 990; i++)
        request(&recorder, START + 10, NS_PER_MS, REQUEST_OK);
    for (int i = 0; i < 10; i++) /* cut off at once: they may have been the longest of all */
        request(&recorder, START + 10, 10, REQUEST_IN_FLIGHT);
    assert_false(latency_is_lower_bound(&recorder.service, 0.5));
    assert_false(latency_is_lower_bound(&recorder.service, 0.99));
    assert_true(latency_is_lower_bound(&recorder.service, 0.999));
    assert_true(latency_is_lower_bound(&recorder.service, 1.0));
    recorder_release(&recorder);
}

static void test_threads_are_merged_exactly(void **state)
{
    (void)state;
    struct recorder a, b, total;
    struct histogram histogram;

    assert_int_equal(recorder_init(&a), 0);
    assert_int_equal(recorder_init(&b), 0);
    assert_int_equal(recorder_init(&total), 0);
    assert_int_equal(histogram_init_latency(&histogram), 0);
    recorder_begin(&a, START, END);
    recorder_begin(&b, START, END);
    for (uint64_t i = 0; i < 1000; i++) {
        request(&a, START + i, 1000 + i, REQUEST_OK);
        request(&b, START + i, 5000 + i, i % 10 == 0 ? REQUEST_WRONG : REQUEST_OK);
    }
    recorder_finish(&a, END);
    recorder_finish(&b, END);
    assert_int_equal(recorder_merge(&total, &a), 0);
    assert_int_equal(recorder_merge(&total, &b), 0);
    assert_int_equal(total.all.sent, 2000);
    assert_int_equal(total.all.wrong, 100);
    assert_int_equal(total.received_ok, 1900);
    assert_int_equal(total.service.histogram.total_count, 1900);
    assert_int_equal(total.windows_count, 3);
    assert_int_equal(total.windows[0].ok, 1900);
    assert_int_equal(total.windows[0].errors, 100);
    recorder_window_histogram(&total, 0, &histogram);
    assert_int_equal(histogram.total_count, 1900);
    assert_int_equal(histogram_count_at_or_below(&histogram, 3000), 1000);
    histogram_release(&histogram);
    recorder_release(&a);
    recorder_release(&b);
    recorder_release(&total);
}

static void test_a_window_that_ends_early(void **state)
{
    (void)state;
    struct recorder recorder;

    assert_int_equal(recorder_init(&recorder), 0);
    recorder_finish(&recorder, START); /* it never began */
    assert_int_equal(recorder.windows_count, 0);
    recorder_begin(&recorder, START, UINT64_MAX);
    request(&recorder, START + 10, 1000, REQUEST_OK);
    recorder_finish(&recorder, START + NS_PER_S / 2);
    assert_int_equal(recorder.windows_count, 1);
    assert_int_equal(recorder.windows[0].ok, 1);
    recorder_release(&recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_latency_by_sending_throughput_by_receiving),
        cmocka_unit_test(test_a_silent_second_is_a_second),
        cmocka_unit_test(test_nothing_is_dropped_that_was_never_answered),
        cmocka_unit_test(test_a_few_cut_off_make_no_bound_of_what_they_cannot_move),
        cmocka_unit_test(test_threads_are_merged_exactly),
        cmocka_unit_test(test_a_window_that_ends_early),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
