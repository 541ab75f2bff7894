/* SPDX-License-Identifier: MIT */
/*
 * metrics_server.c: a loop of libuv on a thread that takes no signals.
 *
 * A connection reads until the request is whole, writes the answer, tells that no more will come,
 * and then only waits for the other side to leave: closing while bytes are unread would reset the
 * connection and could take the answer with it. Its timer ends it at the latest.
 */
#include "loadgen/output/metrics_server.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "loadgen/output/http_request.h"
#include "loadgen/output/openmetrics.h"

enum {
    BACKLOG = 16,
    HEAD_SIZE = 512,
    READ_SIZE = 4096,
};

/* A published text. Held by the server while it is the latest, and by each answer that sends it. */
struct text {
    char *data;
    size_t size;
    unsigned holders; /* under the server's mutex */
};

/* A place for a connection; free, and nothing in it valid, when no handle is open. */
struct client {
    struct metrics_server *server;
    uv_tcp_t tcp; /* both handles' data is the client */
    uv_timer_t timer;
    unsigned handles_open;
    uv_write_t write;
    uv_shutdown_t shutdown;
    struct http_request request;
    bool has_answered, has_shut_down; /* our side: the answer is on its way, it has left */
    bool has_ended;                   /* the other side: it has said all that it will say */
    char head[HEAD_SIZE];
    struct text *text; /* being sent; NULL: none */
};

/* Everything but what the mutex guards belongs to the server's thread once it runs. */
struct metrics_server {
    uv_loop_t loop;
    uv_tcp_t listener;
    uv_async_t stop;
    pthread_t thread;
    uint16_t port;
    struct client clients[METRICS_CONNECTIONS_MAX];
    bool has_waiting; /* a connection that found no place; until it gets one, none is accepted */
    bool is_stopping;
    char input[READ_SIZE]; /* read into by one callback at a time */

    pthread_mutex_t mutex;
    struct text *latest; /* NULL before the first */
};

/* --- texts ------------------------------------------------------------------------------------ */

static struct text *text_hold_latest(struct metrics_server *server)
{
    pthread_mutex_lock(&server->mutex);
    struct text *text = server->latest;
    if (text)
        text->holders++;
    pthread_mutex_unlock(&server->mutex);
    return text;
}

static void text_let_go(struct metrics_server *server, struct text *text)
{
    if (!text)
        return;
    pthread_mutex_lock(&server->mutex);
    bool is_last = --text->holders == 0;
    pthread_mutex_unlock(&server->mutex);
    if (is_last) {
        free(text->data);
        free(text);
    }
}

void metrics_server_publish(struct metrics_server *server, char *data, size_t size)
{
    struct text *text = malloc(sizeof *text);

    if (!text) {
        free(data);
        return;
    }
    *text = (struct text){.data = data, .size = size, .holders = 1};
    pthread_mutex_lock(&server->mutex);
    struct text *before = server->latest;
    server->latest = text;
    pthread_mutex_unlock(&server->mutex);
    text_let_go(server, before);
}

/* --- a connection's end ----------------------------------------------------------------------- */

static void client_begin(struct metrics_server *server);

static void on_client_closed(uv_handle_t *handle)
{
    struct client *client = handle->data;
    struct metrics_server *server = client->server;

    if (--client->handles_open > 0)
        return;
    text_let_go(server, client->text);
    if (server->has_waiting && !server->is_stopping)
        client_begin(server);
}

static void client_close(struct client *client)
{
    if (uv_is_closing((uv_handle_t *)&client->tcp))
        return;
    uv_close((uv_handle_t *)&client->tcp, on_client_closed);
    uv_close((uv_handle_t *)&client->timer, on_client_closed);
}

static void on_timeout(uv_timer_t *timer)
{
    client_close(timer->data);
}

/* --- the answer ------------------------------------------------------------------------------- */

static const char *status_reason(enum http_status status)
{
    switch (status) {
    case HTTP_OK:
        return "OK";
    case HTTP_NOT_FOUND:
        return "Not Found";
    case HTTP_METHOD_NOT_ALLOWED:
        return "Method Not Allowed";
    case HTTP_UNAVAILABLE:
        return "Service Unavailable";
    case HTTP_BAD_REQUEST:
    case HTTP_UNFINISHED:
        break;
    }
    return "Bad Request";
}

static void on_shut_down(uv_shutdown_t *shutdown, int status)
{
    struct client *client = shutdown->handle->data;

    client->has_shut_down = true;
    if (status < 0 || client->has_ended)
        client_close(client);
}

static void on_written(uv_write_t *write, int status)
{
    struct client *client = write->handle->data;

    if (status < 0 || uv_shutdown(&client->shutdown, write->handle, on_shut_down) < 0)
        client_close(client);
}

/* The body that goes with `status`: the latest text, or a line that says what is wrong. */
static uv_buf_t answer_body(struct client *client, enum http_status status)
{
    static char lines[][64] = {"there is only /metrics\n", "there is only GET and HEAD\n",
                               "there is nothing to tell yet\n", "this is no request\n"};
    char *line = lines[3];

    if (status == HTTP_OK)
        return uv_buf_init(client->text->data, (unsigned)client->text->size);
    if (status == HTTP_NOT_FOUND)
        line = lines[0];
    else if (status == HTTP_METHOD_NOT_ALLOWED)
        line = lines[1];
    else if (status == HTTP_UNAVAILABLE)
        line = lines[2];
    return uv_buf_init(line, (unsigned)strlen(line));
}

static void client_answer(struct client *client, enum http_status status)
{
    if (status == HTTP_OK) {
        client->text = text_hold_latest(client->server);
        if (!client->text)
            status = HTTP_UNAVAILABLE;
    }
    uv_buf_t body = answer_body(client, status);
    int size = snprintf(client->head, sizeof client->head,
                        "HTTP/1.1 %d %s\r\n"
                        "Content-Type: %s\r\n"
                        "Content-Length: %zu\r\n"
                        "%s%s"
                        "Connection: close\r\n\r\n",
                        (int)status, status_reason(status),
                        status == HTTP_OK ? OPENMETRICS_CONTENT_TYPE : "text/plain; charset=utf-8",
                        body.len, status == HTTP_METHOD_NOT_ALLOWED ? "Allow: GET, HEAD\r\n" : "",
                        status == HTTP_UNAVAILABLE ? "Retry-After: 1\r\n" : "");
    uv_buf_t parts[] = {uv_buf_init(client->head, (unsigned)size), body};

    client->has_answered = true;
    if (uv_write(&client->write, (uv_stream_t *)&client->tcp, parts,
                 client->request.is_head ? 1 : 2, on_written) < 0)
        client_close(client);
}

/* --- the question ----------------------------------------------------------------------------- */

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct client *client = handle->data;

    (void)suggested;
    *buffer = uv_buf_init(client->server->input, sizeof client->server->input);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct client *client = stream->data;

    if (size == UV_EOF && client->has_answered && !client->has_shut_down) {
        /* It has nothing more to say, but may well be listening. */
        client->has_ended = true;
        uv_read_stop(stream);
        return;
    }
    if (size < 0) {
        client_close(client);
        return;
    }
    if (client->has_answered)
        return;
    enum http_status status = http_request_receive(&client->request, buffer->base, (size_t)size);
    if (status != HTTP_UNFINISHED)
        client_answer(client, status);
}

static struct client *client_place(struct metrics_server *server)
{
    for (size_t i = 0; i < METRICS_CONNECTIONS_MAX; i++)
        if (server->clients[i].handles_open == 0)
            return &server->clients[i];
    return NULL;
}

/* Accepts the connection that waits, if there is a place for it. */
static void client_begin(struct metrics_server *server)
{
    struct client *client = client_place(server);

    server->has_waiting = client == NULL;
    if (!client)
        return;
    memset(client, 0, sizeof *client);
    client->server = server;
    client->handles_open = 2;
    uv_tcp_init(&server->loop, &client->tcp);
    uv_timer_init(&server->loop, &client->timer);
    client->tcp.data = client->timer.data = client;
    if (uv_accept((uv_stream_t *)&server->listener, (uv_stream_t *)&client->tcp) < 0 ||
        uv_timer_start(&client->timer, on_timeout, METRICS_TIMEOUT_MS, 0) < 0 ||
        uv_read_start((uv_stream_t *)&client->tcp, on_allocate, on_read) < 0)
        client_close(client);
}

static void on_connection(uv_stream_t *listener, int status)
{
    /* No descriptor or no memory for one more: libuv has dropped it, and the others stay. */
    if (status == 0)
        client_begin(listener->data);
}

/* --- life ------------------------------------------------------------------------------------- */

static void on_stop(uv_async_t *stop)
{
    struct metrics_server *server = stop->data;

    uv_close((uv_handle_t *)&server->listener, NULL);
    uv_close((uv_handle_t *)&server->stop, NULL);
    server->is_stopping = true;
    for (size_t i = 0; i < METRICS_CONNECTIONS_MAX; i++)
        if (server->clients[i].handles_open > 0)
            client_close(&server->clients[i]);
}

static void *server_main(void *argument)
{
    struct metrics_server *server = argument;

    uv_run(&server->loop, UV_RUN_DEFAULT);
    return NULL;
}

/* Signals go to the thread that asked for them; a client who leaves is no SIGPIPE. */
static int thread_start(struct metrics_server *server)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&server->thread, NULL, server_main, server);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -error;
}

static int listener_start(struct metrics_server *server, uint16_t port)
{
    struct sockaddr_in address;
    int size = sizeof address;

    int error = uv_ip4_addr("127.0.0.1", port, &address);
    if (!error)
        error = uv_tcp_bind(&server->listener, (struct sockaddr *)&address, 0);
    if (!error)
        error = uv_listen((uv_stream_t *)&server->listener, BACKLOG, on_connection);
    if (!error)
        error = uv_tcp_getsockname(&server->listener, (struct sockaddr *)&address, &size);
    server->port = ntohs(address.sin_port);
    return error;
}

static void server_free(struct metrics_server *server)
{
    uv_loop_close(&server->loop);
    text_let_go(server, server->latest);
    pthread_mutex_destroy(&server->mutex);
    free(server);
}

int metrics_server_start(uint16_t port, struct metrics_server **started)
{
    struct metrics_server *server = calloc(1, sizeof *server);

    if (!server)
        return -ENOMEM;
    int error = uv_loop_init(&server->loop);
    if (error) {
        free(server);
        return error;
    }
    pthread_mutex_init(&server->mutex, NULL);
    error = uv_async_init(&server->loop, &server->stop, on_stop);
    if (error) {
        server_free(server);
        return error;
    }
    server->stop.data = server;
    uv_tcp_init(&server->loop, &server->listener);
    server->listener.data = server;
    error = listener_start(server, port);
    if (!error)
        error = thread_start(server);
    if (error) {
        on_stop(&server->stop);
        uv_run(&server->loop, UV_RUN_DEFAULT);
        server_free(server);
        return error;
    }
    *started = server;
    return 0;
}

uint16_t metrics_server_port(const struct metrics_server *server)
{
    return server->port;
}

void metrics_server_stop(struct metrics_server *server)
{
    uv_async_send(&server->stop);
    pthread_join(server->thread, NULL);
    server_free(server);
}
