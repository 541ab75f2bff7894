/* SPDX-License-Identifier: MIT */
/* A thread that serves one client: how it learns that it shall stop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/parts/clients.h"
#include "server/session_talk.h"

enum { REQUESTS = 5, A_HANG_S = 20 };

/* Nobody else gets a turn: neither who drains, to hang up, nor the client, to leave. */
static void test_a_busy_thread_hangs_up_by_itself_while_the_clients_drain(void **state)
{
    (void)state;
    uint8_t said[256], heard[sizeof said], input[SESSION_SCRATCH_MIN], output[SESSION_SCRATCH_MIN];
    size_t size = put_conversation(said, REQUESTS);
    struct counters *counters = counters_join(&talk_server.counters, "worker");
    struct clients clients;
    struct client client;
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    client.fd = fds[0];
    session_init(&client.session, &talk_server, counters,
                 (struct session_scratch){{input, sizeof input}, {output, sizeof output}}, true);
    clients_init(&clients);
    clients_add(&clients, &client);
    assert_int_equal(send(fds[1], said, size, 0), size);
    atomic_store(&clients.draining, true);

    alarm(A_HANG_S); /* it would wait for the next request for ever */
    clients_converse(&clients, &client);
    alarm(0);

    assert_int_equal(counters_get(counters, COUNTER_REQUESTS), REQUESTS);
    assert_int_equal(recv(fds[1], heard, sizeof heard, MSG_DONTWAIT), size);
    clients_remove(&clients, &client);
    session_end(&client.session, client.fd);
    clients_release(&clients);
    close(fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_busy_thread_hangs_up_by_itself_while_the_clients_drain),
    };

    return cmocka_run_group_tests(tests, talk_setup, talk_teardown);
}
