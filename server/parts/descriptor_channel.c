/* SPDX-License-Identifier: MIT */
#include "server/parts/descriptor_channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for one descriptor, aligned as the kernel writes it. */
union control {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
};

int descriptor_channel_open(struct descriptor_channel *channel)
{
    int ends[2];

    /* Packets: a byte and its descriptor stay together, and a shut down end is told. */
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    *channel = (struct descriptor_channel){.giving_fd = ends[0], .taking_fd = ends[1]};
    return 0;
}

void descriptor_channel_close(struct descriptor_channel *channel)
{
    close(channel->giving_fd);
    close(channel->taking_fd);
}

int descriptor_channel_give(const struct descriptor_channel *channel, int fd)
{
    union control control = {0};
    char byte = 0; /* a descriptor does not travel alone */
    struct iovec body = {&byte, sizeof byte};
    struct msghdr message = {.msg_iov = &body,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control.room};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    ssize_t sent;

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    do
        sent = sendmsg(channel->giving_fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

static int take(const struct descriptor_channel *channel, int flags)
{
    union control control;
    char byte;
    struct iovec body = {&byte, sizeof byte};
    struct msghdr message = {.msg_iov = &body,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control.room};
    ssize_t received;
    int fd;

    do
        received = recvmsg(channel->taking_fd, &message, MSG_CMSG_CLOEXEC | flags);
    while (received < 0 && errno == EINTR);
    if (received < 0)
        return -errno;
    if (received == 0)
        return -ECANCELED;
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    if (!header || header->cmsg_type != SCM_RIGHTS)
        return -EMFILE;
    memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

int descriptor_channel_take(const struct descriptor_channel *channel)
{
    return take(channel, 0);
}

int descriptor_channel_take_back(const struct descriptor_channel *channel)
{
    return take(channel, MSG_DONTWAIT);
}

void descriptor_channel_end(const struct descriptor_channel *channel)
{
    shutdown(channel->giving_fd, SHUT_WR);
}
