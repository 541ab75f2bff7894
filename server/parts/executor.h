/* SPDX-License-Identifier: MIT */
/*
 * executor.h: a loop whose requests are executed by threads.
 *
 * The loop reads and writes, the threads execute: a client whose request is for them is lent
 * (lending_loop.h) to one stage (stage.h) and comes back with its replies made. Between loop and
 * threads is a bounded queue. When it is full the loop is not blocked, for it still has replies to
 * send and a stop to notice: those who would have to wait for room wait in a line of their own,
 * where nobody reads what they say, so that TCP stops them. The line is as long as there are
 * clients, and costs no memory.
 */
#ifndef MUELLE_SERVER_PARTS_EXECUTOR_H
#define MUELLE_SERVER_PARTS_EXECUTOR_H

#include "server/parts/lending_loop.h"
#include "server/parts/stage.h"

struct executor {
    struct lending_loop lending; /* first */
    session_leaves *leaves;      /* the requests that are for the threads */
    struct stage stage;
    /* Those who wait for room, lent in name only. */
    struct loop_client *waiting_first, *waiting_last;
};

/* Starts the server's number of threads with a queue as long as the server's. Zeroed memory is
 * expected; too large for a stack. 0 or -errno. */
int executor_start(struct executor *executor, struct server *server,
                   session_leaves *leaves) MUST_CHECK;

/* Serves until the stop, drains, and ends the threads. */
void executor_run(struct executor *executor);
void executor_release(struct executor *executor);

/* What the loop does for a client that is ready (loop->serve): moves it and lends it if a request
 * of its is for the threads. */
void executor_serve(struct loop *loop, struct loop_client *client);

/* Did somebody have to wait when the queue was last looked at? */
static inline bool executor_is_full(const struct executor *executor)
{
    return executor->waiting_first != NULL;
}

/* The client is moved no further until there is room in the queue. */
void executor_defer(struct executor *executor, struct loop_client *client);

#endif
