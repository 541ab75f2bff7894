/* SPDX-License-Identifier: MIT */
#include "server/parts/ring_multishot.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum {
    BUFFER_SIZE = 8 * 1024, /* a large message takes several; of a small one a page is touched */
    ENTRIES_PER_BUFFER = 4, /* for a buffer is only needed from a receive to the next turn */
    BUFFERS_MIN = 8,
    BACKLOG_MAX = 64 * 1024, /* as much as the scratch */
};

struct multishot_client {
    struct ring_client ring; /* first */
    struct buffer backlog;   /* received, and the session cannot take it yet */
    bool ended;              /* after the backlog, the client says nothing more */
    uint8_t *output;         /* set aside while the kernel sends it; NULL: none */
};

/* --- output ----------------------------------------------------------------------------------- */

static struct ring_multishot *multishot_of(const struct ring_client *client)
{
    return (struct ring_multishot *)client->loop;
}

/* What comes next may work in it. */
static struct session_scratch multishot_scratch(struct ring_multishot *multishot)
{
    uint8_t *output = multishot->outputs_free[multishot->outputs_free_count - 1];

    return (struct session_scratch){{multishot->input, RING_SCRATCH_SIZE},
                                    {output, RING_SCRATCH_SIZE}};
}

static struct session_scratch multishot_lend(struct ring_client *base)
{
    struct multishot_client *client = (struct multishot_client *)base;

    client->backlog = (struct buffer){0};
    client->ended = false;
    client->output = NULL;
    return multishot_scratch(multishot_of(base));
}

/* The session is about to work, and nothing of it lies in the scratch it had. */
static void multishot_lend_again(struct ring_client *client)
{
    session_hand_over(&client->client.session, client->loop->counters,
                      multishot_scratch(multishot_of(client)));
}

static void multishot_hold(struct ring_client *base)
{
    struct multishot_client *client = (struct multishot_client *)base;
    struct ring_multishot *multishot = multishot_of(base);
    struct session *session = &base->client.session;
    uint8_t *last = multishot->outputs_free[multishot->outputs_free_count - 1];
    struct bytes output = session_output(session);

    if (output.size > 0 && output.data == last && session->input.size == 0 &&
        multishot->outputs_free_count > 1) {
        multishot->outputs_free_count--;
        client->output = last;
    } else {
        session_keep(session);
    }
}

static void multishot_give_output_back(struct multishot_client *client)
{
    struct ring_multishot *multishot = multishot_of(&client->ring);

    if (client->output)
        multishot->outputs_free[multishot->outputs_free_count++] = client->output;
    client->output = NULL;
}

/* What was not sent has been copied: it waits in memory of the session's own. */
static void multishot_sent(struct ring_client *client)
{
    multishot_give_output_back((struct multishot_client *)client);
    multishot_lend_again(client);
}

/* --- input ------------------------------------------------------------------------------------ */

/* The session, which wants to read, gets as much of `bytes` as it has room for. Returns how much;
 * with 0 it has failed. */
static size_t multishot_feed(struct ring_client *client, struct bytes bytes)
{
    struct session *session = &client->client.session;
    struct space space;
    size_t size;

    multishot_lend_again(client);
    space = session_input(session);
    size = bytes.size < space.size ? bytes.size : space.size;
    if (!space.data)
        return 0;
    assert(bytes.data); /* what is received comes in a buffer */
    memcpy(space.data, bytes.data, size);
    session_received(session, size);
    return size;
}

static bool can_take_input(const struct multishot_client *client)
{
    return !client->ring.send.in_flight && buffer_size(&client->backlog) == 0 &&
           session_need(&client->ring.client.session) == SESSION_READ;
}

/* Gives the session what has arrived, and keeps what it cannot take. False when memory ran out. */
static bool multishot_take(struct multishot_client *client, struct bytes arrived)
{
    if (can_take_input(client))
        arrived = bytes_after(arrived, multishot_feed(&client->ring, arrived));
    if (arrived.size == 0 || session_need(&client->ring.client.session) == SESSION_CLOSE)
        return true;
    if (buffer_size(&client->backlog) + arrived.size > BACKLOG_MAX &&
        buffer_size(&client->backlog) <= BACKLOG_MAX)
        ring_cancel(&client->ring.loop->ring, &client->ring.receive);
    return buffer_append(&client->backlog, arrived);
}

/* When the store was empty (ENOBUFS) the receive has ended, and what came is still in the socket:
 * the client is moved, and multishot_receive() asks again. By then the buffers of this turn are
 * back. */
static void multishot_received(struct ring_operation *operation, int result, unsigned flags)
{
    struct multishot_client *client = operation->owner;
    struct ring_multishot *multishot = multishot_of(&client->ring);
    const uint8_t *data = ring_buffers_taken(&multishot->buffers, flags);
    bool failed = client->ring.closing;

    if (result > 0 && !failed)
        failed = !multishot_take(client, (struct bytes){data, (size_t)result});
    else if (result == 0)
        client->ended = true;
    else if (result != -ENOBUFS && result != -ECANCELED && result != -EINTR && result != -EAGAIN)
        failed = true;
    ring_buffers_give_back(&multishot->buffers, flags);
    if (failed)
        ring_client_close(&client->ring);
    else
        ring_client_move(&client->ring);
}

static bool multishot_receive(struct ring_client *base)
{
    struct multishot_client *client = (struct multishot_client *)base;
    struct ring *ring = &base->loop->ring;
    struct io_uring_sqe *entry;

    if (buffer_size(&client->backlog) > 0) {
        buffer_consume(&client->backlog, multishot_feed(base, buffer_bytes(&client->backlog)));
        return true;
    }
    if (client->ended) {
        session_received(&base->client.session, 0);
        return true;
    }
    if (!ring_operation_is_over(&base->receive))
        return false;
    entry = ring_next(ring);
    io_uring_prep_recv_multishot(entry, base->client.fd, NULL, 0, 0);
    entry->flags |= IOSQE_BUFFER_SELECT;
    entry->buf_group = RING_BUFFERS_GROUP;
    ring_start(ring, entry, &base->receive);
    return false;
}

static void multishot_release(struct ring_client *base)
{
    struct multishot_client *client = (struct multishot_client *)base;

    multishot_give_output_back(client);
    buffer_release(&client->backlog);
}

static const struct ring_receiver MULTISHOT = {
    .client_size = sizeof(struct multishot_client),
    .accepts_many = true,
    .received = multishot_received,
    .lend = multishot_lend,
    .receive = multishot_receive,
    .hold = multishot_hold,
    .sent = multishot_sent,
    .release = multishot_release,
};

bool ring_multishot_probe(const char **reason)
{
    return ring_probe(RING_MULTISHOT_FLAGS, true, reason);
}

int ring_multishot_init(struct ring_multishot *multishot, struct server *server, int listen_fd)
{
    int failed = ring_loop_init(&multishot->loop, server, NULL, listen_fd, &MULTISHOT,
                                RING_MULTISHOT_FLAGS | IORING_SETUP_R_DISABLED);
    unsigned buffers_count;

    if (failed < 0)
        return failed;
    /* The kernel has rounded the entries to a power of two, so this is one, too. */
    buffers_count = multishot->loop.ring.uring.sq.ring_entries / ENTRIES_PER_BUFFER;
    if (buffers_count < BUFFERS_MIN)
        buffers_count = BUFFERS_MIN;
    failed =
        ring_buffers_init(&multishot->buffers, &multishot->loop.ring, buffers_count, BUFFER_SIZE);
    if (failed < 0)
        ring_loop_release(&multishot->loop);
    multishot->outputs_free_count = RING_OUTPUTS_COUNT;
    for (unsigned i = 0; i < RING_OUTPUTS_COUNT; i++)
        multishot->outputs_free[i] = multishot->outputs[i];
    return failed;
}

void ring_multishot_release(struct ring_multishot *multishot)
{
    ring_loop_release(&multishot->loop);
    ring_buffers_release(&multishot->buffers);
}

void ring_multishot_run(struct ring_multishot *multishot, struct counters *counters)
{
    multishot->loop.counters = counters;
    ring_enable(&multishot->loop.ring);
    ring_loop_run(&multishot->loop);
}
