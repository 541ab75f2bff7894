/* SPDX-License-Identifier: MIT */
/* Clients that do not read, or leave in the middle: what was not sent yet must wait somewhere. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "protocol/payload.h"
#include "tests/conformance/check.h"
#include "tests/conformance/echoes.h"
#include "tests/conformance/scene.h"

/* Says as much as the server takes in while nobody reads its replies: until it has taken nothing
 * more and done nothing for a while. Returns what is left. */
static struct bytes say_until_stuck(struct client *client, const struct host *host,
                                    struct bytes left)
{
    enum { STUCK_MS = 50, NOTHING_US = 1000 };
    struct pollfd writable = {.fd = client->fd, .events = POLLOUT};
    uint64_t cpu_ns = 0;

    while (left.size > 0) {
        if (poll(&writable, 1, STUCK_MS) == 1) {
            ssize_t sent = client_say_some(client, left);

            CHECK(sent > 0 || sent == -EAGAIN, "send: %s", strerror((int)-sent));
            left = bytes_after(left, sent > 0 ? (size_t)sent : 0);
        } else {
            uint64_t before_ns = cpu_ns;

            cpu_ns = host_cpu_ns(host);
            if (cpu_ns - before_ns < NOTHING_US * NS_PER_US)
                return left;
        }
    }
    /* The kernel may have room for all of it: what the server itself holds is looked at elsewhere.
     */
    return left;
}

/* What a server holds for a client or two, whatever they ask for and do not read: a few times the
 * largest message, which is a MiB. */
enum { MEMORY_MAX = 12 << 20 };

static void expect_memory_below(const struct host *host, uint64_t limit)
{
    uint64_t peak = host_memory(host, "VmHWM");

    /* Sanitizers keep freed memory: what is resident says nothing under them. */
    CHECK(UNDER_SANITIZER || peak < limit, "the server held %ju MiB, more than %ju",
          (uintmax_t)(peak >> 20), (uintmax_t)(limit >> 20));
}

/* Both read `full`, or half of it under sanitizers, which take their time over every byte. That is
 * more than the sockets of both ends and the server hold: 4 to 8 MB, and once 16. */
static void read_slowly(const struct scene *scene, const struct echoes *full)
{
    struct server_config config = scene_config(scene);
    const struct echoes reduced = {full->seed, full->count / 2, full->size};
    const struct echoes *echoes = UNDER_SANITIZER ? &reduced : full;
    struct echoes others_echoes = *echoes;
    struct client slow, slower, other;
    struct buffer requests = {0}, others_requests = {0};
    struct bytes left, others_left;
    struct host host;
    uint64_t before;

    scene_needs_clients(scene, 3);
    others_echoes.seed += 100;
    /* Before there is much memory of ours that every process of the server would inherit. */
    host_start(&host, &config, 0);
    host_expect_alive(&host);
    echoes_encode(echoes, scene->protocol, &requests);
    echoes_encode(&others_echoes, scene->protocol, &others_requests);
    before = host_memory(&host, "VmHWM");
    client_connect_narrow(&slow, &host);
    client_greet(&slow);
    client_connect_narrow(&slower, &host);
    client_greet(&slower);
    left = say_until_stuck(&slow, &host, buffer_bytes(&requests));
    others_left = say_until_stuck(&slower, &host, buffer_bytes(&others_requests));

    client_open(&other, &host);
    for (int i = 0; i < 100; i++) {
        client_request(&other, OPERATION_ECHO, &i, sizeof i);
        client_expect_reply(&other, OPERATION_ECHO, &i, sizeof i);
    }
    client_close(&other);
    client_expect_welcome(&slow);
    client_exchange(&slow, left, echoes);
    client_expect_welcome(&slower);
    client_exchange(&slower, others_left, &others_echoes);
    expect_memory_below(&host, before + MEMORY_MAX);
    client_close(&slow);
    client_close(&slower);
    buffer_release(&requests);
    buffer_release(&others_requests);
    host_stop(&host, NULL);
}

static void a_slow_reader_of_large_replies(const struct scene *scene)
{
    read_slowly(scene, &(struct echoes){1, 50, 400001});
}

/* Several fit into what a worker collects, and those of one turn fill the socket: so it is full in
 * the middle of what was collected. */
static void a_slow_reader_of_medium_replies(const struct scene *scene)
{
    read_slowly(scene, &(struct echoes){2, 600, 20011});
}

/* A reply with its frame is what one packet of the loopback interface takes: so the socket is full
 * just between two replies, and takes nothing at all of the next. */
static void a_slow_reader_of_packets(const struct scene *scene)
{
    read_slowly(scene, &(struct echoes){4, 180, 65483 - scene->protocol->message_overhead});
}

static void a_slow_reader_of_small_replies(const struct scene *scene)
{
    read_slowly(scene, &(struct echoes){3, 12000, 997});
}

/* A stuck reader that leaves must not take anything with it. */
static void a_slow_reader_that_resets(const struct scene *scene)
{
    const struct echoes echoes = {9, 50, 400001};
    struct server_config config = scene_config(scene);
    struct buffer requests = {0};
    struct host host;

    host_start(&host, &config, 0);
    echoes_encode(&echoes, scene->protocol, &requests);
    for (int i = 0; i < 3; i++) {
        struct client client;

        client_connect_narrow(&client, &host);
        client_greet(&client);
        say_until_stuck(&client, &host, buffer_bytes(&requests));
        client_reset(&client);
    }
    buffer_release(&requests);
    host_expect_alive(&host);
    host_stop(&host, NULL);
}

static void reset_in_mid_message(const struct scene *scene)
{
    const struct echoes echoes = {4, 2, 30000};
    struct server_config config = scene_config(scene);
    struct buffer requests = {0};
    struct client witness;
    struct host host;

    scene_needs_clients(scene, 2);
    host_start(&host, &config, 0);
    client_open(&witness, &host);
    echoes_encode(&echoes, scene->protocol, &requests);
    for (size_t cut = 1; cut < buffer_size(&requests); cut += 1777) {
        struct client client;

        client_open(&client, &host);
        client_say(&client, buffer_bytes(&requests).data, cut);
        client_reset(&client);
        client_request(&witness, OPERATION_ECHO, &cut, sizeof cut);
        client_expect_reply(&witness, OPERATION_ECHO, &cut, sizeof cut);
    }
    client_close(&witness);
    buffer_release(&requests);
    host_stop(&host, NULL);
}

/* All replies, however many wait, and then the end. */
static void half_close_after_requests(const struct scene *scene)
{
    static const struct echoes ECHOES[] = {{5, 1, 10}, {6, 64, 1000}, {7, 3000, 100}};
    struct server_config config = scene_config(scene);
    struct host host;

    host_start(&host, &config, 0);
    for (size_t i = 0; i < sizeof ECHOES / sizeof *ECHOES; i++) {
        struct buffer requests = {0};
        struct client client;

        echoes_encode(&ECHOES[i], scene->protocol, &requests);
        client_open(&client, &host);
        client_say(&client, buffer_bytes(&requests).data, buffer_size(&requests));
        client_half_close(&client);
        client_expect_echoes(&client, &ECHOES[i]);
        client_expect_end(&client);
        client_close(&client);
        buffer_release(&requests);
    }
    host_stop(&host, NULL);
}

/* Small requests with large replies: the end of the input arrives while far more than a socket
 * holds is still to be made and sent. */
static void half_close_with_replies_waiting(const struct scene *scene)
{
    enum { REPLIES = 100, REPLY_SIZE = 500000 };
    static const uint8_t REQUEST[] = {0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0xA1, 7, 0}; /* 500,000 */
    static const uint8_t reply[REPLY_SIZE];
    struct server_config config = scene_config(scene);
    struct client client;
    struct host host;
    uint64_t before;

    host_start(&host, &config, 0);
    host_expect_alive(&host);
    before = host_memory(&host, "VmHWM");
    client_connect_narrow(&client, &host);
    client_greet(&client);
    for (int i = 0; i < REPLIES; i++)
        client_request(&client, OPERATION_WORK, REQUEST, sizeof REQUEST);
    client_half_close(&client);
    client_expect_welcome(&client);
    for (int i = 0; i < REPLIES; i++)
        client_expect_reply(&client, OPERATION_WORK, reply, sizeof reply);
    client_expect_end(&client);
    expect_memory_below(&host, before + MEMORY_MAX);
    client_close(&client);
    host_stop(&host, NULL);
}

static void half_close_in_mid_message(const struct scene *scene)
{
    const struct echoes echoes = {8, 1, 5000};
    struct server_config config = scene_config(scene);
    struct buffer requests = {0};
    struct host host;

    host_start(&host, &config, 0);
    echoes_encode(&echoes, scene->protocol, &requests);
    for (size_t cut = 1; cut < buffer_size(&requests); cut += 833) {
        struct client client;

        client_open(&client, &host);
        client_say(&client, buffer_bytes(&requests).data, cut);
        client_half_close(&client);
        client_expect_end(&client);
        client_close(&client);
    }
    buffer_release(&requests);
    host_stop(&host, NULL);
}

/* One request more and the end of the input arrive in the middle of several turns' worth of
 * requests. If they come too early or too late the case is easier, not wrong. */
static void half_close_while_requests_wait(const struct scene *scene)
{
    static const struct work WORK = {.block_us = 50000, .reply_size = 8};
    static const struct echoes FIRST = {9, 70, 10}, SECOND = {10, 70, 10}, LAST = {11, 1, 10};
    struct server_config config = scene_config(scene);
    uint8_t payload[WORK_FIXED_SIZE], encoded[256];
    const struct message work = {OPERATION_WORK, {payload, sizeof payload}};
    struct buffer requests = {0}, last = {0};
    struct message reply;
    struct client client;
    struct host host;

    CHECK(work_encode(&WORK, (struct space){payload, sizeof payload}) > 0, "work");
    ssize_t size = scene->protocol->encode_request(&work, (struct space){encoded, sizeof encoded});

    echoes_encode(&FIRST, scene->protocol, &requests);
    CHECK(size > 0 && buffer_append(&requests, (struct bytes){encoded, (size_t)size}), "work");
    echoes_encode(&SECOND, scene->protocol, &requests);
    echoes_encode(&LAST, scene->protocol, &last);
    host_start(&host, &config, 0);
    client_open(&client, &host);
    client_say(&client, buffer_bytes(&requests).data, buffer_size(&requests));
    client_expect_echo(&client, &FIRST, 0); /* a turn is over */
    client_say(&client, buffer_bytes(&last).data, buffer_size(&last));
    client_half_close(&client);
    for (size_t i = 1; i < FIRST.count; i++)
        client_expect_echo(&client, &FIRST, i);
    client_expect_any_reply(&client, &reply);
    CHECK(reply.operation == OPERATION_WORK, "operation %u", reply.operation);
    client_expect_echoes(&client, &SECOND);
    client_expect_echoes(&client, &LAST);
    client_expect_end(&client);
    client_close(&client);
    buffer_release(&requests);
    buffer_release(&last);
    host_stop(&host, NULL);
}

const struct conformance_case cases_slow[] = {
    {"a-slow-reader-of-large-replies", a_slow_reader_of_large_replies},
    {"a-slow-reader-of-medium-replies", a_slow_reader_of_medium_replies},
    {"a-slow-reader-of-packets", a_slow_reader_of_packets},
    {"a-slow-reader-of-small-replies", a_slow_reader_of_small_replies},
    {"a-slow-reader-that-resets", a_slow_reader_that_resets},
    {"reset-in-mid-message", reset_in_mid_message},
    {"half-close-after-requests", half_close_after_requests},
    {"half-close-with-replies-waiting", half_close_with_replies_waiting},
    {"half-close-while-requests-wait", half_close_while_requests_wait},
    {"half-close-in-mid-message", half_close_in_mid_message},
    {NULL, NULL},
};
