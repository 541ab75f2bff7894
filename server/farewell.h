/* SPDX-License-Identifier: MIT */
/*
 * farewell.h: closes sockets without destroying what was said last.
 *
 * close(2) on a socket with unread input sends a reset, and a reset makes most clients throw away
 * the error message they were about to read. So a socket that ends with a last word is half-closed
 * and kept here, its input read and dropped, until the client closes too: at most FAREWELL_TIME_NS,
 * at most FAREWELL_MAX sockets at once (beyond that the reset is the lesser evil). One thread waits
 * for all of them. It is started when it is first needed: as long as a process has one thread, the
 * kernel looks up its descriptors without atomic operations, and a model that is one loop is to be
 * measured as one.
 */
#ifndef MUELLE_SERVER_FAREWELL_H
#define MUELLE_SERVER_FAREWELL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/compiler.h"

enum { FAREWELL_MAX = 1024 };
#define FAREWELL_TIME_NS NS_PER_S

struct parting {
    int fd;
    uint64_t deadline_ns;
};

struct farewell {
    pthread_t thread;
    int wake_fd;           /* eventfd: there is a new socket, or the end */
    pthread_mutex_t mutex; /* guards what follows */
    struct parting sockets[FAREWELL_MAX];
    size_t count;
    bool started, ending;
};

/* 0 or -errno. */
int farewell_init(struct farewell *farewell) MUST_CHECK;
/* Ends the thread and closes what still lingers. */
void farewell_release(struct farewell *farewell);

/* Takes `fd` over and closes it politely; does not block; from any thread. */
void farewell_close(struct farewell *farewell, int fd);

/* Waits until no socket lingers any more, or `stop_fd` is readable: for a process that ends when
 * its client does. */
void farewell_finish(struct farewell *farewell, int stop_fd);

/* Round a fork(2): before it, and after it in either process. The child starts with nothing that
 * lingers; what does is the parent's. 0, or -errno in a child that has no descriptor left. */
void farewell_before_fork(struct farewell *farewell);
int farewell_after_fork(struct farewell *farewell, bool is_child) MUST_CHECK;

#endif
