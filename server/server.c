/* SPDX-License-Identifier: MIT */
#include "server/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
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
    .queue = 128,
    .requests_per_turn = 64,
    .ring_entries = 1024,
    .stack_size = (size_t)128 * 1024, /* address space: only what is touched costs memory */
};

/* There is no model where something else than a run is tested. */
static bool shares_port(const struct server_config *config)
{
    return config->model && config->model->shares_port;
}

/* A listening socket on `address`, or -errno. */
static int listen_at(const struct server_config *config, const struct socket_address *address)
{
    int fd = socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1, failed;

    if (fd < 0)
        return -errno;
    /* Without it a restarted server waits a minute for its old connections to be forgotten. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        (!shares_port(config) || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0) &&
        bind(fd, &address->generic, address->size) == 0 && listen(fd, config->backlog) == 0)
        return fd;
    failed = -errno;
    close(fd);
    return failed;
}

/* A port that may be shared could be shared with another server, too, which nobody would notice. So
 * first the address is bound for ourselves alone, which also finds a free port if any will do. */
static int claim_port(struct socket_address *address)
{
    int fd = socket(address->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1, failed = 0;

    if (fd < 0)
        return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(fd, &address->generic, address->size) < 0 ||
        getsockname(fd, &address->generic, &address->size) < 0)
        failed = -errno;
    close(fd);
    return failed;
}

/* The listener, or -errno after saying why. */
static int open_listener(const struct server_config *config, struct server *server)
{
    struct socket_address address;
    int fd;

    if (socket_address_parse_numeric(config->bind_address, config->port, &address) < 0) {
        log_error("--bind %s: not a numeric IPv4 or IPv6 address", config->bind_address);
        return -EINVAL;
    }
    fd = shares_port(config) ? claim_port(&address) : 0;
    if (fd == 0)
        fd = listen_at(config, &address);
    if (fd >= 0 && getsockname(fd, &address.generic, &address.size) < 0) {
        int failed = -errno;

        close(fd);
        fd = failed;
    }
    server->port = socket_address_port(&address);
    socket_address_format(&address, server->address, sizeof server->address);
    if (fd < 0)
        log_error("listen on %s: %s%s", server->address, strerror(-fd),
                  fd == -EADDRINUSE ? "; choose another --port, or 0 for a free one" : "");
    return fd;
}

int server_listen_too(const struct server *server)
{
    struct socket_address address;

    if (socket_address_parse_numeric(server->config->bind_address, server->port, &address) < 0)
        return -EINVAL;
    return listen_at(server->config, &address);
}

unsigned server_workers(const struct server *server)
{
    const struct server_config *config = server->config;
    cpu_set_t cores;

    if (config->workers > 0)
        return config->workers;
    if (config->model && config->model->workers_default > 0)
        return config->model->workers_default;
    return sched_getaffinity(0, sizeof cores, &cores) == 0 ? (unsigned)CPU_COUNT(&cores) : 1;
}

/* What worker processes count together. */
static int share_memory(struct server *server)
{
    server->clients_served = mmap(NULL, sizeof *server->clients_served, PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return server->clients_served == MAP_FAILED ? -errno : 0;
}

int server_open(struct server *server, const struct server_config *config)
{
    int failed;

    memset(server, 0, sizeof *server);
    server->config = config;
    server->protocol = config->protocol;
    failed = counters_set_init(&server->counters);
    if (failed < 0)
        return failed;
    failed = share_memory(server);
    if (failed < 0)
        goto undo_sets;
    failed = server->stop_fd = stop_open();
    if (failed < 0)
        goto undo_memory;
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
undo_memory:
    munmap(server->clients_served, sizeof *server->clients_served);
undo_sets:
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
    munmap(server->clients_served, sizeof *server->clients_served);
    counters_set_release(&server->counters);
}

void server_ready(struct server *server)
{
    if (server->on_ready)
        server->on_ready(server);
}
