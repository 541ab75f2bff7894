/* SPDX-License-Identifier: MIT */
/* The bounded queue of a stage and its threads: order, bounds, and the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <semaphore.h>

#include "server/parts/stage.h"

enum { CAPACITY = 3, CLIENTS = 20 };

static struct server_config config;
static struct server server;
static struct counters *counters;

/* Every client is handled when the test says so. */
struct trial {
    struct stage stage;
    struct loop_client clients[CLIENTS];
    sem_t may_handle, handled;
    struct loop_client *order[CLIENTS]; /* in which they were handled */
    size_t order_count;
};

static void handle(struct stage *stage, struct loop_client *client)
{
    struct trial *trial = stage->owner;

    sem_wait(&trial->may_handle);
    trial->order[trial->order_count++] = client;
    sem_post(&trial->handled);
}

static void trial_start(struct trial *trial)
{
    *trial = (struct trial){.order_count = 0};
    sem_init(&trial->may_handle, 0, 0);
    sem_init(&trial->handled, 0, 0);
    assert_int_equal(stage_start(&trial->stage, &server, "tester", 1, CAPACITY, handle, trial), 0);
}

static void trial_end(struct trial *trial)
{
    stage_stop(&trial->stage);
    sem_destroy(&trial->handled);
    sem_destroy(&trial->may_handle);
}

static void handle_one(struct trial *trial)
{
    sem_post(&trial->may_handle);
    sem_wait(&trial->handled);
}

/* The thread says that it is idle only after it has handled somebody. */
static void wait_for_room(struct trial *trial)
{
    while (stage_is_full(&trial->stage))
        poll(NULL, 0, 1);
}

static void test_bounded_and_first_in_first_out(void **state)
{
    (void)state;
    uint64_t handoffs = counters_get(counters, COUNTER_HANDOFFS);
    struct trial trial;
    size_t next = 0;

    trial_start(&trial);
    /* One for the idle thread, the others wait. */
    while (next <= CAPACITY) {
        assert_false(stage_is_full(&trial.stage));
        assert_true(stage_offer(&trial.stage, &trial.clients[next++], counters));
    }
    while (next < CLIENTS) {
        assert_true(stage_is_full(&trial.stage));
        assert_false(stage_offer(&trial.stage, &trial.clients[next], counters));
        handle_one(&trial);
        wait_for_room(&trial);
        assert_true(stage_offer(&trial.stage, &trial.clients[next++], counters));
    }
    while (trial.order_count < CLIENTS)
        handle_one(&trial);
    trial_end(&trial);
    for (size_t i = 0; i < CLIENTS; i++)
        assert_ptr_equal(trial.order[i], &trial.clients[i]);
    assert_int_equal(counters_get(counters, COUNTER_HANDOFFS) - handoffs, CLIENTS);
    assert_in_range(counters_get(counters, COUNTER_QUEUE_MAX), CAPACITY, CAPACITY + 1);
}

static void *push_all(void *argument)
{
    struct trial *trial = argument;

    for (size_t i = 0; i < CLIENTS; i++)
        stage_push(&trial->stage, &trial->clients[i], counters);
    return NULL;
}

static void test_who_pushes_waits_for_room(void **state)
{
    (void)state;
    struct trial trial;
    pthread_t thread;

    trial_start(&trial);
    assert_int_equal(pthread_create(&thread, NULL, push_all, &trial), 0);
    for (size_t i = 0; i < CLIENTS; i++)
        handle_one(&trial);
    pthread_join(thread, NULL);
    trial_end(&trial);
    for (size_t i = 0; i < CLIENTS; i++)
        assert_ptr_equal(trial.order[i], &trial.clients[i]);
}

/* Until the thread has its first client. */
static void wait_until_taken(struct trial *trial)
{
    for (size_t waiting = SIZE_MAX; waiting > CAPACITY; poll(NULL, 0, 1)) {
        pthread_mutex_lock(&trial->stage.mutex);
        waiting = trial->stage.count;
        pthread_mutex_unlock(&trial->stage.mutex);
    }
}

/* A thread that is handling somebody keeps the stage, and its mutex, from being gone. */
static void *let_go_when_closed(void *argument)
{
    struct trial *trial = argument;

    for (bool closed = false; !closed; poll(NULL, 0, 1)) {
        pthread_mutex_lock(&trial->stage.mutex);
        closed = trial->stage.closed;
        pthread_mutex_unlock(&trial->stage.mutex);
    }
    sem_post(&trial->may_handle);
    return NULL;
}

/* What a thread has is handled, what waits is left. */
static void test_the_end_leaves_the_queue_alone(void **state)
{
    (void)state;
    struct trial trial;
    pthread_t thread;

    trial_start(&trial);
    for (size_t i = 0; i <= CAPACITY; i++)
        assert_true(stage_offer(&trial.stage, &trial.clients[i], counters));
    wait_until_taken(&trial);
    assert_int_equal(pthread_create(&thread, NULL, let_go_when_closed, &trial), 0);
    stage_stop(&trial.stage);
    pthread_join(thread, NULL);
    assert_int_equal(trial.order_count, 1);
    assert_int_equal(trial.stage.count, CAPACITY);
    assert_ptr_equal(trial.stage.first, &trial.clients[1]);
}

static int setup(void **state)
{
    (void)state;
    config = SERVER_CONFIG_DEFAULT;
    config.port = 0;
    config.protocol = protocols[0];
    if (server_open(&server, &config) < 0)
        return -1;
    counters = counters_join(&server.counters, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    counters_leave(&server.counters, counters);
    server_close(&server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounded_and_first_in_first_out),
        cmocka_unit_test(test_who_pushes_waits_for_room),
        cmocka_unit_test(test_the_end_leaves_the_queue_alone),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
