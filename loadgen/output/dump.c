/* SPDX-License-Identifier: MIT */
/*
 * dump.c: the writer thread.
 *
 * It looks at every ring in turn, turns records into rows in one block and writes the block when it
 * is full. With nothing to take it writes what the block holds and sleeps a few milliseconds: being
 * woken by each record would cost the producer a system call.
 *
 * A pipe is written to only when it says that it has room, and no more than it then surely takes:
 * the thread never blocks inside write(2), and can give up.
 */
#include "loadgen/output/dump.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "loadgen/output/dump_format.h"

enum {
    BLOCK_SIZE = 64 * 1024,
    /* A room of this size is what POLLOUT of a pipe promises: PIPE_BUF of Linux. */
    PIPE_ROOM = 4096,
    ROOM_WAIT_MS = 100,
    GIVE_UP_AFTER_MS = 5000,
    /* A ring fills in 5 ms only above 13 million requests a second. */
    IDLE_SLEEP_MS = 5,
    COMMAS_AND_LINE_END = 6,
};

static const char header[] = "intended_s,sent_s,received_s,class,connection,outcome\n";

/* Fields as they stand in a row. Owns all of it. */
struct fields {
    char **texts;
    size_t count, size_max;
};

/* Owned by whoever called dump_open(); everything below `thread` is the writer's alone while it
 * runs. */
struct dump {
    struct dump_channel *channels;
    unsigned channels_count;
    struct fields classes, outcomes;

    pthread_mutex_t mutex; /* guards the three below */
    pthread_cond_t changed;
    bool has_epoch, is_closing;
    uint64_t epoch_ns;

    pthread_t thread;
    int fd;
    bool owns_fd, is_regular;
    char *block;
    size_t block_size, block_rows;
    struct dump_result result;
};

/* --- the file --------------------------------------------------------------------------------- */

static bool is_closing(struct dump *dump)
{
    pthread_mutex_lock(&dump->mutex);
    bool closing = dump->is_closing;
    pthread_mutex_unlock(&dump->mutex);
    return closing;
}

/* 0 when a pipe has room; -ETIMEDOUT when it had none for too long after the run has ended; -errno.
 */
static int wait_for_room(struct dump *dump)
{
    struct pollfd out = {.fd = dump->fd, .events = POLLOUT};
    unsigned closing_ms = 0;

    for (;;) {
        int ready = poll(&out, 1, ROOM_WAIT_MS);
        if (ready > 0)
            return 0;
        if (ready < 0 && errno != EINTR)
            return -errno;
        if (is_closing(dump))
            closing_ms += ROOM_WAIT_MS;
        if (closing_ms >= GIVE_UP_AFTER_MS)
            return -ETIMEDOUT;
    }
}

/* Writes all of it: 0 or -errno. *written is what went out either way. */
static int file_write_all(struct dump *dump, const char *data, size_t size, size_t *written)
{
    *written = 0;
    while (*written < size) {
        size_t piece = size - *written;

        if (!dump->is_regular) {
            int error = wait_for_room(dump);
            if (error)
                return error;
            piece = piece < PIPE_ROOM ? piece : PIPE_ROOM;
        }
        ssize_t result = write(dump->fd, data + *written, piece);
        if (result >= 0)
            *written += (size_t)result;
        else if (errno != EINTR && errno != EAGAIN)
            return -errno;
    }
    return 0;
}

/* Rows that `data` holds whole; a line break within quotes ends none. */
static size_t rows_whole(const char *data, size_t size)
{
    bool is_quoted = false;
    size_t rows = 0;

    for (size_t i = 0; i < size; i++) {
        if (data[i] == '"')
            is_quoted = !is_quoted;
        rows += data[i] == '\n' && !is_quoted;
    }
    return rows;
}

static void block_flush(struct dump *dump)
{
    struct dump_result *result = &dump->result;
    size_t rows = dump->block_rows;
    size_t written;

    if (!result->failed) {
        result->failed = file_write_all(dump, dump->block, dump->block_size, &written);
        if (result->failed)
            rows = rows_whole(dump->block, written);
        result->written += rows;
        result->lost += dump->block_rows - rows;
    } else {
        result->lost += rows;
    }
    dump->block_size = dump->block_rows = 0;
}

/* --- rows ------------------------------------------------------------------------------------- */

static void fields_release(struct fields *fields)
{
    for (size_t i = 0; i < fields->count; i++)
        free(fields->texts[i]);
    free(fields->texts);
}

static int fields_init(struct fields *fields, const char *const *names, size_t count)
{
    fields->texts = calloc(count > 0 ? count : 1, sizeof *fields->texts);
    if (!fields->texts)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        fields->texts[i] = dump_format_field(names[i]);
        if (!fields->texts[i])
            return -ENOMEM;
        fields->count = i + 1;
        size_t size = strlen(fields->texts[i]);
        if (size > fields->size_max)
            fields->size_max = size;
    }
    return 0;
}

static char *field_copy(const struct fields *fields, unsigned index, char *to)
{
    assert(index < fields->count);
    return stpcpy(to, fields->texts[index]);
}

static size_t row_size_max(const struct dump *dump)
{
    return (size_t)3 * DUMP_INSTANT_SIZE_MAX + dump->classes.size_max + DUMP_NUMBER_SIZE_MAX +
           dump->outcomes.size_max + COMMAS_AND_LINE_END;
}

/* The block has room for a row of any size past BLOCK_SIZE. */
static void row_append(struct dump *dump, const struct dump_record *record)
{
    char *to = dump->block + dump->block_size;

    to = dump_format_instant(record->intended_ns, dump->epoch_ns, to);
    *to++ = ',';
    to = dump_format_instant(record->sent_ns, dump->epoch_ns, to);
    *to++ = ',';
    to = dump_format_instant(record->received_ns, dump->epoch_ns, to);
    *to++ = ',';
    to = field_copy(&dump->classes, record->class_index, to);
    *to++ = ',';
    if (record->connection != DUMP_NO_CONNECTION)
        to = dump_format_number(record->connection, to);
    *to++ = ',';
    to = field_copy(&dump->outcomes, record->outcome, to);
    *to++ = '\n';
    dump->block_size = (size_t)(to - dump->block);
    dump->block_rows++;
}

/* --- the writer ------------------------------------------------------------------------------- */

/* Takes what is in the ring, at most a block of it; true when that was anything. The places are
 * given back before the block is written, which may take long. */
static bool channel_take(struct dump *dump, struct dump_channel *channel)
{
    /* Acquire: the records are whole up to here. Our own index needs no order to read. */
    uint64_t put = atomic_load_explicit(&channel->put_count, memory_order_acquire);
    uint64_t taken = atomic_load_explicit(&channel->taken_count, memory_order_relaxed);
    bool took = taken < put;

    while (taken < put && dump->block_size < BLOCK_SIZE)
        row_append(dump, &channel->records[taken++ % DUMP_RING_LENGTH]);
    /* Release: we have read the places before the producer writes to them again. */
    atomic_store_explicit(&channel->taken_count, taken, memory_order_release);
    if (dump->block_size >= BLOCK_SIZE)
        block_flush(dump);
    return took;
}

static bool channels_take(struct dump *dump)
{
    bool took = false;

    for (unsigned i = 0; i < dump->channels_count; i++)
        took = channel_take(dump, &dump->channels[i]) || took;
    return took;
}

/* Waits a little, but not for long once the run has ended. */
static void sleep_a_little(struct dump *dump)
{
    struct timespec until = timespec_from_ns(clock_now_ns() + IDLE_SLEEP_MS * NS_PER_MS);

    pthread_mutex_lock(&dump->mutex);
    int waited = 0;
    while (!dump->is_closing && waited == 0)
        waited = pthread_cond_timedwait(&dump->changed, &dump->mutex, &until);
    pthread_mutex_unlock(&dump->mutex);
}

static void wait_for_epoch(struct dump *dump)
{
    pthread_mutex_lock(&dump->mutex);
    while (!dump->has_epoch && !dump->is_closing)
        pthread_cond_wait(&dump->changed, &dump->mutex);
    /* Read without the lock from here on: it is set once. */
    dump->has_epoch = true;
    pthread_mutex_unlock(&dump->mutex);
}

static void *writer_main(void *argument)
{
    struct dump *dump = argument;
    bool ended = false;

    memcpy(dump->block, header, sizeof header - 1);
    dump->block_size = sizeof header - 1;
    block_flush(dump);
    wait_for_epoch(dump);
    while (!ended) {
        /* Whether the run has ended is asked before the last look at the rings. */
        ended = is_closing(dump);
        while (channels_take(dump))
            ;
        block_flush(dump);
        if (!ended)
            sleep_a_little(dump);
    }
    return NULL;
}

/* --- life ------------------------------------------------------------------------------------- */

/* Only the thread that asked for them takes signals; SIGPIPE becomes EPIPE. */
static int writer_start(struct dump *dump)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&dump->thread, NULL, writer_main, dump);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -error;
}

static int file_open(struct dump *dump, const char *path)
{
    struct stat status;

    dump->owns_fd = strcmp(path, "-") != 0;
    dump->fd = STDOUT_FILENO;
    if (dump->owns_fd)
        dump->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC, 0666);
    if (dump->fd < 0)
        return -errno;
    dump->is_regular = fstat(dump->fd, &status) == 0 && S_ISREG(status.st_mode);
    return 0;
}

static void channels_release(struct dump *dump)
{
    for (unsigned i = 0; i < dump->channels_count; i++)
        free(dump->channels[i].records);
    free(dump->channels);
}

static int channels_init(struct dump *dump, unsigned count)
{
    size_t ring_size = DUMP_RING_LENGTH * sizeof(struct dump_record);

    dump->channels = aligned_alloc(CACHE_LINE, count * sizeof *dump->channels);
    if (!dump->channels)
        return -ENOMEM;
    memset(dump->channels, 0, count * sizeof *dump->channels);
    dump->channels_count = count;
    for (unsigned i = 0; i < count; i++) {
        dump->channels[i].records = aligned_alloc(CACHE_LINE, ring_size);
        if (!dump->channels[i].records)
            return -ENOMEM;
        /* Written to now, so that no request pays for the page that its record comes to lie on. */
        memset(dump->channels[i].records, 0, ring_size);
    }
    return 0;
}

static void sync_init(struct dump *dump)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&dump->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&dump->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void dump_free(struct dump *dump)
{
    if (dump->owns_fd && dump->fd >= 0)
        close(dump->fd);
    pthread_cond_destroy(&dump->changed);
    pthread_mutex_destroy(&dump->mutex);
    channels_release(dump);
    fields_release(&dump->classes);
    fields_release(&dump->outcomes);
    free(dump->block);
    free(dump);
}

int dump_open(const char *path, unsigned channels, const struct dump_names *names,
              struct dump **opened)
{
    struct dump *dump = calloc(1, sizeof *dump);

    if (!dump)
        return -ENOMEM;
    dump->fd = -1;
    sync_init(dump);
    int error = channels_init(dump, channels);
    if (!error)
        error = fields_init(&dump->classes, names->classes, names->classes_count);
    if (!error)
        error = fields_init(&dump->outcomes, names->outcomes, names->outcomes_count);
    if (!error) {
        dump->block = malloc(BLOCK_SIZE + row_size_max(dump));
        error = dump->block ? 0 : -ENOMEM;
    }
    /* The file last: what fails for want of memory must not have emptied it. */
    if (!error)
        error = file_open(dump, path);
    if (!error)
        error = writer_start(dump);
    if (error) {
        dump_free(dump);
        return error;
    }
    *opened = dump;
    return 0;
}

void dump_set_epoch(struct dump *dump, uint64_t epoch_ns)
{
    pthread_mutex_lock(&dump->mutex);
    dump->epoch_ns = epoch_ns;
    dump->has_epoch = true;
    pthread_cond_signal(&dump->changed);
    pthread_mutex_unlock(&dump->mutex);
}

struct dump_channel *dump_channel(struct dump *dump, unsigned index)
{
    assert(index < dump->channels_count);
    return &dump->channels[index];
}

void dump_close(struct dump *dump, struct dump_result *result)
{
    pthread_mutex_lock(&dump->mutex);
    dump->is_closing = true;
    pthread_cond_signal(&dump->changed);
    pthread_mutex_unlock(&dump->mutex);
    pthread_join(dump->thread, NULL);

    *result = dump->result;
    for (unsigned i = 0; i < dump->channels_count; i++)
        result->lost += atomic_load_explicit(&dump->channels[i].lost_count, memory_order_relaxed);
    if (dump->owns_fd) {
        /* Some file systems tell only now that there was no room. */
        int closed = close(dump->fd);
        if (closed < 0 && !result->failed)
            result->failed = -errno;
        dump->fd = -1;
    }
    dump_free(dump);
}
