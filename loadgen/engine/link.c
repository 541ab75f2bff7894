/* SPDX-License-Identifier: MIT */
#include "loadgen/engine/link.h"

#include <errno.h>
#include <linux/net_tstamp.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"

/* --- life ------------------------------------------------------------------------------------- */

static int set_option(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) < 0 ? -errno : 0;
}

/* The port is only taken at connect(2), when the whole pair of addresses is known, so that each
 * source has all ports towards each destination. */
static int link_bind(int fd, const struct socket_address *source)
{
    int failed = set_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);

    if (failed == 0 && bind(fd, &source->generic, source->size) < 0)
        failed = -errno;
    return failed;
}

static int link_watch(struct link *link, int events, uv_poll_cb on_event)
{
    if (link->watched == events)
        return 0;
    link->watched = events;
    return uv_poll_start(&link->poll, events, on_event);
}

/* A socket on its way to the target: the descriptor or -errno. */
static int connect_socket(const struct link_route *route, bool stamped)
{
    bool is_tcp = route->target->generic.sa_family != AF_UNIX;
    int fd =
        socket(route->target->generic.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int failed = 0;

    if (fd < 0)
        return -errno;
    if (is_tcp)
        failed = set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    if (failed == 0 && stamped)
        failed = set_option(fd, SOL_SOCKET, SO_TIMESTAMPING,
                            SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE);
    if (failed == 0 && route->source)
        failed = link_bind(fd, route->source);
    if (failed == 0 && connect(fd, &route->target->generic, route->target->size) < 0 &&
        errno != EINPROGRESS)
        failed = -errno;
    if (failed < 0) {
        close(fd);
        return failed;
    }
    return fd;
}

int link_open(struct link *link, uv_loop_t *loop, const struct link_route *route, bool stamped,
              uv_poll_cb on_event)
{
    /* The kernel does not stamp what comes through a Unix socket. */
    link->stamped = stamped && route->target->generic.sa_family != AF_UNIX;
    link->fd = connect_socket(route, link->stamped);
    if (link->fd < 0)
        return link->fd;

    int failed = uv_poll_init(loop, &link->poll, link->fd);

    if (failed < 0) {
        close(link->fd);
        return failed;
    }
    link->watched = 0;
    link->unsent = (struct buffer){0};
    return link_watch(link, UV_WRITABLE, on_event);
}

int link_connected(struct link *link)
{
    int error = 0;
    socklen_t size = sizeof error;

    if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        return -errno;
    return error != 0 ? -error : link_watch(link, UV_READABLE, link->poll.poll_cb);
}

void link_close(struct link *link, uv_close_cb on_closed)
{
    uv_close((uv_handle_t *)&link->poll, on_closed);
    close(link->fd);
    link->fd = -1;
    buffer_release(&link->unsent);
}

/* --- reading ---------------------------------------------------------------------------------- */

static uint64_t arrival_of(struct msghdr *message)
{
    for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control;
         control = CMSG_NXTHDR(message, control)) {
        struct timespec stamps[3]; /* software, (unused), hardware */

        if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_TIMESTAMPING ||
            control->cmsg_len < CMSG_LEN(sizeof stamps))
            continue;
        memcpy(stamps, CMSG_DATA(control), sizeof stamps);
        return timespec_ns(stamps[0]);
    }
    return 0;
}

static ssize_t read_stamped(int fd, struct space space, uint64_t *arrived_ns)
{
    _Alignas(struct cmsghdr) uint8_t control[256];
    struct iovec data = {.iov_base = space.data, .iov_len = space.size};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    ssize_t size = recvmsg(fd, &message, 0);

    if (size > 0)
        *arrived_ns = arrival_of(&message);
    return size;
}

ssize_t link_read(struct link *link, struct space space, uint64_t *arrived_ns)
{
    ssize_t size;

    *arrived_ns = 0;
    if (link->stamped)
        size = read_stamped(link->fd, space, arrived_ns);
    else
        size = recv(link->fd, space.data, space.size, 0);
    return size < 0 ? -errno : size;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Bytes the socket took, or -errno. */
static ssize_t link_send(const struct link *link, struct bytes bytes)
{
    ssize_t sent = send(link->fd, bytes.data, bytes.size, MSG_NOSIGNAL);

    if (sent >= 0)
        return sent;
    return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

int link_write(struct link *link, struct bytes bytes)
{
    ssize_t sent = link_is_blocked(link) ? 0 : link_send(link, bytes);

    if (sent < 0)
        return (int)sent;
    if ((size_t)sent == bytes.size)
        return 0;
    if (!buffer_append(&link->unsent, bytes_after(bytes, (size_t)sent)))
        return -ENOMEM;
    return link_watch(link, UV_READABLE | UV_WRITABLE, link->poll.poll_cb);
}

int link_flush(struct link *link)
{
    ssize_t sent = link_send(link, buffer_bytes(&link->unsent));

    if (sent < 0)
        return (int)sent;
    buffer_consume(&link->unsent, (size_t)sent);
    return link_is_blocked(link) ? 0 : link_watch(link, UV_READABLE, link->poll.poll_cb);
}
