/* SPDX-License-Identifier: MIT */
/*
 * session.h: one conversation with one client, without any input or output of its own.
 *
 * A session says what it needs next and is moved by whoever got it:
 *
 *     READ    bytes from the client:   session_input() -> read(2) -> session_received()
 *     WRITE   its output sent:         session_output() -> send(2) -> session_sent()
 *     WORK    a decoded request waits: session_execute(), on any thread, or session_reject()
 *     CLOSE   nothing more: session_end()
 *
 * session_advance() does the reading, executing and writing for models on a plain socket. Framing,
 * pipelining, half-closes, oversize frames and garbage are solved here, once. While output is
 * pending nothing more is read, so what one client can make the server hold is bounded by a message
 * and a reply; what a message holds grows with what has arrived, not with what was announced; and a
 * session that waits for the next request holds nothing.
 *
 * A session is used by one thread at a time; it may be handed over between calls.
 */
#ifndef MUELLE_SERVER_SESSION_H
#define MUELLE_SERVER_SESSION_H

#include <stdbool.h>

#include "common/buffer.h"
#include "protocol/protocol.h"
#include "server/counters.h"

struct server;
struct service;

enum session_need { SESSION_READ, SESSION_WRITE, SESSION_WORK, SESSION_CLOSE };

enum session_phase {
    SESSION_GREETING, /* the client has not greeted yet */
    SESSION_OPEN,     /* requests and replies */
    SESSION_PARTING,  /* an error was queued: send it, then close */
    SESSION_DEAD,     /* the connection is of no use any more */
};

/* Memory a worker lends to the session it is just moving, so that a thousand waiting sessions hold
 * none. Either side may be of any size from SESSION_SCRATCH_MIN up. Lasts as long as the session.
 */
struct session_scratch {
    struct space input, output;
};
enum { SESSION_SCRATCH_MIN = 512 };

struct session {
    struct server *server;     /* protocol, limits, service */
    struct counters *counters; /* of the worker that moves it */
    struct session_scratch scratch;
    enum session_need need;
    enum session_phase phase;
    bool blocks;      /* its socket blocks: EAGAIN there means the client was silent too long */
    bool half_closed; /* the client will send nothing more */
    bool lingers;     /* what was sent last must survive the close */

    struct bytes input;     /* received, not consumed: in the scratch or in kept_input */
    struct message request; /* with need WORK: the first request of `input` */
    size_t request_size;    /* its encoded size */
    size_t output_size;     /* bytes in the scratch's output */
    struct buffer kept_input, kept_output;
};

/* `blocks`: whether the client's socket does. */
void session_init(struct session *session, struct server *server, struct counters *counters,
                  struct session_scratch scratch, bool blocks);

static inline enum session_need session_need(const struct session *session)
{
    return session->need;
}

/* Need READ: where the next bytes go; never empty unless memory ran out (then need is CLOSE). */
struct space session_input(struct session *session) MUST_CHECK;
/* So many bytes were put there; 0: the client will send nothing more. */
void session_received(struct session *session, size_t size);

/* Need WRITE: the bytes to send next. */
struct bytes session_output(const struct session *session) MUST_CHECK;
/* So many of them are sent. */
void session_sent(struct session *session, size_t size);

/* Need WORK: executes the request; blocks as long as it asks for. */
void session_execute(struct session *session);

/* Need WORK: answers the request with ERROR_OVERLOADED instead of executing it. */
void session_reject(struct session *session);

/* From now on another worker moves the session: these are its counters and its scratch. What the
 * old scratch held was kept (session_keep()). */
void session_hand_over(struct session *session, struct counters *counters,
                       struct session_scratch scratch);

/* Copies out of the scratch whatever must outlive this turn. session_advance() does it by itself;
 * a model that moves a session by hand calls it before the scratch serves another session. */
void session_keep(struct session *session);

/* Moves the session as far as its socket allows, executing requests in line, at most
 * `requests_per_turn` of them so that no client starves the others. Returns what to wait for: READ
 * or WRITE on `fd` (WRITE also when requests are left over for the next turn: a writable socket
 * comes back at once, after the others), or CLOSE. On a blocking socket it blocks, and the caller
 * just calls it again. */
enum session_need session_advance(struct session *session, int fd);

/* The same, but a request that `leaves` says yes to is left for another thread: WORK is returned
 * when such a one waits and every reply before it is sent. */
typedef bool session_leaves(const struct service *service, const struct message *request);
enum session_need session_advance_until(struct session *session, int fd, session_leaves *leaves);

/* The same for a session whose request was executed elsewhere: sends the reply and goes on with
 * what has been read already. It reads nothing, for nobody has said that there is something. */
enum session_need session_resume(struct session *session, int fd, session_leaves *leaves);

/* Ends the conversation: counts the close and frees what the session holds. The socket is left to
 * the caller, to be closed at once, or by farewell_close() if the session `lingers`. */
void session_finish(struct session *session);

/* Ends the conversation like session_finish(), and gives `fd` away to be closed, politely where
 * something was said last. It may stay open for a while: whoever watches it must have stopped
 * before. */
void session_end(struct session *session, int fd);

#endif
