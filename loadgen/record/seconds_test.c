/* SPDX-License-Identifier: MIT */
/* The seconds of made-up threads: when they are complete, and that nothing is lost between them and
 * the run, or counted twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/random.h"
#include "loadgen/record/seconds.h"

#define START UINT64_C(1000000000000)
#define END   (START + 3 * NS_PER_S)
enum { THREADS = 3 };

static const struct recorder_plan mixed = {.classes = 2, .separate_service = true};
static const struct recorder_plan plain = {.classes = 1, .separate_service = false};

struct scene {
    struct recorder recorders[THREADS];
    struct seconds seconds;
};

static void scene_init(struct scene *scene, const struct recorder_plan *plan)
{
    assert_int_equal(seconds_init(&scene->seconds, plan), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(recorder_init(&scene->recorders[i], plan), 0);
        recorder_measure(&scene->recorders[i], START, END);
        seconds_watch(&scene->seconds, &scene->recorders[i]);
    }
}

static void scene_release(struct scene *scene)
{
    for (unsigned i = 0; i < THREADS; i++)
        recorder_release(&scene->recorders[i]);
    seconds_release(&scene->seconds);
}

static void roll(struct scene *scene, uint64_t now_ns)
{
    for (unsigned i = 0; i < THREADS; i++)
        recorder_roll(&scene->recorders[i], now_ns);
}

static void finish(struct scene *scene)
{
    for (unsigned i = 0; i < THREADS; i++)
        recorder_finish(&scene->recorders[i]);
}

/* A request, sent 1 us after it was due, that ended so after `took_ns`. */
static void request(struct recorder *recorder, uint64_t intended_ns, uint64_t took_ns,
                    enum request_end end, unsigned class_index)
{
    struct request_times times = {.intended_ns = intended_ns, .sent_ns = intended_ns + 1000};
    struct request_result result = {.intended_ns = intended_ns,
                                    .sent_ns = times.sent_ns,
                                    .ended_ns = times.sent_ns + took_ns,
                                    .arrived_ns = times.sent_ns + took_ns / 2,
                                    .class_index = class_index,
                                    .end = end,
                                    .failure = FAILURE_RESET};

    recorder_intended(recorder, intended_ns);
    recorder_sent(recorder, &times);
    recorder_ended(recorder, &result);
}

/* --- when a second is complete ---------------------------------------------------------------- */

static void test_a_second_waits_for_every_thread(void **state)
{
    (void)state;
    struct scene scene;

    scene_init(&scene, &plain);
    request(&scene.recorders[0], START, NS_PER_MS, REQUEST_OK, 0);
    assert_false(seconds_next(&scene.seconds, false));
    recorder_roll(&scene.recorders[0], START + NS_PER_S);
    recorder_roll(&scene.recorders[1], START + 2 * NS_PER_S);
    recorder_roll(&scene.recorders[2], START + NS_PER_S - 1);
    assert_false(seconds_next(&scene.seconds, false));
    recorder_roll(&scene.recorders[2], START + NS_PER_S);
    assert_true(seconds_next(&scene.seconds, false));
    assert_int_equal(scene.seconds.count, 1);
    assert_int_equal(scene.seconds.last.ok, 1);
    assert_false(seconds_next(&scene.seconds, false));
    scene_release(&scene);
}

static void test_a_second_without_a_thread_never_comes(void **state)
{
    (void)state;
    struct seconds seconds;

    assert_int_equal(seconds_init(&seconds, &plain), 0);
    assert_false(seconds_next(&seconds, false));
    assert_false(seconds_next(&seconds, true));
    seconds_release(&seconds);
}

static void test_the_end_completes_what_only_one_has(void **state)
{
    (void)state;
    struct scene scene;

    scene_init(&scene, &plain);
    /* Two threads have drained when the third still waits for an answer. */
    request(&scene.recorders[2], END - 1000, 4 * NS_PER_S, REQUEST_OK, 0);
    finish(&scene);
    for (int i = 0; i < 3; i++)
        assert_true(seconds_next(&scene.seconds, false));
    assert_false(seconds_next(&scene.seconds, false));
    while (seconds_next(&scene.seconds, true))
        continue;
    assert_int_equal(scene.seconds.count, 8);
    assert_int_equal(scene.seconds.last.latencies[LATENCY_RESPONSE].histogram.total_count, 1);
    assert_int_equal(scene.seconds.last.ok, 0); /* it was received in the drain */
    scene_release(&scene);
}

static void test_an_attempt_that_came_to_nothing_is_forgotten(void **state)
{
    (void)state;
    struct scene scene;

    scene_init(&scene, &plain);
    finish(&scene);
    seconds_forget(&scene.seconds);
    assert_false(seconds_next(&scene.seconds, true));
    scene_release(&scene);
}

/* --- what is in it ---------------------------------------------------------------------------- */

static void test_a_second_holds_what_ended_in_it(void **state)
{
    (void)state;
    struct scene scene;
    const struct seconds_sum *last = &scene.seconds.last;

    scene_init(&scene, &mixed);
    request(&scene.recorders[0], START - 2 * NS_PER_MS, NS_PER_MS, REQUEST_OK, 0); /* warm-up */
    request(&scene.recorders[0], START + 10, NS_PER_MS, REQUEST_OK, 0);
    request(&scene.recorders[1], START + 10, 2 * NS_PER_MS, REQUEST_OK, 1);
    request(&scene.recorders[1], START + 20, NS_PER_MS, REQUEST_FAILED, 1);
    request(&scene.recorders[2], START + 10, NS_PER_S, REQUEST_OK, 1);
    roll(&scene, START + 2 * NS_PER_S);

    assert_true(seconds_next(&scene.seconds, false));
    assert_int_equal(last->sent, 4);
    assert_int_equal(last->ok, 2);
    assert_int_equal(last->errors, 1);
    assert_int_equal(last->latencies[LATENCY_RESPONSE].histogram.total_count, 2);
    assert_int_equal(last->latencies[LATENCY_CLASS].histogram.total_count, 1);
    assert_int_equal(last->latencies[LATENCY_CLASS + 1].histogram.max, 2 * NS_PER_MS + 1000);
    assert_int_equal(last->latencies[LATENCY_SERVICE].histogram.max, 2 * NS_PER_MS);
    assert_int_equal(last->latencies[LATENCY_SEND_LAG].histogram.total_count, 4);
    assert_int_equal(last->latencies[LATENCY_WIRE].histogram.max, NS_PER_MS);

    assert_true(seconds_next(&scene.seconds, false));
    assert_int_equal(last->sent, 0);
    assert_int_equal(last->ok, 1);
    assert_int_equal(last->errors, 0);
    assert_int_equal(last->latencies[LATENCY_RESPONSE].histogram.total_count, 1);
    assert_int_equal(last->latencies[LATENCY_RESPONSE].histogram.max, NS_PER_S + 1000);
    assert_int_equal(last->latencies[LATENCY_SEND_LAG].histogram.total_count, 0);
    scene_release(&scene);
}

static void test_a_bound_stays_a_bound(void **state)
{
    (void)state;
    struct scene scene;
    const struct latency *last = &scene.seconds.last.latencies[LATENCY_RESPONSE];

    scene_init(&scene, &plain);
    for (int i = 0; i < 98; i++)
        request(&scene.recorders[i % THREADS], START + 10, 1000, REQUEST_OK, 0);
    request(&scene.recorders[0], START + 10, NS_PER_MS, REQUEST_TIMED_OUT, 0);
    request(&scene.recorders[1], START + 10, 2 * NS_PER_MS, REQUEST_IN_FLIGHT, 0);
    request(&scene.recorders[2], START + NS_PER_S, NS_PER_MS, REQUEST_OK, 0);
    roll(&scene, START + 2 * NS_PER_S);

    assert_true(seconds_next(&scene.seconds, false));
    assert_int_equal(last->at_least_count, 2);
    assert_int_equal(last->at_least_min_ns, NS_PER_MS + 1000);
    assert_true(latency_is_lower_bound(last, 0.99));
    assert_false(latency_is_lower_bound(last, 0.9));
    assert_true(latency_is_lower_bound(&scene.seconds.last.latencies[LATENCY_SERVICE], 0.99));
    assert_true(seconds_next(&scene.seconds, false));
    assert_int_equal(last->at_least_count, 0);
    assert_false(latency_is_lower_bound(last, 1.0));
    assert_int_equal(scene.seconds.all.latencies[LATENCY_RESPONSE].at_least_count, 2);
    scene_release(&scene);
}

static void test_an_hour_and_more_is_kept(void **state)
{
    (void)state;
    struct scene scene;
    const struct histogram *last = &scene.seconds.last.latencies[LATENCY_RESPONSE].histogram;
    uint64_t hours_ns = 2 * HISTOGRAM_HIGHEST_NS;

    scene_init(&scene, &plain);
    recorder_ended(&scene.recorders[0], &(struct request_result){.intended_ns = START,
                                                                 .sent_ns = START,
                                                                 .ended_ns = START + hours_ns});
    finish(&scene);
    while (seconds_next(&scene.seconds, true))
        continue;
    assert_int_equal(last->above_count, 1);
    assert_int_equal(last->max, hours_ns);
    assert_int_equal(histogram_quantile(last, 0.5), UINT64_MAX);
    scene_release(&scene);
}

/* --- all seconds are the run ------------------------------------------------------------------ */

static void assert_same_counts(const struct latency *a, const struct latency *b)
{
    assert_int_equal(a->histogram.total_count, b->histogram.total_count);
    assert_int_equal(a->histogram.above_count, b->histogram.above_count);
    assert_int_equal(a->histogram.max, b->histogram.max);
    assert_int_equal(a->at_least_count, b->at_least_count);
    assert_int_equal(a->at_least_min_ns, b->at_least_min_ns);
    assert_memory_equal(a->histogram.counts, b->histogram.counts,
                        a->histogram.counts_length * sizeof *a->histogram.counts);
}

/* A load of four seconds with a drain of some more, taken as it comes. */
static void check_all_seconds_are_the_run(const struct recorder_plan *plan)
{
    struct random random = random_seeded(7);
    struct recorder total;
    struct scene scene;
    uint64_t sent = 0, ok = 0;
    unsigned taken = 0;

    scene_init(&scene, plan);
    assert_int_equal(recorder_init(&total, plan), 0);
    for (uint64_t now_ns = START - NS_PER_S; now_ns < END + NS_PER_S; now_ns += NS_PER_MS) {
        /* Up to 2.1 s: over the end of the window into the drain. */
        uint64_t took_ns = random_next(&random) % (2100 * NS_PER_MS);
        enum request_end end = random_next(&random) % 10 == 0 ? REQUEST_TIMED_OUT : REQUEST_OK;
        struct recorder *recorder = &scene.recorders[random_next(&random) % THREADS];

        request(recorder, now_ns - took_ns, took_ns, end,
                (unsigned)(random_next(&random) % plan->classes));
        roll(&scene, now_ns);
        while (seconds_next(&scene.seconds, false)) {
            taken++;
            sent += scene.seconds.last.sent;
            ok += scene.seconds.last.ok;
        }
    }
    assert_int_equal(taken, 3);
    finish(&scene);
    while (seconds_next(&scene.seconds, true)) {
        sent += scene.seconds.last.sent;
        ok += scene.seconds.last.ok;
    }
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(recorder_merge(&total, &scene.recorders[i]), 0);

    assert_int_equal(scene.seconds.all.sent, sent);
    assert_int_equal(scene.seconds.all.ok, ok);
    assert_int_equal(total.received_ok, ok);
    assert_true(ok > 1000);
    for (unsigned kind = LATENCY_SERVICE; kind < recorder_kinds(plan); kind++) {
        const struct latency *of_run = recorder_latency(&total, (enum latency_kind)kind);

        assert_same_counts(&scene.seconds.all.latencies[kind], of_run);
        assert_true(kind == LATENCY_QUEUE_WAIT || !plan->separate_service ||
                    of_run->histogram.total_count > 100);
    }
    recorder_release(&total);
    scene_release(&scene);
}

static void test_all_seconds_are_the_run(void **state)
{
    (void)state;
    check_all_seconds_are_the_run(&plain);
    check_all_seconds_are_the_run(&mixed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_second_waits_for_every_thread),
        cmocka_unit_test(test_a_second_without_a_thread_never_comes),
        cmocka_unit_test(test_the_end_completes_what_only_one_has),
        cmocka_unit_test(test_an_attempt_that_came_to_nothing_is_forgotten),
        cmocka_unit_test(test_a_second_holds_what_ended_in_it),
        cmocka_unit_test(test_a_bound_stays_a_bound),
        cmocka_unit_test(test_an_hour_and_more_is_kept),
        cmocka_unit_test(test_all_seconds_are_the_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
