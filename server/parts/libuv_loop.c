/* SPDX-License-Identifier: MIT */
#include "server/parts/libuv_loop.h"

#include <assert.h>
#include <sys/socket.h>

#include "server/accept.h"

struct session_scratch libuv_loop_scratch(struct libuv_loop *loop)
{
    return (struct session_scratch){{loop->input, sizeof loop->input},
                                    {loop->output, sizeof loop->output}};
}

/* --- time ------------------------------------------------------------------------------------- */

/* libuv tells when everything is sent, not when some of it is: so that is looked up. */
static bool client_has_sent(struct libuv_client *client)
{
    size_t unsent = uv_stream_get_write_queue_size((uv_stream_t *)&client->stream);
    bool has_sent = client->writes && unsent < client->unsent;

    client->unsent = unsent;
    return has_sent;
}

static void on_silence(uv_timer_t *timer)
{
    struct libuv_loop *loop = timer->data;
    struct client *silent;
    uint64_t next_ns;

    while ((silent = clients_find_silent(&loop->clients, loop->server->config->idle_timeout_ns,
                                         &next_ns))) {
        if (client_has_sent((struct libuv_client *)silent))
            clients_touch(&loop->clients, silent, clock_now_ns());
        else
            libuv_client_close((struct libuv_client *)silent);
    }
    if (next_ns > 0)
        uv_timer_start(timer, on_silence, (uint64_t)clock_timeout_ms(next_ns), 0);
}

/* The timer runs as long as there is anybody who might be silent too long. */
static void loop_look_at_the_silent(struct libuv_loop *loop)
{
    if (loop->server->config->idle_timeout_ns > 0 && !loop->stopping &&
        !uv_is_active((uv_handle_t *)&loop->timer))
        on_silence(&loop->timer);
}

/* The end of patience at the stop. */
static void on_drained(uv_timer_t *timer)
{
    struct libuv_loop *loop = timer->data;

    loop->drained = true;
    while (loop->clients.first)
        libuv_client_close((struct libuv_client *)loop->clients.first);
}

void libuv_loop_came_back(struct libuv_client *client)
{
    struct libuv_loop *loop = client->loop;

    loop->served = true;
    client->is_away = false;
    loop->away_count--;
    clients_add(&loop->clients, &client->client);
    loop_look_at_the_silent(loop);
    if (loop->drained) {
        libuv_client_close(client);
        return;
    }
    /* It was not there to be told. */
    if (loop->stopping)
        shutdown(client->client.fd, SHUT_RD);
    libuv_client_move(client);
}

/* --- the loop --------------------------------------------------------------------------------- */

static void close_handle(uv_handle_t *handle, void *ignored)
{
    (void)ignored;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

/* With everything closed, uv_run() returns. */
static void loop_end_when_empty(struct libuv_loop *loop)
{
    if (loop->stopping && loop->clients.count == 0 && loop->away_count == 0)
        uv_walk(&loop->uv, close_handle, NULL);
}

static void on_listener(uv_poll_t *listener, int failed, int events)
{
    struct libuv_loop *loop = listener->data;

    (void)failed, (void)events;
    loop->served = true;
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        int fd = server_accept(loop->server, loop->server->listen_fd, loop->counters, false);

        if (fd < 0)
            return;
        libuv_client_take(loop, fd);
        loop_look_at_the_silent(loop);
    }
}

static void on_stop(uv_poll_t *stop, int failed, int events)
{
    struct libuv_loop *loop = stop->data;

    (void)failed, (void)events;
    loop->served = loop->stopping = true;
    uv_close((uv_handle_t *)&loop->listener, NULL);
    uv_close((uv_handle_t *)&loop->stop, NULL);
    clients_hang_up(&loop->clients);
    uv_timer_start(&loop->timer, on_drained, DRAIN_TIME_NS / NS_PER_MS, 0);
}

static void on_turn(uv_check_t *turn)
{
    struct libuv_loop *loop = turn->data;

    counters_add(loop->counters, COUNTER_WAKEUPS, 1);
    if (!loop->served)
        counters_add(loop->counters, COUNTER_EMPTY_WAKEUPS, 1);
    loop->served = false;
    loop_end_when_empty(loop);
}

/* 0 or -errno. */
static int loop_watch(struct libuv_loop *loop)
{
    struct server *server = loop->server;
    int failed = uv_poll_init(&loop->uv, &loop->listener, server->listen_fd);

    if (failed == 0)
        failed = uv_poll_init(&loop->uv, &loop->stop, server->stop_fd);
    if (failed < 0)
        return failed;
    uv_timer_init(&loop->uv, &loop->timer);
    uv_check_init(&loop->uv, &loop->turn);
    uv_idle_init(&loop->uv, &loop->others_first);
    loop->listener.data = loop->stop.data = loop->timer.data = loop;
    loop->turn.data = loop->others_first.data = loop;
    uv_check_start(&loop->turn, on_turn);
    failed = uv_poll_start(&loop->listener, UV_READABLE, on_listener);
    return failed == 0 ? uv_poll_start(&loop->stop, UV_READABLE, on_stop) : failed;
}

int libuv_loop_run(struct libuv_loop *loop, struct server *server, libuv_loop_send_away *send_away,
                   void *owner)
{
    int failed;

    loop->server = server;
    loop->counters = counters_join(&server->counters, "loop");
    loop->send_away = send_away;
    loop->owner = owner;
    failed = uv_loop_init(&loop->uv);
    if (failed < 0)
        return failed;
    clients_init(&loop->clients);
    failed = loop_watch(loop);
    if (failed == 0)
        server_ready(server);
    else
        uv_walk(&loop->uv, close_handle, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    clients_release(&loop->clients);
    int unclosed = uv_loop_close(&loop->uv);

    assert(unclosed == 0);
    /* The threads of its pool, and the pipe for signals. */
    uv_library_shutdown();
    return failed;
}
