/* SPDX-License-Identifier: MIT */
/*
 * libuv-work: a libuv loop waits for everybody; requests that may block go to libuv's threads.
 *
 * Node's division of labour: what is done at once is done on the loop, and what computes or blocks
 * goes through uv_queue_work() to a pool of threads that the whole process shares, four unless
 * somebody says otherwise. Here WORK goes there and everything else stays. The reply comes back to
 * the loop, which writes it. So a blocked request delays nobody, until there are as many as
 * threads: then all other work waits in a queue without a limit. The price is two hand-offs for
 * each request, with a lock and usually a sleeping thread to be woken at both.
 *
 * A client has one request away at most, so that its replies stay in order; meanwhile its session
 * is the thread's. The threads are libuv's: it starts them with the first request, we cannot see
 * them wait, and each takes its row of counters and its scratch when it first has something to do.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/model.h"
#include "server/parts/libuv_loop.h"
#include "server/server.h"

enum {
    THREADS_DEFAULT = 4, /* libuv's own */
    THREADS_MAX = 1024   /* what libuv makes of any more */
};

/* What a thread of the pool works with. */
struct desk {
    struct counters *counters;
    uint8_t input[LIBUV_SCRATCH_SIZE], output[LIBUV_SCRATCH_SIZE];
};

struct office {
    struct libuv_loop loop;
    unsigned threads;
    struct desk *desks; /* [threads]; memory only once somebody sits there */
    atomic_uint desks_taken;
};

/* The desk of this thread: they end with the run. */
static _Thread_local struct desk *own_desk;

static struct desk *take_desk(struct office *office)
{
    if (!own_desk) {
        own_desk = &office->desks[atomic_fetch_add(&office->desks_taken, 1)];
        own_desk->counters = counters_join(&office->loop.server->counters, "pool thread");
    }
    return own_desk;
}

/* On a thread of the pool. */
static void execute(uv_work_t *work)
{
    struct libuv_client *client = work->data;
    struct session *session = &client->client.session;
    struct desk *desk = take_desk(client->loop->owner);

    session_hand_over(session, desk->counters,
                      (struct session_scratch){{desk->input, sizeof desk->input},
                                               {desk->output, sizeof desk->output}});
    session_execute(session);
    session_keep(session);
}

/* On the loop's thread, afterwards. */
static void executed(uv_work_t *work, int cancelled)
{
    struct libuv_client *client = work->data;
    struct libuv_loop *loop = client->loop;

    (void)cancelled; /* nobody does */
    session_hand_over(&client->client.session, loop->counters, libuv_loop_scratch(loop));
    libuv_loop_came_back(client);
}

static void send_away(struct libuv_client *client)
{
    struct libuv_loop *loop = client->loop;
    struct office *office = loop->owner;

    client->work.data = client;
    uv_queue_work(&loop->uv, &client->work, execute, executed);
    counters_add(loop->counters, COUNTER_HANDOFFS, 1);
    if (loop->away_count > office->threads)
        counters_raise(loop->counters, COUNTER_QUEUE_MAX, loop->away_count - office->threads);
}

static int libuv_work_run(struct server *server)
{
    struct office *office = calloc(1, sizeof *office);
    unsigned asked = server_workers(server);
    char threads[16];
    int failed = -ENOMEM;

    if (!office)
        return -ENOMEM;
    office->threads = asked < THREADS_MAX ? asked : THREADS_MAX;
    office->desks = calloc(office->threads, sizeof *office->desks);
    if (office->desks) {
        /* libuv looks there when it starts them. */
        snprintf(threads, sizeof threads, "%u", office->threads);
        setenv("UV_THREADPOOL_SIZE", threads, 1);
        failed = libuv_loop_run(&office->loop, server, send_away, office);
    }
    free(office->desks);
    free(office);
    return failed;
}

extern const struct server_model model_libuv_work;
const struct server_model model_libuv_work = {
    .name = "libuv-work",
    .summary = "a libuv loop; WORK goes to libuv's pool of threads",
    .tunings = TUNING_WORKERS | TUNING_REQUESTS_PER_TURN,
    .workers_default = THREADS_DEFAULT,
    .run = libuv_work_run,
};
