/* SPDX-License-Identifier: MIT */
/*
 * dump.h: every request of a run as a line of CSV, written while the run goes on.
 *
 * Each thread of the generator puts records into a ring of its own, without a lock, an allocation
 * or a system call; one writer thread empties the rings into the file. When the file cannot keep up
 * the rings fill, and what does not fit is counted as lost: the load is never slowed down for the
 * sake of the dump.
 *
 *     intended_s,sent_s,received_s,class,connection,outcome
 *     0.000100000,0.000103512,0.000221870,echo:64,7,ok
 *
 * Instants are seconds since the epoch of the run, and empty where the thing never happened; text
 * is quoted where RFC 4180 asks for it. Rows of one thread come in the order they were put, those
 * of several threads are mixed.
 */
#ifndef MUELLE_LOADGEN_DUMP_H
#define MUELLE_LOADGEN_DUMP_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "common/compiler.h"

/* A request that was never sent had none: the field is empty. */
#define DUMP_NO_CONNECTION UINT32_MAX

struct dump_record {
    uint64_t intended_ns, sent_ns, received_ns; /* CLOCK_MONOTONIC; 0: never */
    uint32_t connection;
    uint8_t class_index, outcome; /* into the names given to dump_open() */
};

/* At 100,000 requests/s a thread, more than half a second in which the file may stand still. */
enum { DUMP_RING_LENGTH = 1 << 16 };

/* One producer's ring. Indices count records since the beginning; each side writes only its own
 * cache line. Owns `records`. */
struct dump_channel {
    _Alignas(CACHE_LINE) _Atomic uint64_t put_count; /* written by the producer */
    uint64_t taken_seen;                             /* the producer's last look at taken_count */
    _Atomic uint64_t lost_count;
    struct dump_record *records;                       /* records[DUMP_RING_LENGTH] */
    _Alignas(CACHE_LINE) _Atomic uint64_t taken_count; /* written by the writer thread */
};

/* Texts of the columns `class` and `outcome`; copied by dump_open(). */
struct dump_names {
    const char *const *classes;
    size_t classes_count;
    const char *const *outcomes;
    size_t outcomes_count;
};

struct dump_result {
    uint64_t written; /* rows that reached the file whole */
    uint64_t lost;    /* records that did not; written + lost = all that were put */
    int failed;       /* 0, or -errno of the write that failed first; all after it are lost */
};

struct dump;

/* Creates or empties the file `path` ("-": standard output, which is never closed), writes the
 * header line and starts the writer. `channels` >= 1. 0 or -errno: of open(2), where -ENXIO is a
 * FIFO that nobody has open for reading; -ENOMEM; of pthread_create(3). That the file cannot be
 * written to is told by dump_close(). */
int dump_open(const char *path, unsigned channels, const struct dump_names *names,
              struct dump **dump) MUST_CHECK;

/* The instant that counts as 0 s; records before it have negative instants. Until it is set nothing
 * is written and the rings keep what is put; call it once, from any thread. */
void dump_set_epoch(struct dump *dump, uint64_t epoch_ns);

/* The ring of producer `index` < channels; it lives until dump_close(). */
struct dump_channel *dump_channel(struct dump *dump, unsigned index);

/* Puts a record, or counts it as lost when the ring is full. Never blocks; by the channel's own
 * producer only. */
static inline void dump_put(struct dump_channel *channel, const struct dump_record *record)
{
    uint64_t put = atomic_load_explicit(&channel->put_count, memory_order_relaxed);

    if (put - channel->taken_seen == DUMP_RING_LENGTH) {
        /* Acquire: the writer is done reading a place before we write to it again. */
        channel->taken_seen = atomic_load_explicit(&channel->taken_count, memory_order_acquire);
        if (put - channel->taken_seen == DUMP_RING_LENGTH) {
            uint64_t lost = atomic_load_explicit(&channel->lost_count, memory_order_relaxed);
            atomic_store_explicit(&channel->lost_count, lost + 1, memory_order_relaxed);
            return;
        }
    }
    channel->records[put % DUMP_RING_LENGTH] = *record;
    /* Release: the record is whole before the writer sees that it is there. */
    atomic_store_explicit(&channel->put_count, put + 1, memory_order_release);
}

/* After the last dump_put(): writes what is left, ends the writer, closes the file, frees `dump`. A
 * pipe that takes nothing for five seconds is given up with -ETIMEDOUT, so that a reader who sleeps
 * does not keep the run from ending. Without an epoch the clock's own zero is taken. */
void dump_close(struct dump *dump, struct dump_result *result);

#endif
