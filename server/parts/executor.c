/* SPDX-License-Identifier: MIT */
#include "server/parts/executor.h"

/* --- on a thread ------------------------------------------------------------------------------ */

/* As many requests as are at hand and a turn allows: their replies travel together. */
static void execute(struct stage *stage, struct loop_client *client)
{
    struct executor *executor = stage->owner;
    struct session *session = &client->client.session;
    unsigned requests_left = session->server->config->requests_per_turn;

    for (; session_need(session) == SESSION_WORK && requests_left > 0; requests_left--)
        session_execute(session);
    lending_loop_return(&executor->lending, client);
}

/* --- on the loop ------------------------------------------------------------------------------ */

static bool executor_lend(struct executor *executor, struct loop_client *client)
{
    lending_loop_lend(client);
    return stage_offer(&executor->stage, client, executor->lending.epoll.loop.counters);
}

void executor_defer(struct executor *executor, struct loop_client *client)
{
    lending_loop_lend(client);
    client->next_lent = NULL;
    if (executor->waiting_first)
        executor->waiting_last->next_lent = client;
    else
        executor->waiting_first = client;
    executor->waiting_last = client;
}

/* Who comes while others wait waits behind them. */
static void executor_go_on(struct executor *executor, struct loop_client *client,
                           enum session_need need)
{
    if (need != SESSION_WORK)
        loop_go_on(&executor->lending.epoll.loop, client, need);
    else if (executor_is_full(executor) || !executor_lend(executor, client))
        executor_defer(executor, client);
}

void executor_serve(struct loop *loop, struct loop_client *client)
{
    struct executor *executor = (struct executor *)loop;

    executor_go_on(
        executor, client,
        session_advance_until(&client->client.session, client->client.fd, executor->leaves));
}

/* Those who wait longest go on as far as there is room. A place is free at the latest when the last
 * client that is with a thread has come back, so nobody waits for ever. */
static void executor_admit_waiting(struct executor *executor)
{
    struct loop_client *client;

    while ((client = executor->waiting_first)) {
        struct loop_client *next = client->next_lent;

        lending_loop_take_back(&executor->lending, client);
        enum session_need need =
            session_advance_until(&client->client.session, client->client.fd, executor->leaves);

        if (need == SESSION_WORK && !executor_lend(executor, client))
            return; /* it is still the first, and lent */
        executor->waiting_first = next;
        if (need != SESSION_WORK)
            loop_go_on(&executor->lending.epoll.loop, client, need);
    }
}

static void executor_on_return(struct lending_loop *loop, struct loop_client *client)
{
    struct executor *executor = (struct executor *)loop;
    struct session *session = &client->client.session;
    /* Said something meanwhile: it was reported, and is not watched since then. */
    bool is_readable = client->is_unwatched;

    executor_go_on(executor, client,
                   is_readable ? session_advance_until(session, client->client.fd, executor->leaves)
                               : session_resume(session, client->client.fd, executor->leaves));
    executor_admit_waiting(executor);
}

/* --- the life --------------------------------------------------------------------------------- */

int executor_start(struct executor *executor, struct server *server, session_leaves *leaves)
{
    int failed = lending_loop_init(&executor->lending, server, executor_on_return);

    if (failed < 0)
        return failed;
    executor->lending.epoll.loop.serve = executor_serve;
    executor->leaves = leaves;
    failed = stage_start(&executor->stage, server, "executor", server_workers(server),
                         server->config->queue, execute, executor);
    if (failed < 0)
        lending_loop_release(&executor->lending);
    return failed;
}

void executor_run(struct executor *executor)
{
    epoll_loop_run(&executor->lending.epoll);
    stage_stop(&executor->stage);
}

void executor_release(struct executor *executor)
{
    lending_loop_release(&executor->lending);
}
