/* SPDX-License-Identifier: MIT */
#include "server/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "common/socket_address.h"
#include "server/stop.h"

const struct server_config SERVER_CONFIG_DEFAULT = {
    .bind_address = "127.0.0.1",
    .port = 4444,
    .message_max = 1u << 20,
    .backlog = 4096, /* what the kernel's somaxconn allows is what counts */
    .requests_per_turn = 64,
    .stack_size = (size_t)128 * 1024, /* address space: only what is touched costs memory */
};

/* The listener, or -errno after saying why. */
static int open_listener(const struct server_config *config, struct server *server)
{
    struct socket_address address;
    int on = 1, fd, failed;

    if (socket_address_parse_numeric(config->bind_address, config->port, &address) < 0) {
        log_error("--bind %s: not a numeric IPv4 or IPv6 address", config->bind_address);
        return -EINVAL;
    }
    fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        goto failed;
    /* Without it a restarted server waits a minute for its old connections to be forgotten. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(fd, &address.generic, address.size) < 0 || listen(fd, config->backlog) < 0 ||
        getsockname(fd, &address.generic, &address.size) < 0)
        goto failed;
    server->port = socket_address_port(&address);
    socket_address_format(&address, server->address, sizeof server->address);
    return fd;

failed:
    failed = -errno;
    socket_address_format(&address, server->address, sizeof server->address);
    log_error("listen on %s: %s%s", server->address, strerror(-failed),
              failed == -EADDRINUSE ? "; choose another --port, or 0 for a free one" : "");
    if (fd >= 0)
        close(fd);
    return failed;
}

int server_open(struct server *server, const struct server_config *config)
{
    int failed;

    memset(server, 0, sizeof *server);
    server->config = config;
    server->protocol = config->protocol;
    counters_set_init(&server->counters);
    pthread_mutex_init(&server->reserve_mutex, NULL);

    failed = server->stop_fd = stop_open();
    if (failed < 0)
        goto undo_sets;
    failed = server->listen_fd = open_listener(config, server);
    if (failed < 0)
        goto undo_stop;
    server->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    failed = farewell_init(&server->farewell);
    if (failed < 0) {
        log_error("cannot start a thread: %s", strerror(-failed));
        goto undo_listener;
    }
    service_init(&server->service, server->protocol, config->message_max, server->stop_fd);
    return 0;

undo_listener:
    if (server->reserve_fd >= 0)
        close(server->reserve_fd);
    close(server->listen_fd);
undo_stop:
    close(server->stop_fd);
undo_sets:
    pthread_mutex_destroy(&server->reserve_mutex);
    counters_set_release(&server->counters);
    return failed;
}

void server_close(struct server *server)
{
    farewell_release(&server->farewell);
    if (server->reserve_fd >= 0)
        close(server->reserve_fd);
    close(server->listen_fd);
    close(server->stop_fd);
    pthread_mutex_destroy(&server->reserve_mutex);
    counters_set_release(&server->counters);
}

void server_ready(struct server *server)
{
    if (server->on_ready)
        server->on_ready(server);
}
