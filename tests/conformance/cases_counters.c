/* SPDX-License-Identifier: MIT */
/* The counters tell what the clients did, to the byte. */
#include "tests/conformance/check.h"
#include "tests/conformance/echoes.h"
#include "tests/conformance/scene.h"

static void expect_counted(const uint64_t *totals, enum counter counter, uint64_t expected)
{
    CHECK(totals[counter] == expected, "%s: %ju instead of %ju", counter_names[counter],
          (uintmax_t)totals[counter], (uintmax_t)expected);
}

/* Strangers, errors, pipelined and single requests. */
static void counters_are_exact(const struct scene *scene)
{
    enum { CLIENTS = 7 };
    static const struct echoes ECHOES = {1, 25, 300};
    struct server_config config = scene_config(scene);
    uint8_t greeting[GREETING_SIZE_MAX];
    ssize_t greeting_size =
        scene->protocol->encode_greeting((struct space){greeting, sizeof greeting});
    uint64_t totals[COUNTERS_COUNT];
    struct buffer requests = {0};
    struct host host;

    echoes_encode(&ECHOES, scene->protocol, &requests);
    host_start(&host, &config, 0);
    for (int i = 0; i < CLIENTS; i++) {
        struct client client;

        client_open(&client, &host);
        client_say(&client, buffer_bytes(&requests).data, buffer_size(&requests));
        client_expect_echoes(&client, &ECHOES);
        client_half_close(&client);
        client_expect_end(&client);
        client_close(&client);
    }
    host_stop(&host, totals);
    expect_counted(totals, COUNTER_ACCEPTS, CLIENTS);
    expect_counted(totals, COUNTER_REJECTS, 0);
    expect_counted(totals, COUNTER_CLOSES, CLIENTS);
    expect_counted(totals, COUNTER_REQUESTS, CLIENTS * ECHOES.count);
    expect_counted(totals, COUNTER_ERRORS, 0);
    expect_counted(totals, COUNTER_BYTES_IN,
                   CLIENTS * ((size_t)greeting_size + buffer_size(&requests)));
    CHECK(totals[COUNTER_BYTES_OUT] >= CLIENTS * ECHOES.count * ECHOES.size, "%ju bytes out",
          (uintmax_t)totals[COUNTER_BYTES_OUT]);
    CHECK(totals[COUNTER_WAKEUPS] >= CLIENTS, "%ju wakeups", (uintmax_t)totals[COUNTER_WAKEUPS]);
    CHECK(totals[COUNTER_EMPTY_WAKEUPS] <= totals[COUNTER_WAKEUPS], "%ju empty wakeups",
          (uintmax_t)totals[COUNTER_EMPTY_WAKEUPS]);
    buffer_release(&requests);
}

static void errors_are_counted(const struct scene *scene)
{
    static const struct bytes STRANGE = {(const uint8_t *)"GET / HTTP/1.1\r\n\r\n", 18};
    struct server_config config = scene_config(scene);
    uint64_t totals[COUNTERS_COUNT];
    struct client client;
    struct host host;
    bool is_strange = scene->protocol->decode_greeting(STRANGE) < 0;

    host_start(&host, &config, 0);
    if (is_strange) {
        client_connect(&client, &host);
        client_say(&client, STRANGE.data, STRANGE.size);
        client_expect_refusal(&client);
        client_close(&client);
    }
    client_open(&client, &host);
    client_request(&client, 99, "", 0);
    client_request(&client, OPERATION_ECHO, "", 0);
    client_request(&client, OPERATION_PERSONA, "", 0);
    for (int i = 0; i < 3; i++) {
        struct message reply;

        client_expect_any_reply(&client, &reply);
        CHECK((reply.operation == OPERATION_ERROR) == (i != 1), "operation %u", reply.operation);
    }
    client_close(&client);
    host_stop(&host, totals);
    expect_counted(totals, COUNTER_ACCEPTS, is_strange ? 2 : 1);
    expect_counted(totals, COUNTER_CLOSES, is_strange ? 2 : 1);
    expect_counted(totals, COUNTER_REQUESTS, 3);
    expect_counted(totals, COUNTER_ERRORS, is_strange ? 3 : 2);
}

const struct conformance_case cases_counters[] = {
    {"counters-are-exact", counters_are_exact},
    {"errors-are-counted", errors_are_counted},
    {NULL, NULL},
};
