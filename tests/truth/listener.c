/* SPDX-License-Identifier: MIT */
#include "tests/truth/listener.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/log.h"

/* As many as the kernel's somaxconn lets in: a freeze must not make clients wait for a SYN that is
 * sent again. */
enum { BACKLOG = 4096 };

static int bind_to(int fd, const struct options *options)
{
    int on = 1;

    if (options->unix_path) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};

        memcpy(address.sun_path, options->unix_path, strlen(options->unix_path) + 1);
        return bind(fd, (const struct sockaddr *)&address, sizeof address);
    }
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        return -1;
    return bind(fd, &options->address.generic, options->address.size);
}

static int announce(int fd, const struct options *options)
{
    struct socket_address address = {.size = sizeof address.storage};
    char text[SOCKET_ADDRESS_TEXT_SIZE];

    if (options->unix_path) {
        printf("listening unix:%s\n", options->unix_path);
    } else {
        if (getsockname(fd, &address.generic, &address.size) < 0)
            return -1;
        socket_address_format(&address, text, sizeof text);
        printf("listening %s\n", text);
    }
    return fflush(stdout);
}

int listener_open(const struct options *options)
{
    int family = options->unix_path ? AF_UNIX : options->address.generic.sa_family;
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd >= 0 && bind_to(fd, options) == 0) {
        if (listen(fd, BACKLOG) == 0 && announce(fd, options) == 0)
            return fd;
        log_error("cannot listen: %s", strerror(errno));
        listener_close(fd, options);
        return -1;
    }
    log_error("cannot listen: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

void listener_close(int fd, const struct options *options)
{
    close(fd);
    if (options->unix_path)
        unlink(options->unix_path);
}
