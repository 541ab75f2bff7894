/* SPDX-License-Identifier: MIT */
#include "server/parts/clients.h"

#include <poll.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "server/server.h"

void clients_init(struct clients *clients)
{
    pthread_condattr_t monotonic;

    pthread_mutex_init(&clients->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&clients->emptied, &monotonic);
    pthread_condattr_destroy(&monotonic);
    clients->first = clients->last = NULL;
    clients->count = 0;
    atomic_init(&clients->draining, false);
}

void clients_release(struct clients *clients)
{
    pthread_cond_destroy(&clients->emptied);
    pthread_mutex_destroy(&clients->mutex);
}

static void clients_link_last(struct clients *clients, struct client *client)
{
    client->previous = clients->last;
    client->next = NULL;
    if (clients->last)
        clients->last->next = client;
    else
        clients->first = client;
    clients->last = client;
}

static void clients_unlink(struct clients *clients, struct client *client)
{
    if (client->previous)
        client->previous->next = client->next;
    else
        clients->first = client->next;
    if (client->next)
        client->next->previous = client->previous;
    else
        clients->last = client->previous;
}

void clients_add(struct clients *clients, struct client *client)
{
    pthread_mutex_lock(&clients->mutex);
    client->active_ns = clock_now_ns();
    clients_link_last(clients, client);
    clients->count++;
    if (atomic_load_explicit(&clients->draining, memory_order_relaxed))
        shutdown(client->fd, SHUT_RDWR);
    pthread_mutex_unlock(&clients->mutex);
}

void clients_remove(struct clients *clients, struct client *client)
{
    pthread_mutex_lock(&clients->mutex);
    clients_unlink(clients, client);
    if (--clients->count == 0)
        pthread_cond_broadcast(&clients->emptied);
    pthread_mutex_unlock(&clients->mutex);
}

void clients_touch(struct clients *clients, struct client *client, uint64_t now_ns)
{
    pthread_mutex_lock(&clients->mutex);
    client->active_ns = now_ns;
    clients_unlink(clients, client);
    clients_link_last(clients, client);
    pthread_mutex_unlock(&clients->mutex);
}

void clients_converse(struct clients *clients, struct client *client)
{
    while (session_advance(&client->session, client->fd) != SESSION_CLOSE) {
        counters_add(client->session.counters, COUNTER_WAKEUPS, 1);
        if (atomic_load_explicit(&clients->draining, memory_order_relaxed))
            shutdown(client->fd, SHUT_RD);
    }
}

void clients_serve(struct clients *clients, struct server *server, struct counters *counters,
                   struct session_scratch scratch, int fd)
{
    struct client client = {.fd = fd};

    session_init(&client.session, server, counters, scratch, true);
    clients_add(clients, &client);
    clients_converse(clients, &client);
    clients_remove(clients, &client);
    session_end(&client.session, fd);
}

bool client_is_ready(const struct client *client)
{
    bool reads = session_need(&client->session) == SESSION_READ;
    struct pollfd awaited = {.fd = client->fd, .events = reads ? POLLIN : POLLOUT};

    return poll(&awaited, 1, 0) > 0;
}

struct client *clients_find_silent(struct clients *clients, uint64_t timeout_ns, uint64_t *next_ns)
{
    *next_ns = 0;
    if (timeout_ns == 0)
        return NULL;
    for (uint64_t now_ns = clock_now_ns(); clients->first;) {
        struct client *oldest = clients->first;

        if (oldest->active_ns + timeout_ns > now_ns) {
            *next_ns = oldest->active_ns + timeout_ns;
            return NULL;
        }
        /* Who waits for another thread is not silent. */
        if (!oldest->is_lent && !client_is_ready(oldest))
            return oldest;
        clients_touch(clients, oldest, now_ns);
    }
    return NULL;
}

static void clients_shutdown(struct clients *clients, int how)
{
    for (struct client *client = clients->first; client; client = client->next)
        shutdown(client->fd, how);
}

void clients_hang_up(struct clients *clients)
{
    pthread_mutex_lock(&clients->mutex);
    clients_shutdown(clients, SHUT_RD);
    pthread_mutex_unlock(&clients->mutex);
}

void clients_drain(struct clients *clients)
{
    struct timespec deadline = timespec_from_ns(clock_now_ns() + DRAIN_TIME_NS);
    int timed_out = 0;

    /* First of all: it is all that busy threads need, and may be all there is time for. */
    atomic_store_explicit(&clients->draining, true, memory_order_relaxed);
    pthread_mutex_lock(&clients->mutex);
    clients_shutdown(clients, SHUT_RD);
    while (clients->count > 0 && !timed_out)
        timed_out = pthread_cond_timedwait(&clients->emptied, &clients->mutex, &deadline);
    clients_shutdown(clients, SHUT_RDWR);
    while (clients->count > 0)
        pthread_cond_wait(&clients->emptied, &clients->mutex);
    pthread_mutex_unlock(&clients->mutex);
}
