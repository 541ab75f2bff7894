/* SPDX-License-Identifier: MIT */
/* The idle timeout closes who is silent, and only them. */
#include <poll.h>

#include "protocol/payload.h"
#include "tests/conformance/check.h"
#include "tests/conformance/client.h"
#include "tests/conformance/scene.h"

enum { TIMEOUT_MS = 800, PAUSE_MS = 100 };

static void expect_echo(struct client *client)
{
    client_request(client, OPERATION_ECHO, "hola", 4);
    client_expect_reply(client, OPERATION_ECHO, "hola", 4);
}

/* Silent from the start, silent after the greeting, silent in the middle of a message. */
enum { SILENT = 3 };

static void connect_silent(struct client *silent, const struct host *host, int kind)
{
    if (kind == 0)
        client_connect(silent, host);
    else
        client_open(silent, host);
    if (kind == 2) {
        expect_echo(silent);
        client_say(silent, "\1", 1);
    }
}

/* The same for a model that serves one client at a time. */
static void the_silent_are_closed_in_turn(const struct scene *scene)
{
    struct server_config config = scene_config(scene);
    struct host host;

    config.idle_timeout_ns = TIMEOUT_MS * NS_PER_MS;
    host_start(&host, &config, 0);
    for (int i = 0; i < SILENT; i++) {
        uint64_t start_ns = clock_now_ns();
        struct client silent;

        connect_silent(&silent, &host, i);
        client_expect_end(&silent);
        CHECK(clock_now_ns() - start_ns >= TIMEOUT_MS * NS_PER_MS, "closed too early");
        client_close(&silent);
    }
    host_stop(&host, NULL);
}

/* Asks, is answered and notes when it asked. False when we had been silent too long by then, on a
 * machine that did not let us speak: then we may have been closed, and rightly so. */
static bool keeps_talking(struct client *busy, uint64_t *asked_ns)
{
    const uint64_t timeout_ns = TIMEOUT_MS * NS_PER_MS;
    uint64_t now_ns = clock_now_ns();

    if (now_ns - *asked_ns >= timeout_ns)
        return false;
    client_request(busy, OPERATION_ECHO, "hola", 4);
    if (clock_now_ns() - *asked_ns >= timeout_ns)
        return false;
    client_expect_reply(busy, OPERATION_ECHO, "hola", 4);
    *asked_ns = now_ns;
    return true;
}

/* Waits a little, and takes leave of those of the silent who have been closed: how many. */
static int hear_who_is_closed(struct client *silent, struct pollfd *fds, uint64_t start_ns)
{
    int closed = 0;

    poll(fds, SILENT, PAUSE_MS);
    for (int i = 0; i < SILENT; i++) {
        if (fds[i].fd < 0 || !fds[i].revents)
            continue;
        client_expect_end(&silent[i]);
        CHECK(clock_now_ns() - start_ns >= TIMEOUT_MS * NS_PER_MS, "closed too early");
        client_close(&silent[i]);
        fds[i].fd = -1;
        closed++;
    }
    return closed;
}

/* Talks among the silent until these are closed. False when we did not get to speak in time. */
static bool outlives_the_silent(const struct host *host)
{
    struct client silent[SILENT], busy;
    struct pollfd silent_fds[SILENT];
    uint64_t start_ns = clock_now_ns(), asked_ns = start_ns;
    uint64_t deadline_ns = start_ns + WAIT_MS * NS_PER_MS;
    bool talks = true;
    int closed = 0;

    client_open(&busy, host);
    for (int i = 0; i < SILENT; i++) {
        connect_silent(&silent[i], host, i);
        silent_fds[i] = (struct pollfd){.fd = silent[i].fd, .events = POLLIN};
    }
    while (closed < SILENT && talks) {
        talks = keeps_talking(&busy, &asked_ns);
        CHECK(clock_now_ns() < deadline_ns, "%d silent clients were closed", closed);
        closed += hear_who_is_closed(silent, silent_fds, start_ns);
    }
    talks = talks && keeps_talking(&busy, &asked_ns);
    client_close(&busy);
    for (int i = 0; i < SILENT; i++) {
        if (silent_fds[i].fd >= 0)
            client_close(&silent[i]);
    }
    return talks;
}

static void only_the_silent_are_closed(const struct scene *scene)
{
    enum { TRIES = 5 };
    struct server_config config = scene_config(scene);
    struct host host;
    bool outlived = false;

    if (scene->model->capacity == CAPACITY_ONE) {
        the_silent_are_closed_in_turn(scene);
        return;
    }
    config.idle_timeout_ns = TIMEOUT_MS * NS_PER_MS;
    host_start(&host, &config, 0);
    for (int i = 0; i < TRIES && !outlived; i++)
        outlived = outlives_the_silent(&host);
    CHECK(outlived, "this machine let us be silent for %d ms, %d times", TIMEOUT_MS, TRIES);
    host_stop(&host, NULL);
}

/* While a request blocks, those who have asked meanwhile are not silent, even if nobody was able to
 * listen to them. */
static void who_waits_for_a_blocked_server_is_not_silent(const struct scene *scene)
{
    struct server_config config = scene_config(scene);
    const struct work work = {0, 2 * TIMEOUT_MS * 1000, 8};
    uint8_t payload[WORK_FIXED_SIZE];
    struct client blocking, waiting;
    struct message reply;
    struct host host;

    scene_needs_clients(scene, 2);
    config.idle_timeout_ns = TIMEOUT_MS * NS_PER_MS;
    host_start(&host, &config, 0);
    client_open(&blocking, &host);
    client_open(&waiting, &host);
    CHECK(work_encode(&work, (struct space){payload, sizeof payload}) > 0, "work");
    client_request(&blocking, OPERATION_WORK, payload, sizeof payload);
    poll(NULL, 0, PAUSE_MS); /* if it comes too early the case is easier, not wrong */
    expect_echo(&waiting);
    client_expect_any_reply(&blocking, &reply);
    CHECK(reply.operation == OPERATION_WORK, "operation %u", reply.operation);
    client_close(&blocking);
    client_close(&waiting);
    host_stop(&host, NULL);
}

/* A reader that never reads is silent too, and is cut off with its replies unsent. There is one
 * place only, and somebody else gets it. */
static void a_reader_that_never_reads_is_closed(const struct scene *scene)
{
    enum { REPLIES = 40 };
    static const uint8_t REQUEST[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0}; /* half a MiB */
    struct server_config config = scene_config(scene);
    uint64_t totals[COUNTERS_COUNT];
    struct client client;
    struct host host;

    config.idle_timeout_ns = TIMEOUT_MS * NS_PER_MS;
    config.connections_max = 1;
    host_start(&host, &config, 0);
    client_connect_narrow(&client, &host);
    client_greet(&client);
    for (int i = 0; i < REPLIES; i++)
        client_request(&client, OPERATION_WORK, REQUEST, sizeof REQUEST);
    host_expect_alive(&host);
    client_close(&client);
    host_stop(&host, totals);
    CHECK(totals[COUNTER_REQUESTS] < REPLIES, "all were answered");
}

const struct conformance_case cases_idle[] = {
    {"only-the-silent-are-closed", only_the_silent_are_closed},
    {"who-waits-for-a-blocked-server-is-not-silent", who_waits_for_a_blocked_server_is_not_silent},
    {"a-reader-that-never-reads-is-closed", a_reader_that_never_reads_is_closed},
    {NULL, NULL},
};
