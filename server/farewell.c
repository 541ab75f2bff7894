/* SPDX-License-Identifier: MIT */
#include "server/farewell.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/stop.h"

static void farewell_wake(struct farewell *farewell)
{
    uint64_t one = 1;
    ssize_t ignored = write(farewell->wake_fd, &one, sizeof one);
    (void)ignored; /* a full counter wakes as well */
}

/* True when the client has closed, or is beyond help. Reads a bounded amount: who sends without end
 * is cut off by the deadline. */
static bool drain_socket(int fd)
{
    enum { READS_PER_TURN = 16 };
    char dropped[4096];

    for (int i = 0; i < READS_PER_TURN; i++) {
        ssize_t received = recv(fd, dropped, sizeof dropped, MSG_DONTWAIT);

        if (received == 0 || (received < 0 && errno != EAGAIN && errno != EINTR))
            return true;
        if (received < 0)
            return false;
    }
    return false;
}

/* The mutex is not held while a socket is drained: those who bring new ones do not wait for that.
 * Only this thread takes sockets out, so the one at `index` stays there meanwhile. */
static void farewell_look(struct farewell *farewell, size_t index, uint64_t now_ns)
{
    struct parting socket;
    bool over;

    pthread_mutex_lock(&farewell->mutex);
    socket = farewell->sockets[index];
    pthread_mutex_unlock(&farewell->mutex);
    over = drain_socket(socket.fd) || now_ns >= socket.deadline_ns;
    if (over) {
        /* Closed and forgotten at once: in the child of a fork(2) in between, the number in the
         * list would be that of a client who has just come. */
        pthread_mutex_lock(&farewell->mutex);
        close(socket.fd);
        farewell->sockets[index] = farewell->sockets[--farewell->count];
        pthread_mutex_unlock(&farewell->mutex);
    }
}

/* Drains what is readable and closes what is finished or too old; `count` were there just now. */
static void farewell_sweep(struct farewell *farewell, size_t count)
{
    uint64_t now_ns = clock_now_ns();

    /* From the end, because a socket that goes leaves its place to the last one. */
    while (count-- > 0)
        farewell_look(farewell, count, now_ns);
}

static void *farewell_thread(void *argument)
{
    enum { TICK_MS = 100 };
    struct farewell *farewell = argument;
    struct pollfd polled[FAREWELL_MAX + 1];

    for (;;) {
        size_t count;

        polled[0] = (struct pollfd){.fd = farewell->wake_fd, .events = POLLIN};
        pthread_mutex_lock(&farewell->mutex);
        count = farewell->count;
        for (size_t i = 0; i < count; i++)
            polled[i + 1] = (struct pollfd){.fd = farewell->sockets[i].fd, .events = POLLIN};
        bool ending = farewell->ending;
        pthread_mutex_unlock(&farewell->mutex);

        if (ending)
            return NULL;
        poll(polled, count + 1, count > 0 ? TICK_MS : -1);
        if (polled[0].revents) {
            uint64_t ignored;
            ssize_t drained = read(farewell->wake_fd, &ignored, sizeof ignored);
            (void)drained;
        }
        farewell_sweep(farewell, count);
    }
}

int farewell_init(struct farewell *farewell)
{
    *farewell = (struct farewell){.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (farewell->wake_fd < 0)
        return -errno;
    pthread_mutex_init(&farewell->mutex, NULL);
    return 0;
}

void farewell_release(struct farewell *farewell)
{
    pthread_mutex_lock(&farewell->mutex);
    farewell->ending = true;
    pthread_mutex_unlock(&farewell->mutex);
    if (farewell->started) {
        farewell_wake(farewell);
        pthread_join(farewell->thread, NULL);
    }
    for (size_t i = 0; i < farewell->count; i++)
        close(farewell->sockets[i].fd);
    pthread_mutex_destroy(&farewell->mutex);
    close(farewell->wake_fd);
}

/* The mutex is held. False when there is no room, or nobody who would look after the socket. */
static bool farewell_take(struct farewell *farewell, int fd)
{
    if (!farewell->started)
        farewell->started = pthread_create(&farewell->thread, NULL, farewell_thread, farewell) == 0;
    if (!farewell->started || farewell->count == FAREWELL_MAX)
        return false;
    farewell->sockets[farewell->count++] = (struct parting){fd, clock_now_ns() + FAREWELL_TIME_NS};
    return true;
}

void farewell_close(struct farewell *farewell, int fd)
{
    bool taken = false;

    if (shutdown(fd, SHUT_WR) == 0) {
        pthread_mutex_lock(&farewell->mutex);
        taken = farewell_take(farewell, fd);
        pthread_mutex_unlock(&farewell->mutex);
    }
    if (taken)
        farewell_wake(farewell);
    else
        close(fd);
}

void farewell_finish(struct farewell *farewell, int stop_fd)
{
    enum { LOOK_AGAIN_MS = 2 };
    size_t count;

    do {
        pthread_mutex_lock(&farewell->mutex);
        count = farewell->count;
        pthread_mutex_unlock(&farewell->mutex);
    } while (count > 0 && !stop_wait(stop_fd, LOOK_AGAIN_MS * NS_PER_MS));
}

void farewell_before_fork(struct farewell *farewell)
{
    /* So that in the child, too, the list is whole. */
    pthread_mutex_lock(&farewell->mutex);
}

int farewell_after_fork(struct farewell *farewell, bool is_child)
{
    pthread_mutex_unlock(&farewell->mutex);
    if (!is_child)
        return 0;
    /* The thread stayed behind. */
    farewell->started = false;
    farewell_release(farewell);
    return farewell_init(farewell);
}
