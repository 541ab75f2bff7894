/* SPDX-License-Identifier: MIT */
#include "server/parts/lending_loop.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

void lending_loop_take_back(struct lending_loop *lending, struct loop_client *client)
{
    struct loop *loop = &lending->epoll.loop;

    client->client.is_lent = false;
    session_hand_over(&client->client.session, loop->counters,
                      (struct session_scratch){{loop->input, sizeof loop->input},
                                               {loop->output, sizeof loop->output}});
}

static void take_all_back(struct epoll_loop *epoll)
{
    struct lending_loop *loop = (struct lending_loop *)epoll;
    struct loop_client *next;
    eventfd_t ignored;

    /* First, so that whoever comes back after the list was taken wakes the loop again. */
    eventfd_read(loop->wake_fd, &ignored);
    pthread_mutex_lock(&loop->mutex);
    struct loop_client *client = loop->returned_first;

    loop->returned_first = loop->returned_last = NULL;
    pthread_mutex_unlock(&loop->mutex);
    for (; client; client = next) {
        next = client->next_lent;
        lending_loop_take_back(loop, client);
        loop->on_return(loop, client);
    }
}

void lending_loop_return(struct lending_loop *loop, struct loop_client *client)
{
    session_keep(&client->client.session);
    counters_add(client->client.session.counters, COUNTER_HANDOFFS, 1);
    client->next_lent = NULL;
    pthread_mutex_lock(&loop->mutex);
    bool was_empty = !loop->returned_first;

    if (was_empty)
        loop->returned_first = client;
    else
        loop->returned_last->next_lent = client;
    loop->returned_last = client;
    pthread_mutex_unlock(&loop->mutex);
    if (was_empty)
        eventfd_write(loop->wake_fd, 1);
}

int lending_loop_init(struct lending_loop *loop, struct server *server,
                      void (*on_return)(struct lending_loop *loop, struct loop_client *client))
{
    int failed = epoll_loop_init(&loop->epoll, server, counters_join(&server->counters, "loop"),
                                 server->listen_fd, 0);

    if (failed < 0)
        return failed;
    loop->on_return = on_return;
    loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (loop->wake_fd < 0) {
        failed = -errno;
        goto undo_loop;
    }
    failed = epoll_loop_watch_other(&loop->epoll, loop->wake_fd, take_all_back, NULL);
    if (failed < 0)
        goto undo_wake;
    pthread_mutex_init(&loop->mutex, NULL);
    return 0;

undo_wake:
    close(loop->wake_fd);
undo_loop:
    epoll_loop_release(&loop->epoll);
    return failed;
}

void lending_loop_release(struct lending_loop *loop)
{
    struct clients *clients = &loop->epoll.loop.clients;

    while (clients->first) {
        struct loop_client *client = (struct loop_client *)clients->first;

        lending_loop_take_back(loop, client);
        loop_close(&loop->epoll.loop, client);
    }
    pthread_mutex_destroy(&loop->mutex);
    close(loop->wake_fd);
    epoll_loop_release(&loop->epoll);
}
