/* SPDX-License-Identifier: MIT */
#include "server/parts/mailbox.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

int mailbox_init(struct mailbox *mailbox, size_t capacity)
{
    int failed;

    *mailbox =
        (struct mailbox){.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .capacity = capacity};
    if (mailbox->wake_fd < 0)
        return -errno;
    mailbox->filled = calloc(capacity, sizeof *mailbox->filled);
    mailbox->taken = calloc(capacity, sizeof *mailbox->taken);
    failed =
        mailbox->filled && mailbox->taken ? -pthread_mutex_init(&mailbox->mutex, NULL) : -ENOMEM;
    if (failed < 0) {
        free(mailbox->filled);
        free(mailbox->taken);
        close(mailbox->wake_fd);
    }
    return failed;
}

void mailbox_release(struct mailbox *mailbox)
{
    pthread_mutex_destroy(&mailbox->mutex);
    free(mailbox->filled);
    free(mailbox->taken);
    close(mailbox->wake_fd);
}

size_t mailbox_put(struct mailbox *mailbox, int fd)
{
    size_t inside = 0;

    pthread_mutex_lock(&mailbox->mutex);
    if (mailbox->count < mailbox->capacity) {
        mailbox->filled[mailbox->count++] = fd;
        inside = mailbox->count;
    }
    pthread_mutex_unlock(&mailbox->mutex);
    if (inside == 1) {
        uint64_t one = 1;
        ssize_t ignored = write(mailbox->wake_fd, &one, sizeof one);
        (void)ignored; /* a full counter wakes as well */
    }
    return inside;
}

size_t mailbox_take(struct mailbox *mailbox, const int **fds)
{
    int *filled;
    size_t count;
    uint64_t wakes;
    /* First this, then the look inside: who comes in between wakes once too often, not never. */
    ssize_t ignored = read(mailbox->wake_fd, &wakes, sizeof wakes);
    (void)ignored;

    pthread_mutex_lock(&mailbox->mutex);
    filled = mailbox->filled;
    count = mailbox->count;
    mailbox->filled = mailbox->taken;
    mailbox->taken = filled;
    mailbox->count = 0;
    pthread_mutex_unlock(&mailbox->mutex);
    *fds = filled;
    return count;
}
