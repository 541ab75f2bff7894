/* SPDX-License-Identifier: MIT */
/* What counts where: the measured window, the seconds in it, the merge of threads. All times are
 * made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loadgen/record/percentiles.h"
#include "loadgen/record/recorder.h"

#define START UINT64_C(1000000000000)
#define END   (START + 3 * NS_PER_S)

static const struct recorder_plan CLOSED = {.classes = 1, .separate_service = false};
static const struct recorder_plan OPEN = {.classes = 1, .separate_service = true};

static void begin(struct recorder *recorder, const struct recorder_plan *plan)
{
    assert_int_equal(recorder_init(recorder, plan), 0);
    recorder_measure(recorder, START, END);
}

static void open_request(struct recorder *recorder, const struct request_result *result,
                         uint64_t free_ns)
{
    struct request_times times = {result->intended_ns, result->sent_ns, free_ns};

    recorder_intended(recorder, result->intended_ns);
    recorder_sent(recorder, &times);
    recorder_ended(recorder, result);
}

/* In a closed loop: intended when it is sent. */
static void request(struct recorder *recorder, uint64_t sent_ns, uint64_t took_ns,
                    enum request_end end)
{
    struct request_result result = {.intended_ns = sent_ns,
                                    .sent_ns = sent_ns,
                                    .ended_ns = sent_ns + took_ns,
                                    .end = end,
                                    .failure = FAILURE_RESET};

    open_request(recorder, &result, sent_ns);
}

static const struct histogram *histogram_of(const struct recorder *recorder, enum latency_kind kind)
{
    return &recorder_latency(recorder, kind)->histogram;
}

static void test_latency_by_sending_throughput_by_receiving(void **state)
{
    (void)state;
    struct recorder recorder;

    begin(&recorder, &CLOSED);
    request(&recorder, START - 2000, 1000, REQUEST_OK); /* warm-up */
    request(&recorder, START - 1000, 5000, REQUEST_OK); /* received within, sent before */
    request(&recorder, START + 1000, 7000, REQUEST_OK); /* within */
    request(&recorder, END - 1000, 900000, REQUEST_OK); /* sent within, received after */
    request(&recorder, END - 500, 900000, REQUEST_FAILED);
    recorder_finish(&recorder);

    assert_int_equal(recorder.all.sent, 5);
    assert_int_equal(recorder.all.ok, 4);
    assert_int_equal(recorder.measured.sent, 3);
    assert_int_equal(recorder.measured.ok, 2);
    assert_int_equal(recorder.measured.errors[FAILURE_RESET], 1);
    assert_int_equal(recorder.received_ok, 2);
    assert_int_equal(histogram_of(&recorder, LATENCY_SERVICE)->total_count, 2);
    assert_int_equal(histogram_of(&recorder, LATENCY_SERVICE)->min, 7000);
    assert_int_equal(histogram_of(&recorder, LATENCY_SERVICE)->max, 900000);
    assert_true(request_counts_are_conserved(&recorder.all));
    assert_true(request_counts_are_conserved(&recorder.measured));
    recorder_release(&recorder);
}

static void test_a_silent_second_is_a_second(void **state)
{
    (void)state;
    struct recorder recorder;
    struct histogram histogram;

    begin(&recorder, &CLOSED);
    assert_int_equal(histogram_init_latency(&histogram), 0);
    request(&recorder, START + 10, 1000, REQUEST_OK);
    request(&recorder, START + 20, 3000, REQUEST_OK);
    request(&recorder, START + 10, 2 * NS_PER_S + NS_PER_MS, REQUEST_OK);
    recorder_finish(&recorder);

    assert_int_equal(recorder.windows_count, 3);
    assert_int_equal(recorder.windows[0].ok, 2);
    assert_int_equal(recorder.windows[1].ok, 0);
    assert_int_equal(recorder.windows[2].ok, 1);
    recorder_add_window(&recorder, 0, LATENCY_RESPONSE, &histogram);
    assert_int_equal(histogram.total_count, 2);
    assert_in_range(histogram_quantile(&histogram, 1.0), 3000, 3003);
    histogram_clear(&histogram);
    recorder_add_window(&recorder, 1, LATENCY_RESPONSE, &histogram);
    assert_int_equal(histogram.total_count, 0);
    histogram_release(&histogram);
    recorder_release(&recorder);
}

static void test_nothing_is_dropped_that_was_never_answered(void **state)
{
    (void)state;
    struct recorder recorder;

    begin(&recorder, &CLOSED);
    for (int i = 0; i < 98; i++)
        request(&recorder, START + 10, 1000, REQUEST_OK);
    request(&recorder, START + 10, 5 * NS_PER_S, REQUEST_TIMED_OUT);
    request(&recorder, START + 10, 3 * NS_PER_S, REQUEST_IN_FLIGHT);
    recorder_finish(&recorder);

    assert_int_equal(recorder.all.timed_out, 1);
    assert_int_equal(recorder.all.in_flight, 1);
    assert_true(request_counts_are_conserved(&recorder.all));
    assert_int_equal(histogram_of(&recorder, LATENCY_SERVICE)->total_count, 100);
    assert_int_equal(recorder_latency(&recorder, LATENCY_SERVICE)->at_least_count, 2);
    assert_int_equal(recorder_latency(&recorder, LATENCY_SERVICE)->at_least_min_ns, 3 * NS_PER_S);
    assert_false(latency_is_lower_bound(recorder_latency(&recorder, LATENCY_SERVICE), 0.98));
    assert_true(latency_is_lower_bound(recorder_latency(&recorder, LATENCY_SERVICE), 0.99));
    assert_true(latency_is_lower_bound(recorder_latency(&recorder, LATENCY_SERVICE), 1.0));
    recorder_release(&recorder);
}

static void test_a_few_cut_off_make_no_bound_of_what_they_cannot_move(void **state)
{
    (void)state;
    struct recorder recorder;

    begin(&recorder, &CLOSED);
    for (int i = 0; i < 990; i++)
        request(&recorder, START + 10, NS_PER_MS, REQUEST_OK);
    for (int i = 0; i < 10; i++) /* cut off at once: they may have been the longest of all */
        request(&recorder, START + 10, 10, REQUEST_IN_FLIGHT);
    recorder_finish(&recorder);
    assert_false(latency_is_lower_bound(recorder_latency(&recorder, LATENCY_SERVICE), 0.5));
    assert_false(latency_is_lower_bound(recorder_latency(&recorder, LATENCY_SERVICE), 0.99));
    assert_true(latency_is_lower_bound(recorder_latency(&recorder, LATENCY_SERVICE), 0.999));
    assert_true(latency_is_lower_bound(recorder_latency(&recorder, LATENCY_SERVICE), 1.0));
    recorder_release(&recorder);
}

static void test_threads_are_merged_exactly(void **state)
{
    (void)state;
    struct recorder a, b, total;
    struct histogram histogram;

    begin(&a, &CLOSED);
    begin(&b, &CLOSED);
    assert_int_equal(recorder_init(&total, &CLOSED), 0);
    assert_int_equal(histogram_init_latency(&histogram), 0);
    for (uint64_t i = 0; i < 1000; i++) {
        request(&a, START + i, 1000 + i, REQUEST_OK);
        request(&b, START + i, 5000 + i, i % 10 == 0 ? REQUEST_WRONG : REQUEST_OK);
    }
    recorder_finish(&a);
    recorder_finish(&b);
    assert_int_equal(recorder_merge(&total, &a), 0);
    assert_int_equal(recorder_merge(&total, &b), 0);
    assert_int_equal(total.all.sent, 2000);
    assert_int_equal(total.all.wrong, 100);
    assert_int_equal(total.received_ok, 1900);
    assert_int_equal(histogram_of(&total, LATENCY_SERVICE)->total_count, 1900);
    assert_int_equal(total.windows_count, 3);
    assert_int_equal(total.windows[0].ok, 1900);
    assert_int_equal(total.windows[0].errors, 100);
    assert_int_equal(total.windows[0].intended, 2000);
    recorder_add_window(&total, 0, LATENCY_SERVICE, &histogram);
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

    assert_int_equal(recorder_init(&recorder, &CLOSED), 0);
    recorder_cut(&recorder, START); /* it never began */
    recorder_finish(&recorder);
    assert_int_equal(recorder.windows_count, 0);
    recorder_release(&recorder);

    assert_int_equal(recorder_init(&recorder, &CLOSED), 0);
    recorder_measure(&recorder, START, UINT64_MAX);
    request(&recorder, START + 10, 1000, REQUEST_OK);
    recorder_cut(&recorder, START + NS_PER_S / 2);
    recorder_finish(&recorder);
    assert_int_equal(recorder.windows_count, 1);
    assert_int_equal(recorder.windows[0].ok, 1);
    recorder_release(&recorder);
}

static void test_a_second_of_failures_alone_is_kept(void **state)
{
    (void)state;
    struct recorder recorder;

    assert_int_equal(recorder_init(&recorder, &CLOSED), 0);
    recorder_measure(&recorder, START, UINT64_MAX); /* it ends by a number of requests */
    request(&recorder, START + 10, 1000, REQUEST_FAILED);
    recorder_finish(&recorder);
    assert_int_equal(recorder.windows_count, 1);
    assert_int_equal(recorder.windows[0].sent, 1);
    assert_int_equal(recorder.windows[0].errors, 1);
    recorder_release(&recorder);
}

static void test_response_counts_from_the_intended_instant(void **state)
{
    (void)state;
    struct recorder recorder;
    struct request_result prompt = {.intended_ns = START + 100,
                                    .sent_ns = START + 150,
                                    .ended_ns = START + 1150,
                                    .arrived_ns = START + 850};
    struct request_result late = {
        .intended_ns = START + 200, .sent_ns = START + 2200, .ended_ns = START + 3200};

    begin(&recorder, &OPEN);
    open_request(&recorder, &prompt, START); /* a connection was free before */
    open_request(&recorder, &late, START + 2150);
    recorder_finish(&recorder);
    assert_int_equal(histogram_of(&recorder, LATENCY_RESPONSE)->min, 1050);
    assert_int_equal(histogram_of(&recorder, LATENCY_RESPONSE)->max, 3000);
    assert_int_equal(histogram_of(&recorder, LATENCY_SERVICE)->min, 1000);
    assert_int_equal(histogram_of(&recorder, LATENCY_SERVICE)->max, 1000);
    assert_int_equal(histogram_of(&recorder, LATENCY_SEND_LAG)->total_count, 1);
    assert_int_equal(histogram_of(&recorder, LATENCY_SEND_LAG)->max, 50);
    assert_int_equal(histogram_of(&recorder, LATENCY_QUEUE_WAIT)->total_count, 1);
    assert_int_equal(histogram_of(&recorder, LATENCY_QUEUE_WAIT)->max, 2000);
    assert_int_equal(histogram_of(&recorder, LATENCY_WIRE)->total_count, 1);
    assert_int_equal(histogram_of(&recorder, LATENCY_WIRE)->max, 700);
    recorder_release(&recorder);
}

static void test_an_arrival_belongs_to_the_second_it_is_due_in(void **state)
{
    (void)state;
    struct recorder recorder;

    begin(&recorder, &OPEN);
    recorder_intended(&recorder, START - 1); /* warm-up */
    recorder_intended(&recorder, START);
    recorder_intended(&recorder, START + NS_PER_S);
    recorder_intended(&recorder, START + NS_PER_S + 1);
    recorder_intended(&recorder, END); /* too late */
    recorder_finish(&recorder);
    assert_int_equal(recorder.windows_count, 3);
    assert_int_equal(recorder.windows[0].intended, 1);
    assert_int_equal(recorder.windows[1].intended, 2);
    assert_int_equal(recorder.windows[2].intended, 0);
    assert_int_equal(recorder.measured.intended, 3);
    assert_int_equal(recorder.all.intended, 5);
    recorder_release(&recorder);
}

static void test_what_is_never_sent_is_at_least_its_age(void **state)
{
    (void)state;
    struct recorder recorder;

    begin(&recorder, &OPEN);
    request(&recorder, START + 10, 1000, REQUEST_OK);
    recorder_intended(&recorder, START + 20);
    assert_false(request_counts_are_conserved(&recorder.all));
    recorder_unsent(&recorder, START + 20, 0, END + NS_PER_S);
    recorder_finish(&recorder);
    assert_true(request_counts_are_conserved(&recorder.all));
    assert_true(request_counts_are_conserved(&recorder.measured));
    assert_int_equal(recorder.measured.unsent, 1);
    assert_int_equal(recorder_latency(&recorder, LATENCY_RESPONSE)->at_least_count, 1);
    assert_int_equal(histogram_of(&recorder, LATENCY_RESPONSE)->max, 4 * NS_PER_S - 20);
    assert_int_equal(histogram_of(&recorder, LATENCY_SERVICE)->total_count, 1);
    recorder_release(&recorder);
}

/* Sums a kind over all seconds and compares it with that of the run, counter by counter. */
static void assert_seconds_are_the_run(const struct recorder *recorder, enum latency_kind kind)
{
    const struct histogram *run = histogram_of(recorder, kind);
    struct histogram sum;

    assert_int_equal(histogram_init_latency(&sum), 0);
    for (size_t i = 0; i < recorder->windows_count; i++)
        recorder_add_window(recorder, i, kind, &sum);
    assert_int_equal(sum.total_count, run->total_count);
    assert_int_equal(sum.above_count, run->above_count);
    assert_memory_equal(sum.counts, run->counts, run->counts_length * sizeof *run->counts);
    histogram_release(&sum);
}

static void test_the_seconds_merged_are_the_run(void **state)
{
    (void)state;
    const struct recorder_plan plan = {.classes = 3, .separate_service = true};
    struct recorder recorder;

    begin(&recorder, &plan);
    for (uint64_t i = 0; i < 5000; i++) {
        uint64_t intended_ns = START + i * NS_PER_MS;
        struct request_result result = {.intended_ns = intended_ns,
                                        .sent_ns = intended_ns + i % 777,
                                        .ended_ns = intended_ns + 1000 + i * i % 3000000000,
                                        .class_index = (unsigned)(i % 3),
                                        .end = i % 100 == 0 ? REQUEST_TIMED_OUT : REQUEST_OK};

        if (i == 4321)
            result.ended_ns += 2 * HISTOGRAM_HIGHEST_NS; /* beyond what can be told apart */
        if (i == 2000)
            recorder_unsent(&recorder, intended_ns, 1, intended_ns + NS_PER_S);
        open_request(&recorder, &result, i % 2 ? 0 : result.sent_ns);
    }
    recorder_finish(&recorder);
    assert_true(recorder.windows_count > 3); /* the last ones ended in the drain */
    for (int kind = LATENCY_SERVICE; kind < LATENCY_CLASS + 3; kind++)
        assert_seconds_are_the_run(&recorder, (enum latency_kind)kind);
    assert_int_equal(histogram_of(&recorder, LATENCY_RESPONSE)->total_count, 3001);
    assert_int_equal(histogram_of(&recorder, LATENCY_CLASS)->total_count, 1000);
    assert_int_equal(histogram_of(&recorder, LATENCY_CLASS + 1)->total_count, 1001);
    recorder_release(&recorder);
}

static void test_a_window_is_split_at_a_value(void **state)
{
    (void)state;
    struct recorder recorder;
    struct window_split split;

    begin(&recorder, &CLOSED);
    for (uint64_t i = 1; i <= 10; i++)
        request(&recorder, START + 10, i * 100, REQUEST_OK);
    recorder_finish(&recorder);
    split = recorder_split_window(&recorder, 0, LATENCY_SERVICE, 700);
    assert_int_equal(split.total, 10);
    assert_int_equal(split.above, 3);
    split = recorder_split_window(&recorder, 1, LATENCY_SERVICE, 700);
    assert_int_equal(split.total, 0);
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
        cmocka_unit_test(test_a_second_of_failures_alone_is_kept),
        cmocka_unit_test(test_response_counts_from_the_intended_instant),
        cmocka_unit_test(test_an_arrival_belongs_to_the_second_it_is_due_in),
        cmocka_unit_test(test_what_is_never_sent_is_at_least_its_age),
        cmocka_unit_test(test_the_seconds_merged_are_the_run),
        cmocka_unit_test(test_a_window_is_split_at_a_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
