/* SPDX-License-Identifier: MIT */
/* Messages, however they are cut: in single bytes, many at once, as large as allowed, larger. */
#include <stdlib.h>
#include <string.h>

#include "protocol/native.h"
#include "protocol/payload.h"
#include "tests/conformance/check.h"
#include "tests/conformance/echoes.h"
#include "tests/conformance/scene.h"

static void a_byte_at_a_time(const struct scene *scene)
{
    struct server_config config = scene_config(scene);
    const struct echoes echoes = {1, 3, 40};
    uint8_t greeting[GREETING_SIZE_MAX];
    ssize_t size = scene->protocol->encode_greeting((struct space){greeting, sizeof greeting});
    struct buffer said = {0};
    struct client client;
    struct host host;

    CHECK(size > 0 && buffer_append(&said, (struct bytes){greeting, (size_t)size}), "no greeting");
    echoes_encode(&echoes, scene->protocol, &said);
    host_start(&host, &config, 0);
    client_connect(&client, &host);
    for (size_t i = 0; i < buffer_size(&said); i++)
        client_say(&client, buffer_bytes(&said).data + i, 1);
    client_expect_welcome(&client);
    client_expect_echoes(&client, &echoes);
    client_close(&client);
    buffer_release(&said);
    host_stop(&host, NULL);
}

/* Waits for each reply before the next byte is sent: a server that reads too much hangs here. */
static void a_reply_before_the_next_request(const struct scene *scene)
{
    struct server_config config = scene_config(scene);
    struct client client;
    struct host host;

    host_start(&host, &config, 0);
    client_open(&client, &host);
    for (size_t size = 0; size < 300; size++) {
        const struct echoes echo = {(unsigned)size, 1, size};
        struct buffer said = {0};

        echoes_encode(&echo, scene->protocol, &said);
        client_say(&client, buffer_bytes(&said).data, buffer_size(&said));
        client_expect_echoes(&client, &echo);
        buffer_release(&said);
    }
    client_close(&client);
    host_stop(&host, NULL);
}

/* In one write with the greeting, so that even that does not have a packet of its own. */
static void pipelined_64(const struct scene *scene)
{
    static const size_t SIZES[] = {0, 1, 64, 1000, 4096, 20000};
    struct server_config config = scene_config(scene);
    struct host host;

    host_start(&host, &config, 0);
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        const struct echoes echoes = {(unsigned)i, 64, SIZES[i]};
        uint8_t greeting[GREETING_SIZE_MAX];
        ssize_t size = scene->protocol->encode_greeting((struct space){greeting, sizeof greeting});
        struct buffer said = {0};
        struct client client;

        CHECK(size > 0 && buffer_append(&said, (struct bytes){greeting, (size_t)size}),
              "no greeting");
        echoes_encode(&echoes, scene->protocol, &said);
        client_connect(&client, &host);
        client_say(&client, buffer_bytes(&said).data, buffer_size(&said));
        client_expect_welcome(&client);
        client_expect_echoes(&client, &echoes);
        client_close(&client);
        buffer_release(&said);
    }
    host_stop(&host, NULL);
}

static void the_largest_message(const struct scene *scene)
{
    struct server_config config = scene_config(scene);
    const struct echoes echoes = {1, 3, config.message_max};
    uint8_t *payload = calloc(1, config.message_max), work_payload[WORK_FIXED_SIZE];
    const struct work work = {0, 0, (uint32_t)config.message_max};
    struct persona persona = {1, 2, 3, {(const uint8_t *)"", 0}};
    struct buffer said = {0};
    struct client client;
    struct host host;

    CHECK(payload, "out of memory");
    host_start(&host, &config, 0);
    client_open(&client, &host);
    echoes_encode(&echoes, scene->protocol, &said);
    client_exchange(&client, buffer_bytes(&said), &echoes);

    CHECK(work_encode(&work, (struct space){work_payload, sizeof work_payload}) > 0, "work");
    client_request(&client, OPERATION_WORK, work_payload, sizeof work_payload);
    client_expect_reply(&client, OPERATION_WORK, payload, work.reply_size);

    memset(payload, 'x', config.message_max);
    persona.nombre =
        (struct bytes){payload + PERSONA_FIXED_SIZE, config.message_max - PERSONA_FIXED_SIZE};
    CHECK(persona_encode(&persona, (struct space){payload, config.message_max}) > 0, "persona");
    client_request(&client, OPERATION_PERSONA, payload, config.message_max);
    client_expect_reply(&client, OPERATION_PERSONA, payload, config.message_max);
    client_close(&client);
    buffer_release(&said);
    free(payload);
    host_stop(&host, NULL);
}

/* The error arrives after the replies before it, though the client is still busy sending. */
static void a_message_too_large(const struct scene *scene)
{
    struct server_config config = scene_config(scene);
    const struct echoes before = {1, 10, 100}, too_large = {2, 1, 65537};
    struct buffer said = {0};
    struct client client;
    struct host host;

    config.message_max = 65536;
    host_start(&host, &config, 0);
    echoes_encode(&before, scene->protocol, &said);
    echoes_encode(&too_large, scene->protocol, &said);
    client_open(&client, &host);
    client_say(&client, buffer_bytes(&said).data, buffer_size(&said));
    client_expect_echoes(&client, &before);
    client_expect_error(&client, ERROR_MESSAGE_TOO_LARGE);
    client_expect_end(&client);
    client_close(&client);
    buffer_release(&said);
    host_expect_alive(&host);
    host_stop(&host, NULL);
}

/* What is announced is not allocated: neither what is refused nor what is allowed. */
static void announced_and_not_sent(const struct scene *scene)
{
    enum { UNNOTICED = 512 << 20 }; /* address space an allocator sets aside for new threads */
    static const uint8_t FOUR_GIB[] = {OPERATION_ECHO, 0xFF, 0xFF, 0xFF, 0xFF};
    static const uint8_t ONE_GIB[] = {OPERATION_ECHO, 0, 0, 0, 0x40, 'x'};
    struct server_config config = scene_config(scene);
    struct client patient, refused;
    struct host host;
    uint64_t before, peak;

    if (scene->protocol != &protocol_native)
        check_skip("only the native protocol's announcement is known here");
    config.message_max = 1u << 30;
    host_start(&host, &config, 0);
    host_expect_alive(&host);
    before = host_memory(&host, "VmPeak");
    client_open(&refused, &host);
    client_say(&refused, FOUR_GIB, sizeof FOUR_GIB);
    client_expect_error(&refused, ERROR_MESSAGE_TOO_LARGE);
    client_expect_end(&refused);
    client_close(&refused);

    client_open(&patient, &host);
    client_say(&patient, ONE_GIB, sizeof ONE_GIB);
    client_half_close(&patient);
    client_expect_end(&patient); /* so it was read */
    client_close(&patient);
    /* It may be less than before: a worker process that has ended takes its peak along. */
    peak = host_memory(&host, "VmPeak");
    CHECK(peak < before + UNNOTICED, "%ju MiB were allocated", (uintmax_t)((peak - before) >> 20));
    host_stop(&host, NULL);
}

static void bad_requests_leave_it_open(const struct scene *scene)
{
    static const uint8_t WORK_TOO_LONG[] = {0, 0, 0, 0, 1, 0x87, 0x93, 3, 0, 0, 0, 0};
    static const uint8_t WORK_TOO_LARGE[] = {0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF};
    static const uint8_t PERSONA_CUT[] = {1, 0, 0, 0, 42, 2, 0, 0, 0, 4, 0, 0, 0, 'A', 'n', 'a'};
    struct server_config config = scene_config(scene);
    struct client client;
    struct host host;

    host_start(&host, &config, 0);
    client_open(&client, &host);
    for (unsigned operation = 4; operation <= 255; operation += 251) {
        client_request(&client, operation, "hola", 4);
        client_expect_error(&client, ERROR_UNKNOWN_OPERATION);
    }
    client_request(&client, OPERATION_PERSONA, PERSONA_CUT, sizeof PERSONA_CUT);
    client_request(&client, OPERATION_WORK, WORK_TOO_LARGE, sizeof WORK_TOO_LARGE);
    client_request(&client, OPERATION_WORK, WORK_TOO_LONG, sizeof WORK_TOO_LONG);
    client_request(&client, OPERATION_WORK, "", 0);
    for (int i = 0; i < 4; i++)
        client_expect_error(&client, ERROR_MALFORMED_PAYLOAD);
    client_request(&client, OPERATION_ECHO, "hola", 4);
    client_expect_reply(&client, OPERATION_ECHO, "hola", 4);
    client_close(&client);
    host_stop(&host, NULL);
}

/* Returns the checksum that came back. */
static uint64_t expect_work(struct client *client, const struct work *work)
{
    uint8_t payload[WORK_FIXED_SIZE + 20] = {0}; /* padding makes a request as large as one likes */
    struct message reply;
    uint64_t start_ns;

    CHECK(work_encode(work, (struct space){payload, sizeof payload}) > 0, "work");
    start_ns = clock_now_ns();
    client_request(client, OPERATION_WORK, payload, sizeof payload);
    client_expect_any_reply(client, &reply);
    CHECK(clock_now_ns() - start_ns >= work->block_us * NS_PER_US, "it did not block");
    CHECK(reply.operation == OPERATION_WORK, "operation %u", reply.operation);
    CHECK(reply.payload.size == work->reply_size, "%zu bytes", reply.payload.size);
    return u64_load(reply.payload.data);
}

static void persona_and_work(const struct scene *scene)
{
    static const uint8_t PERSONA[] = {78, 97, 188, 0, 42, 177, 104, 222,
                                      58, 3,  0,   0, 0,  'A', 'n', 'a'};
    static const struct work WORK = {1000, 2000, 100};
    struct server_config config = scene_config(scene);
    struct client client;
    struct host host;
    uint64_t checksum;

    host_start(&host, &config, 0);
    client_open(&client, &host);
    client_request(&client, OPERATION_PERSONA, PERSONA, sizeof PERSONA);
    client_expect_reply(&client, OPERATION_PERSONA, PERSONA, sizeof PERSONA);

    checksum = expect_work(&client, &WORK);
    CHECK(checksum != 0, "no checksum");
    CHECK(expect_work(&client, &WORK) == checksum, "another checksum");
    client_close(&client);
    host_stop(&host, NULL);
}

const struct conformance_case cases_frames[] = {
    {"a-byte-at-a-time", a_byte_at_a_time},
    {"a-reply-before-the-next-request", a_reply_before_the_next_request},
    {"pipelined-64", pipelined_64},
    {"the-largest-message", the_largest_message},
    {"a-message-too-large", a_message_too_large},
    {"announced-and-not-sent", announced_and_not_sent},
    {"bad-requests-leave-it-open", bad_requests_leave_it_open},
    {"persona-and-work", persona_and_work},
    {NULL, NULL},
};
