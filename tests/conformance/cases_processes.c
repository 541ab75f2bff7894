/* SPDX-License-Identifier: MIT */
/* Worker processes: each may die at any time, for any reason, and takes nobody with it but the
 * clients it serves; and none outlives its parent. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "tests/conformance/check.h"
#include "tests/conformance/client.h"
#include "tests/conformance/scene.h"

enum { WORKERS = 3 };

/* A server with so many workers, or one for each client. */
static struct server_config config_of(const struct scene *scene, unsigned workers)
{
    struct server_config config = scene_config(scene);

    scene_needs_processes(scene);
    config.workers = workers;
    return config;
}

/* Those that die are replaced; the others' processes come and go with their clients. */
static bool keeps_workers(const struct scene *scene)
{
    return scene->model->tunings & TUNING_WORKERS;
}

static bool is_among(pid_t pid, const pid_t *pids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (pids[i] == pid)
            return true;
    }
    return false;
}

/* Waits until there are `expected` workers and none of the `gone` is one of them. */
static void await_workers(const struct host *host, size_t expected, const pid_t *gone,
                          size_t gone_count)
{
    uint64_t deadline_ns = clock_now_ns() + WAIT_MS * NS_PER_MS;
    size_t count, old;

    do {
        pid_t workers[WORKERS];

        count = host_workers(host, workers, WORKERS);
        old = 0;
        for (size_t i = 0; i < count && i < WORKERS; i++)
            old += is_among(workers[i], gone, gone_count);
        CHECK(clock_now_ns() < deadline_ns, "%zu workers instead of %zu, %zu of them dead", count,
              expected, old);
        poll(NULL, 0, 5);
    } while (count != expected || old > 0);
}

static void get_workers(const struct host *host, pid_t *workers, size_t count)
{
    await_workers(host, count, NULL, 0);
    CHECK(host_workers(host, workers, count) == count, "a worker has ended by itself");
}

static void signal_worker(pid_t worker, int signal)
{
    CHECK(kill(worker, signal) == 0, "kill: %s", strerror(errno));
}

static void expect_echo(struct client *client)
{
    client_request(client, OPERATION_ECHO, "hola", 4);
    client_expect_reply(client, OPERATION_ECHO, "hola", 4);
}

/* Its connection was not closed. */
static bool is_inside(const struct client *client)
{
    struct pollfd end = {.fd = client->fd, .events = POLLIN};

    return poll(&end, 1, 0) == 0;
}

static void only_the_clients_of_a_killed_worker_are_lost(const struct scene *scene)
{
    struct server_config config = config_of(scene, WORKERS);
    bool one_client_each = !keeps_workers(scene) || scene->model->capacity == CAPACITY_WORKERS;
    uint64_t totals[COUNTERS_COUNT];
    struct client clients[WORKERS];
    pid_t workers[WORKERS];
    struct host host;
    int lost = 0;

    /* So those who take the places of the lost get in only if these places are free again. */
    config.connections_max = WORKERS;
    host_start(&host, &config, 0);
    for (int i = 0; i < WORKERS; i++)
        client_open(&clients[i], &host);
    get_workers(&host, workers, WORKERS);
    signal_worker(workers[1], SIGKILL);
    await_workers(&host, keeps_workers(scene) ? WORKERS : WORKERS - 1, &workers[1], 1);
    for (int i = 0; i < WORKERS; i++) {
        if (is_inside(&clients[i]))
            continue;
        lost++;
        client_close(&clients[i]);
        client_open_eventually(&clients[i], &host);
    }
    CHECK(!one_client_each || lost == 1, "%d clients were lost", lost);
    for (int i = 0; i < WORKERS; i++) {
        expect_echo(&clients[i]);
        client_close(&clients[i]);
    }
    host_stop(&host, totals);
    CHECK(totals[COUNTER_WORKERS_LOST] == 1, "%ju workers lost",
          (uintmax_t)totals[COUNTER_WORKERS_LOST]);
}

/* All at once, whatever they are at: one may hold what the others wait for. Again and again: they
 * are young when they die. */
static void killed_workers_are_replaced(const struct scene *scene)
{
    enum { ROUNDS = 4, IN_ALL = ROUNDS * WORKERS };
    struct server_config config = config_of(scene, WORKERS);
    uint64_t totals[COUNTERS_COUNT];
    struct host host;

    if (!keeps_workers(scene))
        check_skip("this model has a process for each client only");
    host_start(&host, &config, 0);
    for (int round = 0; round < ROUNDS; round++) {
        pid_t workers[WORKERS];
        struct client inside;

        client_open_eventually(&inside, &host);
        get_workers(&host, workers, WORKERS);
        for (int i = 0; i < WORKERS; i++)
            signal_worker(workers[i], SIGKILL);
        client_expect_gone(&inside);
        client_close(&inside);
        await_workers(&host, WORKERS, workers, WORKERS);
        host_expect_alive(&host);
    }
    host_stop(&host, totals);
    CHECK(totals[COUNTER_WORKERS_LOST] == IN_ALL, "%ju workers lost",
          (uintmax_t)totals[COUNTER_WORKERS_LOST]);
}

/* A client is given to a worker, or waits for it, when that dies without having looked. */
static void who_was_on_the_way_to_a_dead_worker_is_served(const struct scene *scene)
{
    struct server_config config = config_of(scene, 1);
    struct host host;
    int served = 0;

    if (!keeps_workers(scene))
        check_skip("this model's processes begin with their client");
    host_start(&host, &config, 0);
    /* On a machine that is busy it may take longer than the server's patience: so more tries. */
    for (int i = 0; i < 20 && served == 0; i++) {
        struct client client;
        pid_t worker;

        host_expect_alive(&host);
        get_workers(&host, &worker, 1);
        signal_worker(worker, SIGSTOP);
        client_connect(&client, &host);
        client_greet(&client);
        poll(NULL, 0, 20); /* if it comes too early the case is easier, not wrong */
        signal_worker(worker, SIGKILL);
        served += client_is_welcomed(&client);
        client_close(&client);
    }
    CHECK(served == 1, "nobody was served");
    host_stop(&host, NULL);
}

static void stop_with_a_worker_that_does_not_obey(const struct scene *scene)
{
    struct server_config config = config_of(scene, 1);
    uint64_t totals[COUNTERS_COUNT];
    struct client client;
    struct host host;
    pid_t worker;

    host_start(&host, &config, 0);
    client_open(&client, &host);
    get_workers(&host, &worker, 1);
    signal_worker(worker, SIGSTOP);
    host_stop(&host, totals);
    CHECK(totals[COUNTER_WORKERS_LOST] == 1, "%ju workers lost",
          (uintmax_t)totals[COUNTER_WORKERS_LOST]);
    client_expect_gone(&client);
    client_close(&client);
}

static void no_worker_outlives_its_parent(const struct scene *scene)
{
    struct server_config config = config_of(scene, WORKERS);
    uint64_t deadline_ns = clock_now_ns() + WAIT_MS * NS_PER_MS;
    struct client clients[WORKERS];
    pid_t workers[WORKERS];
    struct host host;

    /* They become our children when they have no parent any more. */
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0, "prctl: %s", strerror(errno));
    host_start(&host, &config, 0);
    for (int i = 0; i < WORKERS; i++)
        client_open(&clients[i], &host);
    get_workers(&host, workers, WORKERS);
    signal_worker(host.pid, SIGKILL);
    CHECK(waitpid(host.pid, NULL, 0) == host.pid, "waitpid: %s", strerror(errno));
    for (int i = 0; i < WORKERS; i++) {
        client_expect_gone(&clients[i]);
        client_close(&clients[i]);
        while (waitpid(workers[i], NULL, WNOHANG) == 0) {
            CHECK(clock_now_ns() < deadline_ns, "a worker goes on without its parent");
            poll(NULL, 0, 5);
        }
    }
}

const struct conformance_case cases_processes[] = {
    {"only-the-clients-of-a-killed-worker-are-lost", only_the_clients_of_a_killed_worker_are_lost},
    {"killed-workers-are-replaced", killed_workers_are_replaced},
    {"who-was-on-the-way-to-a-dead-worker-is-served",
     who_was_on_the_way_to_a_dead_worker_is_served},
    {"stop-with-a-worker-that-does-not-obey", stop_with_a_worker_that_does_not_obey},
    {"no-worker-outlives-its-parent", no_worker_outlives_its_parent},
    {NULL, NULL},
};
