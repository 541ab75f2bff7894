/* SPDX-License-Identifier: MIT */
/*
 * metrics_server_test.c: requests in any pieces, and clients that are slow, rude or many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loadgen/output/http_request.h"
#include "loadgen/output/metrics_server.h"
#include "loadgen/output/openmetrics.h"

#define GET "GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n"

enum {
    ANSWER_SIZE_MAX = 4096,
    TEXT_SIZE_LARGE = 16 << 20,
    WAIT_MS = 20000, /* only ever waited for in full by a test that fails */
};

/* --- requests --------------------------------------------------------------------------------- */

static enum http_status judge(const char *text)
{
    struct http_request request = {0};

    return http_request_receive(&request, text, strlen(text));
}

static void test_a_request_gets_its_verdict(void **state)
{
    static const struct {
        const char *text;
        enum http_status status;
    } cases[] = {
        {GET, HTTP_OK},
        {"HEAD /metrics HTTP/1.1\r\n\r\n", HTTP_OK},
        {"GET /metrics HTTP/1.0\n\n", HTTP_OK},
        {"GET /metrics?a=b HTTP/1.1\r\n\r\n", HTTP_OK},
        {"GET / HTTP/1.1\r\n\r\n", HTTP_NOT_FOUND},
        {"GET /metric HTTP/1.1\r\n\r\n", HTTP_NOT_FOUND},
        {"GET /metrics/ HTTP/1.1\r\n\r\n", HTTP_NOT_FOUND},
        {"GET /?/metrics HTTP/1.1\r\n\r\n", HTTP_NOT_FOUND},
        {"POST / HTTP/1.1\r\n\r\n", HTTP_NOT_FOUND},
        {"POST /metrics HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", HTTP_METHOD_NOT_ALLOWED},
        {"GETS /metrics HTTP/1.1\r\n\r\n", HTTP_METHOD_NOT_ALLOWED},
        {"GET /metrics HTTP/1.1\r\n", HTTP_UNFINISHED},
        {"GET /metrics HTTP/1.1\r\nHost: here\r\n", HTTP_UNFINISHED},
        {"GET /metrics HTTP/1.1", HTTP_UNFINISHED},
        {"", HTTP_UNFINISHED},
        {"\r\n", HTTP_BAD_REQUEST},
        {"GET\r\n", HTTP_BAD_REQUEST},
        {"GET /metrics\r\n", HTTP_BAD_REQUEST},
        {"GET /metrics \r\n", HTTP_BAD_REQUEST},
        {"GET /metrics HTTP/2.0\r\n", HTTP_BAD_REQUEST},
        {"GET /metrics HTTP/1.1 x\r\n", HTTP_BAD_REQUEST},
        {"GET metrics HTTP/1.1\r\n", HTTP_BAD_REQUEST},
        {"get /metrics HTTP/1.1\r\n", HTTP_BAD_REQUEST},
        {" /metrics HTTP/1.1\r\n", HTTP_BAD_REQUEST},
        {"\x16\x03\x01\x02\n", HTTP_BAD_REQUEST},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (judge(cases[i].text) != cases[i].status)
            fail_msg("%d for: %s", (int)judge(cases[i].text), cases[i].text);
}

static void test_a_request_may_come_in_any_pieces(void **state)
{
    const char *text = GET;

    (void)state;
    for (size_t cut = 0; cut < strlen(text); cut++) {
        struct http_request request = {0};

        assert_int_equal(http_request_receive(&request, text, cut), HTTP_UNFINISHED);
        assert_int_equal(http_request_receive(&request, text + cut, strlen(text) - cut), HTTP_OK);
        assert_int_equal(http_request_receive(&request, "POST", 4), HTTP_OK);
    }
}

static void test_a_nul_is_no_end_of_a_line(void **state)
{
    static const char text[] = "GET /metrics HTTP/1.1\0\r\n\r\n";
    struct http_request request = {0};

    (void)state;
    assert_int_equal(http_request_receive(&request, text, sizeof text - 1), HTTP_BAD_REQUEST);
}

/* "GET /metrics?xxx… HTTP/1.1\r", `size` bytes in all. */
static char *long_line(size_t size)
{
    static const char begin[] = "GET /metrics?";
    static const char end[] = " HTTP/1.1\r";
    char *line = malloc(size);

    assert_non_null(line);
    memset(line, 'x', size);
    memcpy(line, begin, sizeof begin - 1);
    memcpy(line + size - (sizeof end - 1), end, sizeof end - 1);
    return line;
}

static void test_a_line_and_a_head_have_a_limit(void **state)
{
    struct http_request request = {0};

    (void)state;
    char *line = long_line(METRICS_REQUEST_LINE_MAX + 1);
    assert_int_equal(http_request_receive(&request, line, METRICS_REQUEST_LINE_MAX),
                     HTTP_UNFINISHED);
    assert_int_equal(http_request_receive(&request, line, 1), HTTP_BAD_REQUEST);
    free(line);

    request = (struct http_request){0};
    line = long_line(METRICS_REQUEST_LINE_MAX);
    assert_int_equal(http_request_receive(&request, line, METRICS_REQUEST_LINE_MAX),
                     HTTP_UNFINISHED);
    assert_int_equal(http_request_receive(&request, "\n\r\n", 3), HTTP_OK);
    free(line);

    request = (struct http_request){0};
    assert_int_equal(http_request_receive(&request, GET, strlen(GET) - 2), HTTP_UNFINISHED);
    while (request.size < METRICS_HEAD_MAX - 1)
        assert_int_equal(http_request_receive(&request, "x", 1), HTTP_UNFINISHED);
    assert_int_equal(http_request_receive(&request, "x", 1), HTTP_BAD_REQUEST);
}

/* --- the server ------------------------------------------------------------------------------- */

static struct metrics_server *server;

static int setup(void **state)
{
    (void)state;
    return metrics_server_start(0, &server);
}

static int teardown(void **state)
{
    (void)state;
    metrics_server_stop(server);
    return 0;
}

static void publish(const char *text)
{
    metrics_server_publish(server, strdup(text), strlen(text));
}

static int client_connect(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(metrics_server_port(server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void client_send(int fd, const char *text)
{
    size_t size = strlen(text);

    while (size > 0) {
        ssize_t sent = send(fd, text, size, MSG_NOSIGNAL);
        assert_true(sent > 0);
        text += sent;
        size -= (size_t)sent;
    }
}

/* Reads until the server has closed; returns the size of what came, of which `answer` gets the
 * beginning, NUL-terminated. -1 when the connection was reset. */
static ssize_t client_receive(int fd, char answer[ANSWER_SIZE_MAX])
{
    static char rest[1 << 16];
    ssize_t total = 0;
    size_t kept = 0;

    for (;;) {
        struct pollfd in = {.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&in, 1, WAIT_MS), 1);
        ssize_t size = recv(fd, rest, sizeof rest, 0);
        if (size <= 0) {
            answer[kept] = '\0';
            close(fd);
            return size < 0 ? -1 : total;
        }
        total += size;
        size_t room = ANSWER_SIZE_MAX - 1 - kept;
        size_t copied = (size_t)size < room ? (size_t)size : room;
        memcpy(answer + kept, rest, copied);
        kept += copied;
    }
}

static void assert_answer(const char *request, const char *expected)
{
    char answer[ANSWER_SIZE_MAX];
    int fd = client_connect();

    client_send(fd, request);
    assert_true(client_receive(fd, answer) >= 0);
    assert_string_equal(answer, expected);
}

#define OK_HEAD(size)                                                                              \
    "HTTP/1.1 200 OK\r\nContent-Type: " OPENMETRICS_CONTENT_TYPE "\r\nContent-Length: " size       \
    "\r\nConnection: close\r\n\r\n"
#define PLAIN_HEAD(status, size, more)                                                             \
    "HTTP/1.1 " status "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " size      \
    "\r\n" more "Connection: close\r\n\r\n"

static void test_the_latest_text_is_served(void **state)
{
    (void)state;
    assert_answer(GET, PLAIN_HEAD("503 Service Unavailable", "29",
                                  "Retry-After: 1\r\n") "there is nothing to tell yet\n");
    publish("first\n");
    publish("# EOF\n");
    assert_answer(GET, OK_HEAD("6") "# EOF\n");
    assert_answer("HEAD /metrics HTTP/1.1\r\n\r\n", OK_HEAD("6"));
    publish("");
    assert_answer(GET, OK_HEAD("0"));
}

static void test_what_is_wrong_is_said(void **state)
{
    (void)state;
    publish("# EOF\n");
    assert_answer("GET / HTTP/1.1\r\n\r\n",
                  PLAIN_HEAD("404 Not Found", "23", "") "there is only /metrics\n");
    assert_answer("HEAD / HTTP/1.1\r\n\r\n", PLAIN_HEAD("404 Not Found", "23", ""));
    assert_answer("POST /metrics HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
                  PLAIN_HEAD("405 Method Not Allowed", "27",
                             "Allow: GET, HEAD\r\n") "there is only GET and HEAD\n");
    assert_answer("hello\n", PLAIN_HEAD("400 Bad Request", "19", "") "this is no request\n");
}

/* More comes than is read: the answer arrives all the same, and is not lost to a reset. */
static void test_a_line_too_long_is_answered(void **state)
{
    char answer[ANSWER_SIZE_MAX];
    size_t size = 4 << 20;
    char *line = malloc(size + 1);

    (void)state;
    assert_non_null(line);
    memset(line, 'x', size);
    line[size] = '\0';
    int fd = client_connect();
    client_send(fd, line);
    free(line);
    assert_true(client_receive(fd, answer) > 0);
    assert_string_equal(answer, PLAIN_HEAD("400 Bad Request", "19", "") "this is no request\n");
}

static void test_who_has_said_all_still_gets_the_answer(void **state)
{
    char answer[ANSWER_SIZE_MAX];
    char *text = calloc(1, TEXT_SIZE_LARGE);

    (void)state;
    assert_non_null(text);
    metrics_server_publish(server, text, TEXT_SIZE_LARGE);
    int fd = client_connect();
    client_send(fd, GET);
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    assert_int_equal(client_receive(fd, answer), strlen(OK_HEAD("16777216")) + TEXT_SIZE_LARGE);
}

static void test_who_leaves_early_harms_nobody(void **state)
{
    const struct linger reset = {.l_onoff = 1};

    (void)state;
    char *text = calloc(1, TEXT_SIZE_LARGE);
    assert_non_null(text);
    metrics_server_publish(server, text, TEXT_SIZE_LARGE);
    for (int i = 0; i < 40; i++) {
        int fd = client_connect();
        if (i % 4 > 0)
            client_send(fd, i % 4 == 1 ? "GET /met" : GET);
        if (i % 4 == 3)
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fd);
    }
    publish("# EOF\n");
    assert_answer(GET, OK_HEAD("6") "# EOF\n");
}

/* Its answer does not fit into the socket; it is whole, although the text was replaced meanwhile.
 */
static void test_an_answer_is_of_one_text(void **state)
{
    char answer[ANSWER_SIZE_MAX];

    (void)state;
    char *text = calloc(1, TEXT_SIZE_LARGE);
    assert_non_null(text);
    metrics_server_publish(server, text, TEXT_SIZE_LARGE);
    int fd = client_connect();
    client_send(fd, GET);
    /* The first byte shows that it is being sent. */
    struct pollfd in = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&in, 1, WAIT_MS), 1);
    publish("# EOF\n");
    assert_answer(GET, OK_HEAD("6") "# EOF\n");
    assert_int_equal(client_receive(fd, answer), strlen(OK_HEAD("16777216")) + TEXT_SIZE_LARGE);
}

/* One more than there are places for: it is answered once another has left. */
static void test_a_connection_too_many_waits(void **state)
{
    int fds[METRICS_CONNECTIONS_MAX];
    char answer[ANSWER_SIZE_MAX];

    (void)state;
    publish("# EOF\n");
    for (size_t i = 0; i < METRICS_CONNECTIONS_MAX; i++)
        fds[i] = client_connect();
    int late = client_connect();
    client_send(late, GET);
    /* The last of those with a place is answered, and by then the late one would have been. */
    client_send(fds[METRICS_CONNECTIONS_MAX - 1], GET);
    struct pollfd in[] = {{.fd = fds[METRICS_CONNECTIONS_MAX - 1], .events = POLLIN},
                          {.fd = late, .events = POLLIN}};
    assert_int_equal(poll(in, 2, WAIT_MS), 1);
    assert_true(in[0].revents != 0 && in[1].revents == 0);

    close(fds[0]);
    assert_true(client_receive(late, answer) > 0);
    assert_string_equal(answer, OK_HEAD("6") "# EOF\n");
    for (size_t i = 1; i < METRICS_CONNECTIONS_MAX; i++)
        close(fds[i]);
}

/* Half a request, and then nothing: it is the server that closes. */
static void test_who_says_nothing_is_shown_out(void **state)
{
    char answer[ANSWER_SIZE_MAX];

    (void)state;
    int fd = client_connect();
    client_send(fd, "GET /metrics HTTP/1.1\r\n");
    assert_int_equal(client_receive(fd, answer), 0);
}

static void test_a_port_that_is_taken_is_an_error(void **state)
{
    struct metrics_server *other;

    (void)state;
    assert_int_not_equal(metrics_server_port(server), 0);
    assert_int_equal(metrics_server_start(metrics_server_port(server), &other), -EADDRINUSE);
}

/* The teardown stops it while connections are open in every state. */
static void test_it_stops_whoever_is_connected(void **state)
{
    (void)state;
    char *text = calloc(1, TEXT_SIZE_LARGE);
    assert_non_null(text);
    metrics_server_publish(server, text, TEXT_SIZE_LARGE);
    int fd = client_connect();
    client_send(fd, GET);
    struct pollfd in = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&in, 1, WAIT_MS), 1);
    for (size_t i = 0; i < METRICS_CONNECTIONS_MAX; i++)
        client_connect();
    /* Left open on purpose: closing them would be the end of what is tried. */
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_request_gets_its_verdict),
        cmocka_unit_test(test_a_request_may_come_in_any_pieces),
        cmocka_unit_test(test_a_nul_is_no_end_of_a_line),
        cmocka_unit_test(test_a_line_and_a_head_have_a_limit),
        TEST(test_the_latest_text_is_served),
        TEST(test_what_is_wrong_is_said),
        TEST(test_a_line_too_long_is_answered),
        TEST(test_who_has_said_all_still_gets_the_answer),
        TEST(test_who_leaves_early_harms_nobody),
        TEST(test_an_answer_is_of_one_text),
        TEST(test_a_connection_too_many_waits),
        TEST(test_who_says_nothing_is_shown_out),
        TEST(test_a_port_that_is_taken_is_an_error),
        TEST(test_it_stops_whoever_is_connected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
