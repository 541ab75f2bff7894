/* SPDX-License-Identifier: MIT */
/* Closing without destroying what was said last, over TCP: only there is a reset a reset. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/farewell.h"

static struct farewell farewell;

/* A connected pair: the server's end and the client's. */
static void connect_pair(int *fd, int *client)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(listener >= 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    *client = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(*client, (struct sockaddr *)&address, size), 0);
    *fd = accept(listener, NULL, NULL);
    assert_true(*fd >= 0);
    close(listener);
}

/* What recv(2) says within 10 s. */
static ssize_t hear(int client, void *data, size_t size)
{
    struct pollfd waited = {.fd = client, .events = POLLIN};

    assert_int_equal(poll(&waited, 1, 10000), 1);
    return recv(client, data, size, 0);
}

static size_t lingering_count(void)
{
    pthread_mutex_lock(&farewell.mutex);
    size_t count = farewell.count;
    pthread_mutex_unlock(&farewell.mutex);
    return count;
}

/* Waits, a little at a time, until nothing lingers any more. */
static void wait_for_nobody(void)
{
    uint64_t deadline_ns = clock_now_ns() + 10 * NS_PER_S;

    while (lingering_count() > 0 && clock_now_ns() < deadline_ns)
        poll(NULL, 0, 1);
    assert_int_equal(lingering_count(), 0);
}

static void test_the_last_word_arrives_and_then_a_clean_end(void **state)
{
    (void)state;
    char unread[50000] = "", heard[16];
    int fd, client;

    connect_pair(&fd, &client);
    assert_int_equal(send(client, unread, sizeof unread, 0), sizeof unread);
    assert_int_equal(send(fd, "bye", 3, 0), 3);
    farewell_close(&farewell, fd);
    /* What comes after the farewell is as harmless as what came before. */
    assert_int_equal(send(client, unread, sizeof unread, MSG_NOSIGNAL), sizeof unread);
    assert_int_equal(hear(client, heard, sizeof heard), 3);
    assert_memory_equal(heard, "bye", 3);
    assert_int_equal(hear(client, heard, sizeof heard), 0);
    close(client);
    wait_for_nobody();
}

static void test_a_client_that_does_not_close_is_closed_at_the_deadline(void **state)
{
    (void)state;
    uint64_t start_ns = clock_now_ns();
    int fd, client;

    connect_pair(&fd, &client);
    farewell_close(&farewell, fd);
    wait_for_nobody();
    assert_true(clock_now_ns() - start_ns >= FAREWELL_TIME_NS);
    close(client);
}

/* True when the one whose client closed was seen to be gone while the other still lingered; on a
 * machine that is busy elsewhere both may be gone by the time anybody looks. */
static bool ends_when_the_client_closes(void)
{
    int fd, client, stubborn_fd, stubborn_client;
    size_t left;

    connect_pair(&fd, &client);
    connect_pair(&stubborn_fd, &stubborn_client);
    farewell_close(&farewell, stubborn_fd);
    farewell_close(&farewell, fd);
    close(client);
    while ((left = lingering_count()) > 1)
        poll(NULL, 0, 1);
    close(stubborn_client);
    wait_for_nobody();
    return left == 1;
}

static void test_it_ends_as_soon_as_the_client_closes(void **state)
{
    (void)state;
    bool seen = false;

    for (int attempt = 0; attempt < 5 && !seen; attempt++)
        seen = ends_when_the_client_closes();
    assert_true(seen);
}

static void test_a_socket_that_is_broken_already_is_just_closed(void **state)
{
    (void)state;
    struct linger reset = {.l_onoff = 1};
    int fd, client;

    connect_pair(&fd, &client);
    assert_int_equal(setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
    close(client);
    farewell_close(&farewell, fd);
    wait_for_nobody();
}

static void test_the_end_closes_what_still_lingers(void **state)
{
    (void)state;
    struct farewell other;
    char heard;
    int fd, client;

    connect_pair(&fd, &client);
    assert_int_equal(farewell_init(&other), 0);
    farewell_close(&other, fd);
    farewell_release(&other);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    assert_int_equal(hear(client, &heard, 1), 0);
    close(client);
}

static int setup(void **state)
{
    (void)state;
    return farewell_init(&farewell);
}

static int teardown(void **state)
{
    (void)state;
    farewell_release(&farewell);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_word_arrives_and_then_a_clean_end),
        cmocka_unit_test(test_a_client_that_does_not_close_is_closed_at_the_deadline),
        cmocka_unit_test(test_it_ends_as_soon_as_the_client_closes),
        cmocka_unit_test(test_a_socket_that_is_broken_already_is_just_closed),
        cmocka_unit_test(test_the_end_closes_what_still_lingers),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
