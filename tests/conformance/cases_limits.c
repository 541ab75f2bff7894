/* SPDX-License-Identifier: MIT */
/* Limits: of connections, of workers, of descriptors. Who comes too many is told, not left waiting.
 */
#include <poll.h>

#include "protocol/payload.h"
#include "tests/conformance/check.h"
#include "tests/conformance/client.h"
#include "tests/conformance/scene.h"

static void expect_echo(struct client *client)
{
    client_request(client, OPERATION_ECHO, "hola", 4);
    client_expect_reply(client, OPERATION_ECHO, "hola", 4);
}

static void connections_max(const struct scene *scene)
{
    enum { MAX = 3, BEYOND = 5 };
    struct server_config config = scene_config(scene);
    uint64_t totals[COUNTERS_COUNT];
    struct client clients[MAX], other;
    struct host host;

    scene_needs_clients(scene, MAX);
    config.connections_max = MAX;
    host_start(&host, &config, 0);
    for (int i = 0; i < MAX; i++)
        client_open(&clients[i], &host);
    for (int i = 0; i < BEYOND; i++) {
        client_connect(&other, &host);
        client_greet(&other);
        client_expect_refusal(&other);
        client_close(&other);
    }
    for (int i = 0; i < MAX; i++)
        expect_echo(&clients[i]);
    host_stop(&host, totals);
    for (int i = 0; i < MAX; i++) {
        client_expect_end(&clients[i]);
        client_close(&clients[i]);
    }
    CHECK(totals[COUNTER_REJECTS] == BEYOND, "%ju rejects", (uintmax_t)totals[COUNTER_REJECTS]);
    CHECK(totals[COUNTER_CLOSES] == MAX, "%ju closes", (uintmax_t)totals[COUNTER_CLOSES]);
}

/* Who has seen the server close its connection may come again: the place is free by then. */
static void a_place_is_free_when_the_end_is_seen(const struct scene *scene)
{
    struct server_config config = scene_config(scene);
    struct host host;

    config.connections_max = 1;
    host_start(&host, &config, 0);
    for (int i = 0; i < 300; i++) {
        struct client client;

        client_open(&client, &host);
        client_half_close(&client);
        client_expect_end(&client);
        client_close(&client);
    }
    host_stop(&host, NULL);
}

/* More clients than workers: whoever has no worker is refused in time, or served if one gets free.
 * Models whose workers serve many clients just serve them. */
static void more_clients_than_workers(const struct scene *scene)
{
    enum { WORKERS = 2, ROUNDS = 3 };
    struct server_config config = scene_config(scene);
    struct client inside[WORKERS], next;
    struct host host;

    scene_needs_clients(scene, WORKERS);
    config.workers = WORKERS;
    host_start(&host, &config, 0);
    for (int i = 0; i < WORKERS; i++)
        client_open(&inside[i], &host);
    for (int i = 0; i < ROUNDS; i++) {
        client_connect(&next, &host);
        client_greet(&next);
        if (scene->model->capacity == CAPACITY_WORKERS)
            client_expect_refusal(&next);
        else
            client_expect_welcome(&next);
        client_close(&next);
    }
    for (int i = 0; i < WORKERS; i++)
        expect_echo(&inside[i]);
    client_close(&inside[0]);
    client_open_eventually(&next, &host);
    expect_echo(&next);
    expect_echo(&inside[1]);
    client_close(&next);
    client_close(&inside[1]);
    host_stop(&host, NULL);
}

/* A client that waits for a worker gets it when another leaves. */
static void a_free_worker_takes_who_waits(const struct scene *scene)
{
    struct server_config config = scene_config(scene);
    struct host host;
    int served = 0;

    config.workers = 1;
    host_start(&host, &config, 0);
    /* On a machine that is busy a wait may be longer than the server's patience: so more tries. */
    for (int i = 0; i < 20 && served < 3; i++) {
        struct client inside, waiting;
        struct message ignored;

        client_open_eventually(&inside, &host);
        client_connect(&waiting, &host);
        client_greet(&waiting);
        client_request(&inside, OPERATION_ECHO, "", 0);
        client_expect_any_reply(&inside, &ignored);
        client_close(&inside);
        served += client_is_welcomed(&waiting);
        client_close(&waiting);
    }
    CHECK(served == 3, "%d of those who waited were served", served);
    host_stop(&host, NULL);
}

/* --- requests --------------------------------------------------------------------------------- */

/* More than the workers and their queue take: a model may make them wait, or answer some of them
 * with ERROR_OVERLOADED, but each has its reply and the connections go on. */
static void requests_beyond_the_queue(const struct scene *scene)
{
    enum { CROWD = 20, REQUESTS = 3 };
    static const struct work WORK = {0, 5000, 8};
    struct server_config config = scene_config(scene);
    uint8_t payload[WORK_FIXED_SIZE];
    struct client clients[CROWD];
    struct host host;

    if (scene->model->capacity != CAPACITY_UNLIMITED)
        check_skip("here clients wait for a worker, not requests");
    config.workers = 1;
    config.queue = 1;
    CHECK(work_encode(&WORK, (struct space){payload, sizeof payload}) > 0, "work");
    host_start(&host, &config, 0);
    for (int i = 0; i < CROWD; i++)
        client_open_eventually(&clients[i], &host);
    for (int i = 0; i < CROWD * REQUESTS; i++)
        client_request(&clients[i % CROWD], OPERATION_WORK, payload, sizeof payload);
    for (int i = 0; i < CROWD * REQUESTS; i++) {
        struct message reply;
        struct error error;

        client_expect_any_reply(&clients[i % CROWD], &reply);
        if (reply.operation != OPERATION_WORK)
            CHECK(reply.operation == OPERATION_ERROR && error_decode(reply.payload, &error) == 0 &&
                      error.code == ERROR_OVERLOADED,
                  "neither done nor rejected: operation %u", reply.operation);
    }
    for (int i = 0; i < CROWD; i++) {
        expect_echo(&clients[i]);
        client_close(&clients[i]);
    }
    host_stop(&host, NULL);
}

/* --- descriptors ------------------------------------------------------------------------------ */

enum { CLIENTS = 60, DESCRIPTORS = 30, IDLE_MS = 400 };

/* All connect and greet at once, so that many wait when descriptors run out; then everybody is
 * answered: with a welcome, a refusal or at least the end. Returns how many are served: the first
 * of `clients` are those. */
static int fill_up(struct client *clients, const struct host *host)
{
    int served = 0;

    for (int i = 0; i < CLIENTS; i++) {
        client_connect(&clients[i], host);
        client_greet(&clients[i]);
    }
    for (int i = 0; i < CLIENTS; i++) {
        if (client_is_welcomed(&clients[i])) {
            clients[served++] = clients[i];
        } else {
            client_expect_gone(&clients[i]);
            client_close(&clients[i]);
        }
    }
    return served;
}

/* What the server does when nothing happens. */
static void expect_rest(const struct host *host)
{
    uint64_t cpu_ns = host_cpu_ns(host);

    poll(NULL, 0, IDLE_MS);
    cpu_ns = host_cpu_ns(host) - cpu_ns;
    CHECK(cpu_ns < IDLE_MS * NS_PER_MS / 4, "%ju ms of CPU in %d ms of nothing",
          (uintmax_t)(cpu_ns / NS_PER_MS), IDLE_MS);
}

static void descriptors_exhausted(const struct scene *scene)
{
    struct server_config config = scene_config(scene);
    struct client clients[CLIENTS], other;
    uint64_t totals[COUNTERS_COUNT];
    struct host host;

    scene_needs_clients(scene, CLIENTS);
    scene_needs_one_process(scene);
    /* On a machine of many cores, loops with descriptors of their own would take all of them. */
    if (scene->model->capacity == CAPACITY_UNLIMITED)
        config.workers = 2;
    host_start(&host, &config, DESCRIPTORS);
    int served = fill_up(clients, &host);
    /* One thread's look at an empty queue takes a descriptor for a moment. Another that accepts
     * just then finds none and refuses a client too early. */
    while (served < DESCRIPTORS && client_try_open(&clients[served], &host))
        served++;
    CHECK(served > DESCRIPTORS / 2 && served < DESCRIPTORS, "%d clients were served", served);
    for (int i = 0; i < served; i++)
        expect_echo(&clients[i]);
    for (int i = 0; i < 10; i++)
        CHECK(!client_try_open(&other, &host), "served without a descriptor");
    expect_rest(&host);

    for (int i = 0; i < served / 2; i++)
        client_close(&clients[i]);
    client_open_eventually(&other, &host);
    expect_echo(&other);
    client_close(&other);
    for (int i = served / 2; i < served; i++) {
        expect_echo(&clients[i]);
        client_close(&clients[i]);
    }
    host_stop(&host, totals);
    CHECK(totals[COUNTER_REJECTS] >= (uint64_t)(CLIENTS - served), "%ju rejects",
          (uintmax_t)totals[COUNTER_REJECTS]);
}

const struct conformance_case cases_limits[] = {
    {"connections-max", connections_max},
    {"a-place-is-free-when-the-end-is-seen", a_place_is_free_when_the_end_is_seen},
    {"more-clients-than-workers", more_clients_than_workers},
    {"a-free-worker-takes-who-waits", a_free_worker_takes_who_waits},
    {"requests-beyond-the-queue", requests_beyond_the_queue},
    {"descriptors-exhausted", descriptors_exhausted},
    {NULL, NULL},
};
