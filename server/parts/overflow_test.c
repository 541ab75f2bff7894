/* SPDX-License-Identifier: MIT */
/* Who is refused from the listen queue, and when: by a clock of the test's own. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "protocol/native.h"
#include "server/accept.h"
#include "server/parts/overflow.h"

static struct server_config config;
static struct server server;
static struct counters *watcher, *worker;
static struct overflow overflow;

static int setup(void **state)
{
    (void)state;
    config = SERVER_CONFIG_DEFAULT;
    config.protocol = &protocol_native;
    config.port = 0;
    if (server_open(&server, &config) < 0)
        return -1;
    server_accept_blocks(&server, true);
    watcher = counters_join(&server.counters, "watcher");
    worker = counters_join(&server.counters, "worker");
    overflow_init(&overflow, &server, watcher);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_close(&server);
    return 0;
}

static int come(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons(server.port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* Looks as often as it should be done, up to and including `until_ms`. */
static void look_until(uint64_t *now_ms, uint64_t until_ms)
{
    for (; *now_ms <= until_ms; *now_ms += 100)
        overflow_look(&overflow, 0, *now_ms * NS_PER_MS);
}

static void expect_refused(uint64_t count)
{
    assert_int_equal(counters_get(watcher, COUNTER_REJECTS), count);
    assert_int_equal(counters_get(watcher, COUNTER_ACCEPTS), count);
}

static void test_only_who_waited_too_long_is_refused(void **state)
{
    (void)state;
    int clients[5];
    uint64_t now_ms = 1000;

    clients[0] = come();
    clients[1] = come();
    look_until(&now_ms, 1200);
    clients[2] = come();
    look_until(&now_ms, 1400);
    expect_refused(0);
    look_until(&now_ms, 1500);
    expect_refused(2);
    look_until(&now_ms, 1700);
    expect_refused(2);
    look_until(&now_ms, 1800);
    expect_refused(3);

    /* One of two is taken by a worker meanwhile. */
    clients[3] = come();
    clients[4] = come();
    look_until(&now_ms, 2000);
    int taken = server_accept_waiting(&server, worker);

    assert_true(taken >= 0);
    look_until(&now_ms, 2300);
    expect_refused(3);
    look_until(&now_ms, 2500);
    expect_refused(4);
    close(taken);
    for (int i = 0; i < 5; i++)
        close(clients[i]);
}

static void test_looking_more_often_changes_nothing(void **state)
{
    (void)state;
    int client = come();

    for (uint64_t now_ms = 1000; now_ms < 1500; now_ms++)
        overflow_look(&overflow, 0, now_ms * NS_PER_MS);
    expect_refused(0);
    overflow_look(&overflow, 0, 1500 * NS_PER_MS);
    expect_refused(1);
    close(client);
}

static void test_a_free_worker_is_given_time_to_get_up(void **state)
{
    (void)state;
    const uint64_t patience_ms = OVERFLOW_PATIENCE_NS / NS_PER_MS;
    uint64_t now_ms = 1000;
    int clients[] = {come(), come()};

    for (; now_ms < 1500 + patience_ms; now_ms += 100)
        overflow_look(&overflow, 1, now_ms * NS_PER_MS);
    expect_refused(0);
    int taken = server_accept_waiting(&server, worker); /* it is occupied now */

    assert_true(taken >= 0);
    overflow_look(&overflow, 1, now_ms * NS_PER_MS);
    expect_refused(1);
    server_client_left(&server);
    close(taken);
    close(clients[0]);
    close(clients[1]);

    /* Who never gets up is no worker. */
    int client = come();

    for (now_ms += 100; counters_get(watcher, COUNTER_REJECTS) == 1; now_ms += 100)
        overflow_look(&overflow, 1, now_ms * NS_PER_MS);
    assert_in_range(now_ms, 2000 + 2 * patience_ms, 2500 + 2 * patience_ms);
    close(client);
}

static void test_after_the_stop_nobody_waits(void **state)
{
    (void)state;
    int client = come();

    server_accept_stop(&server);
    assert_int_equal(server_accept_waiting(&server, worker), -ECANCELED);
    for (uint64_t now_ms = 1000; now_ms < 3000; now_ms += 100)
        overflow_look(&overflow, 0, now_ms * NS_PER_MS);
    expect_refused(0);
    close(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_only_who_waited_too_long_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_looking_more_often_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_free_worker_is_given_time_to_get_up, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_after_the_stop_nobody_waits, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
