/* SPDX-License-Identifier: MIT */
/* Strangers: who does not greet as the protocol wants, and who greets and then talks nonsense. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/native.h"
#include "tests/conformance/check.h"
#include "tests/conformance/client.h"
#include "tests/conformance/scene.h"

static const char HTTP[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: curl/7.88.1\r\n\r\n";
static const struct bytes STRANGE[] = {
    {(const uint8_t *)"1", 1},
    {(const uint8_t *)"\2\0\0\0", 4},
    {(const uint8_t *)"\0\0\0\1", 4}, /* 1 in the other byte order */
    {(const uint8_t *)HTTP, sizeof HTTP - 1},
};

/* Another protocol may take it, or wait for more. */
static bool is_strange(const struct scene *scene, struct bytes greeting)
{
    return scene->protocol == &protocol_native || scene->protocol->decode_greeting(greeting) < 0;
}

static void strangers_are_refused(const struct scene *scene)
{
    struct server_config config = scene_config(scene);
    struct host host;

    host_start(&host, &config, 0);
    for (size_t i = 0; i < sizeof STRANGE / sizeof *STRANGE; i++) {
        struct client client;

        if (!is_strange(scene, STRANGE[i]))
            continue;
        client_connect(&client, &host);
        client_say(&client, STRANGE[i].data, STRANGE[i].size);
        client_expect_refusal(&client);
        client_close(&client);
    }
    host_expect_alive(&host);
    host_stop(&host, NULL);
}

/* The refusal must survive the input that nobody reads: closed at once, it would be a reset, and
 * what was said last would be lost. */
static void a_talkative_stranger_hears_the_refusal(const struct scene *scene)
{
    struct server_config config = scene_config(scene);
    static uint8_t noise[300000];
    struct host host;

    memcpy(noise, HTTP, sizeof HTTP - 1);
    if (!is_strange(scene, (struct bytes){noise, sizeof noise}))
        check_skip("this protocol would take it");
    host_start(&host, &config, 0);
    for (int i = 0; i < 20; i++) {
        struct client client;

        client_connect(&client, &host);
        client_say(&client, noise, sizeof noise);
        client_expect_refusal(&client);
        client_close(&client);
    }
    host_stop(&host, NULL);
}

/* Whatever comes, there is an answer or the end, and nobody else notices. */
static void nonsense_after_the_greeting(const struct scene *scene)
{
    struct server_config config = scene_config(scene);
    unsigned seed = 20261123;
    struct host host;

    host_start(&host, &config, 0);
    for (int round = 0; round < 60; round++) {
        uint8_t noise[2000];
        size_t size = 1 + (unsigned)rand_r(&seed) % sizeof noise;
        struct client client;

        /* In every other round the first frame is short and the nonsense goes on behind it. */
        for (size_t i = 0; i < size; i++)
            noise[i] = (uint8_t)((round % 2) && i % 8 > 1 && i % 8 < 5 ? 0 : rand_r(&seed) >> 8);
        client_open(&client, &host);
        client_say(&client, noise, size);
        client_half_close(&client);
        client_expect_gone(&client);
        client_close(&client);
    }
    host_expect_alive(&host);
    host_stop(&host, NULL);
}

static void gone_before_the_greeting_is_over(const struct scene *scene)
{
    struct server_config config = scene_config(scene);
    uint64_t totals[COUNTERS_COUNT];
    uint8_t greeting[GREETING_SIZE_MAX];
    ssize_t size = scene->protocol->encode_greeting((struct space){greeting, sizeof greeting});
    struct host host;

    CHECK(size > 0, "no greeting");
    host_start(&host, &config, 0);
    for (int round = 0; round < 60; round++) {
        struct client client;

        client_connect(&client, &host);
        client_say(&client, greeting, (size_t)(round % size));
        if (round % 3 == 0)
            client_reset(&client);
        else
            client_close(&client);
    }
    host_expect_alive(&host);
    host_stop(&host, totals);
    CHECK(totals[COUNTER_REQUESTS] == 1, "%ju requests", (uintmax_t)totals[COUNTER_REQUESTS]);
}

const struct conformance_case cases_greeting[] = {
    {"strangers-are-refused", strangers_are_refused},
    {"a-talkative-stranger-hears-the-refusal", a_talkative_stranger_hears_the_refusal},
    {"nonsense-after-the-greeting", nonsense_after_the_greeting},
    {"gone-before-the-greeting-is-over", gone_before_the_greeting_is_over},
    {NULL, NULL},
};
