/* SPDX-License-Identifier: MIT */
/*
 * staged: one thread waits for everybody, in epoll_wait(2), and every other thread waits at the
 * bounded queue of its stage: parse, execute, reply.
 *
 *     socket -> loop -> [ parse ] -> [ execute ] -> [ reply ] -> loop
 *                            '---- overloaded ----^
 *
 * A staged event-driven architecture, SEDA: whatever a stage does, it does for one client after the
 * other with its code and data at hand, its queue shows how far it is behind, and what to do about
 * that is decided where the queue is. Here a request that finds the queue of the execute stage full
 * is not executed: it is answered with ERROR_OVERLOADED at once, which costs next to nothing, so
 * that under twice the load the server can bear the answers it does give are still given in time.
 * A queue shorter than the bursts that come sheds without need, so --queue should be chosen.
 * The other stages never wait for anything but a processor, so nothing is shed there: a full queue
 * makes whoever fills it wait, and in the end the clients. Who comes in is limited at the entrance,
 * as in every model, by --connections-max.
 *
 * The price are four hand-offs per request. A waiting client costs what it does in `epoll`. What it
 * cannot do: answer quickly when there is little to do. Cassandra is built this way.
 *
 * A client is out of the loop from the moment it is ready, so its socket is EPOLLONESHOT: a system
 * call a turn, which `epoll-pool`, whose loop has read everything by then, does not need.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "server/model.h"
#include "server/parts/lending_loop.h"
#include "server/parts/stage.h"
#include "server/server.h"
#include "server/session.h"

/* Only the execute stage has requests that block; it has as many threads as `epoll-pool`. */
enum { PARSE_THREADS = 1, WORKERS_DEFAULT = 32, REPLY_THREADS = 1 };

struct staged {
    struct lending_loop lending; /* first */
    struct stage parse, execute, reply;
};

static bool leave_all(const struct service *service, const struct message *request)
{
    (void)service;
    (void)request;
    return true;
}

/* --- the stages ------------------------------------------------------------------------------- */

/* Executes or rejects the requests at hand, at most a turn of them, and passes their replies on. */
static void answer(struct staged *staged, struct loop_client *client,
                   void (*answer_one)(struct session *session))
{
    struct session *session = &client->client.session;
    unsigned requests_left = session->server->config->requests_per_turn;

    for (; session_need(session) == SESSION_WORK && requests_left > 0; requests_left--)
        answer_one(session);
    session_keep(session);
    stage_push(&staged->reply, client, session->counters);
}

static void parse(struct stage *stage, struct loop_client *client)
{
    struct staged *staged = stage->owner;
    struct session *session = &client->client.session;

    if (session_advance_until(session, client->client.fd, leave_all) != SESSION_WORK)
        lending_loop_return(&staged->lending, client);
    else if (!stage_offer(&staged->execute, client, session->counters))
        answer(staged, client, session_reject);
}

static void execute(struct stage *stage, struct loop_client *client)
{
    answer(stage->owner, client, session_execute);
}

static void reply(struct stage *stage, struct loop_client *client)
{
    struct staged *staged = stage->owner;

    session_resume(&client->client.session, client->client.fd, leave_all);
    lending_loop_return(&staged->lending, client);
}

/* --- the loop --------------------------------------------------------------------------------- */

static void dispatch(struct loop *loop, struct loop_client *client)
{
    struct staged *staged = (struct staged *)loop;

    client->watched_for = SESSION_WORK; /* neither reading nor writing: EPOLLONESHOT has fired */
    lending_loop_lend(client);
    stage_push(&staged->parse, client, loop->counters);
}

/* With more requests at hand it is ready at once, as its socket can be written: they go through the
 * stages again, after what is there already. */
static void watch_again(struct lending_loop *loop, struct loop_client *client)
{
    enum session_need need = session_need(&client->client.session);

    loop_go_on(&loop->epoll.loop, client, need == SESSION_WORK ? SESSION_WRITE : need);
}

/* --- the life --------------------------------------------------------------------------------- */

/* The execute stage is content with fewer threads than it asks for, and so begins last. Who fills a
 * queue ends before those who empty it: it may be waiting for room. */
static int staged_serve(struct staged *staged, struct server *server)
{
    size_t queue = server->config->queue;
    int failed = stage_start(&staged->reply, server, "reply", REPLY_THREADS, queue, reply, staged);

    if (failed < 0)
        return failed;
    failed = stage_start(&staged->parse, server, "parse", PARSE_THREADS, queue, parse, staged);
    if (failed < 0)
        goto stop_reply;
    failed = stage_start(&staged->execute, server, "execute", server_workers(server), queue,
                         execute, staged);
    if (failed == 0) {
        server_ready(server);
        epoll_loop_run(&staged->lending.epoll);
    }
    stage_stop(&staged->parse);
    if (failed == 0)
        stage_stop(&staged->execute);
stop_reply:
    stage_stop(&staged->reply);
    return failed;
}

static int staged_run(struct server *server)
{
    struct staged *staged = calloc(1, sizeof *staged);
    int failed;

    if (!staged)
        return -ENOMEM;
    failed = lending_loop_init(&staged->lending, server, watch_again);
    if (failed == 0) {
        staged->lending.epoll.loop.serve = dispatch;
        staged->lending.epoll.client_events = EPOLLONESHOT;
        failed = staged_serve(staged, server);
        lending_loop_release(&staged->lending);
    }
    free(staged);
    return failed;
}

extern const struct server_model model_staged;
const struct server_model model_staged = {
    .name = "staged",
    .summary = "parse, execute, reply: a bounded queue and threads each; sheds requests",
    .tunings = TUNING_WORKERS | TUNING_QUEUE | TUNING_REQUESTS_PER_TURN,
    .workers_default = WORKERS_DEFAULT,
    .run = staged_run,
};
