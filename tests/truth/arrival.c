/* SPDX-License-Identifier: MIT */
#include "tests/truth/arrival.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "common/clock.h"

void arrival_stamp(int fd)
{
    int on = 1;

    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

/* How long ago, by the clock of the stamp, which somebody may set; 0 where there is none. */
static uint64_t age_of(struct msghdr *message)
{
    for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control;
         control = CMSG_NXTHDR(message, control)) {
        struct timespec stamp, now;

        if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        memcpy(&stamp, CMSG_DATA(control), sizeof stamp);
        clock_gettime(CLOCK_REALTIME, &now);
        uint64_t stamp_ns = timespec_ns(stamp), now_ns = timespec_ns(now);
        return now_ns > stamp_ns ? now_ns - stamp_ns : 0;
    }
    return 0;
}

ssize_t arrival_read(int fd, struct space space, uint64_t *arrived_ns)
{
    _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct timespec))];
    struct iovec data = {.iov_base = space.data, .iov_len = space.size};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    ssize_t size = recvmsg(fd, &message, MSG_DONTWAIT);

    if (size > 0)
        *arrived_ns = clock_now_ns() - age_of(&message);
    return size;
}
