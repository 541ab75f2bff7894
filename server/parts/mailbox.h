/* SPDX-License-Identifier: MIT */
/*
 * mailbox.h: connections on their way from one thread to another that waits in an event loop.
 *
 * `wake_fd` is readable while something is inside, so the loop waits for it beside everything
 * else; whoever puts something in writes to it only when the mailbox was empty, and the owner takes
 * out all there is at once: under load neither pays a system call per connection.
 */
#ifndef MUELLE_SERVER_PARTS_MAILBOX_H
#define MUELLE_SERVER_PARTS_MAILBOX_H

#include <pthread.h>
#include <stddef.h>

#include "common/compiler.h"

/* Owns its memory and wake_fd, not the connections inside. */
struct mailbox {
    int wake_fd; /* an eventfd; mailbox_take() makes it unreadable again */
    size_t capacity;
    pthread_mutex_t mutex; /* guards the two below */
    int *filled;           /* [capacity] */
    size_t count;          /* in `filled` */
    int *taken;            /* [capacity]: what the owner is looking at; the two change places */
};

/* For at most `capacity` connections. 0 or -errno. */
int mailbox_init(struct mailbox *mailbox, size_t capacity) MUST_CHECK;
void mailbox_release(struct mailbox *mailbox);

/* From any thread; does not wait. How many are inside now; 0 when it is full: `fd` is still the
 * caller's. */
size_t mailbox_put(struct mailbox *mailbox, int fd) MUST_CHECK;

/* For the owner alone; does not wait. Takes out everything, oldest first: how many, and `*fds` is
 * where they are until the next call. */
size_t mailbox_take(struct mailbox *mailbox, const int **fds) MUST_CHECK;

#endif
