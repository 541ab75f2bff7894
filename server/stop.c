/* SPDX-License-Identifier: MIT */
#include "server/stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/clock.h"

static volatile sig_atomic_t signal_stop_fd = -1;
static volatile sig_atomic_t signals_seen;

int stop_open(void)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    return fd < 0 ? -errno : fd;
}

void stop_request(int stop_fd)
{
    uint64_t one = 1;
    /* It fails only when the counter is full, and then the descriptor is readable already. */
    ssize_t ignored = write(stop_fd, &one, sizeof one);
    (void)ignored;
}

bool stop_is_requested(int stop_fd)
{
    struct pollfd stop = {.fd = stop_fd, .events = POLLIN};

    return poll(&stop, 1, 0) > 0;
}

bool stop_wait(int stop_fd, uint64_t duration_ns)
{
    uint64_t deadline_ns = clock_now_ns() + duration_ns;

    for (;;) {
        uint64_t now_ns = clock_now_ns();
        struct timespec left = timespec_from_ns(deadline_ns > now_ns ? deadline_ns - now_ns : 0);
        struct pollfd stop = {.fd = stop_fd, .events = POLLIN};
        int ready = ppoll(&stop, 1, &left, NULL);

        if (ready >= 0 || errno != EINTR)
            return ready > 0;
    }
}

static void on_signal(int number)
{
    int saved_errno = errno;

    if (signals_seen++ > 0)
        _exit(128 + number);
    stop_request(signal_stop_fd);
    errno = saved_errno;
}

void stop_on_signals(int stop_fd)
{
    struct sigaction stop = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    signal_stop_fd = stop_fd;
    signals_seen = 0;
    sigemptyset(&stop.sa_mask);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

int stop_leave_signals(pthread_attr_t *attributes)
{
    sigset_t left;

    sigemptyset(&left);
    sigaddset(&left, SIGINT);
    sigaddset(&left, SIGTERM);
    sigaddset(&left, SIGUSR1);
    return pthread_attr_setsigmask_np(attributes, &left);
}

void stop_ignore_signals(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    sigaction(SIGINT, &ignore, NULL);
    sigaction(SIGTERM, &ignore, NULL);
    sigaction(SIGUSR1, &ignore, NULL);
}
