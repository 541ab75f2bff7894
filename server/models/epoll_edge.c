/* SPDX-License-Identifier: MIT */
/*
 * epoll-edge: one thread waits for everybody, in epoll_wait(2), edge-triggered.
 *
 * The kernel reports that something has *become* so, once: bytes have arrived, the socket has room
 * again. So a client is registered once, for everything, and the kernel is not called again when
 * the program turns from reading to writing and back. The price is that what was reported must be
 * used up: who stops reading before the socket is empty is never told of the rest. A client that
 * floods the server would be served for ever then; so its turn ends after --requests-per-turn, and
 * it goes on a list of those that have requests left over, who have another turn before the next
 * wait: a bounded drain.
 *
 * A waiting client costs what it does in `epoll`, and a place on that list; a newcomer is often
 * reported just because its socket has room, which is a wakeup for nothing. What it cannot do is
 * the same: use a second core, or serve anybody while one request blocks. nginx works this way.
 *
 * The listener is level-triggered: newcomers wait in a queue of the kernel's that nobody has to
 * empty in one go. Taking clients in, moving their sessions and draining at the stop is
 * parts/loop.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "server/model.h"
#include "server/parts/epoll_watch.h"
#include "server/parts/loop.h"
#include "server/server.h"

enum { EVENTS_PER_WAIT = 256, ROOM_FIRST = 64 };

struct edge_loop {
    struct loop loop; /* first */
    int epoll_fd;
    struct loop_client **left_over; /* [room]: those with requests left over */
    size_t left_over_count;
    size_t room; /* at least for every client, so that none is ever lost */
};

/* --- requests left over ----------------------------------------------------------------------- */

enum { NOT_LEFT_OVER = 0 }; /* a client's `place`, else its index in the list + 1 */

static void left_over_remove(struct edge_loop *loop, struct loop_client *client)
{
    struct loop_client *last = loop->left_over[--loop->left_over_count];

    loop->left_over[client->place - 1] = last;
    last->place = client->place;
    client->place = NOT_LEFT_OVER;
}

/* session_advance() asks for a writable socket when the socket is full, and an edge will come; and
 * when the turn is over and requests are left, and none will. Need WORK is the latter. */
static void left_over_note(struct edge_loop *loop, struct loop_client *client)
{
    bool is_left_over = session_need(&client->client.session) == SESSION_WORK;

    if (is_left_over && client->place == NOT_LEFT_OVER) {
        loop->left_over[loop->left_over_count++] = client;
        client->place = loop->left_over_count;
    } else if (!is_left_over && client->place != NOT_LEFT_OVER) {
        left_over_remove(loop, client);
    }
}

static int left_over_reserve(struct edge_loop *loop)
{
    size_t room = loop->room > 0 ? 2 * loop->room : ROOM_FIRST;
    struct loop_client **left_over;

    if (loop->loop.clients.count < loop->room)
        return 0;
    left_over = realloc(loop->left_over, room * sizeof(struct loop_client *));
    if (!left_over)
        return -ENOMEM;
    loop->left_over = left_over;
    loop->room = room;
    return 0;
}

/* --- the poller ------------------------------------------------------------------------------- */

static int edge_add(struct loop *base, struct loop_client *client)
{
    struct edge_loop *loop = (struct edge_loop *)base;
    int failed = left_over_reserve(loop);

    if (failed < 0)
        return failed;
    client->place = NOT_LEFT_OVER;
    return epoll_watch(loop->epoll_fd, EPOLL_CTL_ADD, client->client.fd,
                       EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, client);
}

/* The point of it: everything is watched for all the time. */
static int edge_change(struct loop *base, struct loop_client *client)
{
    (void)base;
    (void)client;
    return 0;
}

static void edge_remove(struct loop *base, struct loop_client *client)
{
    struct edge_loop *loop = (struct edge_loop *)base;

    if (client->place != NOT_LEFT_OVER)
        left_over_remove(loop, client);
    epoll_watch(loop->epoll_fd, EPOLL_CTL_DEL, client->client.fd, 0, NULL);
}

/* A session stops at a short read: the socket is empty then, and what comes later is another edge.
 * Except the client's end, if that has been reported before: it stands right behind what was read,
 * and has to be fetched. */
static void serve(struct edge_loop *loop, struct loop_client *client, bool may_have_ended)
{
    bool is_here = loop_serve(&loop->loop, client);

    if (is_here && may_have_ended && session_need(&client->client.session) == SESSION_READ)
        is_here = loop_serve(&loop->loop, client);
    if (is_here)
        left_over_note(loop, client);
}

/* An edge brings along whatever else is so: a new socket has room, one that is written to has
 * input. What the session does not wait for will still be there when it does, and who only talks
 * and does not listen is silent. */
static bool is_awaited(const struct loop_client *client, uint32_t events)
{
    switch (session_need(&client->client.session)) {
    case SESSION_READ:
        return events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    case SESSION_WRITE:
        return events & (EPOLLOUT | EPOLLHUP | EPOLLERR);
    default:
        return false; /* on the list, its turn comes anyway */
    }
}

static void stop(struct edge_loop *loop)
{
    epoll_watch(loop->epoll_fd, EPOLL_CTL_DEL, loop->loop.listen_fd, 0, NULL);
    epoll_watch(loop->epoll_fd, EPOLL_CTL_DEL, loop->loop.server->stop_fd, 0, NULL);
    loop_stop(&loop->loop);
}

/* False when nobody waited for it. */
static bool take_event(struct edge_loop *loop, const struct epoll_event *event)
{
    void *whom = event->data.ptr;

    if (whom == &loop->loop.server->stop_fd)
        stop(loop);
    else if (whom == &loop->loop.listen_fd)
        loop_accept(&loop->loop);
    else if (is_awaited(whom, event->events))
        serve(loop, whom, event->events & EPOLLRDHUP);
    else
        return false;
    return true;
}

/* Another turn for everybody on the list, where events were not listened to. Backwards: the place
 * of one who leaves it is taken by one who has had a turn already. */
static int serve_left_over(struct edge_loop *loop)
{
    int served = 0;

    for (size_t i = loop->left_over_count; i-- > 0; served++)
        serve(loop, loop->left_over[i], true);
    return served;
}

static int edge_wait_and_serve(struct loop *base, int timeout_ms)
{
    struct edge_loop *loop = (struct edge_loop *)base;
    struct epoll_event events[EVENTS_PER_WAIT];
    /* Before the wait: an event that is already fetched must not meet a client that is gone. */
    int served = serve_left_over(loop);
    int count = epoll_wait(loop->epoll_fd, events, EVENTS_PER_WAIT, served > 0 ? 0 : timeout_ms);

    for (int i = 0; i < count; i++)
        served += take_event(loop, &events[i]);
    return served;
}

static const struct loop_poller EDGE = {edge_add, edge_change, edge_remove, edge_wait_and_serve};

/* --- the run ---------------------------------------------------------------------------------- */

static int edge_init(struct edge_loop *loop, struct server *server)
{
    int failed;

    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd < 0)
        return -errno;
    loop_init(&loop->loop, server, counters_join(&server->counters, "loop"), server->listen_fd,
              &EDGE);
    failed = epoll_watch(loop->epoll_fd, EPOLL_CTL_ADD, server->stop_fd, EPOLLIN, &server->stop_fd);
    if (failed == 0)
        failed = epoll_watch(loop->epoll_fd, EPOLL_CTL_ADD, server->listen_fd, EPOLLIN,
                             &loop->loop.listen_fd);
    return failed;
}

static void edge_release(struct edge_loop *loop)
{
    if (loop->epoll_fd >= 0) {
        loop_release(&loop->loop);
        close(loop->epoll_fd);
    }
    free(loop->left_over);
}

static int epoll_edge_run(struct server *server)
{
    struct edge_loop *loop = calloc(1, sizeof *loop);
    int failed;

    if (!loop)
        return -ENOMEM;
    failed = edge_init(loop, server);
    if (failed == 0) {
        server_ready(server);
        loop_run(&loop->loop);
    }
    edge_release(loop);
    free(loop);
    return failed;
}

extern const struct server_model model_epoll_edge;
const struct server_model model_epoll_edge = {
    .name = "epoll-edge",
    .summary = "one loop in epoll_wait, edge-triggered",
    .tunings = TUNING_REQUESTS_PER_TURN,
    .run = epoll_edge_run,
};
