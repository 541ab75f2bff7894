/* SPDX-License-Identifier: MIT */
/*
 * lending_loop.h: an epoll loop that lends its clients to other threads and gets them back.
 *
 * A lent client belongs to whoever has it: its session and its socket, not its place among the
 * loop's clients. Meanwhile the loop neither moves, closes nor counts it as silent; it only hangs
 * up on it at the stop. Threads put those they are done with into one list, and wake the loop only
 * when it was empty: the busier they are, the more clients one wake brings back.
 */
#ifndef MUELLE_SERVER_PARTS_LENDING_LOOP_H
#define MUELLE_SERVER_PARTS_LENDING_LOOP_H

#include <pthread.h>

#include "server/parts/epoll_loop.h"

struct lending_loop {
    struct epoll_loop epoll; /* first */
    /* On the loop's thread: a client came back, and its session is the loop's again. It has to be
     * moved, watched (loop_go_on()) or lent once more. */
    void (*on_return)(struct lending_loop *loop, struct loop_client *client);
    int wake_fd;           /* eventfd: somebody came back */
    pthread_mutex_t mutex; /* guards those who did, the first of them first */
    struct loop_client *returned_first, *returned_last;
};

/* A loop that takes in the clients of the server's listener, on the calling thread. Zeroed memory
 * is expected; too large for a stack. 0 or -errno. */
int lending_loop_init(struct lending_loop *loop, struct server *server,
                      void (*on_return)(struct lending_loop *loop,
                                        struct loop_client *client)) MUST_CHECK;
/* After the run, and after every thread that may have a client has ended: closes those who were
 * still lent or on their way back. */
void lending_loop_release(struct lending_loop *loop);

/* From now on `client` is somebody else's; on the loop's thread. Its session was kept, and is
 * handed over by whoever moves it next. */
static inline void lending_loop_lend(struct loop_client *client)
{
    client->client.is_lent = true;
}

/* On the loop's thread: a client that was lent in name only is its own again. */
void lending_loop_take_back(struct lending_loop *loop, struct loop_client *client);

/* From the thread that has it, which must not touch it any more. */
void lending_loop_return(struct lending_loop *loop, struct loop_client *client);

#endif
