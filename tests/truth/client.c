/* SPDX-License-Identifier: MIT */
/*
 * client.c: one client of timed-server: its bytes in, its replies out, each at its time.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/truth/arrival.h"
#include "tests/truth/server.h"

/* Who is owed more than this does not read: it would keep memory without end. */
enum { OUTPUT_MAX = 8 << 20 };

uint64_t client_id(const struct server *server, const struct client *client)
{
    return (uint64_t)client->generation << 32 | (uint64_t)(client - server->clients);
}

struct client *client_find(struct server *server, uint64_t id)
{
    struct client *client = &server->clients[(uint32_t)id];

    return client->fd >= 0 && client->generation == id >> 32 ? client : NULL;
}

void client_drop(struct server *server, struct client *client)
{
    close(client->fd);
    buffer_release(&client->input);
    buffer_release(&client->output);
    *client = (struct client){.fd = -1, .generation = client->generation + 1};
    server->free_slots[server->free_count++] = (uint32_t)(client - server->clients);
}

static void drop_counted(struct server *server, struct client *client)
{
    server->counts.dropped++;
    client_drop(server, client);
}

void client_add(struct server *server, int fd)
{
    int on = 1;

    server->counts.clients++;
    /* A Unix socket has no such option, and needs none. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (server->timing.delays_count > 0)
        arrival_stamp(fd);
    struct client *client = &server->clients[server->free_slots[--server->free_count]];
    client->fd = fd;
    client->watched = EPOLLIN;
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = client_id(server, client)};
    if (epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
        drop_counted(server, client);
}

/* Asks for the events that matter now; false when the client is gone. */
static bool client_watch(struct server *server, struct client *client)
{
    uint32_t wanted =
        (client->is_ending ? 0 : (uint32_t)EPOLLIN) | (client->released > 0 ? EPOLLOUT : 0U);

    if (wanted == client->watched)
        return true;
    struct epoll_event event = {.events = wanted, .data.u64 = client_id(server, client)};
    client->watched = wanted;
    if (epoll_ctl(server->epoll_fd, EPOLL_CTL_MOD, client->fd, &event) == 0)
        return true;
    drop_counted(server, client);
    return false;
}

void client_send(struct server *server, struct client *client)
{
    if (client->released > 0) {
        ssize_t sent = send(client->fd, buffer_bytes(&client->output).data, client->released,
                            MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            client_drop(server, client);
            return;
        }
        if (sent > 0) {
            buffer_consume(&client->output, (size_t)sent);
            client->released -= (size_t)sent;
        }
    }
    if (client->is_ending && client->released == 0 && client->waiting == 0)
        client_drop(server, client);
    else
        client_watch(server, client);
}

/* Gives the reply that was just appended its time. False when out of memory. */
static bool reply_schedule(struct server *server, struct client *client,
                           const struct talk_reply *reply, uint64_t arrived_ns)
{
    uint64_t due_ns = reply->is_request ? timing_due_ns(&server->timing, arrived_ns) : arrived_ns;

    if (due_ns < client->due_ns)
        due_ns = client->due_ns;
    client->due_ns = due_ns;
    if (due_ns <= arrived_ns && client->waiting == 0) {
        client->released += reply->size;
        server->counts.replies += reply->is_request;
        return true;
    }
    client->waiting++;
    return reply_queue_push(&server->queue,
                            (struct due_reply){.arrived_ns = arrived_ns,
                                               .due_ns = due_ns,
                                               .client_id = client_id(server, client),
                                               .size = reply->size});
}

/* A server that hangs forgets the request it has just encoded an answer to. */
static void reply_take_back(struct client *client, size_t size)
{
    client->output.end -= size;
    if (buffer_size(&client->output) == 0)
        buffer_release(&client->output);
}

/* Answers all of `in` that can be answered: bytes dealt with, or negative when there is no going on
 * with this client. */
static ssize_t client_answer(struct server *server, struct client *client, struct bytes in,
                             uint64_t arrived_ns)
{
    size_t consumed = 0;

    while (!client->is_ending) {
        struct talk_reply reply;
        ssize_t size =
            talk_answer(&client->state, bytes_after(in, consumed), &client->output, &reply);

        if (size < 0)
            return size;
        if (size == 0)
            break;
        consumed += (size_t)size;
        if (reply.is_request && server->counts.requests++ >= server->options->hang_after) {
            reply_take_back(client, reply.size);
            continue;
        }
        if (!reply_schedule(server, client, &reply, arrived_ns))
            return -ENOMEM;
        if (reply.is_request && ++client->answered >= server->options->close_after)
            client->is_ending = true;
    }
    return buffer_size(&client->output) <= OUTPUT_MAX ? (ssize_t)consumed : -EMSGSIZE;
}

/* What was read, behind what was left of it the last time. */
static bool client_take(struct server *server, struct client *client, size_t size,
                        uint64_t arrived_ns)
{
    struct bytes in = {server->read_buffer, size};
    bool is_kept = buffer_size(&client->input) > 0;

    if (is_kept) {
        if (!buffer_append(&client->input, in))
            return false;
        in = buffer_bytes(&client->input);
    }
    ssize_t consumed = client_answer(server, client, in, arrived_ns);
    if (consumed < 0)
        return false;
    if (is_kept)
        buffer_consume(&client->input, (size_t)consumed);
    else
        return buffer_append(&client->input, bytes_after(in, (size_t)consumed));
    return true;
}

void client_receive(struct server *server, struct client *client)
{
    struct space space = {server->read_buffer, READ_SIZE};
    uint64_t arrived_ns = 0;
    ssize_t size = arrival_read(client->fd, space, &arrived_ns);

    if (size < 0) {
        if (errno != EAGAIN && errno != EINTR)
            client_drop(server, client);
        return;
    }
    if (size == 0) {
        client->is_ending = true;
    } else if (!client_take(server, client, (size_t)size, arrived_ns)) {
        drop_counted(server, client);
        return;
    }
    client_send(server, client);
}

void clients_release_due(struct server *server)
{
    const struct due_reply *first;

    while ((first = reply_queue_first(&server->queue))) {
        uint64_t now_ns = clock_now_ns();

        /* Nothing is due within a freeze, but what was due before it may not have left. */
        if (first->due_ns > now_ns || timing_thaw_ns(&server->timing, now_ns) > now_ns)
            return;
        struct client *client = client_find(server, first->client_id);
        struct due_reply reply = *first;

        reply_queue_pop(&server->queue);
        if (!client)
            continue;
        client->released += reply.size;
        client->waiting--;
        server->counts.replies++;
        client_send(server, client);
        now_ns = clock_now_ns();
        histogram_record(&server->lateness, now_ns - reply.due_ns);
        reply_log_add(&server->log, reply.arrived_ns, now_ns);
    }
}
