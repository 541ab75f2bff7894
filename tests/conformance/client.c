/* SPDX-License-Identifier: MIT */
#include "tests/conformance/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/payload.h"
#include "tests/conformance/check.h"

enum { HEAR_SIZE = 64 * 1024, PAYLOAD_MAX = 64 << 20 };

static void wait_until(const struct client *client, short events, const char *what)
{
    struct pollfd waited = {.fd = client->fd, .events = events};

    CHECK(poll(&waited, 1, WAIT_MS) == 1, "%s within %d s", what, WAIT_MS / 1000);
}

/* --- coming ----------------------------------------------------------------------------------- */

static void connect_with(struct client *client, const struct host *host, int buffer_size)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons(host->port)};
    socklen_t size = sizeof(int);
    int on = 1, failed = 0;

    *client = (struct client){.protocol = host->config->protocol};
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    CHECK(client->fd >= 0, "socket: %s", strerror(errno));
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (buffer_size > 0) {
        setsockopt(client->fd, SOL_SOCKET, SO_RCVBUF, &buffer_size, sizeof buffer_size);
        setsockopt(client->fd, SOL_SOCKET, SO_SNDBUF, &buffer_size, sizeof buffer_size);
    }
    if (connect(client->fd, (struct sockaddr *)&address, sizeof address) < 0) {
        CHECK(errno == EINPROGRESS, "connect: %s", strerror(errno));
        wait_until(client, POLLOUT, "no connection");
        getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &failed, &size);
        CHECK(failed == 0, "connect: %s", strerror(failed));
    }
}

void client_connect(struct client *client, const struct host *host)
{
    connect_with(client, host, 0);
}

void client_connect_narrow(struct client *client, const struct host *host)
{
    connect_with(client, host, 256 * 1024);
}

void client_open(struct client *client, const struct host *host)
{
    client_connect(client, host);
    client_greet(client);
    client_expect_welcome(client);
}

bool client_try_open(struct client *client, const struct host *host)
{
    uint8_t greeting[GREETING_SIZE_MAX];
    ssize_t size =
        host->config->protocol->encode_greeting((struct space){greeting, sizeof greeting});

    CHECK(size > 0, "the greeting cannot be encoded");
    client_connect(client, host);
    if (client_say_some(client, (struct bytes){greeting, (size_t)size}) == size &&
        client_is_welcomed(client))
        return true;
    client_close(client);
    return false;
}

void client_open_eventually(struct client *client, const struct host *host)
{
    uint64_t deadline_ns = clock_now_ns() + WAIT_MS * NS_PER_MS;

    while (!client_try_open(client, host)) {
        CHECK(clock_now_ns() < deadline_ns, "always refused for %d s", WAIT_MS / 1000);
        poll(NULL, 0, 5);
    }
}

/* --- saying ----------------------------------------------------------------------------------- */

ssize_t client_say_some(struct client *client, struct bytes bytes)
{
    ssize_t sent = send(client->fd, bytes.data, bytes.size, MSG_NOSIGNAL);

    return sent < 0 ? -errno : sent;
}

void client_say(struct client *client, const void *data, size_t size)
{
    struct bytes left = {data, size};

    while (left.size > 0) {
        ssize_t sent = client_say_some(client, left);

        CHECK(sent > 0 || sent == -EAGAIN, "send: %s", strerror((int)-sent));
        if (sent > 0)
            left = bytes_after(left, (size_t)sent);
        else
            wait_until(client, POLLOUT, "nobody reads what is sent");
    }
}

void client_greet(struct client *client)
{
    uint8_t greeting[GREETING_SIZE_MAX];
    ssize_t size = client->protocol->encode_greeting((struct space){greeting, sizeof greeting});

    CHECK(size > 0, "the greeting cannot be encoded");
    client_say(client, greeting, (size_t)size);
}

void client_request(struct client *client, unsigned operation, const void *payload, size_t size)
{
    struct message request = {operation, {payload, size}};
    size_t capacity = size + client->protocol->message_overhead;
    uint8_t *encoded = malloc(capacity);
    ssize_t made = client->protocol->encode_request(&request, (struct space){encoded, capacity});

    CHECK(made > 0, "the request cannot be encoded");
    client_say(client, encoded, (size_t)made);
    free(encoded);
}

/* --- hearing ---------------------------------------------------------------------------------- */

ssize_t client_hear(struct client *client)
{
    struct space space = buffer_reserve(&client->heard, HEAR_SIZE);
    ssize_t received;

    CHECK(space.data, "out of memory");
    wait_until(client, POLLIN, "nothing was heard");
    received = recv(client->fd, space.data, space.size, 0);
    if (received < 0)
        return -errno;
    buffer_appended(&client->heard, (size_t)received);
    return received;
}

static const char *end_text(ssize_t heard)
{
    return heard == 0 ? "the end" : strerror((int)-heard);
}

/* The welcome, or why there is none: 0 at the end of the connection, or -errno. */
static ssize_t await_welcome(struct client *client, enum welcome *welcome)
{
    ssize_t decoded, heard;

    while ((decoded = client->protocol->decode_welcome(buffer_bytes(&client->heard), welcome)) ==
           0) {
        heard = client_hear(client);
        if (heard <= 0)
            return heard;
    }
    if (decoded > 0)
        buffer_consume(&client->heard, (size_t)decoded);
    return decoded;
}

bool client_is_welcomed(struct client *client)
{
    enum welcome welcome;

    return await_welcome(client, &welcome) > 0 && welcome == WELCOME_OK;
}

void client_expect_welcome(struct client *client)
{
    enum welcome welcome = WELCOME_ERROR;
    ssize_t decoded = await_welcome(client, &welcome);

    CHECK(decoded > 0, "instead of the welcome: %s", end_text(decoded));
    CHECK(welcome == WELCOME_OK, "refused");
}

void client_expect_refusal(struct client *client)
{
    enum welcome welcome = WELCOME_OK;
    ssize_t decoded = await_welcome(client, &welcome);

    CHECK(decoded > 0, "instead of a refusal: %s", end_text(decoded));
    CHECK(welcome == WELCOME_ERROR, "welcomed");
    client_expect_end(client);
}

/* The reply's bytes stay in `heard`: returns how many there are. */
static size_t await_reply(struct client *client, struct message *reply)
{
    ssize_t decoded, heard;

    while ((decoded = client->protocol->decode_reply(buffer_bytes(&client->heard), PAYLOAD_MAX,
                                                     reply)) == 0) {
        heard = client_hear(client);
        CHECK(heard > 0, "instead of a reply: %s", end_text(heard));
    }
    CHECK(decoded > 0, "these bytes are no reply: %s", strerror((int)-decoded));
    return (size_t)decoded;
}

void client_expect_any_reply(struct client *client, struct message *reply)
{
    static uint8_t copy[4096];
    size_t size = await_reply(client, reply);

    CHECK(reply->payload.size <= sizeof copy, "a reply of %zu bytes", reply->payload.size);
    if (reply->payload.size > 0)
        memcpy(copy, reply->payload.data, reply->payload.size);
    reply->payload.data = copy;
    buffer_consume(&client->heard, size);
}

void client_expect_reply(struct client *client, unsigned operation, const void *payload,
                         size_t size)
{
    struct message reply;
    size_t encoded = await_reply(client, &reply);

    CHECK(reply.operation == operation, "operation %u instead of %u", reply.operation, operation);
    CHECK(reply.payload.size == size, "%zu bytes instead of %zu", reply.payload.size, size);
    CHECK(size == 0 || memcmp(reply.payload.data, payload, size) == 0,
          "the reply's payload is not the expected one");
    buffer_consume(&client->heard, encoded);
}

void client_expect_error(struct client *client, uint32_t code)
{
    struct message reply;
    struct error error;

    client_expect_any_reply(client, &reply);
    CHECK(reply.operation == OPERATION_ERROR, "operation %u instead of an error", reply.operation);
    CHECK(error_decode(reply.payload, &error) == 0, "a malformed error");
    CHECK(error.code == code, "error %u instead of %u", (unsigned)error.code, (unsigned)code);
}

void client_expect_end(struct client *client)
{
    ssize_t heard = client_hear(client);

    CHECK(buffer_size(&client->heard) == 0, "%zu bytes instead of the end",
          buffer_size(&client->heard));
    CHECK(heard == 0, "instead of a clean end: %s", end_text(heard));
}

void client_expect_gone(struct client *client)
{
    while (client_hear(client) > 0)
        buffer_release(&client->heard);
}

/* --- going ------------------------------------------------------------------------------------ */

void client_half_close(struct client *client)
{
    CHECK(shutdown(client->fd, SHUT_WR) == 0, "shutdown: %s", strerror(errno));
}

void client_close(struct client *client)
{
    buffer_release(&client->heard);
    close(client->fd);
    client->fd = -1;
}

void client_reset(struct client *client)
{
    struct linger at_once = {.l_onoff = 1};

    setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    client_close(client);
}

void host_expect_alive(const struct host *host)
{
    struct client client;

    client_open_eventually(&client, host);
    client_request(&client, OPERATION_ECHO, "alive?", 6);
    client_expect_reply(&client, OPERATION_ECHO, "alive?", 6);
    client_close(&client);
}
