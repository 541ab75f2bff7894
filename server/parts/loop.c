/* SPDX-License-Identifier: MIT */
#include "server/parts/loop.h"

#include <stdlib.h>

void loop_init(struct loop *loop, struct server *server, struct counters *counters, int listen_fd,
               const struct loop_poller *poller)
{
    loop->server = server;
    loop->counters = counters;
    loop->listen_fd = listen_fd;
    loop->poller = poller;
    loop->stopping = false;
    loop->serve = NULL;
    clients_init(&loop->clients);
}

void loop_release(struct loop *loop)
{
    clients_release(&loop->clients);
}

/* --- clients ---------------------------------------------------------------------------------- */

void loop_close(struct loop *loop, struct loop_client *client)
{
    clients_remove(&loop->clients, &client->client);
    if (!client->is_unwatched)
        loop->poller->remove(loop, client);
    session_end(&client->client.session, client->client.fd);
    free(client);
}

void loop_take(struct loop *loop, int fd)
{
    struct loop_client *client = calloc(1, sizeof *client);

    if (client) {
        client->client.fd = fd;
        client->watched_for = SESSION_READ;
    }
    if (!client || loop->poller->add(loop, client) < 0) {
        free(client);
        server_refuse(loop->server, loop->counters, fd);
        return;
    }
    session_init(&client->client.session, loop->server, loop->counters,
                 (struct session_scratch){{loop->input, sizeof loop->input},
                                          {loop->output, sizeof loop->output}},
                 false);
    clients_add(&loop->clients, &client->client);
}

bool loop_accept(struct loop *loop)
{
    /* Those who were turned away were there, too. */
    uint64_t accepts_before = counters_get(loop->counters, COUNTER_ACCEPTS);

    /* The stop may have come at the same time. */
    for (int i = 0; i < ACCEPTS_PER_TURN && !loop->stopping; i++) {
        int fd = server_accept(loop->server, loop->listen_fd, loop->counters, false);

        if (fd < 0)
            break;
        loop_take(loop, fd);
    }
    return counters_get(loop->counters, COUNTER_ACCEPTS) > accepts_before;
}

/* The poller is told only when the need has changed: most clients only ever read. */
static int client_watch(struct loop *loop, struct loop_client *client, enum session_need need)
{
    if (client->is_unwatched) {
        int failed = loop->poller->add(loop, client);

        if (failed < 0)
            return failed;
        client->is_unwatched = false;
        client->watched_for = SESSION_READ;
    }
    if (client->watched_for == need)
        return 0;
    client->watched_for = need;
    return loop->poller->change(loop, client);
}

bool loop_go_on(struct loop *loop, struct loop_client *client, enum session_need need)
{
    if (need == SESSION_CLOSE || client_watch(loop, client, need) < 0) {
        loop_close(loop, client);
        return false;
    }
    if (loop->server->config->idle_timeout_ns > 0)
        clients_touch(&loop->clients, &client->client, clock_now_ns());
    return true;
}

/* Who is lent stays watched, because most say nothing more before they have their reply, and then
 * it costs nothing. Who does would be reported again and again, so it is watched no longer. */
bool loop_serve(struct loop *loop, struct loop_client *client)
{
    if (client->client.is_lent) {
        loop->poller->remove(loop, client);
        client->is_unwatched = true;
        return true;
    }
    if (loop->serve) {
        loop->serve(loop, client);
        return false;
    }
    return loop_go_on(loop, client, session_advance(&client->client.session, client->client.fd));
}

/* --- the loop --------------------------------------------------------------------------------- */

void loop_stop(struct loop *loop)
{
    loop->stopping = true;
    clients_hang_up(&loop->clients);
}

/* Waits at most until `deadline_ns` (0: for ever) and serves who is ready. */
static void loop_turn(struct loop *loop, uint64_t deadline_ns)
{
    int ready = loop->poller->wait(loop, clock_timeout_ms(deadline_ns));

    counters_add(loop->counters, COUNTER_WAKEUPS, 1);
    if (ready <= 0)
        counters_add(loop->counters, COUNTER_EMPTY_WAKEUPS, 1);
}

/* Closes who has been silent too long; returns when the next one will have been, 0 for never. */
static uint64_t loop_close_idle(struct loop *loop)
{
    struct client *silent;
    uint64_t next_ns;

    while ((silent = clients_find_silent(&loop->clients, loop->server->config->idle_timeout_ns,
                                         &next_ns)))
        loop_close(loop, (struct loop_client *)silent);
    return next_ns;
}

static void loop_drain(struct loop *loop)
{
    uint64_t deadline_ns = clock_now_ns() + DRAIN_TIME_NS;

    while (loop->clients.count > 0 && clock_now_ns() < deadline_ns)
        loop_turn(loop, deadline_ns);
    for (struct client *client = loop->clients.first, *next; client; client = next) {
        next = client->next;
        if (!client->is_lent)
            loop_close(loop, (struct loop_client *)client);
    }
}

void loop_run(struct loop *loop)
{
    while (!loop->stopping)
        loop_turn(loop, loop_close_idle(loop));
    loop_drain(loop);
}
