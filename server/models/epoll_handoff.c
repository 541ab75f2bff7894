/* SPDX-License-Identifier: MIT */
/*
 * epoll-handoff: one thread waits for new clients and deals them out in turn; N threads wait in
 * epoll_wait(2) for those they were dealt.
 *
 * Each of the N is the loop of the model epoll, without a listener: instead it watches a mailbox,
 * into which the acceptor puts connections. A client costs what it costs there, and once a
 * hand-over: a lock, and a wakeup unless the loop is awake anyway. In return the counts are as even
 * as counts can be, for clients that stay; no loop is interrupted by a flood of newcomers, and
 * whoever knows better than taking turns can put it here, in one place.
 *
 * What it cannot do: take in more than one thread can accept, so under churn the acceptor is the
 * bottleneck and every connection is touched by two cores. And even counts are not even work: who
 * is dealt to a loop that is blocked waits there, in a mailbox instead of a listen queue. Beyond
 * MAILBOX_CAPACITY of those, the loop is given nobody, and clients are refused.
 *
 * memcached and Netty (boss and workers) work this way.
 */
#include <errno.h>
#include <stdlib.h>

#include "server/accept.h"
#include "server/model.h"
#include "server/parts/epoll_loops.h"
#include "server/parts/mailbox.h"
#include "server/server.h"

/* As many as a listen queue usually holds: a mailbox is the piece of it that belongs to one loop.
 * Less would refuse clients of a burst that idle loops were about to serve. */
enum { MAILBOX_CAPACITY = 4096 };

struct dealer {
    struct server *server;
    struct counters *counters; /* of the acceptor */
    struct epoll_loops loops;
    struct mailbox *mailboxes; /* [loops.count]: one a loop */
    unsigned next;             /* who is dealt the next client */
};

/* A loop's mailbox has something inside. */
static void loop_take_dealt(struct epoll_loop *loop)
{
    const int *fds;

    for (size_t count = mailbox_take(loop->owner, &fds); count > 0; count--, fds++) {
        if (loop->loop.stopping)
            server_refuse(loop->loop.server, loop->loop.counters, *fds);
        else
            loop_take(&loop->loop, *fds);
    }
}

static int dealer_add_loop(struct dealer *dealer)
{
    unsigned index = dealer->loops.count;
    struct mailbox *mailbox = &dealer->mailboxes[index];
    int failed = mailbox_init(mailbox, MAILBOX_CAPACITY);

    if (failed < 0)
        return failed;
    failed = epoll_loops_add(&dealer->loops, -1, 0);
    if (failed < 0) {
        mailbox_release(mailbox);
        return failed;
    }
    return epoll_loop_watch_other(dealer->loops.all[index], mailbox->wake_fd, loop_take_dealt,
                                  mailbox);
}

static int dealer_init(struct dealer *dealer, struct server *server)
{
    unsigned workers = server_workers(server);
    int failed;

    *dealer =
        (struct dealer){.server = server, .counters = counters_join(&server->counters, "acceptor")};
    failed = epoll_loops_init(&dealer->loops, server);
    dealer->mailboxes = calloc(workers, sizeof *dealer->mailboxes);
    if (!dealer->mailboxes)
        failed = -ENOMEM;
    while (failed == 0 && dealer->loops.count < workers)
        failed = dealer_add_loop(dealer);
    return failed;
}

/* Whoever was put into a mailbox after its loop had ended is still inside. */
static void dealer_release(struct dealer *dealer)
{
    for (unsigned i = 0; i < dealer->loops.count; i++) {
        const int *fds;

        for (size_t count = mailbox_take(&dealer->mailboxes[i], &fds); count > 0; count--)
            server_refuse(dealer->server, dealer->counters, *fds++);
        mailbox_release(&dealer->mailboxes[i]);
    }
    free(dealer->mailboxes);
    epoll_loops_release(&dealer->loops);
}

static void deal(struct dealer *dealer, int fd)
{
    size_t waiting = mailbox_put(&dealer->mailboxes[dealer->next], fd);

    dealer->next = (dealer->next + 1) % dealer->loops.count;
    if (waiting > 0) {
        counters_add(dealer->counters, COUNTER_HANDOFFS, 1);
        counters_raise(dealer->counters, COUNTER_QUEUE_MAX, waiting);
    } else {
        server_refuse(dealer->server, dealer->counters, fd);
    }
}

static void dealer_accept(struct dealer *dealer)
{
    struct server *server = dealer->server;

    while (server_wait(server, dealer->counters, 0)) {
        for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
            int fd = server_accept(server, server->listen_fd, dealer->counters, false);

            if (fd < 0)
                break;
            deal(dealer, fd);
        }
    }
}

static int epoll_handoff_run(struct server *server)
{
    struct dealer dealer;
    int failed = dealer_init(&dealer, server);

    if (failed == 0)
        failed = epoll_loops_start(&dealer.loops);
    if (failed == 0) {
        server_ready(server);
        dealer_accept(&dealer);
    }
    epoll_loops_join(&dealer.loops);
    dealer_release(&dealer);
    return failed;
}

extern const struct server_model model_epoll_handoff;
const struct server_model model_epoll_handoff = {
    .name = "epoll-handoff",
    .summary = "an acceptor deals clients in turn to N loops",
    .tunings = TUNING_WORKERS | TUNING_REQUESTS_PER_TURN,
    .run = epoll_handoff_run,
};
