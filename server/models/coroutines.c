/* SPDX-License-Identifier: MIT */
/*
 * coroutines: every client has a coroutine, which waits for it; one thread runs them all.
 *
 * The program for one client is straight-line code on a stack of its own, as in a thread: it moves
 * the session, waits, moves it again. But where a thread would wait in the kernel, a coroutine
 * switches to the loop, which waits in epoll_wait(2) for everybody and resumes whoever is ready.
 * So a client costs what its stack has touched, a page or two, and a turn costs two switches more
 * than in `epoll`, of which the kernel knows nothing. What it cannot do: use a second core, or
 * serve anybody while one request blocks; and as others run during a wait, what they share, such as
 * the scratch, has to be left in order before. SRS (on State Threads), OpenResty
 * and, over several cores, Go work this way.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "server/accept.h"
#include "server/model.h"
#include "server/parts/clients.h"
#include "server/parts/coroutine.h"
#include "server/server.h"
#include "server/session.h"

enum {
    EVENTS_PER_WAIT = 256,    /* ready sockets fetched by one call */
    SCRATCH_SIZE = 64 * 1024, /* one read takes what a socket buffer usually holds */
};

/* A coroutine and what it waits for; on its own stack. */
struct waiter {
    struct coroutine *coroutine;
    int fd;
    enum session_need need; /* READ or WRITE */
    bool cancelled;         /* it shall wait no longer */
};

struct coroutine_client {
    struct client client; /* first: the list hands back this */
    struct waiter waiter;
};

struct scheduler {
    struct server *server;
    struct counters *counters;
    int epoll_fd;
    struct coroutine_stacks stacks;
    struct clients clients;
    struct waiter *acceptor;
    int newcomer_fd; /* for the coroutine that is just started */
    bool stopping;
    uint8_t input[SCRATCH_SIZE], output[SCRATCH_SIZE];
};

/* --- waiting ---------------------------------------------------------------------------------- */

static int scheduler_watch(struct scheduler *scheduler, int operation, int fd,
                           enum session_need need, void *whom)
{
    struct epoll_event event = {.events = need == SESSION_WRITE ? EPOLLOUT : EPOLLIN,
                                .data.ptr = whom};

    return epoll_ctl(scheduler->epoll_fd, operation, fd, &event) < 0 ? -errno : 0;
}

/* What looks like a blocking call to the coroutine. False: nothing is to be expected any more. */
static bool waiter_wait(struct scheduler *scheduler, struct waiter *waiter, enum session_need need)
{
    /* The kernel is told only when the need has changed: most clients only ever read. */
    if (need != waiter->need) {
        waiter->need = need;
        if (scheduler_watch(scheduler, EPOLL_CTL_MOD, waiter->fd, need, waiter) < 0)
            return false;
    }
    coroutine_suspend(waiter->coroutine);
    return !waiter->cancelled;
}

/* It returns from its wait, and ends. */
static void waiter_cancel(struct waiter *waiter)
{
    waiter->cancelled = true;
    coroutine_resume(waiter->coroutine);
}

/* --- the coroutines --------------------------------------------------------------------------- */

static void serve_client(struct coroutine *self, void *argument)
{
    struct scheduler *scheduler = argument;
    struct server *server = scheduler->server;
    int fd = scheduler->newcomer_fd; /* another's after the first wait */
    struct coroutine_client client = {.client.fd = fd, .waiter = {self, fd, SESSION_READ, false}};
    struct session *session = &client.client.session;
    enum session_need need = SESSION_READ;

    if (scheduler_watch(scheduler, EPOLL_CTL_ADD, fd, need, &client.waiter) < 0) {
        server_refuse(server, scheduler->counters, fd);
        return;
    }
    session_init(session, server, scheduler->counters,
                 (struct session_scratch){{scheduler->input, sizeof scheduler->input},
                                          {scheduler->output, sizeof scheduler->output}},
                 false);
    clients_add(&scheduler->clients, &client.client);
    while (need != SESSION_CLOSE && waiter_wait(scheduler, &client.waiter, need)) {
        need = session_advance(session, fd);
        if (server->config->idle_timeout_ns > 0)
            clients_touch(&scheduler->clients, &client.client, clock_now_ns());
    }
    clients_remove(&scheduler->clients, &client.client);
    scheduler_watch(scheduler, EPOLL_CTL_DEL, fd, need, NULL);
    session_end(session, fd);
}

static void admit_client(struct scheduler *scheduler, int fd)
{
    struct coroutine *coroutine = coroutine_new(&scheduler->stacks, serve_client, scheduler);

    scheduler->newcomer_fd = fd;
    if (coroutine)
        coroutine_resume(coroutine); /* up to its first wait */
    else
        server_refuse(scheduler->server, scheduler->counters, fd);
}

static void accept_clients(struct coroutine *self, void *argument)
{
    struct scheduler *scheduler = argument;
    struct server *server = scheduler->server;
    struct waiter waiter = {self, server->listen_fd, SESSION_READ, false};

    scheduler->acceptor = &waiter;
    while (waiter_wait(scheduler, &waiter, SESSION_READ)) {
        for (int i = 0; i < ACCEPTS_PER_TURN && !scheduler->stopping; i++) {
            int fd = server_accept(server, server->listen_fd, scheduler->counters, false);

            if (fd < 0)
                break;
            admit_client(scheduler, fd);
        }
    }
    scheduler_watch(scheduler, EPOLL_CTL_DEL, server->listen_fd, SESSION_READ, NULL);
}

/* --- the loop that resumes them --------------------------------------------------------------- */

static void scheduler_stop(struct scheduler *scheduler)
{
    scheduler->stopping = true;
    scheduler_watch(scheduler, EPOLL_CTL_DEL, scheduler->server->stop_fd, SESSION_READ, NULL);
    clients_hang_up(&scheduler->clients);
}

/* Waits at most until `deadline_ns` (0: for ever) and resumes who is ready. */
static void scheduler_turn(struct scheduler *scheduler, uint64_t deadline_ns)
{
    struct epoll_event events[EVENTS_PER_WAIT];
    int count =
        epoll_wait(scheduler->epoll_fd, events, EVENTS_PER_WAIT, clock_timeout_ms(deadline_ns));

    counters_add(scheduler->counters, COUNTER_WAKEUPS, 1);
    if (count <= 0)
        counters_add(scheduler->counters, COUNTER_EMPTY_WAKEUPS, 1);
    for (int i = 0; i < count; i++) {
        struct waiter *ready = events[i].data.ptr;

        if (ready)
            coroutine_resume(ready->coroutine);
        else
            scheduler_stop(scheduler);
    }
}

/* Ends who has been silent too long; returns when the next one will have been, 0 for never. */
static uint64_t scheduler_end_idle(struct scheduler *scheduler)
{
    uint64_t timeout_ns = scheduler->server->config->idle_timeout_ns, next_ns;
    struct client *silent;

    while ((silent = clients_find_silent(&scheduler->clients, timeout_ns, &next_ns)))
        waiter_cancel(&((struct coroutine_client *)silent)->waiter);
    return next_ns;
}

static void scheduler_run(struct scheduler *scheduler)
{
    uint64_t deadline_ns;

    while (!scheduler->stopping)
        scheduler_turn(scheduler, scheduler_end_idle(scheduler));
    waiter_cancel(scheduler->acceptor);
    deadline_ns = clock_now_ns() + DRAIN_TIME_NS;
    while (scheduler->clients.count > 0 && clock_now_ns() < deadline_ns)
        scheduler_turn(scheduler, deadline_ns);
    while (scheduler->clients.first)
        waiter_cancel(&((struct coroutine_client *)scheduler->clients.first)->waiter);
}

/* Watches what is always there, and starts the coroutine that takes clients in. 0 or -errno. */
static int scheduler_open(struct scheduler *scheduler)
{
    struct server *server = scheduler->server;
    struct coroutine *acceptor;
    int failed = scheduler_watch(scheduler, EPOLL_CTL_ADD, server->stop_fd, SESSION_READ, NULL);

    if (failed < 0)
        return failed;
    acceptor = coroutine_new(&scheduler->stacks, accept_clients, scheduler);
    if (!acceptor)
        return -ENOMEM;
    coroutine_resume(acceptor);
    failed = scheduler_watch(scheduler, EPOLL_CTL_ADD, server->listen_fd, SESSION_READ,
                             scheduler->acceptor);
    if (failed < 0)
        waiter_cancel(scheduler->acceptor);
    return failed;
}

static int coroutines_run(struct server *server)
{
    struct scheduler *scheduler = calloc(1, sizeof *scheduler);
    int failed;

    if (!scheduler)
        return -ENOMEM;
    scheduler->server = server;
    scheduler->counters = counters_join(&server->counters, "loop");
    scheduler->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    failed = scheduler->epoll_fd < 0 ? -errno : 0;
    if (failed < 0)
        goto undo_memory;
    coroutine_stacks_init(&scheduler->stacks, server->config->stack_size);
    clients_init(&scheduler->clients);
    failed = scheduler_open(scheduler);
    if (failed == 0) {
        server_ready(server);
        scheduler_run(scheduler);
    }
    clients_release(&scheduler->clients);
    coroutine_stacks_release(&scheduler->stacks);
    close(scheduler->epoll_fd);
undo_memory:
    free(scheduler);
    return failed;
}

extern const struct server_model model_coroutines;
const struct server_model model_coroutines = {
    .name = "coroutines",
    .summary = "a coroutine per client, resumed by one loop in epoll_wait",
    .tunings = TUNING_STACK_SIZE | TUNING_REQUESTS_PER_TURN,
    .run = coroutines_run,
};
