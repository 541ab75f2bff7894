/* SPDX-License-Identifier: MIT */
/* Who was the limit, was the load carried, was the generator late: with made-up runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "loadgen/judge/made_up_run.h"
#include "loadgen/judge/offered_load.h"

static struct made_up_run run;

static struct run_result *const result = &run.result;
static struct recorder *const total = &run.result.total;

static const struct made_up_second healthy = {1000, 1000, 1000, NS_PER_MS};

static int open_loop(void **state)
{
    (void)state;
    made_up_run_init(&run, LOOP_OPEN);
    return 0;
}

static int closed_loop(void **state)
{
    (void)state;
    made_up_run_init(&run, LOOP_CLOSED);
    made_up_run_repeat(&run, 10, &healthy);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    made_up_run_release(&run);
    return 0;
}

/* A server with one thread on one core, for these shares of 10 s. */
static struct resources server(double ran, double waited)
{
    return (struct resources){.observed_ns = 10 * NS_PER_S,
                              .cpu_system_ns = (uint64_t)(ran * 10e9),
                              .threads = 1,
                              .cores = 1,
                              .has_run_queue_delay = true,
                              .run_queue_delay_ns = (uint64_t)(waited * 10e9)};
}

/* --- who was the limit ------------------------------------------------------------------------ */

static void test_a_generator_without_slack(void **state)
{
    (void)state;
    result->busiest = (struct thread_use){.busy = 0.94};
    assert_null(made_up_run_failed(&run, "C10"));
    result->busiest.busy = 0.99;
    assert_non_null(strstr(made_up_run_failed(&run, "C10")->text, "--observe"));
    result->server_observed = true;
    result->server = server(0.5, 0);
    assert_non_null(strstr(made_up_run_failed(&run, "I1")->text, "had work for 50% of its time"));
    assert_null(made_up_run_failed(&run, "C10"));
    result->server = server(0.99, 0);
    assert_null(made_up_run_failed(&run, "I1"));
    assert_non_null(made_up_run_failed(&run, "C10"));
    /* It also wants the core while it waits for it. */
    result->busiest = (struct thread_use){.busy = 0.6, .starved = 0.36};
    assert_non_null(made_up_run_failed(&run, "C10"));
    /* What is spent in waiting for the next instant is not work. */
    result->busiest = (struct thread_use){.busy = 0.5, .spun = 0.5};
    assert_null(made_up_run_failed(&run, "C10"));
}

/* At the lowest priority beside a busy loop on its core. */
static void test_a_generator_that_was_squeezed(void **state)
{
    (void)state;
    result->busiest = (struct thread_use){.busy = 0.04, .starved = 0.9};
    assert_non_null(strstr(made_up_run_failed(&run, "I1")->text, "starved of CPU"));
    result->server_observed = true;
    result->server = server(0.2, 0);
    assert_non_null(made_up_run_failed(&run, "I1"));
    /* Not even a server that keeps its core busy explains that. */
    result->server = server(0.99, 0);
    assert_non_null(made_up_run_failed(&run, "I1"));
    /* One that cannot get a core either does: they share too few. */
    result->server = server(0.04, 0.9);
    assert_null(made_up_run_failed(&run, "I1"));
    assert_non_null(made_up_run_failed(&run, "C10"));
    /* Less, and nobody knows of the server. */
    result->server_observed = false;
    result->busiest = (struct thread_use){.busy = 0.04, .starved = 0.6};
    assert_null(made_up_run_failed(&run, "I1"));
    assert_non_null(made_up_run_failed(&run, "C10"));
}

/* The server beside a busy loop on its core: it runs little, and yet has no slack. */
static void test_a_server_that_was_squeezed(void **state)
{
    (void)state;
    result->server_observed = true;
    result->server = server(0.05, 0.9);
    result->busiest = (struct thread_use){.busy = 0.3};
    assert_null(made_up_run_failed(&run, "I1"));
    /* All three on one core. */
    result->busiest = (struct thread_use){.busy = 0.3, .starved = 0.67};
    assert_null(made_up_run_failed(&run, "I1"));
    assert_non_null(made_up_run_failed(&run, "C10"));
    /* A kernel that does not count the waiting shows a server with slack. */
    result->server.has_run_queue_delay = false;
    assert_non_null(made_up_run_failed(&run, "I1"));
}

/* A thread a client on one core: of 100 that are woken at once each waits for the others, which
 * makes many seconds of waiting out of a core that was idle for much of the time. */
static void test_threads_that_wait_for_each_other_are_not_squeezed(void **state)
{
    (void)state;
    result->server_observed = true;
    result->server = server(0.6, 30);
    result->server.threads = 100;
    result->in_flight_mean = 100;
    result->busiest.busy = 0.99;
    assert_non_null(made_up_run_failed(&run, "I1"));
    /* Each request in flight waits for a core of the server. */
    result->server = server(0.05, 95);
    result->server.threads = 101;
    assert_null(made_up_run_failed(&run, "I1"));
    assert_non_null(made_up_run_failed(&run, "C10"));
}

static void test_a_busy_generator_that_was_in_time(void **state)
{
    (void)state;
    made_up_run_repeat(&run, 10, &healthy);
    result->busiest.busy = 0.96;
    result->server_observed = true;
    result->server = server(0.5, 0);
    assert_null(made_up_run_failed(&run, "I1"));
    assert_non_null(strstr(made_up_run_failed(&run, "C10")->text, "in time"));
    /* And one that was not: it could not send what was due. */
    result->busiest.busy = 0.96;
    histogram_record_many(&total->latencies[LATENCY_SEND_LAG].histogram, 5 * NS_PER_MS, 1000);
    assert_non_null(made_up_run_failed(&run, "I1"));
}

/* --- offered load ----------------------------------------------------------------------------- */

static void test_a_load_that_was_carried(void **state)
{
    (void)state;
    made_up_run_repeat(&run, 10, &healthy);
    assert_null(made_up_run_failed(&run, "I2"));
    assert_true(made_up_run_check(&run, "offered_load")->value == 1);
    assert_null(made_up_run_check(&run, "stalls")); /* of closed loops */
}

static void test_twice_the_capacity(void **state)
{
    const struct made_up_second overloaded = {104000, 52000, 52000, 2 * NS_PER_MS};
    const struct check *check;

    (void)state;
    for (unsigned seconds = 2; seconds <= 10; seconds += 4) {
        made_up_run_release(&run);
        made_up_run_init(&run, LOOP_OPEN);
        made_up_run_repeat(&run, seconds, &overloaded);
        result->in_flight_mean = 100;
        check = made_up_run_failed(&run, "I2");
        assert_non_null(check);
        assert_true(check->value > 0.499 && check->value < 0.501);
        assert_non_null(strstr(check->text, "only 50%"));
        assert_non_null(strstr(check->text, "Saturation is near 52.0 k/s"));
        assert_null(made_up_run_failed(&run, "I3"));
    }
}

/* So many connections that nothing ever waits for one: the backlog is in the server. */
static void test_a_backlog_without_a_queue(void **state)
{
    const struct made_up_second overloaded = {1200, 1200, 1000, 500 * NS_PER_MS};

    (void)state;
    made_up_run_repeat(&run, 10, &overloaded);
    result->warmup_ns = NS_PER_S;
    result->in_flight_mean = 1000;
    assert_non_null(made_up_run_failed(&run, "I2"));
    assert_true(made_up_run_check(&run, "offered_load")->value > 0.82);
    assert_true(made_up_run_check(&run, "offered_load")->value < 0.84);
    assert_non_null(strstr(made_up_run_check(&run, "offered_load")->text, "2000 requests were"));
    /* What the warm-up left behind waits as well. */
    result->queue_left = 3000;
    assert_non_null(strstr(made_up_run_failed(&run, "I2")->text, "3000 requests were waiting"));
}

/* Nothing in the fifth second, what was left over in the next one; wherever the window ends. */
static void test_a_server_that_freezes_and_catches_up(void **state)
{
    const struct made_up_second frozen = {1000, 100, 0, 0}, after = {1000, 1900, 2000, NS_PER_MS};

    (void)state;
    for (unsigned seconds = 3; seconds <= 20; seconds++) {
        made_up_run_release(&run);
        made_up_run_init(&run, LOOP_OPEN);
        for (unsigned i = 0; i < seconds; i++)
            made_up_run_add(&run, i % 5 == 2 ? &frozen : i % 5 == 3 ? &after : &healthy);
        result->queue_left = seconds % 5 == 3 ? 900 : 0;
        assert_null(made_up_run_failed(&run, "I2"));
        assert_non_null(made_up_run_check(&run, "offered_load"));
    }
}

/* It catches up with a part of it only, each time. */
static void test_a_server_that_never_catches_up(void **state)
{
    const struct made_up_second frozen = {1000, 100, 0, 0}, full = {1000, 1100, 1100, NS_PER_MS};

    (void)state;
    for (unsigned i = 0; i < 20; i++)
        made_up_run_add(&run, i % 5 == 4 ? &frozen : &full);
    assert_non_null(made_up_run_failed(&run, "I2"));
}

/* Three seconds of work a request, and no warm-up: the first seconds only fill the server. */
static void test_a_slow_server_that_fills_is_no_backlog(void **state)
{
    const struct made_up_second filling = {100, 100, 0, 0};
    const struct made_up_second slow = {100, 100, 100, 3 * NS_PER_S};

    (void)state;
    made_up_run_repeat(&run, 3, &filling);
    made_up_run_repeat(&run, 7, &slow);
    result->in_flight_mean = 260;
    assert_null(made_up_run_failed(&run, "I2"));
}

/* A few in flight more or less are nothing. */
static void test_low_rates_vary(void **state)
{
    const struct made_up_second first = {10, 10, 10, NS_PER_MS}, second = {10, 10, 7, NS_PER_MS};

    (void)state;
    made_up_run_repeat(&run, 5, &first);
    made_up_run_add(&run, &second);
    made_up_run_repeat(&run, 5, &first);
    assert_null(made_up_run_failed(&run, "I2"));
    made_up_run_repeat(&run, 15, &second);
    assert_non_null(made_up_run_failed(&run, "I2"));
}

/* A ramp is judged where it ends. */
static void test_a_ramp_beyond_the_capacity(void **state)
{
    (void)state;
    run.plan.arrival.kind = ARRIVAL_RAMP;
    for (uint64_t i = 1; i <= 10; i++) {
        uint64_t rate = 1000 * i, served = rate < 8500 ? rate : 8500;
        const struct made_up_second second = {rate, served, served, NS_PER_MS};

        made_up_run_add(&run, &second);
    }
    assert_non_null(strstr(made_up_run_failed(&run, "I2")->text, "8.50 k/s"));
    assert_null(made_up_run_check(&run, "trend"));
}

static void test_requests_that_were_never_sent(void **state)
{
    (void)state;
    made_up_run_repeat(&run, 10, &healthy);
    total->measured.unsent = total->all.unsent = 100;
    total->measured.ok = total->measured.sent = total->all.ok = total->all.sent = 9900;
    assert_null(made_up_run_failed(&run, "I2"));
    assert_non_null(made_up_run_failed(&run, "C11"));
    assert_true(made_up_run_check(&run, "offered_load")->value == 0.99);
    total->measured.unsent = 300;
    assert_non_null(made_up_run_failed(&run, "I2"));
}

/* Less than two seconds: only what waits at the end is known. */
static void test_a_short_run(void **state)
{
    (void)state;
    made_up_run_add(&run, &healthy);
    result->queue_left = 20;
    assert_null(made_up_run_failed(&run, "I2"));
    result->queue_left = 100;
    assert_non_null(made_up_run_failed(&run, "I2"));
}

static void test_a_window_without_arrivals(void **state)
{
    const struct made_up_second nothing = {0, 0, 0, 0};
    struct offered_load load;

    (void)state;
    made_up_run_repeat(&run, 1, &nothing);
    offered_load_of(&run.plan, result, &load);
    assert_true(load.achieved == 1 && load.behind == 0 && load.carried_per_s == 0);
    made_up_run_repeat(&run, 3, &nothing);
    offered_load_of(&run.plan, result, &load);
    assert_true(load.achieved == 1 && load.behind == 0 && load.carried_per_s == 0);
}

/* --- send lag, Little's law ------------------------------------------------------------------- */

static void test_send_lag(void **state)
{
    struct histogram *lag = &total->latencies[LATENCY_SEND_LAG].histogram;

    (void)state;
    made_up_run_repeat(&run, 10, &healthy);
    histogram_record_many(lag, 20 * NS_PER_MS, 99);
    made_up_run_failed(&run, "");
    assert_null(made_up_run_check(&run, "send_lag")); /* too few to tell */
    histogram_record_many(lag, 50 * NS_PER_US, 9801);
    assert_null(made_up_run_failed(&run, "I11"));
    assert_non_null(made_up_run_check(&run, "send_lag"));
    histogram_record_many(lag, 20 * NS_PER_MS, 2);
    assert_non_null(made_up_run_failed(&run, "I11"));
    /* A tenth of a response time that is long itself. */
    histogram_record_many(&total->latencies[LATENCY_RESPONSE].histogram, 250 * NS_PER_MS, 20000);
    assert_null(made_up_run_failed(&run, "I11"));
    run.plan.loop = LOOP_THINK;
    made_up_run_failed(&run, "");
    assert_non_null(made_up_run_check(&run, "send_lag"));
}

static void test_littles_law_of_an_open_loop(void **state)
{
    const struct made_up_second second = {1000, 1000, 1000, 20 * NS_PER_MS};

    (void)state;
    made_up_run_repeat(&run, 10, &second);
    result->in_flight_mean = 20;
    assert_null(made_up_run_failed(&run, "I3"));
    assert_non_null(made_up_run_check(&run, "littles_law"));
    result->in_flight_mean = 26;
    assert_non_null(made_up_run_failed(&run, "I3"));
    /* Who waits for a core samples when it gets one. */
    result->busiest.starved = 0.2;
    assert_null(made_up_run_failed(&run, "I3"));
    /* Too few in flight to be sampled. */
    result->busiest.starved = 0;
    run.plan.threads = 5;
    assert_null(made_up_run_failed(&run, "I3"));
}

static void test_arrivals_that_are_not_those_that_were_asked_for(void **state)
{
    const struct made_up_second second = {1000, 1000, 1000, 20 * NS_PER_MS};

    (void)state;
    made_up_run_repeat(&run, 10, &second);
    made_up_run_failed(&run, "");
    assert_null(made_up_run_check(&run, "poisson_arrivals")); /* nothing to tell */
    result->gaps_p = 0.4;
    assert_null(made_up_run_failed(&run, "C14"));
    assert_non_null(made_up_run_check(&run, "poisson_arrivals"));
    result->gaps_p = 0.0002;
    assert_non_null(made_up_run_failed(&run, "C14"));
}

static void test_time_that_the_host_took(void **state)
{
    const struct made_up_second second = {1000, 1000, 1000, 20 * NS_PER_MS};

    (void)state;
    made_up_run_repeat(&run, 10, &second);
    made_up_run_failed(&run, "");
    assert_null(made_up_run_check(&run, "cpu_steal")); /* not known */
    result->steal = 0.002;
    assert_null(made_up_run_failed(&run, "C5"));
    assert_non_null(made_up_run_check(&run, "cpu_steal"));
    result->steal = 0.03;
    assert_non_null(made_up_run_failed(&run, "C5"));
}

int main(void)
{
#define CLOSED(name) cmocka_unit_test_setup_teardown(name, closed_loop, teardown)
#define OPEN(name)   cmocka_unit_test_setup_teardown(name, open_loop, teardown)
    const struct CMUnitTest tests[] = {
        CLOSED(test_a_generator_without_slack),
        CLOSED(test_a_generator_that_was_squeezed),
        CLOSED(test_a_server_that_was_squeezed),
        CLOSED(test_threads_that_wait_for_each_other_are_not_squeezed),
        OPEN(test_a_busy_generator_that_was_in_time),
        OPEN(test_a_load_that_was_carried),
        OPEN(test_twice_the_capacity),
        OPEN(test_a_backlog_without_a_queue),
        OPEN(test_a_server_that_freezes_and_catches_up),
        OPEN(test_a_server_that_never_catches_up),
        OPEN(test_a_slow_server_that_fills_is_no_backlog),
        OPEN(test_low_rates_vary),
        OPEN(test_a_ramp_beyond_the_capacity),
        OPEN(test_requests_that_were_never_sent),
        OPEN(test_a_short_run),
        OPEN(test_a_window_without_arrivals),
        OPEN(test_send_lag),
        OPEN(test_littles_law_of_an_open_loop),
        OPEN(test_time_that_the_host_took),
        OPEN(test_arrivals_that_are_not_those_that_were_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
