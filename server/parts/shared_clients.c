/* SPDX-License-Identifier: MIT */
#include "server/parts/shared_clients.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/accept.h"
#include "server/parts/epoll_watch.h"
#include "server/stop.h"

/* Looks at the silent in an idle timeout: who is closed is at most an eighth late, or a
 * millisecond, which is as exact as the other models' epoll_wait(2). */
enum { SWEEPS_PER_TIMEOUT = 8 };
#define SWEEP_PAUSE_MIN_NS NS_PER_MS
#define FOREVER_NS         (UINT64_MAX / 2)

struct shared_client {
    struct client client; /* first: the list hands back this */
    /* Held from the event until it is armed again. There is one owner anyway; but the kernel's word
     * for it means nothing in C, where only a mutex passes memory on, and the supervisor has to see
     * who is being served. */
    pthread_mutex_t serving;
};

int shared_clients_init(struct shared_clients *shared, struct server *server)
{
    int failed;

    *shared = (struct shared_clients){.server = server};
    shared->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (shared->epoll_fd < 0)
        return -errno;
    clients_init(&shared->clients);
    pthread_mutex_init(&shared->accepting, NULL);
    /* Reported at the very end only, when nothing may fail any more: hence its place now. */
    failed = epoll_watch(shared->epoll_fd, EPOLL_CTL_ADD, server->stop_fd, 0, &server->stop_fd);
    if (failed == 0)
        failed = epoll_watch(shared->epoll_fd, EPOLL_CTL_ADD, server->listen_fd,
                             EPOLLIN | EPOLLONESHOT, &server->listen_fd);
    if (failed < 0)
        shared_clients_release(shared);
    return failed;
}

void shared_clients_release(struct shared_clients *shared)
{
    pthread_mutex_destroy(&shared->accepting);
    clients_release(&shared->clients);
    close(shared->epoll_fd);
}

void *shared_clients_wait(struct shared_clients *shared, struct counters *counters)
{
    struct epoll_event event;

    for (;;) {
        int count = epoll_wait(shared->epoll_fd, &event, 1, -1);

        counters_add(counters, COUNTER_WAKEUPS, 1);
        if (count > 0)
            return event.data.ptr == &shared->server->stop_fd ? NULL : event.data.ptr;
        counters_add(counters, COUNTER_EMPTY_WAKEUPS, 1);
    }
}

/* --- taking in -------------------------------------------------------------------------------- */

static void client_free(struct shared_client *client)
{
    pthread_mutex_destroy(&client->serving);
    free(client);
}

static void take_in(struct shared_clients *shared, struct counters *counters,
                    struct session_scratch scratch, int fd)
{
    struct shared_client *client = calloc(1, sizeof *client);

    if (!client) {
        server_refuse(shared->server, counters, fd);
        return;
    }
    client->client.fd = fd;
    pthread_mutex_init(&client->serving, NULL);
    session_init(&client->client.session, shared->server, counters, scratch, false);
    clients_add(&shared->clients, &client->client);
    pthread_mutex_lock(&client->serving);
    int failed = epoll_watch(shared->epoll_fd, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLONESHOT, client);

    pthread_mutex_unlock(&client->serving);
    /* Where that went well it is somebody else's, and maybe gone already. */
    if (failed < 0) {
        clients_remove(&shared->clients, &client->client);
        client_free(client);
        server_refuse(shared->server, counters, fd);
    }
}

static void accept_clients(struct shared_clients *shared, struct counters *counters,
                           struct session_scratch scratch)
{
    struct server *server = shared->server;

    pthread_mutex_lock(&shared->accepting);
    for (int i = 0; i < ACCEPTS_PER_TURN && !shared->closed; i++) {
        int fd = server_accept(server, server->listen_fd, counters, false);

        if (fd < 0)
            break;
        take_in(shared, counters, scratch, fd);
    }
    if (!shared->closed)
        epoll_watch(shared->epoll_fd, EPOLL_CTL_MOD, server->listen_fd, EPOLLIN | EPOLLONESHOT,
                    &server->listen_fd);
    pthread_mutex_unlock(&shared->accepting);
}

/* --- serving ---------------------------------------------------------------------------------- */

static void client_end(struct shared_clients *shared, struct shared_client *client)
{
    clients_remove(&shared->clients, &client->client);
    epoll_watch(shared->epoll_fd, EPOLL_CTL_DEL, client->client.fd, 0, NULL);
    session_end(&client->client.session, client->client.fd);
    client_free(client);
}

/* Armed again, so that the next event is somebody's; 0 or -errno. */
static int client_arm(struct shared_clients *shared, struct shared_client *client,
                      enum session_need need)
{
    uint32_t events = (need == SESSION_WRITE ? EPOLLOUT : EPOLLIN) | EPOLLONESHOT;

    return epoll_watch(shared->epoll_fd, EPOLL_CTL_MOD, client->client.fd, events, client);
}

static void serve_client(struct shared_clients *shared, struct shared_client *client,
                         struct counters *counters, struct session_scratch scratch)
{
    struct session *session = &client->client.session;

    pthread_mutex_lock(&client->serving);
    session_hand_over(session, counters, scratch);
    enum session_need need = session_advance(session, client->client.fd);

    if (shared->server->config->idle_timeout_ns > 0)
        client->client.active_ns = clock_now_ns();
    bool ends = need == SESSION_CLOSE || client_arm(shared, client, need) < 0;

    /* Armed, it is the next owner's from here on, who may even free it. */
    pthread_mutex_unlock(&client->serving);
    if (ends)
        client_end(shared, client);
}

void shared_clients_serve(struct shared_clients *shared, void *ready, struct counters *counters,
                          struct session_scratch scratch)
{
    if (ready == &shared->server->listen_fd)
        accept_clients(shared, counters, scratch);
    else
        serve_client(shared, ready, counters, scratch);
}

/* --- supervision ------------------------------------------------------------------------------ */

/* Shuts the socket of a client down that has been silent too long. Who is being served is not
 * silent, nor who would be if a thread were free. */
static void cut_off_if_silent(struct shared_client *client, uint64_t timeout_ns, uint64_t now_ns)
{
    if (pthread_mutex_trylock(&client->serving) != 0)
        return;
    if (client->client.active_ns + timeout_ns <= now_ns) {
        if (client_is_ready(&client->client))
            client->client.active_ns = now_ns;
        else
            shutdown(client->client.fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&client->serving);
}

/* Who ends a client removes it from the list first: as long as the list is held, nobody in it is
 * freed. */
static void cut_off_the_silent(struct shared_clients *shared)
{
    uint64_t timeout_ns = shared->server->config->idle_timeout_ns, now_ns = clock_now_ns();

    pthread_mutex_lock(&shared->clients.mutex);
    for (struct client *client = shared->clients.first; client; client = client->next)
        cut_off_if_silent((struct shared_client *)client, timeout_ns, now_ns);
    pthread_mutex_unlock(&shared->clients.mutex);
}

static void drain(struct shared_clients *shared)
{
    /* Whoever is just taking clients in finishes; so the list grows no more. */
    pthread_mutex_lock(&shared->accepting);
    shared->closed = true;
    pthread_mutex_unlock(&shared->accepting);
    clients_drain(&shared->clients);
}

void shared_clients_supervise(struct shared_clients *shared)
{
    struct server *server = shared->server;
    uint64_t timeout_ns = server->config->idle_timeout_ns;
    uint64_t pause_ns = timeout_ns > 0 ? timeout_ns / SWEEPS_PER_TIMEOUT : FOREVER_NS;

    if (pause_ns < SWEEP_PAUSE_MIN_NS)
        pause_ns = SWEEP_PAUSE_MIN_NS;
    while (!stop_wait(server->stop_fd, pause_ns)) {
        if (timeout_ns > 0)
            cut_off_the_silent(shared);
    }
    drain(shared);
    /* Level-triggered, and readable for good: every thread sees it. */
    epoll_watch(shared->epoll_fd, EPOLL_CTL_MOD, server->stop_fd, EPOLLIN, &server->stop_fd);
}
