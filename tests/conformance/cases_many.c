/* SPDX-License-Identifier: MIT */
/* Many clients at once: what is lent to one must never be seen by another. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "protocol/payload.h"
#include "tests/conformance/check.h"
#include "tests/conformance/echoes.h"
#include "tests/conformance/scene.h"

enum { CLIENTS = 200, PARTS = 3 };

struct crowd {
    struct client clients[CLIENTS];
    struct echoes echoes[CLIENTS];
    struct buffer requests[CLIENTS];
};

static void crowd_open(struct crowd *crowd, const struct host *host)
{
    for (int i = 0; i < CLIENTS; i++)
        client_connect(&crowd->clients[i], host);
    for (int i = 0; i < CLIENTS; i++)
        client_greet(&crowd->clients[i]);
    for (int i = 0; i < CLIENTS; i++)
        client_expect_welcome(&crowd->clients[i]);
}

static void crowd_close(struct crowd *crowd)
{
    for (int i = 0; i < CLIENTS; i++)
        client_close(&crowd->clients[i]);
}

/* Everybody says a part, then everybody the next: every message is cut, with all the others between
 * its parts. Returns how many requests that were. */
static size_t crowd_talk(struct crowd *crowd, const struct protocol *protocol, unsigned round,
                         size_t size)
{
    size_t requests = 0;

    for (unsigned i = 0; i < CLIENTS; i++) {
        crowd->echoes[i] = (struct echoes){round * CLIENTS + i, 1 + i % 3, size + i};
        crowd->requests[i] = (struct buffer){0};
        requests += crowd->echoes[i].count;
        echoes_encode(&crowd->echoes[i], protocol, &crowd->requests[i]);
    }
    for (size_t part = 0; part < PARTS; part++) {
        for (int i = 0; i < CLIENTS; i++) {
            struct bytes all = buffer_bytes(&crowd->requests[i]);
            size_t from = all.size * part / PARTS, to = all.size * (part + 1) / PARTS;

            client_say(&crowd->clients[i], all.data + from, to - from);
        }
    }
    for (int i = CLIENTS - 1; i >= 0; i--) {
        client_expect_echoes(&crowd->clients[i], &crowd->echoes[i]);
        buffer_release(&crowd->requests[i]);
    }
    return requests;
}

static void two_hundred_clients(const struct scene *scene)
{
    static const size_t SIZES[] = {0, 10, 1000, 5000};
    struct server_config config = scene_config(scene);
    static struct crowd crowd;
    uint64_t totals[COUNTERS_COUNT], requests = 0;
    struct host host;

    scene_needs_clients(scene, CLIENTS);
    config.queue = CLIENTS; /* a model that sheds when its queue is full has no reason to */
    scene_expects_clients(scene, &config, CLIENTS);
    host_start(&host, &config, 0);
    crowd_open(&crowd, &host);
    for (unsigned round = 0; round < sizeof SIZES / sizeof *SIZES; round++)
        requests += crowd_talk(&crowd, scene->protocol, round, SIZES[round]);
    crowd_close(&crowd);
    host_stop(&host, totals);
    CHECK(totals[COUNTER_REQUESTS] == requests, "%ju requests instead of %ju",
          (uintmax_t)totals[COUNTER_REQUESTS], (uintmax_t)requests);
}

/* Connections that live for one request, one after the other and many at once. */
static void clients_that_come_and_go(const struct scene *scene)
{
    enum { ROUNDS = 20, AT_ONCE_MAX = 32 };
    struct server_config config = scene_config(scene);
    unsigned at_once = scene_clients(scene, AT_ONCE_MAX);
    uint64_t totals[COUNTERS_COUNT], in_all = (uint64_t)ROUNDS * at_once;
    struct host host;

    host_start(&host, &config, 0);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct client clients[AT_ONCE_MAX];

        for (unsigned i = 0; i < at_once; i++)
            client_open(&clients[i], &host);
        for (unsigned i = 0; i < at_once; i++)
            client_request(&clients[i], OPERATION_ECHO, &i, sizeof i);
        for (unsigned i = 0; i < at_once; i++) {
            client_expect_reply(&clients[i], OPERATION_ECHO, &i, sizeof i);
            client_close(&clients[i]);
        }
    }
    host_stop(&host, totals);
    CHECK(totals[COUNTER_REQUESTS] == in_all, "%ju requests", (uintmax_t)totals[COUNTER_REQUESTS]);
    CHECK(totals[COUNTER_CLOSES] == in_all, "%ju closes", (uintmax_t)totals[COUNTER_CLOSES]);
}

static void client_request_work(struct client *client, const struct work *work)
{
    uint8_t payload[WORK_FIXED_SIZE];

    CHECK(work_encode(work, (struct space){payload, sizeof payload}) > 0, "work");
    client_request(client, OPERATION_WORK, payload, sizeof payload);
}

struct rivals {
    struct client blocking, first, second, last;
};

/* Three requests arrive while a fourth blocks the server, so one loop finds them together; that
 * between takes longer than a tick of the timer. True if the first was answered and the last was
 * not yet. It says nothing when it was not: they may have been found in another order.
 *
 * The echo comes before so that the loop asks once more who is ready. Otherwise epoll's list may
 * still hold those of the round before, who keep their places in it: a client faster than the loop
 * would then find its requests in the same wrong order round after round. */
static bool first_is_answered_alone(struct rivals *rivals)
{
    static const struct work BLOCKING = {.block_us = 50000}, SOME = {.cpu_us = 10000},
                             MUCH = {.cpu_us = 100000};
    struct pollfd last = {.fd = rivals->last.fd, .events = POLLIN};
    struct message reply;
    bool alone;

    client_request(&rivals->blocking, OPERATION_ECHO, "", 0);
    client_expect_reply(&rivals->blocking, OPERATION_ECHO, "", 0);
    client_request_work(&rivals->blocking, &BLOCKING);
    client_request(&rivals->first, OPERATION_ECHO, "", 0);
    client_request_work(&rivals->second, &SOME);
    client_request_work(&rivals->last, &MUCH);
    client_expect_reply(&rivals->first, OPERATION_ECHO, "", 0);
    alone = poll(&last, 1, 0) == 0;
    client_expect_any_reply(&rivals->blocking, &reply);
    client_expect_any_reply(&rivals->second, &reply);
    client_expect_any_reply(&rivals->last, &reply);
    return alone;
}

static void a_reply_does_not_wait_for_the_work_of_others(const struct scene *scene)
{
    enum { ROUNDS = 50 };
    struct server_config config = scene_config(scene);
    struct rivals rivals;
    struct host host;
    int round = 0;

    scene_needs_clients(scene, 4);
    if (scene->model->capacity != CAPACITY_WORKERS)
        config.workers = 1; /* one loop, if it has loops */
    host_start(&host, &config, 0);
    client_open(&rivals.blocking, &host);
    client_open(&rivals.first, &host);
    client_open(&rivals.second, &host);
    client_open(&rivals.last, &host);
    while (!first_is_answered_alone(&rivals))
        CHECK(++round < ROUNDS, "each time the first reply came with the last");
    client_close(&rivals.blocking);
    client_close(&rivals.first);
    client_close(&rivals.second);
    client_close(&rivals.last);
    host_stop(&host, NULL);
}

/* Asks without end, far faster than it can be served, and throws the replies away. */
_Noreturn static void flood(struct client *client)
{
    static const struct work WORK = {.cpu_us = 20};
    uint8_t payload[WORK_FIXED_SIZE];
    struct message request = {OPERATION_WORK, {payload, sizeof payload}};
    struct buffer requests = {0};
    size_t said = 0;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    CHECK(work_encode(&WORK, (struct space){payload, sizeof payload}) > 0, "work");
    for (int i = 0; i < 1000; i++) {
        struct space space =
            buffer_reserve(&requests, sizeof payload + client->protocol->message_overhead);
        ssize_t made = client->protocol->encode_request(&request, space);

        CHECK(made > 0, "the request cannot be encoded");
        buffer_appended(&requests, (size_t)made);
    }
    for (struct pollfd fd = {.fd = client->fd, .events = POLLIN | POLLOUT};;) {
        poll(&fd, 1, WAIT_MS);
        if (fd.revents & POLLOUT) {
            ssize_t sent = client_say_some(client, bytes_after(buffer_bytes(&requests), said));

            said = (said + (sent > 0 ? (size_t)sent : 0)) % buffer_size(&requests);
        }
        if (fd.revents & ~POLLOUT && client_hear(client) <= 0)
            _exit(0);
        buffer_release(&client->heard);
    }
}

static void a_flood_starves_nobody(const struct scene *scene)
{
    enum { FLOODS = 2, ECHOES = 20 };
    struct server_config config = scene_config(scene);
    pid_t floods[FLOODS];
    struct client client;
    struct host host;

    scene_needs_clients(scene, FLOODS + 1);
    host_start(&host, &config, 0);
    for (int i = 0; i < FLOODS; i++) {
        client_open(&client, &host);
        floods[i] = fork();
        CHECK(floods[i] >= 0, "fork: %s", strerror(errno));
        if (floods[i] == 0)
            flood(&client);
        client_close(&client);
    }
    client_open(&client, &host);
    for (int i = 0; i < ECHOES; i++) {
        client_request(&client, OPERATION_ECHO, &i, sizeof i);
        client_expect_reply(&client, OPERATION_ECHO, &i, sizeof i);
    }
    client_close(&client);
    /* Stops while clients go on asking are played elsewhere. */
    for (int i = 0; i < FLOODS; i++) {
        kill(floods[i], SIGKILL);
        waitpid(floods[i], NULL, 0);
    }
    host_stop(&host, NULL);
}

const struct conformance_case cases_many[] = {
    {"two-hundred-clients", two_hundred_clients},
    {"a-flood-starves-nobody", a_flood_starves_nobody},
    {"a-reply-does-not-wait-for-the-work-of-others", a_reply_does_not_wait_for_the_work_of_others},
    {"clients-that-come-and-go", clients_that_come_and_go},
    {NULL, NULL},
};
