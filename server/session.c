/* SPDX-License-Identifier: MIT */
#include "server/session.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/payload.h"
#include "server/farewell.h"
#include "server/server.h"

static void session_decide(struct session *session);

void session_init(struct session *session, struct server *server, struct counters *counters,
                  struct session_scratch scratch, bool blocks)
{
    assert(scratch.input.size >= SESSION_SCRATCH_MIN && scratch.output.size >= SESSION_SCRATCH_MIN);
    *session = (struct session){.server = server,
                                .counters = counters,
                                .scratch = scratch,
                                .need = SESSION_READ,
                                .phase = SESSION_GREETING,
                                .blocks = blocks};
}

static void session_die(struct session *session)
{
    session->phase = SESSION_DEAD;
    session->need = SESSION_CLOSE;
}

/* --- input ------------------------------------------------------------------------------------ */

struct space session_input(struct session *session)
{
    struct space space = session->scratch.input;
    size_t size = session->input.size;

    /* A small rest goes (back) to the front of the scratch: memory of its own has room for the rest
     * of that message and little more, so that pipelined messages would cost a call each. */
    if (size <= space.size / 2) {
        if (size > 0)
            memmove(space.data, session->input.data, size);
        buffer_release(&session->kept_input);
        session->input = (struct bytes){space.data, size};
        return space_after(space, size);
    }
    session_keep(session);
    /* Asking for one more byte doubles a full buffer: room grows with what has arrived. */
    space = buffer_reserve(&session->kept_input, 1);
    if (!space.data)
        session_die(session);
    session->input = buffer_bytes(&session->kept_input); /* it may have moved */
    return space;
}

void session_received(struct session *session, size_t size)
{
    if (size == 0) {
        session->half_closed = true;
    } else {
        counters_add(session->counters, COUNTER_BYTES_IN, size);
        if (buffer_size(&session->kept_input) > 0) {
            buffer_appended(&session->kept_input, size);
            session->input = buffer_bytes(&session->kept_input);
        } else {
            session->input =
                (struct bytes){session->scratch.input.data, session->input.size + size};
        }
    }
    session_decide(session);
}

static void session_consume_input(struct session *session, size_t size)
{
    if (buffer_size(&session->kept_input) > 0) {
        buffer_consume(&session->kept_input, size);
        session->input = buffer_bytes(&session->kept_input);
    } else {
        session->input = bytes_after(session->input, size);
    }
}

/* --- output ----------------------------------------------------------------------------------- */

/* Room for `size` bytes of output: in the scratch as long as everything fits there. */
static struct space session_output_space(struct session *session, size_t size)
{
    struct space left = space_after(session->scratch.output, session->output_size);

    if (buffer_size(&session->kept_output) == 0 && left.size >= size)
        return left;
    if (session->output_size > 0) {
        struct bytes queued = {session->scratch.output.data, session->output_size};

        if (!buffer_append(&session->kept_output, queued))
            return (struct space){NULL, 0};
        session->output_size = 0;
    }
    return buffer_reserve(&session->kept_output, size);
}

static void session_output_made(struct session *session, struct space space, size_t size)
{
    if (space.data == session->scratch.output.data + session->output_size)
        session->output_size += size;
    else
        buffer_appended(&session->kept_output, size);
}

static size_t session_output_pending(const struct session *session)
{
    return session->output_size + buffer_size(&session->kept_output);
}

struct bytes session_output(const struct session *session)
{
    if (buffer_size(&session->kept_output) > 0)
        return buffer_bytes(&session->kept_output);
    return (struct bytes){session->scratch.output.data, session->output_size};
}

void session_sent(struct session *session, size_t size)
{
    counters_add(session->counters, COUNTER_BYTES_OUT, size);
    if (buffer_size(&session->kept_output) > 0) {
        buffer_consume(&session->kept_output, size);
    } else if (size == session->output_size) {
        session->output_size = 0;
    } else {
        /* The socket is full: what is left waits in memory of the session's own. */
        struct bytes left = {session->scratch.output.data + size, session->output_size - size};

        session->output_size = 0;
        if (!buffer_append(&session->kept_output, left)) {
            session_die(session);
            return;
        }
    }
    session_decide(session);
}

void session_keep(struct session *session)
{
    bool kept = true;

    if (buffer_size(&session->kept_input) == 0 && session->input.size > 0) {
        kept = buffer_append(&session->kept_input, session->input);
        session->input = buffer_bytes(&session->kept_input);
        /* The request's payload has moved along. */
        if (kept && session->need == SESSION_WORK)
            session_decide(session);
    }
    if (session->output_size > 0) {
        struct bytes queued = {session->scratch.output.data, session->output_size};

        kept = buffer_append(&session->kept_output, queued) && kept;
        session->output_size = 0;
    }
    if (!kept)
        session_die(session);
}

void session_hand_over(struct session *session, struct counters *counters,
                       struct session_scratch scratch)
{
    assert(session->output_size == 0 &&
           (session->input.size == 0 || buffer_size(&session->kept_input) > 0));
    session->counters = counters;
    session->scratch = scratch;
}

/* --- the conversation ------------------------------------------------------------------------- */

/* Queues a last word; when it is sent the connection ends. */
static void session_part(struct session *session, struct space space, size_t size)
{
    counters_add(session->counters, COUNTER_ERRORS, 1);
    session_output_made(session, space, size);
    session->phase = SESSION_PARTING;
    session->lingers = true;
}

static void session_greet(struct session *session)
{
    const struct protocol *protocol = session->server->protocol;
    ssize_t consumed = protocol->decode_greeting(session->input);

    if (consumed == 0)
        return;
    enum welcome welcome = consumed > 0 ? WELCOME_OK : WELCOME_ERROR;
    struct space space = session_output_space(session, WELCOME_SIZE_MAX);
    ssize_t size = space.data ? protocol->encode_welcome(welcome, space) : -ENOMEM;

    if (size < 0) {
        session_die(session);
    } else if (welcome == WELCOME_ERROR) {
        session_part(session, space, (size_t)size);
    } else {
        session_output_made(session, space, (size_t)size);
        session_consume_input(session, (size_t)consumed);
        session->phase = SESSION_OPEN;
    }
}

/* True when a whole request waits at the front of the input. */
static bool session_decode(struct session *session)
{
    ssize_t consumed = session->server->protocol->decode_request(
        session->input, session->server->config->message_max, &session->request);

    if (consumed < 0) {
        uint32_t code = consumed == -EMSGSIZE ? ERROR_MESSAGE_TOO_LARGE : ERROR_BROKEN_FRAME;
        struct space space = session_output_space(session, SERVICE_ERROR_SIZE_MAX);

        if (space.data)
            session_part(session, space, service_error(&session->server->service, code, space));
        else
            session_die(session);
        return false;
    }
    session->request_size = (size_t)consumed;
    return consumed > 0;
}

/* What next? Replies are collected while requests are at hand and the scratch has room, so that
 * pipelined requests share a system call. */
static void session_decide(struct session *session)
{
    bool request_waits = false;

    if (session->phase == SESSION_GREETING)
        session_greet(session);
    if (session->phase == SESSION_OPEN)
        request_waits = session_decode(session);

    size_t pending = session_output_pending(session);

    if (session->phase == SESSION_DEAD)
        return; /* session_die() has said what is needed now */
    if (request_waits && pending < session->scratch.output.size / 2)
        session->need = SESSION_WORK;
    else if (pending > 0)
        session->need = SESSION_WRITE;
    else if (session->phase == SESSION_PARTING || session->half_closed)
        session->need = SESSION_CLOSE;
    else
        session->need = SESSION_READ;
}

/* The request at hand has its reply, of `size` bytes in `space`. */
static void session_answered(struct session *session, struct space space, size_t size,
                             bool is_error)
{
    counters_add(session->counters, COUNTER_REQUESTS, 1);
    if (is_error)
        counters_add(session->counters, COUNTER_ERRORS, 1);
    session_output_made(session, space, size);
    session_consume_input(session, session->request_size);
    session_decide(session);
}

void session_execute(struct session *session)
{
    const struct service *service = &session->server->service;
    bool is_error;

    assert(session->need == SESSION_WORK);
    struct space space =
        session_output_space(session, service_reply_size_max(service, &session->request));

    if (!space.data) {
        session_die(session);
        return;
    }
    size_t size = service_execute(service, &session->request, space, &is_error);

    session_answered(session, space, size, is_error);
}

void session_reject(struct session *session)
{
    assert(session->need == SESSION_WORK);
    struct space space = session_output_space(session, SERVICE_ERROR_SIZE_MAX);

    if (!space.data) {
        session_die(session);
        return;
    }
    size_t size = service_error(&session->server->service, ERROR_OVERLOADED, space);

    session_answered(session, space, size, true);
}

/* --- on a socket ------------------------------------------------------------------------------ */

/* True when the call is to be made again. */
static bool session_failed(struct session *session)
{
    if (errno == EINTR)
        return true;
    if ((errno != EAGAIN && errno != EWOULDBLOCK) || session->blocks)
        session_die(session);
    return false;
}

/* Each returns true when it got somewhere. */
static bool session_write(struct session *session, int fd)
{
    struct bytes output = session_output(session);
    ssize_t sent;

    do {
        counters_add(session->counters, COUNTER_IO_CALLS, 1);
        sent = send(fd, output.data, output.size, MSG_NOSIGNAL);
    } while (sent < 0 && session_failed(session));
    if (sent >= 0)
        session_sent(session, (size_t)sent);
    return sent >= 0;
}

static bool session_read(struct session *session, int fd, bool *drained)
{
    struct space space = session_input(session);
    ssize_t received;

    if (!space.data)
        return false;
    do {
        counters_add(session->counters, COUNTER_IO_CALLS, 1);
        received = recv(fd, space.data, space.size, 0);
    } while (received < 0 && session_failed(session));
    if (received >= 0)
        session_received(session, (size_t)received);
    /* A stream socket that gave less than it was asked for is empty; the end of it is not. */
    *drained = received > 0 && (size_t)received < space.size;
    return received >= 0;
}

/* Is the request at hand one for another thread? */
static bool session_leaves_request(const struct session *session, session_leaves *leaves)
{
    return session->need == SESSION_WORK && leaves &&
           leaves(&session->server->service, &session->request);
}

/* `drained`: there is nothing to read as far as anybody knows. */
static enum session_need session_move(struct session *session, int fd, session_leaves *leaves,
                                      bool drained)
{
    unsigned requests_left = session->server->config->requests_per_turn;
    bool moved = true;

    while (moved && session->need != SESSION_CLOSE) {
        if (session->need == SESSION_WORK && requests_left > 0 &&
            !session_leaves_request(session, leaves)) {
            session_execute(session);
            requests_left--;
        } else if (session->need == SESSION_READ) {
            moved = !drained && session_read(session, fd, &drained);
        } else if (session_output_pending(session) > 0) {
            moved = session_write(session, fd);
        } else {
            moved = false; /* the turn is over and requests are left, or one for another thread */
        }
    }
    if (session->need != SESSION_CLOSE)
        session_keep(session);
    if (session->need != SESSION_WORK)
        return session->need;
    return session_output_pending(session) == 0 && session_leaves_request(session, leaves)
               ? SESSION_WORK
               : SESSION_WRITE;
}

enum session_need session_advance(struct session *session, int fd)
{
    return session_move(session, fd, NULL, false);
}

enum session_need session_advance_until(struct session *session, int fd, session_leaves *leaves)
{
    return session_move(session, fd, leaves, false);
}

enum session_need session_resume(struct session *session, int fd, session_leaves *leaves)
{
    return session_move(session, fd, leaves, true);
}

void session_finish(struct session *session)
{
    counters_add(session->counters, COUNTER_CLOSES, 1);
    buffer_release(&session->kept_input);
    buffer_release(&session->kept_output);
    /* Its place is free before the client sees the end: it may come again at once. */
    server_client_left(session->server);
}

void session_end(struct session *session, int fd)
{
    session_finish(session);
    if (session->lingers)
        farewell_close(&session->server->farewell, fd);
    else
        close(fd);
}
