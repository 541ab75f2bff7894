/* SPDX-License-Identifier: MIT */
/* The stop: whatever the clients are at, the run returns soon and leaves nothing behind. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "protocol/payload.h"
#include "tests/conformance/check.h"
#include "tests/conformance/echoes.h"
#include "tests/conformance/scene.h"

static void at_once(const struct scene *scene)
{
    struct server_config config = scene_config(scene);
    struct host host;

    for (int i = 0; i < 5; i++) {
        host_start(&host, &config, 0);
        host_stop(&host, NULL);
    }
}

/* Some have not greeted, some have, some have said half of something. Returns how long it took. */
static uint64_t stop_while_idle(const struct scene *scene)
{
    enum { CLIENTS_MAX = 30 };
    struct server_config config = scene_config(scene);
    unsigned count = scene_clients(scene, CLIENTS_MAX);
    struct client clients[CLIENTS_MAX];
    struct host host;

    /* Hundreds of idle workers take a while to end, too, which is not what is asked here. */
    scene_expects_clients(scene, &config, count);
    host_start(&host, &config, 0);
    for (unsigned i = 0; i < count; i++) {
        if (i % 3 == 1)
            client_connect(&clients[i], &host);
        else
            client_open(&clients[i], &host);
        if (i % 3 == 2)
            client_say(&clients[i], "\1\4", 2);
    }
    host_stop_begin(&host);
    for (unsigned i = 0; i < count; i++) {
        /* Who never got in, or whose half message was not read yet, may be cut off. */
        if (i % 3 == 0)
            client_expect_end(&clients[i]);
        else
            client_expect_gone(&clients[i]);
        client_close(&clients[i]);
    }
    host_stop_end(&host, NULL);
    return host.stop_taken_ns;
}

/* With nothing under way there is nothing to wait for. On a machine that is busy elsewhere it may
 * take longer now and then. */
static void while_clients_are_idle(const struct scene *scene)
{
    uint64_t fastest_ns = UINT64_MAX;

    for (int i = 0; i < 3 && fastest_ns >= DRAIN_TIME_NS; i++) {
        uint64_t taken_ns = stop_while_idle(scene);

        fastest_ns = taken_ns < fastest_ns ? taken_ns : fastest_ns;
    }
    CHECK(fastest_ns < DRAIN_TIME_NS, "idle clients held up the stop for %ju ms",
          (uintmax_t)(fastest_ns / NS_PER_MS));
}

/* --- clients that go on asking ---------------------------------------------------------------- */

struct asker {
    struct client client;
    struct echoes echoes;
    size_t asked, answered;
};

enum { ASKERS_MAX = 20, UNDER_WAY = 4, ECHO_SIZE = 700 };

/* Another request, unless the server has gone. */
static void asker_ask(struct asker *asker)
{
    uint8_t payload[ECHO_SIZE], encoded[ECHO_SIZE + 256];
    struct message request = {OPERATION_ECHO, {payload, sizeof payload}};
    ssize_t size;

    echo_fill(&asker->echoes, asker->asked++, payload);
    size =
        asker->client.protocol->encode_request(&request, (struct space){encoded, sizeof encoded});
    CHECK(size > 0, "the request cannot be encoded");
    ssize_t sent = client_say_some(&asker->client, (struct bytes){encoded, (size_t)size});
    CHECK(sent == size || sent == -EPIPE || sent == -ECONNRESET, "%zd sent", sent);
}

static void asker_start(struct asker *asker, const struct host *host, unsigned seed)
{
    *asker = (struct asker){.echoes = {seed, 0, ECHO_SIZE}};
    client_open(&asker->client, host);
    for (int i = 0; i < UNDER_WAY; i++)
        asker_ask(asker);
}

/* Checks the replies that are there and asks as many times again; false at the end. */
static bool asker_turn(struct asker *asker)
{
    struct client *client = &asker->client;
    struct message reply;

    if (client_hear(client) <= 0)
        return false;
    while (client->protocol->decode_reply(buffer_bytes(&client->heard), SIZE_MAX, &reply) > 0) {
        client_expect_echo(client, &asker->echoes, asker->answered++);
        asker_ask(asker);
    }
    return true;
}

/* Goes on until everybody has had so many replies, or is at the end. */
static void askers_go_on(struct asker *askers, unsigned count, size_t replies)
{
    for (bool going_on = true; going_on;) {
        struct pollfd fds[ASKERS_MAX];

        going_on = false;
        for (unsigned i = 0; i < count; i++) {
            fds[i] = (struct pollfd){.fd = askers[i].client.fd, .events = POLLIN};
            going_on |= askers[i].client.fd >= 0 && askers[i].answered < replies;
        }
        if (!going_on)
            return;
        CHECK(poll(fds, count, WAIT_MS) > 0, "nobody is answered");
        for (unsigned i = 0; i < count; i++) {
            if (fds[i].revents && !asker_turn(&askers[i]))
                client_close(&askers[i].client);
        }
    }
}

static void while_clients_are_busy(const struct scene *scene)
{
    struct server_config config = scene_config(scene);
    unsigned count = scene_clients(scene, ASKERS_MAX);
    struct asker askers[ASKERS_MAX];
    struct host host;

    host_start(&host, &config, 0);
    for (unsigned i = 0; i < count; i++)
        asker_start(&askers[i], &host, i);
    askers_go_on(askers, count, 30);
    host_stop_begin(&host);
    askers_go_on(askers, count, SIZE_MAX);
    host_stop_end(&host, NULL);
}

static void while_replies_cannot_be_sent(const struct scene *scene)
{
    enum { CLIENTS_MAX = 3, REPLIES = 40 };
    static const uint8_t REQUEST[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0}; /* half a MiB */
    struct server_config config = scene_config(scene);
    unsigned count = scene_clients(scene, CLIENTS_MAX);
    struct client clients[CLIENTS_MAX];
    struct host host;

    host_start(&host, &config, 0);
    for (unsigned i = 0; i < count; i++) {
        client_connect_narrow(&clients[i], &host);
        client_greet(&clients[i]);
        for (int k = 0; k < REPLIES; k++)
            client_request(&clients[i], OPERATION_WORK, REQUEST, sizeof REQUEST);
        client_expect_welcome(&clients[i]);
    }
    host_stop(&host, NULL);
    for (unsigned i = 0; i < count; i++)
        client_close(&clients[i]);
}

/* Requests under way end early, and are answered. */
static void while_a_request_blocks(const struct scene *scene)
{
    static const struct work WORKS[] = {{0, 60000000, 8}, {60000000, 0, 8}};
    struct server_config config = scene_config(scene);

    for (int i = 0; i < 2; i++) {
        uint8_t payload[WORK_FIXED_SIZE];
        struct message reply;
        struct client client;
        struct host host;

        host_start(&host, &config, 0);
        client_open(&client, &host);
        CHECK(work_encode(&WORKS[i], (struct space){payload, sizeof payload}) > 0, "work");
        client_request(&client, OPERATION_ECHO, "", 0);
        client_request(&client, OPERATION_WORK, payload, sizeof payload);
        host_stop_begin(&host);
        client_expect_any_reply(&client, &reply);
        CHECK(reply.operation == OPERATION_ECHO, "operation %u", reply.operation);
        client_expect_any_reply(&client, &reply);
        CHECK(reply.operation == OPERATION_WORK, "operation %u", reply.operation);
        client_expect_end(&client);
        client_close(&client);
        host_stop_end(&host, NULL);
    }
}

/* As many requests as that, one behind the other. */
static void encode_work(const struct work *work, size_t count, const struct protocol *protocol,
                        struct buffer *requests)
{
    uint8_t payload[WORK_FIXED_SIZE];
    struct message request = {OPERATION_WORK, {payload, sizeof payload}};

    CHECK(work_encode(work, (struct space){payload, sizeof payload}) > 0, "work");
    for (size_t i = 0; i < count; i++) {
        struct space space = buffer_reserve(requests, sizeof payload + protocol->message_overhead);

        CHECK(space.data, "out of memory");
        ssize_t made = protocol->encode_request(&request, space);
        CHECK(made > 0, "the request cannot be encoded");
        buffer_appended(requests, (size_t)made);
    }
}

/* Each request is short, but so many wait that the server has more work before it than a stop may
 * take, even that which every client is granted in a turn. */
static void while_much_work_waits(const struct scene *scene)
{
    enum { CLIENTS = 40, REQUESTS = 64, CPU_US = SLOWDOWN * 10000 };
    static const struct work WORK = {CPU_US, 0, 8};
    struct server_config config = scene_config(scene);
    static struct client clients[CLIENTS];
    struct buffer requests = {0};
    struct host host;

    scene_needs_clients(scene, CLIENTS);
    encode_work(&WORK, REQUESTS, scene->protocol, &requests);
    scene_expects_clients(scene, &config, CLIENTS);
    host_start(&host, &config, 0);
    for (int i = 0; i < CLIENTS; i++)
        client_open(&clients[i], &host);
    for (int i = 0; i < CLIENTS; i++)
        client_say(&clients[i], buffer_bytes(&requests).data, buffer_size(&requests));
    buffer_release(&requests);
    host_stop_begin(&host);
    for (int i = 0; i < CLIENTS; i++) {
        client_expect_gone(&clients[i]);
        client_close(&clients[i]);
    }
    host_stop_end(&host, NULL);
}

/* With one worker most of them are in some queue, of the server or of the kernel. */
static void while_clients_wait_in_a_queue(const struct scene *scene)
{
    enum { CLIENTS = 20 };
    struct server_config config = scene_config(scene);
    struct client clients[CLIENTS];
    struct host host;

    config.workers = 1;
    host_start(&host, &config, 0);
    client_open(&clients[0], &host);
    for (int i = 1; i < CLIENTS; i++) {
        client_connect(&clients[i], &host);
        client_greet(&clients[i]);
    }
    host_stop_begin(&host);
    for (int i = 0; i < CLIENTS; i++) {
        client_expect_gone(&clients[i]);
        client_close(&clients[i]);
    }
    host_stop_end(&host, NULL);
}

/* The refusals linger, because those who were refused do not close. */
static void while_refusals_linger(const struct scene *scene)
{
    enum { STRANGERS = 20 };
    struct server_config config = scene_config(scene);
    struct client inside, strangers[STRANGERS];
    struct host host;

    scene_needs_clients(scene, 2);
    config.connections_max = 1;
    host_start(&host, &config, 0);
    client_open(&inside, &host);
    for (int i = 0; i < STRANGERS; i++) {
        client_connect(&strangers[i], &host);
        client_greet(&strangers[i]);
        client_expect_refusal(&strangers[i]);
    }
    host_stop(&host, NULL);
    client_expect_end(&inside);
    client_close(&inside);
    for (int i = 0; i < STRANGERS; i++)
        client_close(&strangers[i]);
}

const struct conformance_case cases_stop[] = {
    {"stop-at-once", at_once},
    {"stop-while-clients-are-idle", while_clients_are_idle},
    {"stop-while-clients-are-busy", while_clients_are_busy},
    {"stop-while-replies-cannot-be-sent", while_replies_cannot_be_sent},
    {"stop-while-a-request-blocks", while_a_request_blocks},
    {"stop-while-much-work-waits", while_much_work_waits},
    {"stop-while-clients-wait-in-a-queue", while_clients_wait_in_a_queue},
    {"stop-while-refusals-linger", while_refusals_linger},
    {NULL, NULL},
};
