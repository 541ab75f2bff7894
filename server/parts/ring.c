/* SPDX-License-Identifier: MIT */
#include "server/parts/ring.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "common/clock.h"

enum {
    RESULTS_PER_TURN = 256, /* completed before the clock is looked at again */
    /* A client may have results of a receive, a send and a cancellation at the same time; what does
     * not fit waits in the kernel, but costs it memory and time. */
    RESULTS_PER_ENTRY = 4,
    PAUSE_MS = 10, /* where only time helps */
};

/* --- the ring --------------------------------------------------------------------------------- */

int ring_open(struct ring *ring, unsigned entries, unsigned flags)
{
    const unsigned needed = IORING_FEAT_NODROP | IORING_FEAT_EXT_ARG;
    struct io_uring_params params = {
        .flags = flags | IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE,
        .cq_entries = entries * RESULTS_PER_ENTRY,
    };
    int failed = io_uring_queue_init_params(entries, &ring->uring, &params);

    ring->in_flight = 0;
    if (failed == 0 && (params.features & needed) != needed) {
        io_uring_queue_exit(&ring->uring);
        return -EINVAL;
    }
    return failed;
}

void ring_enable(struct ring *ring)
{
    /* io_uring_enable_rings(), which liburing 2.3 declares and does not export. */
    int failed =
        io_uring_register((unsigned)ring->uring.ring_fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0);

    assert(failed == 0); /* it fails for a ring that is enabled already, and for nothing else */
}

void ring_close(struct ring *ring)
{
    assert(ring->in_flight == 0);
    io_uring_queue_exit(&ring->uring);
}

struct io_uring_sqe *ring_next(struct ring *ring)
{
    struct io_uring_sqe *entry = io_uring_get_sqe(&ring->uring);

    while (!entry) {
        /* The queue is full. What the kernel does not take for want of memory it takes later. */
        if (io_uring_submit(&ring->uring) <= 0)
            poll(NULL, 0, PAUSE_MS);
        entry = io_uring_get_sqe(&ring->uring);
    }
    return entry;
}

void ring_start(struct ring *ring, struct io_uring_sqe *entry, struct ring_operation *operation)
{
    assert(ring_operation_is_over(operation));
    io_uring_sqe_set_data(entry, operation);
    operation->in_flight = true;
    ring->in_flight++;
}

/* Every result comes back with an address: of its operation, or, when it is the result of a
 * cancellation, of the byte behind the operation's first. */
enum { CANCELLATION = 1 };

void ring_cancel(struct ring *ring, struct ring_operation *operation)
{
    struct io_uring_sqe *entry;

    if (!operation->in_flight || operation->cancelling)
        return;
    entry = ring_next(ring);
    io_uring_prep_cancel(entry, operation, 0);
    io_uring_sqe_set_data(entry, (char *)operation + CANCELLATION);
    operation->cancelling = true;
    ring->in_flight++;
}

static void ring_cancelled(struct ring *ring, struct ring_operation *operation, int result)
{
    operation->cancelling = false;
    if (!operation->in_flight)
        operation->complete(operation, -ECANCELED, 0); /* nobody was told that it is over */
    else if (result == -ENOENT)
        ring_cancel(ring, operation); /* it was just on its way from one queue to another */
}

static void ring_complete(struct ring *ring, const struct io_uring_cqe *result)
{
    char *address = io_uring_cqe_get_data(result);
    size_t is_cancellation = (uintptr_t)address & CANCELLATION;
    struct ring_operation *operation = (struct ring_operation *)(void *)(address - is_cancellation);
    bool goes_on = result->flags & IORING_CQE_F_MORE;

    ring->in_flight -= !goes_on;
    if (is_cancellation) {
        ring_cancelled(ring, operation, result->res);
    } else {
        operation->in_flight = goes_on;
        operation->complete(operation, result->res, result->flags);
    }
}

/* Errors are a timeout, an interruption, or want of memory: what was not handed over is handed over
 * in the next turn. */
static int ring_wait(struct ring *ring, uint64_t timeout_ns)
{
    struct timespec time = timespec_from_ns(timeout_ns);
    struct __kernel_timespec timeout = {time.tv_sec, time.tv_nsec};
    struct io_uring_cqe *first;

    if (timeout_ns == UINT64_MAX)
        return io_uring_submit_and_wait(&ring->uring, 1);
    return io_uring_submit_and_wait_timeout(&ring->uring, &first, 1, &timeout, NULL);
}

unsigned ring_turn(struct ring *ring, uint64_t timeout_ns)
{
    struct io_uring_cqe *results[RESULTS_PER_TURN];
    int waited = ring_wait(ring, timeout_ns);
    uint64_t handed_over_ns = clock_last_tick_ns();
    unsigned count;

    if (waited == -EAGAIN || waited == -ENOMEM)
        poll(NULL, 0, PAUSE_MS);
    count = io_uring_peek_batch_cqe(&ring->uring, results, RESULTS_PER_TURN);
    for (unsigned i = 0; i < count; i++) {
        uint64_t now_ns = clock_last_tick_ns();

        /* Replies do not wait for the work of everybody who comes after them: where a turn takes
         * long, what is to be sent is handed over at every tick. */
        if (now_ns != handed_over_ns)
            (void)io_uring_submit(&ring->uring); /* what it does not take is taken at the end */
        handed_over_ns = now_ns;
        ring_complete(ring, results[i]);
    }
    io_uring_cq_advance(&ring->uring, count);
    return count;
}

bool ring_has_result_of(const struct ring *ring, const struct ring_operation *operation)
{
    struct io_uring_cqe *result;
    unsigned index;

    io_uring_for_each_cqe(&ring->uring, index, result)
    {
        if (io_uring_cqe_get_data(result) == operation)
            return true;
    }
    /* What did not fit cannot be looked at. */
    return io_uring_cq_has_overflow(&ring->uring);
}

/* --- buffers the kernel chooses from ---------------------------------------------------------- */

static size_t ring_buffers_map_size(unsigned count)
{
    return count * sizeof(struct io_uring_buf);
}

static void ring_buffers_add(struct ring_buffers *buffers, unsigned index)
{
    io_uring_buf_ring_add(buffers->free, buffers->memory + index * buffers->size,
                          (unsigned)buffers->size, (unsigned short)index,
                          io_uring_buf_ring_mask(buffers->count), 0);
    io_uring_buf_ring_advance(buffers->free, 1);
}

int ring_buffers_init(struct ring_buffers *buffers, struct ring *ring, unsigned count, size_t size)
{
    struct io_uring_buf_reg registration = {.ring_entries = count, .bgid = RING_BUFFERS_GROUP};
    int failed = -ENOMEM;

    *buffers = (struct ring_buffers){.count = count, .size = size};
    /* The kernel wants it at the beginning of a page. */
    buffers->free = mmap(NULL, ring_buffers_map_size(count), PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (buffers->free == MAP_FAILED)
        return -errno;
    buffers->memory = malloc(count * size);
    if (!buffers->memory)
        goto undo_map;
    registration.ring_addr = (uintptr_t)buffers->free;
    failed = io_uring_register_buf_ring(&ring->uring, &registration, 0);
    if (failed < 0)
        goto undo_memory;
    io_uring_buf_ring_init(buffers->free);
    for (unsigned i = 0; i < count; i++)
        ring_buffers_add(buffers, i);
    return 0;

undo_memory:
    free(buffers->memory);
undo_map:
    munmap(buffers->free, ring_buffers_map_size(count));
    return failed;
}

void ring_buffers_release(struct ring_buffers *buffers)
{
    munmap(buffers->free, ring_buffers_map_size(buffers->count));
    free(buffers->memory);
}

const uint8_t *ring_buffers_taken(const struct ring_buffers *buffers, unsigned flags)
{
    if (!(flags & IORING_CQE_F_BUFFER))
        return NULL;
    return buffers->memory + (flags >> IORING_CQE_BUFFER_SHIFT) * buffers->size;
}

void ring_buffers_give_back(struct ring_buffers *buffers, unsigned flags)
{
    if (flags & IORING_CQE_F_BUFFER)
        ring_buffers_add(buffers, flags >> IORING_CQE_BUFFER_SHIFT);
}

/* --- the probe -------------------------------------------------------------------------------- */

static const char *why_not(int error)
{
    switch (error) {
    case ENOSYS:
        return "this kernel has no io_uring";
    case EPERM:
    case EACCES:
        return "io_uring is not allowed here: kernel.io_uring_disabled is set, or a sandbox "
               "forbids it";
    case ENOMEM:
        return "there is no memory for an io_uring, or it may not be locked (ulimit -l)";
    case EMFILE:
    case ENFILE:
        return "no descriptor is left for an io_uring";
    default:
        return "this kernel's io_uring is too old for it: it needs Linux 6.1";
    }
}

/* True if the kernel knows all that the loops ask for. */
static bool knows_operations(struct ring *ring)
{
    static const int NEEDED[] = {IORING_OP_ACCEPT, IORING_OP_RECV, IORING_OP_SEND,
                                 IORING_OP_POLL_ADD, IORING_OP_ASYNC_CANCEL};
    struct io_uring_probe *probe = io_uring_get_probe_ring(&ring->uring);
    bool knows = probe;

    for (size_t i = 0; knows && i < sizeof NEEDED / sizeof *NEEDED; i++)
        knows = io_uring_opcode_supported(probe, NEEDED[i]);
    io_uring_free_probe(probe);
    return knows;
}

bool ring_probe(unsigned flags, bool with_buffers, const char **reason)
{
    enum { ENTRIES = 8 };
    struct ring_buffers buffers;
    struct ring ring;
    int failed = ring_open(&ring, ENTRIES, flags);

    if (failed == 0) {
        if (!knows_operations(&ring))
            failed = -EINVAL;
        if (failed == 0 && with_buffers)
            failed = ring_buffers_init(&buffers, &ring, ENTRIES, ENTRIES);
        ring_close(&ring);
        if (failed == 0 && with_buffers)
            ring_buffers_release(&buffers);
    }
    if (failed < 0)
        *reason = why_not(-failed);
    return failed == 0;
}
