/* SPDX-License-Identifier: MIT */
/* Where requests come from, with a made-up clock and without a socket: nothing is sent before it is
 * due, nothing is lost in the queue. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loadgen/load/load.h"

#define BEGIN UINT64_C(1000000000000)

static struct plan plan;
static struct recorder recorder;
static struct request_source source;
static struct load load;

/* An open loop of 1,000 a second whose window [1 s, 3 s) lies a second after its begin. */
static void begin(uint64_t queue_limit, uint64_t requests)
{
    const struct recorder_plan recording = {.classes = 1, .separate_service = true};
    const char *problem;

    plan = (struct plan){
        .loop = LOOP_OPEN, .threads = 1, .queue_limit = queue_limit, .seed = 1, .pipeline = 1};
    assert_int_equal(request_mix_parse("echo:64", &plan.requests_mix, &problem), 0);
    assert_int_equal(arrival_parse("uniform", 1000, NS_PER_S, &plan.arrival, &problem), 0);
    assert_int_equal(request_source_init(&source, &plan.requests_mix, 1), 0);
    assert_int_equal(recorder_init(&recorder, &recording), 0);
    recorder_measure(&recorder, BEGIN + NS_PER_S, BEGIN + 3 * NS_PER_S);
    load_init(&load, &plan, &recorder, &source);
    load.requests_left = requests;
    load_begin(&load, 0, BEGIN);
}

static void end(void)
{
    request_source_release(&source);
    recorder_release(&recorder);
    arrival_release(&plan.arrival);
}

static void send_and_answer(const struct intent *intent, uint64_t now_ns)
{
    struct request_times times = {intent->intended_ns, now_ns, 0};
    struct request_result result = {
        .intended_ns = intent->intended_ns, .sent_ns = now_ns, .ended_ns = now_ns + 1};

    recorder_sent(&recorder, &times);
    recorder_ended(&recorder, &result);
}

static uint64_t send_all_due(uint64_t now_ns)
{
    struct intent intent;
    uint64_t sent = 0;

    while (load_next_due(&load, now_ns, &intent)) {
        assert_true(intent.intended_ns <= now_ns);
        send_and_answer(&intent, now_ns);
        sent++;
    }
    return sent;
}

static void test_what_is_due_is_sent_and_nothing_before(void **state)
{
    (void)state;
    begin(1000, UINT64_MAX);
    assert_int_equal(send_all_due(BEGIN - 1), 0);
    assert_int_equal(send_all_due(BEGIN), 1);
    assert_int_equal(send_all_due(BEGIN + NS_PER_MS - 1), 0);
    assert_int_equal(send_all_due(BEGIN + 10 * NS_PER_MS), 10);
    assert_int_equal(load.due_ns, BEGIN + 11 * NS_PER_MS);
    /* Long after the end: what was due before it, and nothing after. */
    assert_int_equal(send_all_due(BEGIN + 60 * NS_PER_S), 3000 - 11);
    assert_true(load_is_over(&load, BEGIN + 60 * NS_PER_S));
    assert_true(load_is_empty(&load, BEGIN + 60 * NS_PER_S));
    /* Who waits for the next to be due waits for ever: it must not lie in the past. */
    assert_int_equal(load.due_ns, UINT64_MAX);
    load_stop(&load, BEGIN + 60 * NS_PER_S);
    assert_int_equal(recorder.all.intended, 3000);
    assert_int_equal(recorder.measured.intended, 2000);
    assert_int_equal(recorder.all.unsent, 0);
    assert_true(request_counts_are_conserved(&recorder.all));
    assert_true(request_counts_are_conserved(&recorder.measured));
    end();
}

static void test_what_waits_is_counted_and_what_exceeds_the_limit_given_up(void **state)
{
    (void)state;
    begin(100, UINT64_MAX);
    load_follow(&load, BEGIN + 50 * NS_PER_MS);
    assert_int_equal(load_queue_length(&load), 51);
    assert_int_equal(recorder.all.unsent, 0);
    load_follow(&load, BEGIN + 499 * NS_PER_MS);
    assert_int_equal(load_queue_length(&load), 100);
    assert_int_equal(recorder.all.intended, 500);
    assert_int_equal(recorder.all.unsent, 400);
    /* The oldest are given up: the next to be sent is the oldest that is left. */
    assert_int_equal(load.due_ns, BEGIN + 400 * NS_PER_MS);
    assert_int_equal(load.queue_longest, 100);
    assert_int_equal(send_all_due(BEGIN + 499 * NS_PER_MS), 100);
    assert_int_equal(load_queue_length(&load), 0);
    assert_true(request_counts_are_conserved(&recorder.all));
    end();
}

static void test_each_of_many_threads_has_a_queue(void **state)
{
    (void)state;
    begin(1, UINT64_MAX);
    plan.threads = 8;
    load_init(&load, &plan, &recorder, &source);
    load_begin(&load, 0, BEGIN);
    for (uint64_t k = 0; k < 375; k++) /* of a thread, every 8 ms */
        assert_int_equal(send_all_due(BEGIN + k * 8 * NS_PER_MS), 1);
    assert_int_equal(recorder.all.unsent, 0);
    assert_false(load_is_over(&load, BEGIN + 2992 * NS_PER_MS));
    end();
}

static void test_an_interrupted_load_has_nothing_unaccounted_for(void **state)
{
    (void)state;
    for (uint64_t stop_ms = 0; stop_ms < 4000; stop_ms += 37) {
        uint64_t stop_ns = BEGIN + stop_ms * NS_PER_MS + 5;

        begin(1000000, UINT64_MAX);
        send_all_due(BEGIN + stop_ms / 2 * NS_PER_MS);
        load_follow(&load, BEGIN + stop_ms / 3 * 2 * NS_PER_MS);
        recorder_cut(&recorder, stop_ns);
        load_stop(&load, stop_ns);
        assert_true(request_counts_are_conserved(&recorder.all));
        assert_true(request_counts_are_conserved(&recorder.measured));
        assert_int_equal(recorder.all.intended, stop_ms < 3000 ? stop_ms + 1 : 3000);
        assert_int_equal(send_all_due(BEGIN + 60 * NS_PER_S), 0);
        end();
    }
}

static void test_a_number_of_measured_requests_ends_it(void **state)
{
    (void)state;
    begin(1000, 7);
    assert_int_equal(send_all_due(BEGIN + 2 * NS_PER_S), 1000 + 7);
    assert_true(load_is_over(&load, BEGIN + 2 * NS_PER_S));
    load_stop(&load, BEGIN + 2 * NS_PER_S);
    assert_int_equal(recorder.measured.intended, 7);
    assert_true(request_counts_are_conserved(&recorder.all));
    end();
}

static void test_a_closed_loop_sends_whenever_it_is_asked(void **state)
{
    (void)state;
    struct intent intent;

    begin(1000, 3);
    plan.loop = LOOP_CLOSED;
    load.due_ns = load.arrival_ns = UINT64_MAX;
    for (uint64_t i = 0; i < 5; i++) { /* two of them before the window, which do not count */
        uint64_t now_ns = BEGIN + NS_PER_S - 2 + i;

        assert_false(load_is_over(&load, now_ns));
        assert_true(load_next_closed(&load, now_ns, 1, i, &intent));
        assert_int_equal(intent.intended_ns, now_ns);
    }
    assert_true(load_is_over(&load, BEGIN + NS_PER_S + 3));
    assert_false(load_next_closed(&load, BEGIN + NS_PER_S + 3, 1, 5, &intent));
    assert_int_equal(recorder.all.intended, 5);
    assert_int_equal(recorder.measured.intended, 3);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_due_is_sent_and_nothing_before),
        cmocka_unit_test(test_what_waits_is_counted_and_what_exceeds_the_limit_given_up),
        cmocka_unit_test(test_each_of_many_threads_has_a_queue),
        cmocka_unit_test(test_an_interrupted_load_has_nothing_unaccounted_for),
        cmocka_unit_test(test_a_number_of_measured_requests_ends_it),
        cmocka_unit_test(test_a_closed_loop_sends_whenever_it_is_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
