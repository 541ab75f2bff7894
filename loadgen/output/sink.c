/* SPDX-License-Identifier: MIT */
#include "loadgen/output/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"

int sink_open(struct sink *sink, const char *option, const char *path)
{
    *sink = (struct sink){.option = option, .path = path, .fd = -1};
    if (!path)
        return 0;
    if (strcmp(path, "-") == 0) {
        sink->fd = STDOUT_FILENO;
        return 0;
    }
    sink->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC, 0666);
    if (sink->fd >= 0)
        return 0;

    int failed = -errno;

    log_error("%s %s: %s", option, path, strerror(-failed));
    return failed;
}

bool sink_is_open(const struct sink *sink)
{
    return sink->fd >= 0 && sink->failed == 0;
}

void sink_fail(struct sink *sink, int error)
{
    if (!sink_is_open(sink))
        return;
    sink->failed = error;
    buffer_release(&sink->pending);
}

void sink_tell(struct sink *sink)
{
    bool unread = sink->failed == -ENOBUFS || sink->failed == -ETIMEDOUT;

    if (sink_is_news(sink))
        log_error("%s %s: %s", sink->option, sink->path,
                  unread ? "its reader takes nothing" : strerror(-sink->failed));
    sink->told = true;
}

/* Can something be written now, or at least within that time? */
static bool sink_takes(const struct sink *sink, int wait_ms)
{
    struct pollfd poll_fd = {.fd = sink->fd, .events = POLLOUT};
    int ready;

    do {
        ready = poll(&poll_fd, 1, wait_ms);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

/* Standard output may be shared with others and is left blocking: a pipe that can be written to at
 * all takes PIPE_BUF bytes at once. */
static void sink_write_some(struct sink *sink)
{
    struct bytes bytes = buffer_bytes(&sink->pending);
    ssize_t written = write(sink->fd, bytes.data, bytes.size < PIPE_BUF ? bytes.size : PIPE_BUF);

    if (written >= 0)
        buffer_consume(&sink->pending, (size_t)written);
    else if (errno != EINTR && errno != EAGAIN)
        sink_fail(sink, -errno);
}

void sink_flush(struct sink *sink)
{
    while (sink_is_open(sink) && buffer_size(&sink->pending) > 0 && sink_takes(sink, 0))
        sink_write_some(sink);
}

void sink_add(struct sink *sink, const char *text, size_t size)
{
    struct bytes bytes = {(const uint8_t *)text, size};

    if (!sink_is_open(sink))
        return;
    sink_flush(sink);
    if (buffer_size(&sink->pending) + size > SINK_PENDING_MAX)
        sink_fail(sink, -ENOBUFS);
    else if (!buffer_append(&sink->pending, bytes))
        sink_fail(sink, -ENOMEM);
    sink_flush(sink);
}

int sink_close(struct sink *sink, int patience_ms)
{
    while (sink_is_open(sink) && buffer_size(&sink->pending) > 0) {
        if (sink_takes(sink, patience_ms))
            sink_write_some(sink);
        else
            sink_fail(sink, -ETIMEDOUT);
    }
    buffer_release(&sink->pending);
    /* Some file systems tell only now that there was no room. */
    if (sink->fd >= 0 && sink->fd != STDOUT_FILENO && close(sink->fd) < 0 && sink->failed == 0)
        sink_fail(sink, -errno);
    sink_tell(sink);
    sink->fd = -1;
    return sink->failed;
}
